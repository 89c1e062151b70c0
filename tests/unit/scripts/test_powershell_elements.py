import pytest

from itops.scripts.powershell_elements import elements_of
from itops.scripts.powershell_syntax import read_powershell, walk


def elements(text):
    node = next(node for node in walk(read_powershell(text)) if node.type == "command")
    return elements_of(node, {})


@pytest.mark.parametrize(
    ("text", "words", "writes"),
    [
        ("a b 'c d' $e", ["b", "c d", "$e"], []),
        ("a -b:c -d e", ["-b", "c", "-d", "e"], []),
        ("a b,'c',$d", ["b", "c", "$d"], []),
        ("a *.txt,?.log", ["*.txt", "?.log"], []),
        ('a /c:"x y" z', ["/c:x y", "z"], []),
        ("a b > c", ["b"], ["c"]),
        ("a b >> 'c d' 2> e", ["b"], ["c d", "e"]),
        ("a b>c", ["b"], ["c"]),
        ("a >c", [], ["c"]),
        ("a 2>$null 3>&1 *>$null", [], []),
        ("a $x.y()", ["$x.y()"], []),
        ("a (b c)", ["$(b c)"], []),
    ],
)
def test_words_and_files(text, words, writes):
    found = elements(text)
    assert [word.text for word in found.words] == words
    assert found.writes == writes
    assert found.problems == []


@pytest.mark.parametrize("text", ["a --% b | c", "a b{c", "a \"b'c\"'d' ", "a x\"y 'z\" ; w 'v'"])
def test_what_can_not_be_taken_apart_is_a_problem(text):
    found = elements(text)
    assert found.problems or list(found.words)
    if "--%" in text or "'z" in text:
        assert found.problems


def test_names_of_parameters_and_what_belongs_to_them_are_marked():
    found = elements("a -b:c '-d' \u2013e @f").words
    assert [word.parameter for word in found] == [True, False, False, True, False]
    assert [word.joined for word in found] == [False, True, False, False, False]
    assert found[2].quoted
    assert found[4].splat
