"""Which sections of a document are procedures: each with its steps, its verification and its way back."""

import re
from dataclasses import dataclass, field, replace
from typing import Final, cast

from itops.domain.instruction import BlockKind
from itops.instructions.importers.command import language_of
from itops.instructions.importers.outline import Fence, Section
from itops.instructions.runbooks.runbook_body import KINDS

SHORT: Final = 4000
CONTEXT: Final = 600

_ROLES: Final[tuple[tuple[BlockKind, re.Pattern[str], re.Pattern[str]], ...]] = (
    (
        "verify",
        re.compile(
            r"(?:how to )?(?:verif(?:y|ying|ication)|checks?|checking|validat(?:e|ing|ion)|confirm(?:ation)?|testing"
            r"|post-?checks?)(?: (?:steps|that it worked|it|the result|success))?",
            re.IGNORECASE,
        ),
        re.compile(r"(?:verify|validate|confirm|check)\b.*", re.IGNORECASE),
    ),
    (
        "rollback",
        re.compile(
            r"(?:how to )?(?:roll[ -]?back|undo|revert(?:ing)?|back[ -]?out)(?: (?:plan|procedure|steps|it))?",
            re.IGNORECASE,
        ),
        re.compile(r"(?:roll[ -]?back|undo|revert|back[ -]?out)\b.*", re.IGNORECASE),
    ),
)
GENERIC: Final = re.compile(
    r"(?:steps?|procedure|instructions?|commands?|resolution|fix|solution|remediation|actions?|execution|mitigation"
    r"|how to|usage|runbook|tasks?)( steps?)?",
    re.IGNORECASE,
)
_STEP: Final = re.compile(r"step\s+(\d{1,3})\b.*", re.IGNORECASE)


@dataclass
class Procedure:
    """A part of a document that becomes one instruction.

    ``ranges`` are its lines, ``context`` those of introductions above it; ``fences`` are those that may run.
    """

    path: tuple[str, ...]
    ranges: list[tuple[int, int]]
    context: tuple[tuple[int, int], ...] = ()
    fences: dict[BlockKind, list[Fence]] = field(default_factory=dict)
    others: list[Fence] = field(default_factory=list)

    @property
    def runs(self) -> bool:
        """Whether anything in it may run."""
        return bool(self.fences.get("run"))


def procedures(root: Section, lines: list[str]) -> list[Procedure]:
    """The document's parts in their order; one where it describes one procedure, or is short and describes none."""
    return [one for one in _Planner(lines).plan(root, ()) if one.fences or one.others or _has_text(one.ranges, lines)]


class _Planner:
    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def plan(self, section: Section, context: tuple[tuple[int, int], ...]) -> list[Procedure]:
        number = _count(section)
        is_short = sum(len(line) + 1 for line in self._lines[section.body : section.last]) <= SHORT
        is_one = number == 1 and (is_short or _named(section) is section)
        if is_one or (not number and (is_short or not section.children)):
            return [_whole(section, context)]
        found = []
        own = _part(section, context)
        if own.runs or not number or self._size(own.ranges) > CONTEXT:
            found.append(own)
        elif _has_text(own.ranges, self._lines):
            context = (*context, *own.ranges)
        return [*found, *self._below(section, own, context)]

    def _below(self, section: Section, own: Procedure, context: tuple[tuple[int, int], ...]) -> list[Procedure]:
        """The parts below a section; a verification or a way back goes to the one procedure before it."""
        found: list[Procedure] = []
        before = own if own.runs else None
        for child in section.children:
            role = _role(child, section)
            if role and before:
                _attach(before, child, role)
                continue
            planned = self.plan(child, context)
            running = [one for one in planned if one.runs]
            if running:
                before = running[0] if len(running) == 1 else None
            found.extend(planned)
        return found

    def _size(self, ranges: list[tuple[int, int]]) -> int:
        return sum(len("\n".join(self._lines[start:end]).strip()) for start, end in ranges)


def _has_text(ranges: list[tuple[int, int]], lines: list[str]) -> bool:
    return any(line.strip() for start, end in ranges for line in lines[start:end])


def _commands(section: Section) -> bool:
    return any(language_of(fence.info) for fence in section.fences)


def _count(section: Section) -> int:
    """How many procedures a section and those below it describe; headings "Step 1", "Step 2" describe one."""
    own = int(_commands(section))
    below = [(child.title, _count(child)) for child in section.children if not _role(child, section)]
    number = sum(count for _, count in below)
    if not own and all(_STEP.fullmatch(title) for title, count in below if count):
        return min(1, number)
    return own + number


def _role(section: Section, parent: Section) -> BlockKind | None:
    """What a section is to the procedure before it, by its title; where there is none before it, nothing."""
    told = _commands(parent) or any(GENERIC.fullmatch(child.title) for child in parent.children)
    title = section.title.rstrip(" :.")
    for kind, exact, beginning in _ROLES:
        if exact.fullmatch(title) or (told and beginning.fullmatch(title)):
            return kind if _commands(parent) or _follows_commands(section, parent) else None
    return None


def _follows_commands(section: Section, parent: Section) -> bool:
    before = parent.children[: next(at for at, child in enumerate(parent.children) if child is section)]
    return any(_commands(one) for child in before for one in child.walk())


def _whole(section: Section, context: tuple[tuple[int, int], ...]) -> Procedure:
    made = Procedure(path=_named(section).path, ranges=[(section.body, section.last)], context=context)
    _gather(made, section, "run")
    return made


def _named(section: Section) -> Section:
    """The section whose heading says what is done: where the commands stand, unless that is a mere "Steps"."""
    if _commands(section):
        return section
    below = [child for child in section.children if not _role(child, section) and _count(child)]
    if len(below) != 1 or GENERIC.fullmatch(below[0].title) or _STEP.fullmatch(below[0].title):
        return section
    return _named(below[0])


def _part(section: Section, context: tuple[tuple[int, int], ...]) -> Procedure:
    made = Procedure(path=section.path, ranges=[(section.body, section.end)], context=context)
    _sort(made, section.fences, "run")
    return made


def _attach(procedure: Procedure, section: Section, role: BlockKind) -> None:
    procedure.ranges.append((section.start, section.last))
    _gather(procedure, section, role)


def _gather(procedure: Procedure, section: Section, role: BlockKind) -> None:
    _sort(procedure, section.fences, role)
    for child in section.children:
        step = _STEP.fullmatch(child.title)
        if step:
            child.fences = [replace(fence, step=fence.step or (0, int(step[1]))) for fence in child.fences]
        _gather(procedure, child, _role(child, section) or role)


def _sort(procedure: Procedure, fences: list[Fence], role: BlockKind) -> None:
    for fence in fences:
        if language_of(fence.info):
            procedure.fences.setdefault(_kind(fence) or role, []).append(fence)
        else:
            procedure.others.append(fence)


def _kind(fence: Fence) -> BlockKind | None:
    """The kind that a fence's own words name, as our own format writes it."""
    word = [*fence.info.split(), "", ""][1]
    return cast("BlockKind", word) if word in KINDS else None
