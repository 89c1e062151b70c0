"""What a request wants, apart from the values that it carries."""

import pytest

from itops.instructions.index.embeddings import without
from itops.instructions.search.request_words import request_words, values_of


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("copy /etc/hosts to /tmp", ["copi"]),
        ("restart the nginx service", ["restart", "servic"]),
        ("add user alice to group admins", ["add", "user", "group"]),
        ("delete the 'old report' folder", ["delet", "folder"]),
        ("ping 10.0.0.1 and db.example.com", ["ping"]),
        ("user account", ["user", "account"]),
        ("who wrote Faust", ["wrot", "faust"]),
        ("", []),
    ],
)
def test_values_and_names_are_not_wanted(text: str, wanted: list[str]) -> None:
    assert list(request_words(text).wanted) == wanted


def test_values_are_kept_apart_and_bare_numbers_left_out() -> None:
    assert request_words("show /var/log of 2014").values == {"var", "log"}


@pytest.mark.parametrize(
    ("text", "verb"), [("please delete it", "delet"), ("the disk is full", ""), ("a b c d remove", "")]
)
def test_the_verb_is_one_of_the_first_words(text: str, verb: str) -> None:
    assert request_words(text).verb == verb


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ('Copy "/a b" to /home/x/y.txt.', "Copy to"),
        ("Show the last <number> bytes of <file>", "Show the last bytes of"),
        ("who's on the box, it's slow", "who's on the box, it's slow"),
        ("print readme.md", "print"),
        ("/etc/hosts", "/etc/hosts"),
    ],
)
def test_without_values_a_request_still_says_something(text: str, rest: str) -> None:
    assert without(text, values_of(text)) == rest
