from itops.targets.importers.ansible_vars import environment_of, target_values
from itops.targets.importers.found import Found


def test_the_way_to_a_host_is_taken_and_secrets_are_left():
    found = Found()
    values = target_values(
        "h",
        {
            "ansible_host": "1.2.3.4",
            "ansible_port": 22,
            "ansible_connection": "winrm",
            "ansible_ssh_common_args": "-o ProxyJump=u@b:22",
            "ansible_become_password": "hunter2",
            "ansible_user": "{{ x }}",
            "ansible_python_interpreter": "/x",
            "own": 1,
        },
        found,
    )
    assert values == {"host": "1.2.3.4", "port": "22", "platform": "windows", "via": ["u@b:22"]}
    assert [note.what.split()[0] for note in found.left] == [
        "ansible_become_password",
        "ansible_user",
        "ansible_python_interpreter",
    ]
    assert "hunter2" not in str(found)


def test_the_names_of_groups_that_say_an_environment():
    assert (environment_of("Production"), environment_of("web")) == ("prod", "")
