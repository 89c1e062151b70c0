import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import InvalidInstruction
from itops.instructions.importers.importer import Source
from itops.instructions.importers.yaml_reader import LIMIT_BYTES, read_tree


def tree(text):
    data = text if isinstance(text, bytes) else text.encode()
    return read_tree(Source(Path("/in/a.yaml"), Path("/in"), data, "x"))


def test_values_are_what_stands_there_and_know_their_line():
    root = tree("a: no\nb:\n  - 0644\n  - 'x'\nc: ~\n")
    fields = root.mapping()
    assert [node.text() for node in fields["b"].items()] == ["0644", "x"]
    assert (fields["a"].text(), fields["a"].flag(), fields["c"].is_null) == ("no", False, True)
    assert fields["b"].items()[1].line == 4


def test_json_is_read_with_tabs_and_rare_characters():
    assert tree('{\n\t"a": "\\ud83d\\ude00 \\/",\n\t"b": [1, 2.5, true, null]\n}').plain() == {
        "a": "\U0001f600 /",
        "b": [1, 2.5, True, None],
    }


def test_line_ends_of_windows_are_line_ends():
    assert tree('{"a": "one\\r\\ntwo"}').plain() == {"a": "one\ntwo"}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("", 1, "empty"),
        ("a: 1\na: 2\n", 2, "stands twice"),
        ("a: &x 1\nb: *x\n", 2, "aliases"),
        ("a: 1\n---\nb: 2\n", 3, "second YAML document"),
        ("a: [1\n", 2, "broken YAML"),
        ("a: b: c\n", 1, "broken YAML"),
        ("? [x]\n: 1\n", 1, "single word"),
        ('a: 1\nb: "x\\0y"\n', 2, "U+0000"),
        (b"a: 1\nb: \xff\n", 2, "UTF-8"),
        ("[" * 100 + "]" * 100, 1, "too deeply"),
        ("x" * (LIMIT_BYTES + 1), 1, "bytes"),
        ("[" + "1," * 100_001 + "1]", 1, "more than"),
    ],
)
def test_what_can_not_be_read_is_refused_with_its_place(text, line, words):
    with pytest.raises(InvalidInstruction, match=f"a.yaml, line {line}: .*{re.escape(words)}") as refused:
        tree(text)
    assert refused.value.mend


def test_an_alias_bomb_does_not_go_off():
    bomb = "a: &a [x, x]\n" + "".join(
        f"{new}: &{new} [*{old}, *{old}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
    )
    with pytest.raises(InvalidInstruction, match="aliases"):
        tree(bomb)


def test_a_node_of_another_shape_says_so():
    fields = tree("a: [1]\nb: {x: 1}\nc: maybe\n").mapping()
    for call in (fields["a"].mapping, fields["b"].items, fields["b"].text, fields["c"].flag):
        with pytest.raises(InvalidInstruction):
            call()


def test_a_tag_of_its_author_is_kept():
    assert tree("a: !vault x").mapping()["a"].tag == "!vault"
    assert tree("a: !!str 1").mapping()["a"].tag == ""


@given(st.text(max_size=200) | st.binary(max_size=200))
def test_only_one_kind_of_error_escapes(text):
    data = text.encode(errors="replace") if isinstance(text, str) else text
    refused = None
    try:
        tree(data)
    except InvalidInstruction as error:
        refused = error
    assert refused is None or "a.yaml, line " in refused.what
