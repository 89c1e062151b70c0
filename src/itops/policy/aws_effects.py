"""What calls of the AWS CLI do: by the table of operations, and by entries that know better, with their reasons."""

import re
from collections.abc import Callable, Iterable
from fnmatch import fnmatchcase
from typing import Final

from pydantic import Field

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.script import Command
from itops.policy.aws_query import leaves_out
from itops.policy.conditions import Pattern, matches
from itops.policy.example import command_of
from itops.policy.judged import Judged, heaviest_of
from itops.scripts.aws_call import AwsCall, read_call

PROGRAM: Final = "aws"
_BY_LETTER: Final = {
    "r": (Effect.READ, "it only reads"),
    "s": (Effect.UNKNOWN, "its answer holds a secret"),
    "c": (Effect.CHANGE, "it changes something at AWS"),
    "d": (Effect.DESTROY, "it deletes something at AWS"),
    "p": (Effect.CHANGE, "it changes who may do what"),
    "u": (Effect.UNKNOWN, "whether it only reads is not known"),
}
_OPTIONS: Final = {
    "ca-bundle": "it trusts other certificates than the system's",
    "cli-auto-prompt": "it asks for words while it runs",
    "debug": "it prints what the request is signed with",
    "endpoint-url": "it sends the request, signed, to a place that is not AWS",
    "no-verify-ssl": "it trusts whoever answers",
}
_DOCUMENTS: Final = ("cli-input-json", "cli-input-yaml")
_FILE: Final = re.compile(r"fileb?://(.*)", re.DOTALL)
_ADDRESSES: Final = ("http://", "https://")
# Operations that answer with more than a secret, so that a query may leave the secret out.
_ABOUT_MORE: Final = ("describe-", "list-", "batch-get-", "get-")
# Parameters that name what is kept at AWS; a name like that of a secret file makes its contents a secret.
_NAMING: Final = frozenset({"file-path", "key"})
_SHOWING: Final = ("get-file", "get-object", "select-object-content")
# Queues are reached by an address, which is not to be somebody else's.
_QUEUE: Final = re.compile(r"https://(?:sqs\.[\w-]+|[\w-]+\.queue|queue)\.(?:amazonaws\.com(?:\.cn)?|api\.aws)/.*")
_NOWHERE: Final = frozenset({"/dev/null", "/dev/stdout"})


class AwsConditions(Noun):
    """What a call's words must be; every field given must hold. Names are without dashes, patterns match in full."""

    parameters_any: tuple[str, ...] = ()
    parameters_none: tuple[str, ...] = ()
    values: dict[str, Pattern] = Field(default_factory=dict)
    places: tuple[Pattern, ...] = ()

    def hold(self, call: AwsCall) -> bool:
        """Whether they hold for the call."""
        given = call.parameters
        return (
            (not self.parameters_any or any(name in given for name in self.parameters_any))
            and not any(name in given for name in self.parameters_none)
            and all(any(matches(form, one) for one in given.get(name, [])) for name, form in self.values.items())
            and len(self.places) <= len(call.places)
            and all(map(matches, self.places, call.places))
        )


_ALWAYS: Final = AwsConditions()


class AwsEntry(Noun):
    """What some operations do, in place of what the table says of them. ``operation`` may be a pattern."""

    operation: tuple[str, ...] = Field(min_length=1)
    effect: Effect
    why: str
    when: AwsConditions = _ALWAYS
    match: tuple[str, ...] = Field(min_length=1)
    not_match: tuple[str, ...] = ()

    def wrong_examples(self) -> list[str]:
        """Examples that are judged the other way; not looked for at each start, as it takes many services' tables."""
        examples = [*((text, True) for text in self.match), *((text, False) for text in self.not_match)]
        return [text for text, wanted in examples if self.speaks_of(read_call(command_of(text).argv)) is not wanted]

    def speaks_of(self, call: AwsCall) -> bool:
        """Whether the call is what the entry is about."""
        return any(fnmatchcase(call.name, name) for name in self.operation) and self.when.hold(call)


class AwsEffects:
    """Judges calls of the AWS CLI."""

    def __init__(self, entries: Iterable[AwsEntry] = (), worldwide: Iterable[str] = ()) -> None:
        self.entries = tuple(entries)
        self._worldwide = tuple(worldwide)
        self._weighed = {name for entry in self.entries for name in entry.when.values}

    def judge(self, command: Command, is_secret: Callable[[str], bool]) -> Judged:
        """The heaviest that the table, the entries and the words themselves say; ``is_secret`` tells files apart."""
        call = read_call(command.argv, dynamic=command.dynamic)
        if call.helps and not call.problems:
            return Judged(effect=Effect.READ, why="it shows help")
        return heaviest_of([self._of_operation(call), *self._of_words(call, is_secret)])

    def names_no_region(self, command: Command) -> bool:
        """Whether it changes something in a region that it does not name."""
        if command.program != PROGRAM:
            return False
        call = read_call(command.argv, dynamic=command.dynamic)
        if call.service is None or call.operation is None or "region" in call.options or call.helps:
            return False
        if call.service.worldwide or any(fnmatchcase(call.name, name) for name in self._worldwide):
            return False
        effect = self._of_operation(call).effect
        return effect in {Effect.CHANGE, Effect.DESTROY} or (
            effect is Effect.UNKNOWN and call.operation.effect in {"c", "d", "p"}
        )

    def _of_operation(self, call: AwsCall) -> Judged:
        if call.operation is None:
            return Judged(effect=Effect.UNKNOWN, why="which operation it calls is not known")
        spoken = [entry for entry in self.entries if entry.speaks_of(call)]
        if spoken:
            return heaviest_of([Judged(effect=entry.effect, why=entry.why) for entry in spoken])
        effect, why = _BY_LETTER[call.operation.effect]
        about_more = call.operation.name.startswith(_ABOUT_MORE)
        if about_more and call.operation.secret and leaves_out(call.options.get("query", ""), call.operation.secret):
            return Judged(effect=Effect.READ, why="it only reads, and its query leaves the secret out")
        return Judged(effect=effect, why=why)

    def _of_words(self, call: AwsCall, is_secret: Callable[[str], bool]) -> list[Judged]:
        """What makes the call another than its operation alone says."""
        doubts = [*call.problems, *call.impossible]
        doubts += [why for name, why in _OPTIONS.items() if name in call.options]
        doubts += [f"what --{name} holds is not read" for name in _DOCUMENTS if name in call.parameters]
        values = [(name, value) for name, given in call.parameters.items() for value in given]
        values += [*call.options.items(), *(("", place) for place in call.places)]
        doubts += [why for name, value in values if (why := self._of_value(name, value, is_secret))]
        if call.operation and call.operation.name.startswith(_SHOWING):
            doubts += [
                f"it shows {one}, which may hold a secret" for name, one in values if name in _NAMING and is_secret(one)
            ]
        found = [Judged(effect=Effect.UNKNOWN, why=why) for why in doubts]
        if call.operation and call.operation.outfile and call.places and call.places[-1] not in _NOWHERE:
            found.append(Judged(effect=Effect.CHANGE, why=f"it writes the file {call.places[-1]}"))
        return found

    def _of_value(self, name: str, value: str, is_secret: Callable[[str], bool]) -> str:
        """Why a value is not what it seems: the AWS CLI takes what a file or an address holds for it."""
        file = _FILE.search(value)
        if file and (file.start() or name in self._weighed or is_secret(file[1])):
            return f"it sends what the file {file[1]} holds"
        if name == "queue-url" and value.startswith(_ADDRESSES) and not _QUEUE.fullmatch(value):
            return "it is sent to a queue that is not at AWS"
        if value.startswith(_ADDRESSES) and not name.endswith(("url", "uri")):
            return "the AWS CLI may fetch the value from an address"
        return ""
