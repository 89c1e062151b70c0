from pathlib import Path

import pytest
import yaml

from itops.errors import InvalidInstruction
from itops.scripts.template_check import check_template

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "templates.yaml").read_text())
ACCEPTED = [(language, text) for language, cases in CASES.items() for text in cases["accepted"]]
REFUSED = [(language, text) for language, cases in CASES.items() for text in cases["refused"]]


@pytest.mark.parametrize(("language", "template"), ACCEPTED)
def test_a_placeholder_that_is_an_argument_is_accepted(language, template):
    check_template(template, language)


@pytest.mark.parametrize(("language", "template"), REFUSED)
def test_a_placeholder_whose_value_could_become_code_is_refused(language, template):
    with pytest.raises(InvalidInstruction):
        check_template(template, language)


def test_a_template_without_placeholders_is_not_looked_at():
    check_template('echo "unterminated', "bash")
