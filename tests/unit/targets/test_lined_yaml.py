import pytest

from itops.targets.lined_yaml import LineFault, read_lined


def test_values_are_texts_and_keys_know_their_lines():
    document = read_lined("a: no\nb: {c: 010, d: ~}\ne: [1, x]\n")
    assert document == {"a": "no", "b": {"c": "010", "d": None}, "e": ["1", "x"]}
    assert (document.lines, document["b"].lines) == ({"a": 1, "b": 2, "e": 3}, {"c": 2, "d": 2})


@pytest.mark.parametrize(
    ("text", "line", "fault"),
    [
        ("a: 1\na: 2", 2, "twice: also on line 1"),
        ("a: [", 2, "no YAML"),
        ("a: &x 1\nb: *x", 1, "anchors"),
        ("? [a]\n: b", 1, "a key must be a word"),
        ("a\n---\nb", 2, "second document"),
        ("\x01", 1, "no YAML"),
        ("[" * 1_000_000, 1, "too deeply"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_off_has_its_line(text, line, fault):
    with pytest.raises(LineFault, match=fault) as raised:
        read_lined(text)
    assert raised.value.line == line


def test_nothing_is_nothing():
    assert read_lined("") is None
