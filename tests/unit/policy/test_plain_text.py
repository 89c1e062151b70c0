"""A word is found in a text in whatever disguise a model would see through."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.policy.plain_text import forms_of, plain, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/SRV/Data", "/srv/data"),
        ("/s\u200brv/\u00adda\u2060ta", "/srv/data"),
        ("\uff0f\uff53\uff52\uff56\uff0fdata", "/srv/data"),
        ("\x1b[8m/srv/data\x1b[0m", "/srv/data"),
        ("\x1b]0;x\x07/srv/data", "/srv/data"),
        ("a\tb\nc", "a\tb\nc"),
        ("Straße", "strasse"),
    ],
)
def test_one_spelling(text, shown):
    assert plain(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"), [("a\n  b ", "`a b`"), ("x" * 160, f"`{'x' * 160}`"), ("x" * 161, f"`{'x' * 159}…`")]
)
def test_a_text_is_quoted_on_one_bearable_line(text, shown):
    assert quoted(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "run rm on /srv/data",
        '{"path": "\\/srv\\/data"}',
        '{"path": "\\u002fsrv\\u002fdata"}',
        "'\\x2fsrv\\x2fdata'",
        "https://x/?p=%2Fsrv%2fdata",
        base64.b64encode(b"rm -rf /srv/data").decode(),
        base64.b64encode(b"/srv/data").decode(),
        base64.b64encode(b"rm /srv/data").decode().rstrip("="),
        base64.b64encode("Remove-Item /srv/data".encode("utf-16-le")).decode(),
        base64.urlsafe_b64encode(b"rm /srv/data >>>???").decode(),
        base64.b64encode(b"rm /srv/data/").decode().replace("==", "="),
        base64.b64encode(b"if x\r\n\trm /srv/data\r\n").decode(),
        f"AAAABBBBC {base64.b64encode(b'rm /srv/data').decode()}",
    ],
)
def test_disguises_are_read(text):
    assert any("/srv/data" in form for form in forms_of(text))


def encoded(*words):
    return " ".join(base64.b64encode(word).decode() for word in words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((b"/srv/data",), ("/srv/data",)),
        ((b"rm /srv", b"/x data"), ("rm /srv\n/x data",)),
        ((b"rm  /srv/data W",), ("rm  /srv/data w",)),
        ((b"\xff\xff\xff\xffab",), ("ab",)),
        ((b"\xff\xff\xff\xff\xffab",), ()),
        ((b"\1\2\3\4\5\6",), ()),
    ],
)
def test_only_what_can_be_read_is_taken_for_base64(words, said):
    assert forms_of(encoded(*words)) == (encoded(*words).lower(), *said)


def test_so_many_words_are_read_and_no_more():
    word = base64.b64encode(b"rm /srv/data").decode()
    assert "rm /srv/data" in forms_of("AAAAAAA1 " * 4095 + word)
    assert "rm /srv/data" not in forms_of("AAAAAAA1 " * 4096 + word)


def test_what_is_no_character_hides_nothing():
    assert any("/srv" in form for form in forms_of("\ud800%ff%2fsrv"))


@given(st.text(max_size=200))
def test_any_text_has_forms_and_plain_text_stays_plain(text):
    assert all(isinstance(form, str) for form in forms_of(text))
    assert plain(plain(text)) == plain(text) or not text.isascii()


@given(st.text(alphabet=st.characters(min_codepoint=32, max_codepoint=126), min_size=6, max_size=60))
def test_what_is_printable_is_found_in_its_base64(text):
    encoded = base64.b64encode(text.encode()).decode()
    if any(letter.isupper() or letter.isdigit() for letter in encoded):
        assert any(plain(text) in form for form in forms_of(f"x {encoded} y"))
