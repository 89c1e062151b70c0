import shlex
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.bash_reader import read_bash
from itops.scripts.lexical_gate import hidden_characters
from itops.scripts.renderer import placeholders, render

HOSTILE = st.one_of(
    st.sampled_from(
        [
            "'",
            '"',
            "';reboot;'",
            "$(reboot)",
            "`reboot`",
            "; reboot",
            "| sh",
            "&& x",
            "-rf",
            "--",
            "",
            " ",
            "$x",
            "${x}",
            "\\",
            "\\'",
            "!",
            "~",
            "*",
            "{a,b}",
            "a b",
            "#",
            "é日",
            "<x",
            ">x",
            "$'x'",
            "{{ b }}",
            "=",
            "a=b",
            "%s",
        ]
    ),
    st.text(max_size=40),
)
TEMPLATE = "ls -l {{ a }} | grep -e {{ b }} && x={{ a }} && cat pre{{ b }}post < {{ a }}"


def test_the_names_wanted_each_once_in_order():
    assert placeholders("{{ b }} {{a}} {{  b  }} {{ .X }} {{}}") == ("b", "a")


@given(HOSTILE, HOSTILE)
@settings(max_examples=60)
def test_a_hostile_value_adds_no_command_and_no_argument(a, b):
    plain = read_bash(render(TEMPLATE, "bash", {"a": "A", "b": "B"}))
    if hidden_characters(a + b):
        with pytest.raises(InvalidParameter, match="holds the character"):
            render(TEMPLATE, "bash", {"a": a, "b": b})
        return
    facts = read_bash(render(TEMPLATE, "bash", {"a": a, "b": b}))
    assert facts.problems == ()
    assert [command.program for command in facts.commands] == [command.program for command in plain.commands]
    assert [command.argv for command in facts.commands] == [("ls", "-l", a), ("grep", "-e", b), ("cat", f"pre{b}post")]


@given(HOSTILE)
@settings(max_examples=25)
def test_bash_prints_exactly_the_value(value):
    if hidden_characters(value):
        return
    script = render("printf %s {{ value }}", "bash", {"value": value})
    done = subprocess.run(["bash", "--norc", "-c", script], capture_output=True, check=True, timeout=60)
    assert done.stdout.decode() == value


@pytest.mark.parametrize("value", ["a'b", "a\u2019b", "\u2018", "\u201a\u201b", "$x", "`n"])
def test_powershell_doubles_every_kind_of_single_quote(value):
    rendered = render("Get-Item {{ a }}", "powershell", {"a": value})
    inside = rendered.removeprefix("Get-Item '").removesuffix("'")
    for quote in "'\u2018\u2019\u201a\u201b":
        inside = inside.replace(quote * 2, quote)
    assert inside == value
    assert sum(rendered.count(quote) for quote in "'\u2018\u2019\u201a\u201b") % 2 == 0


def test_aws_gets_one_word():
    assert shlex.split(render("aws s3 ls {{ a }}", "aws", {"a": "x y;z"})) == ["aws", "s3", "ls", "x y;z"]


@pytest.mark.parametrize(("values", "name"), [({}, "a"), ({"a": "x", "c": "y"}, "c")])
def test_values_missing_or_unknown_are_named(values, name):
    with pytest.raises(InvalidParameter, match=rf"\b{name}\b"):
        render("ls {{ a }}", "bash", values)


def test_a_value_in_quotes_of_the_template_is_refused():
    with pytest.raises(InvalidInstruction, match="could become code"):
        render("ls '{{ a }}'", "bash", {"a": "x"})
