"""A permission is made by its check alone, and never changes."""

import copy
import pickle
from typing import Self

import pytest

from itops.domain.permission import Permission
from itops.errors import NotPermitted


class Pass(Permission):
    __slots__ = ("seat",)
    named = "A pass"
    seat: int

    @classmethod
    def permit(cls, seat: int) -> Self:
        return cls._made(seat=seat)


def test_only_its_check_makes_it() -> None:
    assert Pass.permit(7).seat == 7
    with pytest.raises(NotPermitted, match=r"A pass is made by Pass\.permit alone"):
        Pass()


def test_it_never_changes() -> None:
    given = Pass.permit(7)
    with pytest.raises(NotPermitted, match="A pass never changes"):
        given.seat = 8
    with pytest.raises(NotPermitted, match="A pass never changes"):
        del given.seat
    assert given.seat == 7


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_it_is_neither_copied_nor_stored(duplicate: object) -> None:
    with pytest.raises(NotPermitted, match="A pass is neither copied nor stored"):
        duplicate(Pass.permit(7))  # type: ignore[operator]
