import pytest

from itops.scripts.shfmt import parse
from itops.scripts.words import words_of


def words(text):
    source = f"x {text}".encode()
    arguments = parse(source.decode())["Stmts"][0]["Cmd"]["Args"][1:]
    return [word for argument in arguments for word in words_of(argument, source)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a'b'\"c\"", ["abc"]),
        (r"a\ b\'c", ["a b'c"]),
        (r'"a\$b\"c\d"', [r'a$b"c\d']),
        (r"$'\x41\102\u0043\n\cA\'\q\e'", ["ABC\n\x01'\\q\x1b"]),
        (r"$'\U110000'", ["\ufffd"]),
        ("{a,b}c", ["ac", "bc"]),
        ("{a,{b,c}}", ["a", "b", "c"]),
        ("{1..3} {c..a}", ["1", "2", "3", "c", "b", "a"]),
        ("{a} {} {a 'b,c'", ["{a}", "{}", "{a", "b,c"]),
        (r"{a\,b} '{a,b}'", ["{a,b}", "{a,b}"]),
        ("''", [""]),
        ("<(ls)", ["<(ls)"]),
    ],
)
def test_literal_words_are_decoded(text, expected):
    found = words(text)
    assert [word.text for word in found] == expected
    assert not any(word.dynamic for word in found)


@pytest.mark.parametrize(
    ("text", "splits"),
    [
        ("$x", True),
        ('"$x"', False),
        ("$(ls)", True),
        ("a`ls`", True),
        ("$((1+1))", False),
        ('$"x"', True),
        (">(ls)", True),
    ],
)
def test_what_only_run_time_knows_is_dynamic(text, splits):
    (word,) = words(text)
    assert (word.dynamic, word.splits) == (True, splits)


@pytest.mark.parametrize("text", ["{1..99999}", "{01..10}", "{a..5}", "{1..100}{1..100}"])
def test_braces_that_are_not_spelt_out_are_dynamic(text):
    assert any(word.dynamic for word in words(text))


@pytest.mark.parametrize(
    ("text", "dynamic", "glob"),
    [
        ("*.log", True, True),
        ("/a/*.log", False, True),
        ("a?", False, True),
        ("[ab]x", True, True),
        ("a[b", False, False),
        ("'*'", False, False),
        (r"\*", False, False),
    ],
)
def test_a_glob_that_may_become_an_option_is_dynamic(text, dynamic, glob):
    (word,) = words(text)
    assert (word.dynamic, word.glob) == (dynamic, glob)
