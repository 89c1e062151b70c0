"""One generation of the published instructions, prepared for search."""

from collections.abc import Callable

import pytest

from itops.domain.instruction import Instruction
from itops.domain.target import Platform
from itops.instructions.records import Published
from itops.instructions.search.keyword_index import stems
from itops.instructions.search.library import Library, card, library_of, rows

Make = Callable[..., Instruction]
LINUX = (Platform.LINUX, Platform.ANY)


@pytest.fixture
def published(make: Make) -> Callable[..., Published]:
    def one(name: str, title: str = "", **more: object) -> Published:
        instruction = make(name, title, **more)
        return Published(instruction.version, instruction)

    return one


def ids(library: Library) -> list[str]:
    return [one.id for one in library.shelf(LINUX).cards]


def test_rows_are_what_it_is_and_each_way_to_ask(make: Make) -> None:
    found = rows(make("a.b", "Restart", phrases=("bounce it", "bounce it"), prose="Why."))
    assert list(found.values()) == ["Restart. Why.", "bounce it"]
    assert all(row.startswith("a.b#") for row in found)


def test_a_rows_name_changes_with_its_text_alone(make: Make) -> None:
    before, other, after = make("a", "One", prose="x"), make("a", "One", prose="x", idempotent=True), make("a", "Two")
    assert rows(before) == rows(other)
    assert not rows(before).keys() & rows(after).keys()


def test_a_card_holds_what_search_needs(published: Callable[..., Published]) -> None:
    one = published("a", "Restart services", run="systemctl restart x", phrases=("bounce it",), tags=("nginx",))
    found = card(one)
    assert (found.version, found.tool) == (one.version, "systemctl")
    assert {*stems("restart services bounce nginx systemctl")} <= set(found.words)
    assert list(found.rows) == list(rows(one.instruction))


def test_a_shelf_holds_its_platforms_alone(published: Callable[..., Published]) -> None:
    some = [published("a"), published("b", platform=Platform.AWS), published("c", platform=Platform.ANY)]
    library = library_of("1", some, {})
    assert ids(library) == ["a", "c"]
    assert set(library.shelf(LINUX).position.values()) == {0, 1}


def test_a_later_library_has_what_changed(published: Callable[..., Published]) -> None:
    first = library_of("1", [published("a"), published("b"), published("c")], {})
    later = first.later("2", {"a", "b", "new", "never"}, [published("a", "another"), published("new")], {})
    assert sorted(ids(later)) == ["a", "c", "new"]
    assert "another" in next(one for one in later.shelf(LINUX).cards if one.id == "a").words
    assert ids(first) == ["a", "b", "c"]
    assert later.generation == "2"


def test_shelves_that_no_change_touches_are_kept(published: Callable[..., Published]) -> None:
    first = library_of("1", [published("a"), published("b", platform=Platform.AWS)], {})
    linux, aws = first.shelf(LINUX), first.shelf((Platform.AWS,))
    later = first.later("2", {"b"}, [], {})
    assert later.shelf(LINUX) is linux
    assert later.shelf((Platform.AWS,)) is not aws
    moved = first.later("2", {"b"}, [published("b", platform=Platform.LINUX)], {})
    assert ids(moved) == ["a", "b"]
    assert moved.shelf((Platform.AWS,)).cards == ()
