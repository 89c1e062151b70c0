import subprocess
from pathlib import Path

import pytest

from itops.domain.instruction import Parameter
from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.automation import Procedure, Step, distinct, shown
from itops.instructions.importers.importer import Source
from itops.instructions.importers.template import Template
from itops.instructions.importers.yaml_reader import read_tree
from itops.instructions.runbooks.runbook_text import parse, to_markdown

SOURCE = Source(Path("/in/a.yaml"), Path("/in"), b"", "acme")


def step(text, language="bash", *, verifies=False):
    return Step("a step", template=Template(text, language), verifies=verifies)


def procedure(*steps, **more):
    return Procedure(SOURCE, "name", "Title", Platform.LINUX, steps=list(steps), **more)


def run_text(*steps, **more):
    return procedure(*steps, **more).build().instruction.block("run").text


def ran(text):
    done = subprocess.run(["bash", "-c", text], capture_output=True, check=False, text=True)
    return done.returncode, done.stdout.split()


def test_plain_commands_are_joined():
    assert run_text(step("make"), step("make install")) == "make &&\nmake install"


@pytest.mark.parametrize(
    ("texts", "code", "said"),
    [
        (["echo 1", "echo 2"], 0, ["1", "2"]),
        (["echo 1", "false", "echo 3"], 1, ["1"]),
        (["x=1; exit 0", "echo 2"], 0, ["2"]),
        (["cd /; x=1", 'echo "[$x]"; [ "$PWD" != / ]'], 0, ["[]"]),
        (["set -e; false; echo no", "echo 2"], 1, []),
        (["false; echo 1", "echo 2"], 0, ["1", "2"]),
        (["true && false && true", "echo 2;"], 1, []),
        (["false ||\nexit 3", "echo 2"], 3, []),
        (["echo 1 # (", "echo 2"], 0, ["1", "2"]),
        (["cat <<E\n1\nE", "echo 2"], 0, ["1", "2"]),
        (["(\nfalse\n)\ntrue", "echo 2"], 0, ["2"]),
        (["! true", "echo 2"], 1, []),
        (["true &", "echo 2"], 0, ["2"]),
    ],
)
def test_each_step_is_a_shell_of_its_own_and_the_first_failure_ends_it(texts, code, said):
    assert ran(run_text(*map(step, texts))) == (code, said)


@pytest.mark.parametrize(
    ("texts", "code", "said"),
    [
        (["echo 1", "exit 3", "echo 3"], 1, ["1", "3"]),
        (["echo 1", "echo 2"], 0, ["1", "2"]),
        (["false", "echo 2"], 1, ["2"]),
    ],
)
def test_a_procedure_that_keeps_going_fails_at_the_end(texts, code, said):
    assert ran(run_text(*map(step, texts), keep_going=True)) == (code, said)


def test_the_last_looks_verify_but_something_must_be_done():
    found = procedure(step("a"), step("b", verifies=True), step("c", verifies=True)).build().instruction
    assert (found.block("run").text, found.block("verify").text) == ("a", "b &&\nc")
    alone = procedure(step("a", verifies=True)).build().instruction
    assert (alone.block("run").text, alone.block("verify")) == ("a", None)


def test_a_half_procedure_never_runs():
    found = procedure(step("a"), Step("b", why="it can't", shown="b one\n\n```bash run\nrm x\n```")).build()
    assert found.instruction.blocks == ()
    assert found.left == ("Step 2, b: it can't.", "So it has no run block: it is read, not run.")
    assert "rm x" in found.instruction.prose


@pytest.mark.parametrize(
    "steps",
    [
        (step("a"), step("b", "powershell")),
        (step("a", "powershell"), step("b", "powershell")),
        (step("a", "aws"), step("b")),
    ],
)
def test_languages_are_not_mixed(steps):
    assert procedure(*steps).build().instruction.blocks == ()


def test_looks_of_two_languages_are_both_kept():
    found = procedure(step("aws x", "aws"), step("aws y", "aws", verifies=True), step("b", verifies=True)).build()
    assert found.instruction.block("verify").language == "bash"
    assert "aws y" in found.instruction.block("verify").text


def test_parameters_that_nothing_uses_and_secrets_are_left():
    parameters = [Parameter(name=name, description=name) for name in ("a", "b", "api_token")]
    found = procedure(step("ls {{ a }}"), parameters=parameters).build()
    assert [each.name for each in found.instruction.parameters] == ["a"]
    assert len(found.left) == 2
    secret = procedure(step("ls {{ api_token }}"), parameters=parameters).build()
    assert secret.instruction.blocks == ()


@pytest.mark.parametrize(
    "text", ["```bash run\nrm x\n```", "~~~", "a\n\n\n\nb  \n", "---\n# x", "\u2028a\x85", "a\tb", "```"]
)
def test_foreign_prose_stays_prose(text):
    found = procedure(step("ls"), description=text).build().instruction
    assert parse(to_markdown(found), origin="x") == found
    assert [block.text for block in found.blocks] == ["ls"]


def test_a_title_is_one_line_of_bounded_length():
    assert Procedure(SOURCE, "n", " a\n b ", Platform.LINUX).build().instruction.title == "a b"
    assert len(Procedure(SOURCE, "n", "x" * 999, Platform.LINUX).build().instruction.title) == 160
    assert Procedure(SOURCE, "", " ", Platform.LINUX).build().instruction.title == "Imported procedure"


def test_what_no_file_can_hold_is_refused():
    with pytest.raises(InvalidInstruction, match=r"a\.yaml"):
        procedure(step("ls {{ nobody_knows }}")).build()


def test_a_step_is_shown_line_by_line():
    node = read_tree(Source(Path("/in/a"), Path("/in"), b'a: [x, y]\nb: "1\\n2"\nc: {d: 1}\n', ""))
    assert shown(node.mapping()) == "a:\n  x\n  y\nb:\n  1\n  2\nc: {'d': 1}"


def test_two_procedures_of_one_file_have_two_ids():
    assert distinct(["a", "b b", "B-b", ""]) == ["a", "b b 2", "B-b 3", ""]
