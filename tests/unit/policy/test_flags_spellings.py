"""Words of cmdlets and of programs of Windows, which are the same in any case."""

import pytest

from itops.policy.flags import has_flag, only_flags, parse_arguments, spelling_of


@pytest.mark.parametrize(
    ("program", "spelling"),
    [
        ("Get-Item", "cmdlet"),
        ("net.exe", "windows"),
        ("format.com", "windows"),
        ("cmd:del", "windows"),
        (".delete", "windows"),
        ("[io.file]", "windows"),
        ("ls", "posix"),
        ("apt-get", "posix"),
        (".", "posix"),
        ("[", "posix"),
        ("./x.exe/y", "posix"),
        ("mkfs.ext4", "posix"),
        ("", "posix"),
    ],
)
def test_a_programs_name_says_how_its_words_are_spelt(program, spelling):
    assert spelling_of(program) == spelling


def test_words_of_a_cmdlet():
    argv = ("Remove-Item", "C:\\X", "-Recurse", "-Path:Y", "-A=b", "-Name", "Z")
    found = parse_arguments(argv, frozenset({"-Name"}))
    assert found.flags == ("-recurse", "-path", "-a=b", "-name")
    assert found.operands == ("c:\\x",)
    assert found.values == (("-path", "y"), ("-name", "z"))


def test_words_of_a_program_of_windows():
    found = parse_arguments(("reg.exe", "ADD", "/V", "A", "-d", "/T:x", "--long=1"), frozenset({"/v"}))
    assert found.flags == ("/v", "/d", "/t", "--long")
    assert found.operands == ("add",)
    assert found.values == (("/v", "a"), ("/t", "x"), ("--long", "1"))


def test_a_cmdlets_parameter_counts_from_its_beginning():
    assert has_flag(("-rec",), ("-Recurse",), abbreviated=True, spelling="cmdlet")
    assert not has_flag(("-rec",), ("-Recurse",), abbreviated=False, spelling="cmdlet")
    assert has_flag(("-recurse",), ("-Recurse",), abbreviated=False, spelling="cmdlet")
    assert not has_flag(("-x",), ("-Recurse",), abbreviated=True, spelling="cmdlet")
    assert not has_flag(("/de",), ("/delete",), abbreviated=True, spelling="windows")


def test_only_flags_are_compared_in_any_case():
    assert only_flags(("/a",), ("/A", "/b"), "windows")
    assert not only_flags(("/c",), ("/A", "/b"), "windows")
    assert not only_flags(("-a",), ("-A",), "posix")
