import re

import pytest

from itops.instructions.importers.ansible import create


def one(source, task, before=""):
    (found,) = create().read(source(f"{before}- {task}\n", "tasks/main.yml"))
    return found


@pytest.mark.parametrize(
    ("task", "why"),
    [
        ("{command: ls, loop: '{{ xs }}'}", "repeated for several values (loop)"),
        ("{command: ls, loop: [{a: b}]}", "(loop)"),
        ("{command: ls, loop: [a], register: x}", "(loop)"),
        ("{command: ls, with_dict: {a: b}}", "(with_dict)"),
        ("{command: ls, when: x}", "(when)"),
        ("{command: ls, notify: x}", "(notify)"),
        ("{command: ls, until: x}", "(until)"),
        ("{command: ls, delegate_to: localhost}", "(delegate_to)"),
        ("{command: ls, environment: {A: b}}", "(environment)"),
        ("{command: ls, failed_when: x}", "(failed_when)"),
        ("{command: ls, become: yes, become_user: bob}", "runs as bob"),
        ("{command: ls, shell: ls}", "names no module, or several"),
        ("{name: nothing}", "names no module, or several"),
        ("{block: [{command: ls}], rescue: [{command: rm}]}", "(rescue)"),
        ("{command: {cmd: ls, chdir: /a}, args: {chdir: /b}}", "given twice"),
        ("{win_shell: ls, ignore_errors: yes}", "ignore_errors"),
        ("{include_tasks: x.yml}", "module include_tasks"),
    ],
)
def test_what_makes_a_task_more_than_a_command(source, task, why):
    found = one(source, task)
    assert found.instruction.blocks == ()
    assert any(re.search(re.escape(why), note) for note in found.left), found.left


def test_the_result_of_a_task_is_no_parameter(source):
    found = one(source, "{command: 'echo {{ out }}'}", "- {command: date, register: out}\n")
    assert found.instruction.blocks == ()
    assert any("result of another task" in note for note in found.left)


def test_a_failure_that_is_ignored_is_ignored(source):
    found = one(source, "{command: 'false', ignore_errors: yes}")
    assert found.instruction.block("run").text == "(\nfalse\n)\ntrue"


def test_run_once_may_be_switched_off(source):
    assert one(source, "{command: ls, run_once: no}").instruction.block("run").text == "ls"


def test_tasks_that_do_nothing_to_the_host_are_no_steps(source):
    found = one(source, "{command: uptime}", "- {debug: {msg: x}}\n- {ping: }\n")
    assert found.instruction.block("run").text == "uptime"
    assert len(found.left) == 2


def test_a_loop_over_plain_values_is_that_many_commands(source):
    found = one(source, "{name: install, yum: 'name={{ item }} state=present', with_items: [ntp, chrony]}")
    assert found.instruction.block("run").text == "yum --assumeyes install ntp &&\nyum --assumeyes install chrony"
    assert "1. install: ntp" in found.instruction.prose
