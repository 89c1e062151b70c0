"""One generation of the published instructions, prepared for search."""

from collections.abc import Callable

from itops.domain.instruction import Instruction
from itops.domain.target import Platform
from itops.instructions.library import Entry, Library


def test_rows_are_what_it_is_and_each_way_to_ask(make: Callable[..., Instruction]) -> None:
    rows = dict(Entry(make("a.b", "Restart", phrases=("bounce it", "bounce it"), prose="Why.")).rows())
    assert list(rows.values()) == ["Restart. Why.", "bounce it"]
    assert all(row.startswith("a.b#") for row in rows)


def test_a_rows_name_changes_with_its_text_alone(make: Callable[..., Instruction]) -> None:
    before, tagged, after = make("a", "One", prose="x"), make("a", "One", prose="x", tags=("t",)), make("a", "Two")
    assert dict(Entry(before).rows()) == dict(Entry(tagged).rows())
    assert not dict(Entry(before).rows()).keys() & dict(Entry(after).rows()).keys()


def test_a_shelf_holds_its_platforms_alone(make: Callable[..., Instruction]) -> None:
    library = Library("1", [make("a"), make("b", platform=Platform.AWS), make("c", platform=Platform.ANY)])
    assert set(library.shelf((Platform.LINUX, Platform.ANY)).position) == {"a", "c"}
    assert set(library.content().rows) == {Platform.LINUX, Platform.AWS, Platform.ANY}
    assert library.content().generation == "1"
