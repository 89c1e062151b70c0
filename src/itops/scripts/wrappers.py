"""Programs that run other programs: what they would run, taken out of their own words."""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from itops.scripts.found_names import pattern_of
from itops.scripts.remote_shell import over_ssh
from itops.scripts.words import Word

INPUT: Final = Word("$input", dynamic=True)
_SYNTAX: Final = frozenset(" \t\n;&|`$()<>'\"")
SHELLS: Final = frozenset({"sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "rbash"})
Words: TypeAlias = tuple[Word, ...]
_ASSIGNMENT: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)", re.DOTALL)


@dataclass(frozen=True)
class Unwrapped:
    """What a wrapper runs: calls (as words), scripts (as text), or why that can't be said.

    ``keep``: the wrapper does something by itself too. ``sets`` are variables that it sets for what it runs, ``host``
    where it runs it, if that is not here.
    """

    calls: tuple[Words, ...] = ()
    scripts: tuple[str, ...] = ()
    sets: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    keep: bool = False
    host: str = ""


NOTHING: Final = Unwrapped(keep=True)


@dataclass(frozen=True)
class Prefix:
    """A wrapper of the form ``wrapper [options] [operands] command…``."""

    flags: str = ""
    valued: str = ""
    long: frozenset[str] = frozenset()
    long_valued: frozenset[str] = frozenset()
    operands: int = 0
    assignments: bool = False
    keep: bool = False
    numbers: bool = False


@dataclass(frozen=True)
class Options:
    """The words of a wrapper apart: options as given, and where the rest begins."""

    rest: Words
    given: Mapping[str, str]
    problem: str = ""


def _prefix(flags: str = "", valued: str = "", long: str = "", long_valued: str = "", **more: int | bool) -> Prefix:
    return Prefix(flags, valued, frozenset(long.split()), frozenset(long_valued.split()), **more)  # type: ignore[arg-type]  # operands is the one int


_SUDO: Final = _prefix(
    "ABbEHiKklnPSsVv",
    "CDghpTtUu",
    "askpass background preserve-env set-home login stdin non-interactive list shell reset-timestamp validate version",
    "user group host prompt chdir close-from other-user command-timeout",
    assignments=True,
)
_XARGS: Final = _prefix(
    "0rtxpo",
    "aInPLsdE",
    "null no-run-if-empty verbose interactive exit open-tty",
    "arg-file delimiter max-args max-procs max-lines replace max-chars",
)
_WATCH: Final = _prefix(
    "bcCdegtpxrw", "nq", "beep color differences errexit chgexit no-title precise exec no-wrap no-rerun", "interval"
)
_PARALLEL: Final = _prefix("k0ut", "jnNLP", "keep-order null dry-run bar will-cite", "jobs max-args")
_FLOCK: Final = _prefix(
    "exsnuoF",
    "wEc",
    "exclusive shared nonblock unlock close no-fork",
    "wait timeout conflict-exit-code",
    operands=1,
    keep=True,
)
_PREFIXES: Final[Mapping[str, Prefix]] = {
    "sudo": _SUDO,
    "doas": _prefix("n", "uC"),
    "env": _prefix("i0v", "uC", "ignore-environment null debug", "unset chdir", assignments=True),
    "nice": _prefix("", "n", "", "adjustment", numbers=True),
    "ionice": _prefix("t", "cn", "ignore", "class classdata"),
    "nohup": _prefix(),
    "setsid": _prefix("cfw", "", "ctty fork wait"),
    "stdbuf": _prefix("", "ioe", "", "input output error"),
    "timeout": _prefix("v", "ks", "foreground preserve-status verbose", "kill-after signal", operands=1),
    "time": _prefix("pvq", "f", "portability verbose quiet", "format"),
    "exec": _prefix("cl", "a"),
    "command": _prefix("p"),
    "builtin": _prefix(),
    "busybox": _prefix(),
}


def unwrap(program: str, words: Words) -> Unwrapped | None:
    """What a program would run besides itself; nothing where it is no wrapper that is known."""
    if program in _PREFIXES:
        return _unwrap_prefix(program, words)
    if program in SHELLS:
        return _unwrap_shell(words)
    unwrapper = _OTHERS.get(program)
    return unwrapper(words) if unwrapper else None


def read_options(words: Words, prefix: Prefix) -> Options:
    """Options apart from what follows them; a problem where one is not known."""
    given: dict[str, str] = {}
    index = 1
    while index < len(words):
        word = words[index]
        if word.text == "--":
            return Options(words[index + 1 :], given)
        if word.dynamic or not word.text.startswith("-") or word.text == "-":
            break
        value = words[index + 1].text if index + 1 < len(words) else ""
        step = _read_option(word.text, value, prefix, given)
        if not step:
            return Options((), given, problem=f"the option {word.text} of {words[0].text} is not known to the reader")
        index += step
    return Options(words[index:], given)


def _read_option(text: str, value: str, prefix: Prefix, given: dict[str, str]) -> int:
    """How many words the option takes, 0 if it is not known; notes it in ``given``."""
    if text.startswith("--"):
        name, equals, own = text[2:].partition("=")
        given[name] = own if equals else value
        if name in prefix.long_valued:
            return 1 if equals else 2
        return 1 if name in prefix.long else 0
    if prefix.numbers and text[1:].isdigit():
        return 1
    for place, letter in enumerate(text[1:], 2):
        if letter in prefix.valued:
            given[letter] = text[place:] or value
            return 1 if text[place:] else 2
        if letter not in prefix.flags:
            return 0
        given[letter] = ""
    return 1


def _unwrap_prefix(program: str, words: Words) -> Unwrapped:
    prefix = _PREFIXES[program]
    if program == "command" and any(word.text in {"-v", "-V"} for word in words[1:2]):
        return NOTHING
    options = read_options(words, prefix)
    if options.problem:
        return Unwrapped(problem=options.problem, keep=True)
    rest = options.rest[prefix.operands :]
    sets: list[tuple[str, str]] = []
    while prefix.assignments and rest and (found := _ASSIGNMENT.fullmatch(rest[0].text)):
        sets.append((found[1], found[2]))
        rest = rest[1:]
    if not rest:
        return NOTHING
    if any(word.dynamic for word in options.rest[: prefix.operands]):
        return Unwrapped(problem=f"what {program} runs is only known at run time", keep=True)
    return Unwrapped(calls=(rest,), sets=tuple(sets), keep=prefix.keep)


def _unwrap_shell(words: Words) -> Unwrapped:
    """``sh -c TEXT``; a shell without it runs a file or its input, and is a command of its own."""
    index, has_text = 1, False
    while index < len(words) and words[index].text.startswith(("-", "+")):
        text = words[index].text
        if text in {"--rcfile", "--init-file"} or words[index].dynamic:
            return Unwrapped(problem="what the shell reads first is only known at run time", keep=True)
        has_text |= not text.startswith("--") and text.startswith("-") and "c" in text
        index += 2 if text[1:] in {"o", "O"} or (not text.startswith("--") and text[-1] in "oO") else 1
        if text == "--":
            break
    if not has_text:
        return NOTHING
    if index >= len(words) or words[index].dynamic:
        return Unwrapped(problem="the text given to the shell is only known at run time", keep=True)
    return Unwrapped(scripts=(words[index].text,))


def _unwrap_eval(words: Words) -> Unwrapped:
    rest = words[2:] if len(words) > 1 and words[1].text == "--" else words[1:]
    if any(word.dynamic or word.glob for word in rest):
        return Unwrapped(problem="the text given to eval is only known at run time", keep=True)
    return Unwrapped(scripts=(" ".join(word.text for word in rest),)) if rest else NOTHING


def _unwrap_su(words: Words) -> Unwrapped:
    scripts: list[str] = []
    for index, word in enumerate(words[1:], 1):
        if word.dynamic:
            return Unwrapped(problem="what su runs is only known at run time", keep=True)
        if word.text.startswith("--command=") or (word.text.startswith("-c") and len(word.text) > len("-c")):
            return Unwrapped(scripts=(word.text.removeprefix("--command=").removeprefix("-c"),))
        if word.text in {"-c", "--command"} or (re.fullmatch(r"-[a-z]+c", word.text)):
            following = words[index + 1 : index + 2]
            if not following or following[0].dynamic:
                return Unwrapped(problem="what su runs is only known at run time", keep=True)
            scripts.append(following[0].text)
    return Unwrapped(scripts=tuple(scripts), keep=not scripts)


def _unwrap_xargs(words: Words) -> Unwrapped:
    options = read_options(words, _XARGS)
    if options.problem or not options.rest:
        return Unwrapped(problem=options.problem, keep=True)
    token = options.given.get("I") or options.given.get("replace")
    if token is None:
        return Unwrapped(calls=((*options.rest, INPUT),))
    call = tuple(
        Word(word.text.replace(token, INPUT.text), dynamic=True) if token in word.text else word
        for word in options.rest
    )
    return Unwrapped(calls=(call,))


def _unwrap_watch(words: Words) -> Unwrapped:
    options = read_options(words, _WATCH)
    if options.problem or any(word.dynamic for word in options.rest):
        return Unwrapped(problem=options.problem or "what watch runs is only known at run time", keep=True)
    if "x" in options.given or "exec" in options.given:
        return Unwrapped(calls=(options.rest,))
    return Unwrapped(scripts=(" ".join(word.text for word in options.rest),)) if options.rest else NOTHING


def _unwrap_parallel(words: Words) -> Unwrapped:
    options = read_options(words, _PARALLEL)
    texts = [word.text for word in options.rest]
    ends = [index for index, text in enumerate(texts) if text.startswith(":::")]
    command = options.rest[: ends[0]] if ends else options.rest
    if options.problem or not command or any(word.dynamic for word in command):
        return Unwrapped(problem=options.problem or "what parallel runs is only known at run time", keep=True)
    return Unwrapped(scripts=(" ".join([*(word.text.replace("{}", INPUT.text) for word in command), INPUT.text]),))


def _unwrap_ssh(words: Words) -> Unwrapped:
    found = over_ssh(words)
    return Unwrapped(scripts=(found[1],), host=found[0]) if found else NOTHING


def _unwrap_flock(words: Words) -> Unwrapped:
    options = read_options(words, _FLOCK)
    if options.problem or any(word.dynamic for word in options.rest):
        return Unwrapped(problem=options.problem or "what flock runs is only known at run time", keep=True)
    text = options.given.get("c")
    rest = options.rest[1:]
    if rest and rest[0].text in {"-c", "--command"} and len(rest) > 1:
        text, rest = rest[1].text, ()
    return Unwrapped(calls=(rest,) if rest else (), scripts=(text,) if text else (), keep=True)


def _unwrap_trap(words: Words) -> Unwrapped:
    if len(words) < 2 or words[1].text in {"-l", "-p", "-"}:  # noqa: PLR2004 - the word after trap
        return NOTHING
    first = words[2] if words[1].text == "--" and len(words) > 2 else words[1]  # noqa: PLR2004 - the word after --
    if first.dynamic:
        return Unwrapped(problem="the text given to trap is only known at run time", keep=True)
    return Unwrapped(scripts=(first.text,) if first.text else (), keep=not first.text)


def _unwrap_find(words: Words) -> Unwrapped:
    calls: list[Words] = []
    index = 1
    while index < len(words):
        if words[index].text in {"-exec", "-execdir", "-ok", "-okdir"}:
            end = next((at for at in range(index + 1, len(words)) if _ends_exec(words, at)), len(words))
            calls.append(tuple(_found_file(word, words) for word in words[index + 1 : end]))
            index = end
        index += 1
    return Unwrapped(calls=tuple(call for call in calls if call), keep=True)


def _ends_exec(words: Words, index: int) -> bool:
    return words[index].text == ";" or (words[index].text == "+" and words[index - 1].text == "{}")


def _found_file(word: Word, words: Words) -> Word:
    """A word of -exec with ``{}`` as a pattern of the files that find may put there."""
    if "{}" not in word.text:
        return word
    starts = itertools.takewhile(lambda one: not one.text.startswith(("-", "(", "!")), words[1:])
    pattern = "" if any(start.dynamic for start in starts) else pattern_of([one.text for one in words])
    # Within code the name of a file is code itself: it may be called `$(…)`.
    if not pattern or _SYNTAX.intersection(word.text):
        return Word(word.text.replace("{}", INPUT.text), dynamic=True)
    return Word(word.text.replace("{}", pattern), glob=True)


_OTHERS: Final[Mapping[str, Callable[[Words], Unwrapped]]] = {
    "eval": _unwrap_eval,
    "find": _unwrap_find,
    "flock": _unwrap_flock,
    "parallel": _unwrap_parallel,
    "runuser": _unwrap_su,
    "ssh": _unwrap_ssh,
    "su": _unwrap_su,
    "trap": _unwrap_trap,
    "watch": _unwrap_watch,
    "xargs": _unwrap_xargs,
}
