"""The parts of a request, each with the instruction that covers it and the values that the words bring."""

import re
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

from itops.agents.parameter_filler import Filled, fill, read_as
from itops.agents.plain_words import plain_words
from itops.agents.task_splitter import asks, readings, split
from itops.agents.vocabulary import verb_base, verb_form, vocabulary
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, Parameter, RankedInstruction
from itops.domain.outcome import Exchange
from itops.domain.plan import NearestInstruction, NoInstruction
from itops.errors import UsageError

Find = Callable[[str], Awaitable[list[RankedInstruction]]]

# How much better the whole request must find one instruction than its parts find theirs, to stay whole.
_WHOLE_IS_BETTER: Final = 0.1
_NEAREST: Final = 3
_PARTS_LIMIT: Final = 25
_COMMAND: Final = re.compile(r"(?<!\S)(?:-{1,2}\w|[~/])")
_CLAUSE_WORDS: Final = 4


@dataclass(frozen=True)
class Part:
    """Some words of a request and what was found for them, best first."""

    words: str
    found: tuple[RankedInstruction, ...]

    @property
    def best(self) -> RankedInstruction | None:
        """The instruction that covers the words, if one does."""
        return next((ranked for ranked in self.found[:1] if ranked.confident), None)

    @property
    def score(self) -> float:
        """How well the words are covered; 0 where they are not."""
        return self.best.score if self.best else 0.0

    @property
    def instruction_id(self) -> str:
        """The id of the instruction that covers the words, or empty."""
        return self.best.instruction.id if self.best else ""


@dataclass(frozen=True)
class FilledPart:
    """A part that an instruction covers, and what is known of its parameters."""

    words: str
    instruction: Instruction
    filled: Filled


async def cover(words: str, found: Iterable[RankedInstruction], find: Find, context: str = "") -> Part:
    """The words with what was found for them, ranked anew by how their values fit.

    An instruction that trusts the words only where they are put in general ("restart service" for "restart nginx") is
    as good as one that trusts them as they are.
    """
    plain = plain_words(words)
    if plain != words:
        words, found = plain, await find(plain)
    ranked: list[tuple[float, RankedInstruction]] = []
    for one in found:
        reading, best = read_as(one.instruction, words, context), one
        if not one.confident and reading.words != words:
            again = next(iter(await find(reading.words)), one)
            best = again if again.confident and again.instruction.id == one.instruction.id else one
        if _does_the_opposite(best.instruction, words):
            best = best.model_copy(update={"confident": False})
        ranked.append((best.score + reading.fit, best))
    ranked.sort(key=lambda pair: (not pair[1].confident, not _is_bare(words, pair[1]), -pair[0]))
    return Part(words, tuple(one for _, one in ranked))


def _does_the_opposite(instruction: Instruction, words: str) -> bool:
    """Whether the title's verb undoes what the request's verb does: closing a port is no answer to "open port 53"."""
    mine, its = (
        next(filter(None, map(verb_base, re.findall(r"[a-z]+", said.lower()))), "")
        for said in (words, instruction.title)
    )
    return its in vocabulary().opposites.get(mine, ())


def _is_bare(words: str, one: RankedInstruction) -> bool:
    """Whether the words are a verb alone, and the instruction does just that by its title: "restart" is no reboot."""
    return bool(verb_form(words.strip(" .!"))) and one.instruction.title.lower().startswith(words.lower().strip(" .!"))


async def find_parts(words: str, found: tuple[RankedInstruction, ...], find: Find) -> list[Part]:
    """The parts of a request, each covered where the request can be covered at all.

    A request is split only where each part finds an instruction of its own, and is not split where the whole finds one
    much better. What only tells something, and no instruction covers, is left out. Where the whole finds only what one
    of its parts finds, the other parts are not covered: they stay as parts without a best, so that nothing that was
    asked for is passed over in silence.

    Raises:
        UsageError: the request has more parts than one task may have.
    """
    whole = await cover(words, found, find)
    pieces = split(words)
    if len(pieces) < 2:  # noqa: PLR2004 - one piece is the whole
        return await _read_as_list(whole, find, words)
    if len(pieces) > _PARTS_LIMIT:
        raise UsageError(
            f"The request asks for {len(pieces)} things; at most {_PARTS_LIMIT} can be done in one task.",
            mend="Send it in several requests.",
        )
    parts = [
        part
        for piece in pieces
        for part in await _read_as_list(await cover(piece, await find(piece), find, words), find, words)
    ]
    asked = [part for part in parts if part.best or asks(part.words) or _COMMAND.search(part.words)] or parts
    does_more = whole.best and whole.instruction_id not in {part.instruction_id for part in asked}
    if all(part.best for part in asked):
        return [whole] if does_more and _is_better(whole, asked) else _without_repeats(asked, whole)
    return [whole] if does_more else asked


async def _read_as_list(whole: Part, find: Find, context: str) -> list[Part]:
    """The reading of a list of things whose items are best covered, or the whole."""
    best = [whole]
    for reading in sorted(readings(whole.words), key=lambda items: not _are_clauses(items, whole.words)):
        parts = [await cover(item, await find(item), find, context) for item in reading]
        if all(part.best for part in parts) and _are_different(parts) and not _is_better(whole, parts):
            if _are_clauses(reading, whole.words):
                return parts
            best = max(best, parts, key=lambda each: (len(each) > 1, _mean(each)))
    return best


def _are_clauses(items: tuple[str, ...], words: str) -> bool:
    """Whether the items stand in the request as they are, each long enough to ask for something by itself."""
    return all(item in words and len(item.split()) >= _CLAUSE_WORDS for item in items)


def _is_better(whole: Part, parts: list[Part]) -> bool:
    return whole.score > _mean(parts) + _WHOLE_IS_BETTER


def _mean(parts: list[Part]) -> float:
    return sum(part.score for part in parts) / len(parts)


def _are_different(parts: list[Part]) -> bool:
    """Whether no two parts ask for the same: another instruction, or the same with other values of its own words."""
    asked = [(part.instruction_id, tuple(sorted(_own_values(part).items()))) for part in parts]
    again = [part for part in parts if sum(part.instruction_id == other.instruction_id for other in parts) > 1]
    return len(set(asked)) == len(asked) and all(_own_values(part) for part in again)


def _own_values(part: Part) -> dict[str, str]:
    return fill(part.best.instruction, part.words).values if part.best else {}


def _without_repeats(parts: list[Part], whole: Part) -> list[Part]:
    """Parts that ask for the same as the one before are one; where that leaves one, it is the whole."""
    kept = parts[:1] + [part for before, part in pairwise(parts) if _are_different([before, part])]
    return kept if len(kept) > 1 else [replace(whole, found=kept[0].found)]


def fill_parts(words: str, parts: Iterable[Part], exchanges: tuple[Exchange, ...]) -> list[FilledPart]:
    """Each part with its values; a required value that it lacks is taken from its neighbours or the whole request."""
    own = [
        FilledPart(part.words, part.best.instruction, fill(part.best.instruction, part.words, {}, exchanges))
        for part in parts
        if part.best
    ]
    return [replace(part, filled=_with_shared(part, place, own, words, exchanges)) for place, part in enumerate(own)]


def _with_shared(
    part: FilledPart, place: int, parts: list[FilledPart], words: str, exchanges: tuple[Exchange, ...]
) -> Filled:
    """The nearest part before gives first, then those after, then the rest of the words.

    What is destroyed is never a path that was said of something else.
    """
    destroys = part.instruction.effect is Effect.DESTROY
    wanted = [one for one in part.filled.missing if not (destroys and one.type in ("path", "device"))]
    if not wanted:
        return part.filled
    values = dict(part.filled.values)
    for parameter in wanted:
        for giver in (*reversed(parts[:place]), *parts[place + 1 :]):
            given = _given(parameter, part.instruction, giver)
            if given is not None:
                values.setdefault(parameter.name, given)
    rest = fill(part.instruction, words, values, exchanges).values
    values |= {one.name: rest[one.name] for one in wanted if one.name in rest}
    return fill(part.instruction, part.words, values, exchanges)


def _given(parameter: Parameter, taker: Instruction, giver: FilledPart) -> str | None:
    """The neighbour's value of the same name; else of the same type, where each has one of that type alone."""
    values = giver.filled.values
    if parameter.name in values:
        return values[parameter.name]
    theirs = [one.name for one in giver.instruction.parameters if one.type == parameter.type]
    alone = len(theirs) == 1 and sum(one.type == parameter.type for one in taker.parameters) == 1
    return values.get(theirs[0]) if alone and parameter.type != "text" else None


def not_covered(parts: Iterable[Part]) -> NoInstruction | None:
    """The parts that no instruction covers, with the nearest; nothing where all are covered."""
    missed = [part for part in parts if not part.best]
    if not missed:
        return None
    return no_instruction("; ".join(part.words for part in missed), missed[0].found)


def no_instruction(words: str, found: tuple[RankedInstruction, ...]) -> NoInstruction:
    """That no instruction covers these words, and which are the nearest."""
    nearest = tuple(
        NearestInstruction(id=ranked.instruction.id, title=ranked.instruction.title, score=ranked.score)
        for ranked in found[:_NEAREST]
    )
    return NoInstruction(words=words, nearest=nearest)
