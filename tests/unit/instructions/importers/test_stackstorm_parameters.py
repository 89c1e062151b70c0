from pathlib import Path

import pytest

from itops.instructions.importers.importer import Source
from itops.instructions.importers.stackstorm_parameters import Parameters
from itops.instructions.importers.template import Inexpressible
from itops.instructions.importers.yaml_reader import read_tree


def parameters(text, runner="remote-shell-script"):
    node = read_tree(Source(Path("/in/a.yaml"), Path("/in"), text.encode(), "x"))
    return Parameters(node, runner)


def test_a_runner_owns_some_parameters_and_the_action_the_rest():
    remote = parameters("hosts: {default: a}\nusername: {default: b}\nhost: {required: true}\n")
    assert [each.name for each in remote.ours] == ["host"]
    local = parameters("username: {required: true}\n", "run-local")
    assert [each.name for each in local.ours] == ["username"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("b: {required: true, position: 1}\na: {required: true, position: 0}\n", ["{{ a }}", "{{ b }}"]),
        ("b: {required: true}\na: {required: true}\n", ["--a={{ a }}", "--b={{ b }}"]),
        ("v: {type: boolean, immutable: true, default: true}\n", ["--v"]),
        ("v: {type: boolean, immutable: true, default: false}\n", []),
        ("v: {type: boolean, immutable: true, default: true, position: 0}\n", ["1"]),
        ("v: {immutable: true, default: 'a b', position: 0}\n", ["'a b'"]),
        ("v: {position: 0}\n", ["{{ v }}"]),
        ("kwarg_op: {default: '-'}\nv: {required: true}\n", ["-v={{ v }}"]),
    ],
)
def test_arguments_of_a_script(text, words):
    assert parameters(text).arguments() == words


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("v: {type: boolean}\n", "is there or not"),
        ("v: {}\n", "is left out"),
        ("v: {type: boolean, position: 0}\n", "1 or 0"),
        ("v: {secret: true}\n", "secret"),
        ("v: {type: object, required: true}\n", "object"),
    ],
)
def test_arguments_that_no_line_can_hold(text, why):
    with pytest.raises(Inexpressible, match=why):
        parameters(text).arguments()


def test_a_boolean_is_spelled_as_jinja_does():
    (found,) = parameters("v: {type: boolean, default: yes}\n").ours
    assert (found.pattern, found.default) == ("True|False", "True")


def test_the_time_limit_is_a_number():
    assert parameters("timeout: {default: 60}\n").time_limit_seconds == 60
    assert parameters("timeout: {default: soon}\n").time_limit_seconds is None
    assert parameters("timeout: {default: 0}\n").time_limit_seconds is None
