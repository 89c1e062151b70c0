import pytest

from itops.scripts.powershell_syntax import read_powershell, walk
from itops.scripts.powershell_words import PsWord, bare, core, expanded, parameter_of, value_of, variable_name

KNOWN = {"p": ("C:\\x",), "many": ("a", "b")}


def values(text):
    [node] = [node for node in walk(read_powershell(f"$z = {text}")) if node.type == "assignment_expression"]
    return [(word.text, word.dynamic) for word in value_of(node.children[-1], KNOWN)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("'it''s $p'", [("it's $p", False)]),
        ('"a`t`"$p`$p"', [('a\t"C:\\x$p', False)]),
        ('"a ""b"""', [('a "b"', False)]),
        ('"$q $(rm x)"', [("$q $(rm x)", True)]),
        ("@'\n$p 'x'\n'@", [("$p 'x'", False)]),
        ('@"\n$p "x"\n"@', [('C:\\x "x"', False)]),
        ("$p", [("C:\\x", False)]),
        ("$script:p", [("C:\\x", False)]),
        ("$many", [("a", False), ("b", False)]),
        ("$q", [("$q", True)]),
        ("$TRUE", [("$true", False)]),
        ("$env:SystemRoot", [("%SystemRoot%", False)]),
        ("$env:other", [("$env:other", True)]),
        ("5", [("5", False)]),
        ("'a', 'b'", [("a", False), ("b", False)]),
        ("@('a', 'b')", [("a", False), ("b", False)]),
        ("('a')", [("a", False)]),
        ("(rm x)", [("$(rm x)", True)]),
        ("@()", [("$(@()", True)]),
        ("'a' + 'b'", [("ab", False)]),
        ("'a' + $q", [("'a' + $q", True)]),
        ("'a' - 'b'", [("$('a' - 'b')", True)]),
        ("[int]'5'", [("5", False)]),
        ("{ rm x }", [("{ rm x }", False)]),
        ("@{ a = 1 }", [("@{ a = 1 }", False)]),
        ("@{ a = $q }", [("@{ a = $q }", True)]),
        ("$q.Name", [("$q.Name", True)]),
    ],
)
def test_the_values_of_an_expression(text, found):
    assert values(text) == found


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a`b", PsWord("a\b")),
        ("r`m", PsWord("rm")),
        ("a'b c'd", PsWord("ab cd")),
        ("'-x'", PsWord("-x", quoted=True)),
        ('a"$p"', PsWord("aC:\\x")),
        ("$q\\y", PsWord("$q\\y", dynamic=True, quoted=True)),
        ("a$(b)", None),
        ("a{b", None),
        ("'a", None),
        ("a&b", None),
    ],
)
def test_a_plain_word_is_decoded_or_nothing(text, word):
    found = bare(text, KNOWN)
    assert found == word or (found and word and (found.text, found.dynamic) == (word.text, word.dynamic))


def test_a_name_of_a_variable_is_without_its_scope_and_with_its_drive():
    assert [variable_name(text) for text in ("$X", "${x}", "$global:X", "$env:X", "@x")] == [
        "x",
        "x",
        "x",
        "env:x",
        "x",
    ]


def test_a_parameter_begins_with_any_dash():
    assert parameter_of("-Name") == ("Name", None)
    assert parameter_of("\u2013Name:a:b") == ("Name", "a:b")
    assert parameter_of("-5") is None
    assert parameter_of("a-b") is None


def test_the_core_of_a_node_is_what_is_not_only_wrapped():
    assert core(read_powershell("'a'")).type == "verbatim_string_characters"
    assert expanded("a", {}) == PsWord("a", quoted=True)
