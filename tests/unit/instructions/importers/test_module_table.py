import re
from pathlib import Path

import pytest
import yaml

from itops.instructions.importers.ansible import create
from itops.instructions.importers.module_table import language_of, short_name
from itops.instructions.importers.template import Inexpressible

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "importers" / "ansible_modules.yaml").read_text())


def imported(source, task):
    (found,) = create().read(source(f"- {task}\n", "roles/web/tasks/main.yml"))
    return found


@pytest.mark.parametrize(("task", "command"), [(case["task"], case["is"]) for case in CASES["taken"]])
def test_a_module_is_a_command(source, task, command):
    found = imported(source, task)
    assert found.left == ()
    assert found.instruction.block("run").text == command


@pytest.mark.parametrize(("task", "why"), [(case["task"], case["why"]) for case in CASES["left"]])
def test_a_module_without_a_faithful_command_is_left_with_the_reason(source, task, why):
    found = imported(source, task)
    assert found.instruction.blocks == ()
    assert re.search(re.escape(why), found.left[0]), found.left


def test_names_of_collections_are_taken_off_where_they_are_known():
    assert short_name("ansible.builtin.apt") == "apt"
    assert short_name("acme.tools.apt") == "acme.tools.apt"
    assert (language_of("win_service"), language_of("apt")) == ("powershell", "bash")
    with pytest.raises(Inexpressible, match="no command"):
        language_of("acme.tools.apt")
