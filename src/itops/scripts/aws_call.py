"""One call of the AWS CLI: its words apart as the AWS CLI would take them, and what is wrong with them."""

import difflib
import functools
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from itops.scripts.aws_table import Arity, Operation, Service, service, service_names

GLOBALS: Final[dict[str, Arity]] = {
    "ca-bundle": "one",
    "cli-auto-prompt": "none",
    "cli-binary-format": "one",
    "cli-connect-timeout": "one",
    "cli-error-format": "one",
    "cli-read-timeout": "one",
    "color": "one",
    "debug": "none",
    "endpoint-url": "one",
    "no-cli-auto-prompt": "none",
    "no-cli-pager": "none",
    "no-paginate": "none",
    "no-sign-request": "none",
    "no-verify-ssl": "none",
    "output": "one",
    "profile": "one",
    "query": "one",
    "region": "one",
    "v2-debug": "none",
    "version": "none",
}
_DOCUMENTS: Final = ("cli-input-json", "cli-input-yaml")
_REPEATED: Final = frozenset({"include", "exclude"})
_AT_RUN_TIME: Final = "\0"  # stands for a word that only run time knows, which no other word can be


@dataclass
class AwsCall:
    """A call read: ``options`` are the AWS CLI's own, ``parameters`` the operation's, each with its values.

    ``problems``: why the reading is not to be relied on. ``impossible``: why the AWS CLI would refuse the call.
    """

    service: Service | None = None
    operation: Operation | None = None
    options: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, list[str]] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    helps: bool = False

    @property
    def name(self) -> str:
        """Service and operation."""
        return " ".join(part.name for part in (self.service, self.operation) if part and part.name)


def read_call(argv: tuple[str, ...], *, dynamic: bool = False) -> AwsCall:
    """The call that these words make; the first is the AWS CLI itself.

    ``dynamic``: words with ``$`` or a backtick stand for what only run time knows.
    """
    call = AwsCall()
    words = tuple(_AT_RUN_TIME if dynamic and ("$" in word or "`" in word) else word for word in argv[1:])
    if dynamic:
        call.problems.append("it gets a word that is only known at run time")
    rest = _without_globals(words, call)
    rest = _find_operation(rest, call)
    if call.operation is None:
        return call
    _read_parameters(rest, call.operation, call)
    if not call.helps and not call.problems and not call.impossible:
        _check_complete(call.operation, call)
    return call


def _without_globals(words: tuple[str, ...], call: AwsCall) -> list[str]:
    """The words without the AWS CLI's own options, which may stand anywhere."""
    rest: list[str] = []
    index = 0
    while index < len(words):
        name, equals, value = _split(words[index])
        index += 1
        if name not in GLOBALS:
            rest.append(words[index - 1])
            continue
        if GLOBALS[name] == "one" and not equals:
            if index >= len(words) or _is_option(words[index]):
                call.impossible.append(f"the option --{name} lacks its value")
                continue
            value = words[index]
            index += 1
        if name in call.options:
            call.problems.append(f"the option --{name} stands in it twice")
        call.options[name] = value
    return rest


def _find_operation(rest: list[str], call: AwsCall) -> list[str]:
    """Note the service and the operation; what is left are the operation's words."""
    early = next((word for word in rest[:2] if word.startswith("-")), "")
    if early and _abbreviated(early, GLOBALS):
        call.problems.append(f"the option {early} is shortened; write --{_abbreviated(early, GLOBALS)}")
        return []
    if not rest or rest[0] == "help" or rest[0] == _AT_RUN_TIME:
        _note_no_service(rest, call)
        return []
    call.service = service(rest[0])
    call.helps = _asks_for_help(rest)
    if call.service is None and call.helps:
        return []
    if call.service is None:
        call.impossible.append(_unknown("service", rest[0], "", service_names()))
        return []
    for length in (2, 1, 0):
        name = " ".join(rest[1 : length + 1])
        call.operation = call.service.operation(name) if len(rest) > length else None
        if call.operation:
            return rest[length + 1 :]
    _note_no_operation(rest[1:], call, call.service)
    return []


def _asks_for_help(rest: list[str]) -> bool:
    """Whether it only shows help; of what is not known, it only says so."""
    return rest[-1] == "help" and 2 <= len(rest) <= 4 and not any(word.startswith("-") for word in rest)  # noqa: PLR2004 - service, group, operation and help


def _note_no_service(rest: list[str], call: AwsCall) -> None:
    call.helps = rest[:1] == ["help"] or "version" in call.options
    if not rest and not call.helps:
        call.impossible.append("it names no service")
    elif not call.helps:
        call.problems.append("which service it calls is only known at run time")


def _note_no_operation(rest: list[str], call: AwsCall, asked: Service) -> None:
    if call.helps:
        return
    if not rest or rest[0].startswith("-"):
        call.impossible.append(f"it names no operation of {asked.name}")
    elif _AT_RUN_TIME in rest[:2]:
        call.problems.append("which operation it calls is only known at run time")
    else:
        groups = {name.partition(" ")[0] for name in asked.lines if " " in name}
        wanted = " ".join(rest[: 2 if rest[0] in groups else 1])
        call.impossible.append(_unknown("operation", wanted, f" of {asked.name}", asked.lines))


def _read_parameters(rest: list[str], operation: Operation, call: AwsCall) -> None:
    index = 0
    while index < len(rest):
        word = rest[index]
        index += 1
        if not _is_option(word):
            call.places.append(word)
            continue
        name, equals, value = _split(word)
        arity = _arity(name, word, operation, call)
        if arity is None:
            continue
        values = [value] if equals else []
        if name in call.parameters and arity != "none" and name not in _REPEATED:
            call.problems.append(f"the parameter --{name} stands in it twice")
        while index < len(rest) and not _is_option(rest[index]) and _takes_more(arity, values):
            values.append(rest[index])
            index += 1
        if arity == "one" and not values:
            call.impossible.append(f"the parameter --{name} lacks its value")
        call.parameters[name] = call.parameters.get(name, []) + values


def _arity(name: str, word: str, operation: Operation, call: AwsCall) -> Arity | None:
    """How many values the parameter takes; None, and noted, where it is none."""
    if name in operation.parameters:
        return operation.parameters[name].arity
    if name in _DOCUMENTS and _DOCUMENTS[0] in operation.parameters:
        return "one"
    full = _abbreviated(word, [*operation.parameters, *GLOBALS])
    if full:
        call.problems.append(f"the parameter {word} is shortened; write --{full}")
        return operation.parameters[full].arity if full in operation.parameters else GLOBALS[full]
    if word == "--":
        call.problems.append("it holds --")
    else:
        known = [f"--{one}" for one in (*operation.parameters, *GLOBALS)]
        call.impossible.append(_unknown("parameter", word.partition("=")[0], f" of {call.name}", known))
    return None


def _takes_more(arity: Arity, values: list[str]) -> bool:
    return arity == "any" or (arity in {"one", "maybe"} and not values)


def _check_complete(operation: Operation, call: AwsCall) -> None:
    least, most = operation.places
    if not least <= len(call.places) <= most:
        wanted = f"{least}" if least == most else f"{least} to {most}"
        call.impossible.append(f"{call.name} takes {wanted} words without an option, and gets {len(call.places)}")
    given = {*call.parameters}
    if not given & {*_DOCUMENTS, "generate-cli-skeleton"}:
        missing = [name for name, one in operation.parameters.items() if one.required and name not in given]
        call.impossible += [f"{call.name} needs the parameter --{name}" for name in missing]


def _split(word: str) -> tuple[str, str, str]:
    """A word's option name, whether a value is joined to it, and that value; no name where it is no option."""
    if not word.startswith("--"):
        return "", "", ""
    name, equals, value = word[2:].partition("=")
    return name, equals, value


def _is_option(word: str) -> bool:
    """Whether the AWS CLI takes the word for an option, and so for no value; numbers and sentences are none."""
    return len(word) > 1 and word.startswith("-") and " " not in word and not _is_number(word)


def _is_number(word: str) -> bool:
    return word[1:].replace(".", "", 1).isdigit()


def _abbreviated(word: str, names: Iterable[str]) -> str:
    """The one that the word begins; the AWS CLI takes that for it."""
    name = _split(word)[0]
    return next((one for one in names if name and one.startswith(name)), "")


def _unknown(kind: str, word: str, where: str, known: Iterable[str]) -> str:
    nearest = _nearest(word, tuple(known))
    hint = f"; the nearest is `{nearest}`" if nearest else ""
    return f"there is no {kind} `{word}`{where}{hint}"


@functools.lru_cache(maxsize=256)
def _nearest(word: str, known: tuple[str, ...]) -> str:
    """The known word that is most like another; empty where none is."""
    return next(iter(difflib.get_close_matches(word, known, n=1, cutoff=0.5)), "")
