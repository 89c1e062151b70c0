from pathlib import Path

import pytest
import yaml

from itops.domain.secret import Secret
from itops.errors import InvalidInstruction
from itops.instructions.importers.secret_check import refuse_secrets
from itops.redaction import Redactor

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "importers" / "secrets.yaml").read_text())


@pytest.mark.parametrize(("text", "line", "kind"), CASES["refused"])
def test_a_secret_is_refused_with_its_place_and_not_its_value(text: str, line: int, kind: str) -> None:
    with pytest.raises(InvalidInstruction) as refused:
        refuse_secrets(text, Redactor(), place="a.md")
    told = str(refused.value)
    assert told.startswith(f"a.md, line {line}: a secret stands here ({kind}")
    assert not any(word in told for word in ("hunter22x", "Tr0ub4dor", "s3cr3t-word", "AKIA", "9f8e", "MIIE"))


@pytest.mark.parametrize("text", CASES["accepted"])
def test_words_about_secrets_are_none(text: str) -> None:
    refuse_secrets(text, Redactor(), place="a.md")


def test_a_known_value_is_a_secret_wherever_it_stands() -> None:
    redactor = Redactor()
    redactor.learn(Secret("correct horse"), "db")
    with pytest.raises(InvalidInstruction, match=r"a\.pdf › Part: a secret stands here \(db\)"):  # noqa: RUF001 - a title path
        refuse_secrets("x correct horse y", redactor, place="a.pdf › Part", numbered=False)  # noqa: RUF001 - a title path
