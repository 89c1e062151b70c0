import base64
import json
import shlex
import time
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from itops import redaction
from itops.domain.secret import Secret
from itops.redaction import WITHHELD, Redactor

CASES = Path(__file__).parents[1] / "cases" / "redaction"
VALUE = 'p4ss "word"/ü+$x&'


def knowing(value: str, name: str = "pin") -> Redactor:
    redactor = Redactor()
    redactor.learn(Secret(value), name)
    return redactor


@pytest.mark.parametrize("line", yaml.safe_load((CASES / "harmless.yaml").read_text()))
def test_harmless_lines_stay(line: str) -> None:
    assert Redactor().redact(line) == line
    assert Redactor().redact(f"before\n{line}\nafter\n") == f"before\n{line}\nafter\n"


@pytest.mark.parametrize(("line", "shown"), yaml.safe_load((CASES / "secret.yaml").read_text()))
def test_secret_lines(line: str, shown: str) -> None:
    assert Redactor().redact(line) == shown
    assert Redactor().redact(shown) == shown


@pytest.mark.parametrize(
    "form",
    [
        VALUE,
        quote(VALUE),
        quote(VALUE, safe=""),
        quote_plus(VALUE),
        json.dumps(VALUE)[1:-1],
        json.dumps(VALUE, ensure_ascii=False)[1:-1],
        shlex.quote(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
    ],
)
def test_a_known_value_is_found_in_every_form(form: str) -> None:
    shown = knowing(VALUE).redact(f"<{form}>")
    assert shown == "<[REDACTED:pin]>"


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_a_known_value_is_found_inside_other_base64(before: bytes, after: bytes) -> None:
    encoded = base64.b64encode(before + b"hunter2-and-more" + after).decode()
    assert "[REDACTED:pin]" in knowing("hunter2-and-more").redact(f"Basic {encoded}")


def test_a_longer_secret_goes_before_a_shorter_one_inside_it() -> None:
    redactor = knowing("secret-value", "short")
    redactor.learn(Secret("secret-value-and-more"), "long")
    assert redactor.redact("a secret-value-and-more b secret-value c") == "a [REDACTED:long] b [REDACTED:short] c"


def test_a_short_value_would_tear_words_apart() -> None:
    assert knowing("root").redact("the root of it") == "the root of it"


def test_the_longest_form_is_known() -> None:
    assert Redactor().longest == 0
    assert knowing("hunter2").longest >= len(base64.b64encode(b"hunter2"))


def test_when_it_fails_nothing_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redaction, "_NAMED", None)
    assert Redactor().redact("a password=hunter2") == WITHHELD


@given(st.text())
def test_any_text_is_survived_and_redacting_twice_changes_nothing(text: str) -> None:
    once = Redactor().redact(text)
    assert once != WITHHELD
    assert Redactor().redact(once) == once


@given(st.text(alphabet="password=: \"'\\\n-secrtokn{}[]a1$/@", max_size=200))
def test_odd_settings_are_survived(text: str) -> None:
    assert Redactor().redact(text) != WITHHELD


@given(st.text(min_size=6).filter(lambda value: value.strip() == value), st.text(), st.text())
def test_a_known_value_never_comes_through(value: str, before: str, after: str) -> None:
    assert f"<{value}>" not in knowing(value).redact(f"{before}<{value}>{after}")


HOSTILE = [
    "a",
    " ",
    "-",
    "password",
    "password:",
    'password="',
    "password='\\",
    "password=a1 ",
    "--secret ",
    "--a",
    "token ",
    "authorization:",
    "cookie:a=",
    "bearer ",
    "eyJ-",
    "eyJaaaaaaaa.",
    "://a:",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "AAAAAAAAAAAAAAAAAAAA\n",
    "$1$",
    "AKIA",
    "AKIAIOSFODNN7EXAMPLE",
    "AKIAIOSFODNN7EXAMPLE Ab1",
    "AKIAIOSFODNN7EXAMPLE Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1Ab1",
    "sig=",
    "IQoJb3JpZ2lu ",
    "ghp_",
    "sk-",
]


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_the_text_and_no_faster(piece: str) -> None:
    """A pattern that tries again from every place would take a thousand times as long as this for a megabyte."""
    text = piece * (2**20 // len(piece))
    started = time.process_time()
    Redactor().redact(text)
    assert time.process_time() - started < 20


@pytest.mark.parametrize("line", yaml.safe_load((CASES / "harmless.yaml").read_text()))
def test_a_harmless_line_has_no_place_of_a_secret(line: str) -> None:
    assert Redactor().places(line) == ()


@pytest.mark.parametrize(("line", "shown"), yaml.safe_load((CASES / "secret.yaml").read_text()))
def test_the_places_of_secrets_are_those_that_are_replaced(line: str, shown: str) -> None:
    hidden, end = "", 0
    for place in Redactor().places(line):
        hidden += f"{line[end : place.start]}[REDACTED:{place.kind}]"
        end = place.end
    assert hidden + line[end:] == shown


def test_a_known_value_has_a_place() -> None:
    text = f"a {VALUE} b {VALUE}"
    assert [(place.kind, text[place.start : place.end]) for place in knowing(VALUE).places(text)] == [
        ("pin", VALUE)
    ] * 2
