"""Values are read as written, and every complaint names its line."""

import pytest

from itops.errors import InvalidInstruction
from itops.instructions.runbooks.front_matter import FrontMatter


def read(text: str) -> FrontMatter:
    return FrontMatter(text, origin="a.md", first_line=2)


def test_scalars_stay_what_the_author_wrote() -> None:
    matter = read("a: no\nb: 0755\nc: 1.10\nd: 2026-01-01\ne: null\nf: ''\ng:\n")
    entries = matter.mapping(matter.root)
    assert [matter.text(entries[key]) for key in "abcd"] == ["no", "0755", "1.10", "2026-01-01"]
    assert [matter.optional(entries[key]) for key in "efg"] == [None, "", None]


@pytest.mark.parametrize(("word", "flag"), [("yes", True), ("True", True), ("on", True), ("no", False), ("off", False)])
def test_flags(word: str, flag: bool) -> None:
    matter = read(f"a: {word}")
    assert matter.flag(matter.mapping(matter.root)["a"]) is flag


def test_lists_and_single_values() -> None:
    matter = read("a: [x, no]\nb: y\nc:\n")
    entries = matter.mapping(matter.root)
    assert [matter.texts(entries[key]) for key in "abc"] == [("x", "no"), ("y",), ()]


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("a: 1\nb: [x", 3, "broken YAML"),
        ("a: 1\na: 2", 3, "stands twice"),
        ("a: &x [1]\nb: *x", 3, "aliases"),
        ("a: " + "[" * 5000, 2, "nested too deeply"),
        ("- a\n- b", 2, "no `key: value`"),
        ("", 2, "no `key: value`"),
        ("a: 1\nb: \x07", 3, "broken YAML"),
    ],
)
def test_what_is_off_is_named_with_its_line(text: str, line: int, what: str) -> None:
    def whole() -> None:
        matter = read(text)
        matter.mapping(matter.root)

    with pytest.raises(InvalidInstruction, match=what) as caught:
        whole()
    assert caught.value.what.startswith(f"a.md, line {line}: ")
    assert caught.value.mend


@pytest.mark.parametrize("method", ["flag", "count", "text", "texts"])
def test_a_value_of_the_wrong_kind_is_refused(method: str) -> None:
    matter = read("a: {x: 1}")
    with pytest.raises(InvalidInstruction, match=r"a\.md, line 2"):
        getattr(matter, method)(matter.mapping(matter.root)["a"])


@pytest.mark.parametrize("word", ["0", "-1", "1.5", "ten", "9999999999", "\u0663"])
def test_a_count_is_a_whole_number_above_zero(word: str) -> None:
    matter = read(f"a: {word}")
    with pytest.raises(InvalidInstruction, match="whole number"):
        matter.count(matter.mapping(matter.root)["a"])


def test_an_unknown_key_is_refused_with_the_nearest_known_one() -> None:
    matter = read("titel: x")
    with pytest.raises(InvalidInstruction) as caught:
        matter.mapping(matter.root, ("title", "id"))
    assert caught.value.mend == "Did you mean 'title'?"
