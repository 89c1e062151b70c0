import re

import pytest

from itops import errors
from itops.errors import ItOpsError, ProviderError, UsageError


def tree() -> list[type[ItOpsError]]:
    found, left = [], [ItOpsError]
    while left:
        kind = left.pop()
        found.append(kind)
        left += kind.__subclasses__()
    return [kind for kind in found if kind.__module__ == errors.__name__]


def test_an_error_says_what_happened_what_is_true_and_what_to_do():
    error = UsageError("It is off.")
    assert (error.what, error.world, error.mend) == ("It is off.", "Nothing ran.", "Correct the call and try again.")
    assert str(error) == "It is off. Nothing ran. Correct the call and try again."
    assert UsageError("x", world="y", mend="z").mend == "z"


@pytest.mark.parametrize("kind", tree(), ids=lambda kind: kind.__name__)
def test_every_error_has_words_for_all_three_and_an_exit_code_of_the_contract(kind):
    error = kind("what")
    assert error.world.endswith(".")
    assert error.mend.endswith(".")
    assert error.exit_code in (1, 2, 3, 5, 6, 8)


def test_the_drawing_shows_the_tree_as_it_is():
    drawn = dict(re.findall(r"[├└│─ ]*(\w+) +exit (\d)", errors.__doc__))
    names = set(re.findall(r"── (\w+)", errors.__doc__))
    assert names == {kind.__name__ for kind in tree() if kind is not ItOpsError}
    assert {name: getattr(errors, name).exit_code for name in drawn} == {name: int(drawn[name]) for name in drawn}


def test_a_providers_error_says_whether_to_try_again():
    assert not ProviderError("x").transient
    assert ProviderError("x", transient=True).transient
