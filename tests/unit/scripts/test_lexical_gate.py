import pytest

from itops.scripts.lexical_gate import SIZE_LIMIT, gate, hidden_characters


@pytest.mark.parametrize(
    "char", ["\0", "\r", "\x1b", "\x7f", "\u200b", "\u202e", "\u2028", "\ufeff", "\ue000", "\ud800"]
)
def test_a_character_that_hides_something_closes_the_gate(char):
    (problem,) = gate(f"ls {char} x")
    assert f"U+{ord(char):04X}" in problem
    assert len(hidden_characters(f"a{char}{char}b")) == 1


@pytest.mark.parametrize("text", ["ls -l\n\techo 'ünï 日本 €'", "", "a" * SIZE_LIMIT])
def test_plain_text_passes(text):
    assert gate(text) == ()


def test_the_size_is_counted_in_bytes():
    assert "more than 16384 bytes" in gate("ü" * (SIZE_LIMIT // 2 + 1))[0]


def test_layout_hides_something_in_a_value():
    assert len(hidden_characters("a\nb\tc")) == 2
