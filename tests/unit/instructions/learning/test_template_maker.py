import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.domain.instruction import Parameter
from itops.instructions.learning.task_values import Value
from itops.instructions.learning.template_maker import join, left_in, make_template, words_in
from itops.scripts.bash_reader import read_bash
from itops.scripts.renderer import placeholders, render
from itops.scripts.template_check import check_template


def value(text: str, kind: str = "user", name: str = "") -> Value:
    return Value(text, Parameter(name=name or kind, type=kind))


BOB = value("bob")


@pytest.mark.parametrize(
    ("script", "template"),
    [
        ("id bob", "id {{ user }}"),
        ('id "bob"', "id {{ user }}"),
        ("id 'bob' # ä bob", "id {{ user }} # ä bob"),
        ("echo ä; id bob", "echo ä; id {{ user }}"),
        ('echo "hello bob"', 'echo "hello bob"'),
        ("bash -c 'id bob' bob", "bash -c 'id bob' bob"),
        ("eval id bob; id bob", "eval id bob; id {{ user }}"),
        ("cat <<X\nbob\nX\nid bob", "cat <<X\nbob\nX\nid {{ user }}"),
        ("bob; id bob", "bob; id {{ user }}"),
        ("x=bob; echo $((bob + 1))", "x={{ user }}; echo $((bob + 1))"),
        ("if true", "if true"),
    ],
)
def test_a_value_is_replaced_where_it_is_an_argument_and_nowhere_else(script, template):
    assert make_template(script, "bash", [BOB]) == template


def test_the_longer_of_two_values_is_replaced_first():
    values = [value("/srv", "path", "root"), value("/srv/data", "path", "folder")]
    assert make_template("ls /srv /srv/data/x", "bash", values) == "ls {{ root }} {{ folder }}/x"


@pytest.mark.parametrize(
    ("script", "template"),
    [
        ("Get-ADUser -Identity bob", "Get-ADUser -Identity {{ user }}"),
        ("Get-ADUser -Identity 'bob'", "Get-ADUser -Identity {{ user }}"),
        ('Write-Host "ä bob"; Get-ADUser bob', 'Write-Host "ä bob"; Get-ADUser {{ user }}'),
        ("Invoke-Expression bob", "Invoke-Expression bob"),
    ],
)
def test_powershell_is_told_apart_by_words(script, template):
    assert make_template(script, "powershell", [BOB]) == template
    assert "bob" in [word.text for word in words_in(script, "powershell")]


def test_what_still_stands_is_named():
    assert left_in('id {{ user }}; echo "bobby bob"', [BOB, value("alice")]) == [BOB]
    assert left_in("id {{ user }}; echo bobby", [BOB]) == []


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["a 1"], "a 1"),
        (["a 1", "a 1"], "a 1"),
        (["a", "b | c", "! d"], "a &&\nb | c &&\n! d"),
        (["a; b", "c"], "(\na; b\n) &&\nc"),
        (["a && b || c", "d"], "(\na && b || c\n) &&\nd"),
        (["a # note", "b &"], "(\na # note\n) &&\n(\nb &\n)"),
        (["cat <<X\nx\nX", "b"], "(\ncat <<X\nx\nX\n) &&\nb"),
    ],
)
def test_scripts_are_joined_so_that_each_runs_as_it_did(texts, whole):
    assert join(texts) == whole
    assert not read_bash(whole).problems


LETTERS = st.text("ab1'\" $;*/-=~.ä", min_size=1, max_size=6)


@given(LETTERS, st.lists(LETTERS, max_size=4), st.sampled_from(["text", "path", "user", "count"]))
def test_a_template_is_safe_and_rendered_again_means_what_the_script_meant(text, others, kind):
    """Whatever stands in a script: its commands are the same after the way there and back."""
    script = " ".join(["echo", text, *others])
    facts = read_bash(script)
    template = make_template(script, "bash", [value(text, kind, "v")])
    check_template(template, "bash")
    if not facts.problems and placeholders(template) == ("v",):
        again = read_bash(render(template, "bash", {"v": text}))
        assert [one.argv for one in again.commands] == [one.argv for one in facts.commands]
