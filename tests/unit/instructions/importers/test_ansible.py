import pytest

from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.ansible import create

PLAY = """\
---
- name: Set up the web server
  hosts: web
  become: true
  vars:
    package_name: nginx
    conf_dir: /etc/nginx
  tasks:
    - name: install it
      ansible.builtin.apt: {name: "{{ package_name }}", state: present}
    - debug: {msg: hello}
    - name: write its message
      copy: {dest: "{{ conf_dir }}/motd", content: "Hello {{ who }}", mode: "0644"}
    - block:
        - service: name=nginx state=started enabled=yes
- hosts: db
  tasks:
    - name: only here
      shell: echo hi
      when: ansible_os_family == "Debian"
- hosts: all
  tasks: []
"""


def read(source, text, name="site.yml"):
    return list(create().read(source(text, name)))


def play(source, tasks, more=""):
    (found,) = read(source, f"- hosts: all\n{more}  tasks:\n" + "".join(f"    - {task}\n" for task in tasks))
    return found


def test_each_play_is_an_instruction(source):
    web, database = read(source, PLAY)
    assert (web.instruction.id, web.instruction.title) == (
        "acme.site.set-up-the-web-server",
        "Set up the web server",
    )
    assert web.instruction.platform is Platform.LINUX
    assert "It ran on the hosts: web" in web.instruction.prose
    assert web.instruction.block("run").text == (
        "DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-upgrade -- {{ package_name }} &&\n"
        "printf '%s' 'Hello '{{ who }} > {{ conf_dir }}/motd &&\n"
        "chmod -- 0644 {{ conf_dir }}/motd &&\n"
        "systemctl enable nginx &&\n"
        "systemctl start nginx"
    )
    assert {each.name: each.default for each in web.instruction.parameters} == {
        "package_name": "nginx",
        "conf_dir": "/etc/nginx",
        "who": None,
    }
    assert any("become" in note for note in web.changed)
    assert any("debug: it does nothing" in note for note in web.left)
    assert database.instruction.title == "only here"
    assert database.instruction.blocks == ()
    assert any("(when)" in note for note in database.left)


def test_a_list_of_tasks_is_named_by_its_role(source):
    (found,) = read(source, "- command: uptime\n", "roles/web_server/tasks/main.yml")
    assert found.instruction.title == "Web server"
    (found,) = read(source, "- command: uptime\n", "roles/web/tasks/deploy-site.yml")
    assert found.instruction.title == "Web: deploy site"


@pytest.mark.parametrize(
    "more",
    ["  roles: [common]\n", "  become_user: postgres\n", "  environment: {A: b}\n", "  ignore_errors: true\n"],
)
def test_what_surrounds_the_tasks_can_stand_in_the_way(source, more):
    found = play(source, ["command: uptime"], more)
    assert found.instruction.blocks == ()


def test_what_is_said_when_it_runs_stands_not_in_the_way(source):
    found = play(
        source, ["command: uptime"], "  serial: 1\n  gather_facts: no\n  vars_files: [a.yml]\n  handlers: [{ping: }]\n"
    )
    assert found.instruction.block("run").text == "uptime"
    assert len(found.left) == 3


@pytest.mark.parametrize(
    "text",
    [
        "$ANSIBLE_VAULT;1.1;AES256\n6162\n",
        "- hosts: all\n  vars:\n    pw: !vault |\n      $ANSIBLE_VAULT;1.1;AES256\n      6162\n  tasks: [{ping: }]\n",
        '- hosts: all\n  vars: {pw: "$ANSIBLE_VAULT;1.1;AES256\\n61"}\n',
    ],
)
def test_an_encrypted_value_is_refused_with_its_place(source, text):
    with pytest.raises(InvalidInstruction, match=r"site\.yml, line \d: an encrypted value"):
        read(source, text)


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "- x\n",
        "[]",
        "- hosts: all\n",
        "- import_playbook: x.yml\n",
        "- hosts: all\n  tasks: {a: b}\n",
        "- hosts: {a: b}\n  tasks: [{ping: }]\n",
        "- [a]\n",
        "- hosts: all\n  tasks: [x]\n",
        "- hosts: all\n  tasks: [{ping: }]\n- command: ls\n",
    ],
)
def test_another_shape_is_refused_with_its_place(source, text):
    with pytest.raises(InvalidInstruction, match=r"site\.yml, line \d: "):
        read(source, text)


def test_a_playbook_that_is_imported_is_said(source):
    (found,) = read(source, "- import_playbook: other.yml\n- hosts: all\n  tasks: [{command: uptime}]\n")
    assert any("another playbook" in note for note in found.left)


def test_modules_of_windows_are_for_windows(source):
    found = play(source, ["win_service: {name: '{{ svc }}', state: started}"])
    assert found.instruction.platform is Platform.WINDOWS
    assert found.instruction.block("run").text == "$ErrorActionPreference = 'Stop'\nStart-Service -Name {{ svc }}"


def test_plays_of_one_name_are_told_apart(source):
    found = read(
        source, "- {name: x, hosts: a, tasks: [{command: ls}]}\n- {name: X, hosts: b, tasks: [{command: ls}]}\n"
    )
    assert [each.instruction.id for each in found] == ["acme.site.x-1", "acme.site.x-2"]
