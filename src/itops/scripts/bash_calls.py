"""Calls: a program with its words, unwrapped until what really runs stands there."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from itops.scripts.carriers import carried
from itops.scripts.findings import DEPTH_LIMIT, NO_REDIRECTIONS, Findings, Place, Redirections, program_name
from itops.scripts.variables import COUNTS, assignment_problem, name_problem
from itops.scripts.words import Word
from itops.scripts.wrappers import INPUT, NOTHING, SHELLS, Unwrapped, unwrap

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NAMING: Final = frozenset({"read", "unset", "mapfile", "readarray", "getopts"})
LATER: Final = frozenset({"at", "batch", "crontab"})
_LISTS: Final = re.compile(r"-[lcdrV]+")
_SCHEDULE: Final = re.compile(r"^[ \t]*(?:@\w+|(?:[\d*,/-]+[ \t]+){4}[\w*,/-]+)[ \t]+", re.MULTILINE)
_NO_OPERANDS: Final = re.compile(r"[-+][A-Za-z-]*")


@dataclass(frozen=True)
class Call:
    """One call: its words, its redirections, the programs whose output stands in its words, and where it stands."""

    words: tuple[Word, ...]
    redirections: Redirections = NO_REDIRECTIONS
    inner: tuple[str, ...] = ()
    offset: int = -1


class BashCalls:
    """Notes calls, following wrappers, shells and functions to what they run."""

    def __init__(
        self,
        findings: Findings,
        read_text: Callable[[str, Place], None],
        call_function: Callable[[Call, Place], bool],
        numeric: frozenset[str],
    ) -> None:
        self._numeric = numeric | COUNTS
        self._findings = findings
        self._read_text = read_text
        self._call_function = call_function

    def call(self, call: Call, place: Place) -> None:
        """Note one call and what it runs."""
        head = call.words[0]
        self._findings.problem(_head_problem(head) or _builtin_problem(call.words, self._numeric))
        if place.depth > DEPTH_LIMIT:
            self._findings.problem("it is nested too deeply")
            self._findings.command(call.words, call.redirections, place, call.inner)
            return
        fed = replace(place, fed_by=(*place.fed_by, *call.inner))
        if self._call_function(call, fed):
            return
        name = program_name(head.text)
        unwrapped = None if head.dynamic or head.glob else unwrap(name, call.words)
        if unwrapped and unwrapped.host and _is_fed(call, fed):
            unwrapped = NOTHING
        if unwrapped is None or unwrapped.keep:
            self._own(call, place)
        else:
            self._findings.redirection(call.redirections, place)
        if unwrapped:
            self._follow(name, call.words, unwrapped, fed)
        if not head.dynamic and not head.glob and not (unwrapped and unwrapped.host):
            self._carry(name, call.words, place)

    def _own(self, call: Call, place: Place) -> None:
        """Note the command itself; a shell without a file reads its input, which is a script too."""
        words, redirections, inner = call.words, call.redirections, call.inner
        name = program_name(words[0].text)
        texts = [word.text for word in words[1:]]
        later = name in LATER and not any(_LISTS.fullmatch(text) for text in texts)
        reads_input = name in SHELLS and all(_NO_OPERANDS.fullmatch(text) and text != "--version" for text in texts)
        if not (reads_input or later) or place.fed_text is None:
            self._findings.command(words, redirections, place, inner)
            return
        if later or set(place.fed_by) - {"echo", "printf", "cat"}:
            self._findings.command(words, redirections, place, inner)
        else:
            self._findings.redirection(redirections, place)
        text = _SCHEDULE.sub("", place.fed_text) if name == "crontab" else place.fed_text
        self._read_text(text, Place(place.wrappers, hosts=place.hosts, depth=place.depth).under(name))

    def _carry(self, name: str, words: tuple[Word, ...], place: Place) -> None:
        """Read what the program carries elsewhere too; what can't be read there is for its own effect to say."""
        calls, texts = carried(name, words)
        for inner in calls:
            self.call(Call(inner), place.under(name))
        for text in texts:
            self._read_text(text, place.under(name))

    def _follow(self, name: str, own: tuple[Word, ...], unwrapped: Unwrapped, place: Place) -> None:
        self._findings.problem(unwrapped.problem)
        for variable, value in unwrapped.sets:
            self._findings.problem(assignment_problem(variable, value, exported=True))
        named = bool(place.fed_names) and name == "xargs"
        within = place.under(name, unwrapped.host)
        for words in unwrapped.calls:
            inner = tuple(_named(word, own, place) for word in words) if named else words
            self.call(Call(inner), within)
        for text in unwrapped.scripts:
            self._read_text(text, within)


def _is_fed(call: Call, place: Place) -> bool:
    """Whether something is sent along; whoever is at the other end may keep it."""
    reads = {*call.redirections.reads, *place.reads} - {"/dev/null"}
    return bool(reads or place.fed_by or place.fed_text or call.redirections.text)


def _named(word: Word, xargs: tuple[Word, ...], place: Place) -> Word:
    """A word of what xargs runs, with the names that it is fed; whole names only where nothing else parts them."""
    if INPUT.text not in word.text:
        return word
    whole = any(one.text.startswith(("-0", "-r0", "--null", "-d", "--delimiter")) for one in xargs[1:])
    text = word.text.replace(INPUT.text, place.fed_names)
    return Word(text, dynamic=not whole or text.startswith(("*", "?", "[")), glob=True)


def _head_problem(head: Word) -> str:
    if head.dynamic or head.glob:
        return f"which program runs is only known at run time: {head.text}"
    if not head.text.isascii() or not head.text:
        return f"the program's name {head.text!r} holds characters that look like others"
    return ""


def _builtin_problem(words: tuple[Word, ...], numeric: frozenset[str]) -> str:
    """Why a builtin may evaluate a word as code; empty where it does not."""
    name, rest = words[0].text, words[1:]
    if name in {"[", "test"} and any(word.text in {"-v", "-R"} for word in rest):
        return f"{name} -v may evaluate its word as code"
    if name in {"[", "test"} and any(word.splits and word.text.strip("${}") not in numeric for word in rest):
        return f"{name} gets an unquoted word that is only known at run time"
    if name == "printf" and rest and (rest[0].dynamic or rest[0].text == "-v"):
        return "the format of printf is only known at run time"
    if name in _NAMING or (name == "wait" and any(word.text.startswith("-p") for word in rest)):
        problems = (f"{name} gets a name that may be code: {word.text}" for word in rest if _may_be_code(word))
        return next(problems, "") or next(filter(None, (name_problem(word.text) for word in rest)), "")
    if name in {"let", "enable", "bind", "complete", "compgen"}:
        return f"{name} may evaluate its words as code"
    return ""


def _may_be_code(word: Word) -> bool:
    return word.dynamic or "[" in word.text
