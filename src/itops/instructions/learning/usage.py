"""How instructions were used, as events tell it: a pure fold, in any order of kinds but each kind in its order."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import singledispatchmethod
from typing import Final

from itops.domain.event import (
    ApprovalRequested,
    NoInstructionFound,
    Record,
    RunFinished,
    ScriptProposed,
    TaskEnded,
    TaskEvent,
)
from itops.domain.instruction import InstructionRef
from itops.domain.noun import Noun
from itops.domain.result import Result, ResultState
from itops.domain.task import TaskState
from itops.instructions.search.keyword_index import stems

KINDS: Final = ("script.proposed", "approval.requested", "run.finished", "instructions.missing", "task.ended")
"""The kinds of events that tell it; the scripts must come before what became of them."""

_WORD: Final = re.compile(r"(?<![\w./@-])[^\W\d_]{2,}(?![\w/@]|[.-]\w)")
_PLACEHOLDER: Final = re.compile(r"\[REDACTED:[^\]]*\]")
_FAILED: Final = (ResultState.FAILED, ResultState.TIMED_OUT)


@dataclass(frozen=True)
class Uses:
    """How one instruction version was used. A use that was stopped, or never reached its target, says neither way.

    ``asked`` counts uses that a person was asked to approve; ``seconds`` is the sum over all of them, of the slowest
    target each.
    """

    uses: int = 0
    succeeded: int = 0
    failed: int = 0
    asked: int = 0
    seconds: float = 0.0
    last_used: datetime | None = None

    def __add__(self, other: "Uses") -> "Uses":
        both = [at for at in (self.last_used, other.last_used) if at]
        return Uses(
            uses=self.uses + other.uses,
            succeeded=self.succeeded + other.succeeded,
            failed=self.failed + other.failed,
            asked=self.asked + other.asked,
            seconds=self.seconds + other.seconds,
            last_used=max(both, default=None),
        )


class MissingWord(Noun):
    """A word of requests that no instruction covers: in how many tasks it stood, and one of them."""

    word: str
    tasks: int
    example: str


@dataclass
class _Use:
    """One run of an instruction's script, with the checks that followed it."""

    ref: InstructionRef
    asked: bool = False
    last: datetime | None = None
    results: list[Result] = field(default_factory=list)
    checks: list[Result] = field(default_factory=list)

    def counted(self) -> Uses:
        states = [result.state for result in self.results]
        went_well = all(state is ResultState.SUCCEEDED for state in states)
        went_wrong = any(result.state in _FAILED for result in (*self.results, *self.checks))
        return Uses(
            uses=1,
            succeeded=int(went_well and not went_wrong),
            failed=int(went_wrong),
            asked=int(self.asked),
            seconds=max(result.seconds for result in self.results),
            last_used=self.last,
        )


class Usage:
    """Takes events in; what they tell can be asked at any time."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        self._redact = redact
        self._uses: dict[str, _Use] = {}
        self._checks: dict[str, _Use] = {}
        self._latest: dict[tuple[str, int, InstructionRef], _Use] = {}
        self._missing: dict[str, str] = {}
        self.tasks = 0
        self.without_instruction = 0

    def take(self, record: Record) -> None:
        """Take one more event in."""
        self._take(record.event, record.at)

    def by_version(self) -> dict[InstructionRef, Uses]:
        """The uses of every version that was used."""
        found: dict[InstructionRef, Uses] = {}
        for use in self._uses.values():
            if use.results:
                found[use.ref] = found.get(use.ref, Uses()) + use.counted()
        return found

    def missing_words(self, top: int) -> list[MissingWord]:
        """The words that most tasks without an instruction share; values and words without meaning are left out."""
        counts: dict[str, int] = {}
        first: dict[str, tuple[str, str]] = {}
        for words in self._missing.values():
            forms = {stem: word for word in _WORD.findall(words.lower()) for stem in stems(word)}
            for stem, word in forms.items():
                counts[stem] = counts.get(stem, 0) + 1
                first.setdefault(stem, (word, words))
        best = sorted(counts, key=lambda stem: (-counts[stem], first[stem][0]))[:top]
        return [MissingWord(word=first[stem][0], tasks=counts[stem], example=first[stem][1]) for stem in best]

    @singledispatchmethod
    def _take(self, event: TaskEvent, at: datetime) -> None:
        """Events that say nothing of a use are passed over."""

    @_take.register
    def _(self, event: ScriptProposed, at: datetime) -> None:
        del at
        ref = event.script.instruction
        if ref is None:
            return
        key = (event.task, event.subtask, ref)
        if event.script.block == "run":
            self._uses[event.action] = self._latest[key] = _Use(ref)
        elif event.script.block == "verify" and key in self._latest:
            self._checks[event.action] = self._latest[key]

    @_take.register
    def _(self, event: ApprovalRequested, at: datetime) -> None:
        del at
        if event.approval.action in self._uses:
            self._uses[event.approval.action].asked = True

    @_take.register
    def _(self, event: RunFinished, at: datetime) -> None:
        if event.action in self._uses:
            self._uses[event.action].results.append(event.result)
            self._uses[event.action].last = at
        elif event.action in self._checks:
            self._checks[event.action].checks.append(event.result)

    @_take.register
    def _(self, event: NoInstructionFound, at: datetime) -> None:
        del at
        self._missing[event.task] = _PLACEHOLDER.sub("", self._redact(event.missing.words)).strip()

    @_take.register
    def _(self, event: TaskEnded, at: datetime) -> None:
        del at
        self.tasks += 1
        self.without_instruction += event.state is TaskState.NO_INSTRUCTION
