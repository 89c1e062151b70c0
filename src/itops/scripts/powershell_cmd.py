"""The language of cmd.exe, as far as it is plain: text → the commands it runs."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from itops.scripts.findings import Findings, Place
from itops.scripts.powershell_calls import PsCall
from itops.scripts.powershell_names import program_name
from itops.scripts.powershell_words import WELL_KNOWN, PsWord

_BUILT_IN_NAMES: Final = """
    assoc break call cd chdir cls color copy date del dir echo endlocal erase exit ftype md mkdir mklink move path pause
    popd prompt pushd rd rem ren rename rmdir set setlocal shift start time title type ver verify vol
"""
_BUILT_IN: Final = frozenset(_BUILT_IN_NAMES.split())
_SAME: Final = {"erase": "del", "rmdir": "rd", "mkdir": "md", "chdir": "cd", "rename": "ren"}
_COMPOUND: Final = frozenset({"if", "for", "goto"})
_VARIABLE: Final = re.compile(r"%([^%\s]+)%")
_SEPARATOR: Final = re.compile(r"&&|\|\||[&|\n]")
_TOKEN: Final = re.compile(r'(?P<redirect>\d?(?:>>?|<)(?:&\d)?)|(?P<word>(?:"[^"]*"?|[^\s"<>])+)')
_NAME: Final = re.compile(r"([a-z]+)([\\./,;=:+\[\]].*)")


def read_cmd(text: str, place: Place, findings: Findings, call: Callable[[PsCall, Place], None]) -> None:
    """Note what a text for cmd.exe would run; what is not plain is a problem."""
    plain = text.strip()
    if plain.startswith('"') and plain.endswith('"') and plain.count('"') > 2:  # noqa: PLR2004 - cmd takes off the outer pair
        plain = plain[1:-1]
    if "^" in plain or "!" in plain or re.search(r"[()]", _without_quotes(plain)):
        findings.problem("the text given to cmd.exe holds escapes or brackets")
        plain = plain.replace("^", "").replace("(", " & ").replace(")", " & ")
    if plain.count('"') % 2:
        findings.problem("the text given to cmd.exe ends within quotes")
    fed: tuple[str, ...] = place.fed_by
    for part, piped in _parts(plain):
        begun = len(findings.commands)
        _simple(part, replace(place, fed_by=fed if piped else place.fed_by), findings, call)
        fed = tuple(command.program for command in findings.commands[begun:])


def _parts(text: str) -> list[tuple[str, bool]]:
    """The commands of the text, and whether each is fed by the one before it."""
    marks = list(_SEPARATOR.finditer(_without_quotes(text)))
    starts = [0, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), len(text)]
    piped = [False, *(mark[0] == "|" for mark in marks)]
    return [(text[start:end], is_piped) for start, end, is_piped in zip(starts, ends, piped, strict=True)]


def _simple(text: str, place: Place, findings: Findings, call: Callable[[PsCall, Place], None]) -> None:
    words: list[str] = []
    writes: list[str] = []
    waiting = ""
    for token in _TOKEN.finditer(text):
        if token["redirect"]:
            waiting = "" if "&" in token["redirect"] else token["redirect"]
        elif waiting and token["word"]:
            if ">" in waiting and token["word"].lower() != "nul":
                writes.append(token["word"].strip('"'))
            waiting = ""
        elif token["word"]:
            words.append(token["word"].replace('"', ""))
    if not words:
        if writes:
            call(PsCall(("cmd:echo",), (), tuple(writes)), place)
        return
    name = words[0].lstrip("@")
    if name.lower() in _COMPOUND:
        findings.problem(f"the text given to cmd.exe holds {name.lower()}")
        _inner(words[1:], place, findings, call)
        return
    if "%" in name:
        findings.problem(f"which program runs is only known at run time: {name}")
    program, more = _program(name)
    found = tuple(_word(word) for word in (*more, *words[1:]))
    call(PsCall((program,), found, tuple(writes)), place)


def _inner(words: list[str], place: Place, findings: Findings, call: Callable[[PsCall, Place], None]) -> None:
    """What may stand behind ``if`` or ``for``: every word could begin a command."""
    for index, word in enumerate(words):
        if word.lower() in _BUILT_IN or program_name(word) != f"{word.lower()}.exe" or word.lower() == "do":
            _simple(" ".join(words[index + (word.lower() == "do") :]), place, findings, call)
            return


def _program(name: str) -> tuple[str, list[str]]:
    """The program that a name means, and words that stand right behind a built-in's name (``rd/s``, ``echo.``)."""
    lower = name.lower()
    found = _NAME.fullmatch(lower)
    more: list[str] = []
    if found and found[1] in _BUILT_IN:
        lower = found[1]
        more = re.findall(r"/[^/\s]*|[^/\s]+", name[len(lower) :])
    if lower in _BUILT_IN:
        return f"cmd:{_SAME.get(lower, lower)}", more
    return program_name(name), []


def _word(text: str) -> PsWord:
    """A word with the variables that are not the same on every computer marked as known at run time alone."""
    marked = _VARIABLE.sub(lambda found: found[0] if found[1].lower() in WELL_KNOWN else f"$env:{found[1]}", text)
    return PsWord(marked, dynamic="$env:" in marked or "%" in _VARIABLE.sub("", marked))


def _without_quotes(text: str) -> str:
    return re.sub(r'"[^"]*"', lambda found: "_" * len(found[0]), text)
