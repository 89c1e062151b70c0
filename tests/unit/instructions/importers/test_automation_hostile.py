"""Whatever the file, an importer gives instructions that can be written, or one clear refusal."""

import json
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.errors import InvalidInstruction
from itops.instructions.importers import ansible, rundeck, ssm, stackstorm
from itops.instructions.importers.importer import Source
from itops.instructions.runbooks.runbook_lint import _placeholders, _templates
from itops.instructions.runbooks.runbook_text import parse, to_markdown

IMPORTERS = {each.name: each for each in (ansible.create(), rundeck.create(), ssm.create(), stackstorm.create())}
KEYS = {
    "ansible": "hosts tasks name vars vars_prompt roles become when loop block command shell apt user file copy args"
    " cmd service state path register ignore_errors content mode dest private default",
    "rundeck": "name sequence commands exec script jobref options required value values enforced secure group timeout"
    " keepgoing nodefilters filter args scriptInterpreter errorhandler plugins multivalued regex",
    "ssm": "schemaVersion mainSteps parameters action inputs name type default allowedValues allowedPattern runCommand"
    " Service Api InstanceIds DesiredState precondition StringEquals nextStep timeoutSeconds PropertySelector",
    "stackstorm": "name runner_type parameters cmd default entry_point required position secret enum type immutable"
    " description enabled tasks env cwd timeout kwarg_op",
}
WORDS = (
    "a",
    "",
    "0.3",
    "2.2",
    "{{ a }}",
    "{{ a.b }}",
    "ls {{ a }}",
    "echo '' \"\" {{ a }}",
    'echo "x {{ a }}" # {{ a }}',
    "${option.a}",
    "@option.a@",
    "run-local",
    "run-local-script",
    "aws:runShellScript",
    "aws:executeAwsApi",
    "ec2",
    "DescribeInstances",
    "true",
    "{% x %}",
    "```bash run",
    "- a",
    "Boolean",
    "StringList",
    "\u202e",
    "(",
    "(a+)+",
    "name=a state=present",
    "started",
    "\n\n\n",
    "../x",
)


def trees(name):
    keys = st.sampled_from(KEYS[name].split()) | st.text(max_size=4)
    leaves = (
        st.sampled_from(WORDS)
        | st.none()
        | st.booleans()
        | st.integers(-9, 9)
        | st.floats(allow_nan=False)
        | st.text(max_size=9)
    )
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=6), max_leaves=25
    )


def shaped(name):
    """Trees that pass the first look, so that the inside is looked at too."""
    tree = trees(name)
    roots = {
        "ansible": st.lists(
            st.fixed_dictionaries(
                {}, optional={"hosts": tree, "tasks": st.lists(tree), "vars": tree, "command": tree, "apt": tree}
            ),
            max_size=3,
        ),
        "rundeck": st.lists(
            st.fixed_dictionaries(
                {"name": tree, "sequence": st.fixed_dictionaries({"commands": tree})}, optional={"options": tree}
            ),
            max_size=2,
        ),
        "ssm": st.fixed_dictionaries(
            {
                "schemaVersion": st.sampled_from(["0.3", "2.2"]),
                "mainSteps": st.lists(
                    st.fixed_dictionaries({"action": tree, "inputs": tree}, optional={"name": tree}), max_size=3
                ),
            },
            optional={"parameters": tree},
        ),
        "stackstorm": st.fixed_dictionaries(
            {"name": tree, "runner_type": st.sampled_from(["run-local", "run-remote", "run-local-script", "orquesta"])},
            optional={"parameters": tree, "entry_point": tree},
        ),
    }
    return roots[name] | tree


def read(name, data, root=Path("/nowhere")):
    source = Source(root / "tasks/a.yaml", root, data, "acme")
    found, refused = [], None
    try:
        found = list(IMPORTERS[name].read(source))
    except InvalidInstruction as error:
        refused = error
    assert refused is None or ("tasks/a.yaml" in refused.what and refused.mend)
    for imported in found:
        instruction = imported.instruction
        assert parse(to_markdown(instruction), origin="x") == instruction
        assert not [*_placeholders(instruction), *_templates(instruction)]
        assert instruction.blocks or imported.left
    return found


@pytest.mark.parametrize("name", IMPORTERS)
@settings(max_examples=120)
@given(st.data())
def test_any_tree(name, data):
    read(name, json.dumps(data.draw(shaped(name))).encode())


@pytest.mark.parametrize("name", IMPORTERS)
@settings(max_examples=40)
@given(data=st.binary(max_size=300))
def test_any_bytes(name, data):
    read(name, data)


BIG = {
    "ansible": b"- command: " + b"x" * 900_000,
    "rundeck": b"- {name: j, sequence: {commands: [" + b"{exec: ls}," * 400 + b"{exec: ls}]}}",
    "ssm": b'{"schemaVersion": "2.2", "mainSteps": [{"action": "aws:runShellScript", "inputs": {"runCommand": ["'
    + b"ls;" * 300_000
    + b'"]}}]}',
    "stackstorm": b'name: a\nrunner_type: run-local\ndescription: "' + b"```\\n" * 200_000 + b'"',
}


@pytest.mark.parametrize("name", IMPORTERS)
def test_a_large_file_ends_in_good_time(name):
    started = time.monotonic()
    assert read(name, BIG[name])
    assert time.monotonic() - started < 60


def test_more_steps_than_a_person_reads_are_refused():
    assert read("rundeck", BIG["rundeck"].replace(b"{exec: ls},", b"{exec: ls},{exec: ls},")) == []
