from pathlib import Path

import pytest
import yaml

from itops.instructions.importers.placeholders import open_values, parameter_name, parameter_of, type_of
from itops.scripts.parameters import TYPES
from itops.scripts.template_check import PLACEHOLDER

CASES = Path(__file__).parents[3] / "cases" / "importers" / "placeholders.yaml"


@pytest.mark.parametrize(("command", "template", "types"), yaml.safe_load(CASES.read_text()))
def test_an_open_value_becomes_a_parameter(command: str, template: str, types: dict[str, str]) -> None:
    opened = open_values(command, "bash")
    assert opened.text == template
    assert {one.name: one.type for one in opened.parameters} == types
    assert bool(opened.changed) == bool(types)


@pytest.mark.parametrize(
    ("command", "about", "template"),
    [
        ("kill PID", "Replace PID with the number.", "kill {{ pid }}"),
        ("kill PID", "`PID`: what `ps` shows", "kill {{ pid }}"),
        ("kill PID", "The PID file is gone.", "kill PID"),
        ("ping $TARGET_HOST", "where TARGET_HOST is the machine", "ping {{ target_host }}"),
        ("ping ${TARGET_HOST}", "Set `TARGET_HOST` to the machine.", "ping {{ target_host }}"),
        ("TARGET=web1; ping $TARGET", "Set TARGET to the machine.", "TARGET=web1; ping $TARGET"),
        ("echo $HOME", "where HOME is your home", "echo $HOME"),
        ("grep '{user}' x", "`{user}` is the login name", "grep '{{ user }}' x"),
    ],
)
def test_a_word_is_open_only_where_the_text_explains_it(command: str, about: str, template: str) -> None:
    assert open_values(command, "bash", about).text == template


def test_braces_of_other_templates_are_written_so_that_they_stay() -> None:
    opened = open_values("docker ps --format '{{range .N}}{{.IP}}{{end}}' \"{{.A}}{{end}}\"", "bash")
    assert opened.parameters == ()
    assert not PLACEHOLDER.search(opened.text)
    assert opened.text == "docker ps --format '{{range .N}}{{.IP}}{{''end}}' \"{{.A}}{{\"\"end}}\""
    assert "no placeholder" in opened.changed[0]


def test_a_block_of_powershell_is_no_open_value() -> None:
    assert open_values("Get-Process | Where {Name}", "powershell").text == "Get-Process | Where {Name}"


def test_one_name_is_one_parameter() -> None:
    opened = open_values("chown <user> /srv && id {user}", "bash")
    assert [one.name for one in opened.parameters] == ["user"]
    assert opened.changed == (
        "`<user>` became the parameter user (user)",
        "`{user}` became the parameter user (user)",
    )


@pytest.mark.parametrize(
    ("words", "name", "kind"),
    [
        ("YOUR_SERVER_NAME", "server_name", "host"),
        ("the new user name", "new_user_name", "user"),
        ("path/to/file", "file", "path"),
        ("123", "value_123", "text"),
        ("!?", "value", "text"),
        ("AWS account id", "aws_account_id", "account_id"),
        ("colour", "colour", "text"),
    ],
)
def test_names_and_types(words: str, name: str, kind: str) -> None:
    assert parameter_name(words) == name
    assert type_of(name) == kind
    assert kind in TYPES


def test_an_example_stands_only_where_it_fits() -> None:
    assert parameter_of("port", example="8080").example == "8080"
    assert parameter_of("port", example="http").example == ""
