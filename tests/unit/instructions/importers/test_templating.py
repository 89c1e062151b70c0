import re
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from itops.instructions.importers.template import Inexpressible
from itops.instructions.importers.templating import fit, placed, shell_word
from itops.scripts.renderer import placeholders, render

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "importers" / "script_templates.yaml").read_text())
TAKEN = [(language, case["script"], case["becomes"]) for language, cases in CASES.items() for case in cases["taken"]]
LEFT = [(language, case["script"], case["why"]) for language, cases in CASES.items() for case in cases["left"]]
FOREIGN = re.compile(r"<(\w+)>")


def ours(found):
    return f"{{{{ {found[1]} }}}}"


@pytest.mark.parametrize(("language", "script", "becomes"), TAKEN)
def test_values_are_taken_out_of_quotes(language, script, becomes):
    assert fit(script, language).text == becomes


@pytest.mark.parametrize(("language", "script", "why"), LEFT)
def test_a_script_whose_values_could_become_code_is_left_with_the_reason(language, script, why):
    with pytest.raises(Inexpressible, match=re.escape(why)):
        fit(script, language)


@pytest.mark.parametrize(
    "script",
    [
        'printf "[%s]" "x {{ a }} y" {{ b }}',
        "printf '[%s]' 'x {{ a }}'\"{{ b }}\"",
        'x="{{ a }}-{{ b }}"; echo "$x $(echo "{{ a }}")"',
        "cat <<EOF\n{{ a }} is {{ b }} in $HOME\nEOF",
        'echo "{\\"a\\": \\"{{ a }}\\"}" | cat',
    ],
)
def test_the_rewritten_script_says_what_the_written_one_said(script):
    values = {"a": "alpha", "b": "b3"}
    as_written = re.sub(r"\{\{ (\w) \}\}", lambda found: values[found[1]], script)
    template = fit(script, "bash").text
    rewritten = render(template, "bash", {name: values[name] for name in placeholders(template)})
    said = [
        subprocess.run(["bash", "-c", text], capture_output=True, check=True).stdout for text in (as_written, rewritten)
    ]
    assert said[0] == said[1] != b""


@given(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20))
def test_no_value_is_code_whatever_the_script_had_around_it(value):
    template = fit('printf "%s" "<{{ a }}>" ', "bash").text
    script = render(template, "bash", {"a": value})
    assert subprocess.run(["bash", "-c", script], capture_output=True, check=True).stdout == f"<{value}>".encode()


def test_a_value_that_may_be_empty_is_no_word_of_its_own():
    with pytest.raises(Inexpressible, match="may be empty"):
        fit("ls {{ a }}", "bash", not_words=frozenset({"a"}))
    assert fit('ls "{{ a }}"', "bash", not_words=frozenset({"a"})).text == "ls {{ a }}"
    assert fit("x={{ a }}", "bash", not_words=frozenset({"a"})).text == "x={{ a }}"


def test_what_was_written_differently_is_said():
    assert fit("uptime", "bash").changed == ()
    assert len(fit("ls {{ a }}", "bash").changed) == 1
    assert any("Quotes around a" in note for note in fit('ls "x {{ a }}"', "bash").changed)
    assert any("variables" in note for note in fit("cat <<E\n{{ a }}\nE", "bash").changed)


def test_plain_text_that_looks_like_a_placeholder_is_refused():
    assert placed("ls <x>", FOREIGN, ours) == "ls {{ x }}"
    with pytest.raises(Inexpressible, match="plain text"):
        placed("ls {{ x }} <y>", FOREIGN, ours)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("nginx", "nginx"),
        ("a b", "'a b'"),
        ("", "''"),
        ("/x/<a>/y z", "/x/{{ a }}'/y z'"),
        ("<a><b>", "{{ a }}{{ b }}"),
    ],
)
def test_a_value_is_one_word(text, word):
    assert shell_word(text, FOREIGN, ours) == word
