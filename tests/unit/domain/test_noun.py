import pytest
from pydantic import ValidationError

from itops.domain.identity import Person


def test_a_noun_never_changes() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        Person(id="ann").id = "bob"  # type: ignore[misc]


def test_a_noun_refuses_what_it_does_not_know() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        Person.model_validate({"id": "ann", "admin": True})
