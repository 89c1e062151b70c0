"""What makes it doubtful that a request wants a change: a ban, an exception, a condition, a question, a multitude.

What words like these mean can't be weighed without a model, and a change that was not wanted is worse than a question.
"""

import re
from collections.abc import Sequence
from typing import Final

from itops.agents.parameter_filler import unexplained
from itops.agents.part_finder import FilledPart
from itops.agents.value_shapes import QUOTED
from itops.agents.vocabulary import verb_base, verb_form, verb_kind, vocabulary
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction
from itops.domain.outcome import Exchange
from itops.domain.plan import Question
from itops.errors import TaskCancelled

_LEADS: Final = frozenset(
    {"please", "pls", "kindly", "hey", "hi", "hello", "and", "but", "so", "just", "also", "then"}
) | {"you", "we", "i", "must", "should", "do", "now", "to"}
_BAN: Final = re.compile(
    r"\b(?P<order>(?:do|should|must|shall|may)\s+not|(?:don|shouldn|mustn)['\u2019]?t|never|no\s+need\s+to|avoid|refrain\s+from"
    r"|without|instead\s+of|rather\s+than)\s+(?:(?:ever|you|yet|need|have|try|to)\s+)*(?P<be>be\s+)?(?P<verb>[a-z]+)",
    re.IGNORECASE,
)
_ANYWHERE: Final = ("without", "instead", "rather", "should", "must", "shall", "may")
_EXCEPTION: Final = re.compile(
    r"\b(?:except|excluding|apart\s+from|other\s+than|aside\s+from|but\s+not|all\s+but|leave\s+out)\b", re.IGNORECASE
)
_CONDITION: Final = re.compile(r"\b(?:if|unless|in\s+case|whenever|as\s+soon\s+as)\b", re.IGNORECASE)
_QUESTION: Final = re.compile(
    r"\W*(?:(?:hi|hey|hello|and|so|but)\b\W*)*(?:how|what|what['\u2019]s|why|when|who|which|where|should|shall|is|are|was|were"
    r"|did|does|has|am|may|(?:do|have)\s+(?:i|we|you|they)|(?:can|could|must)\s+(?:i|we))\b",
    re.IGNORECASE,
)
_SHELL: Final = re.compile(r"(?:&&|\||\$\(|>>?\s|<\().*")
_TOLD: Final = re.compile(
    r"\b(?:was|were|been|got|had|i|we|he|she|they|somebody|someone)\s+(?P<verb>[a-z]+)ed\b", re.IGNORECASE
)
_PRONOUN: Final = re.compile(
    r"\b(it|them|him|her|this|that)\b(?=\W*$|\s+(?:off|on|up|down|again|now|please)\b)", re.IGNORECASE
)
_MULTITUDE: Final = re.compile(
    r"\b(?:all|everything|everyone|everybody|(?:every|each)(?!\s+(?:\w*day|morning|night|hour|week|month|minute|time)))\b",
    re.IGNORECASE,
)
_GO_ON: Final = re.compile(r"\W*(?:y|yes|ok|okay|sure|go|do)\b(?!\s*(?:not|n['\u2019]t))", re.IGNORECASE)
_ASKED: Final = "confirmation"


def without_banned(words: str, parts: list[FilledPart]) -> list[FilledPart]:
    """The parts but for those that the request forbids ("don't restart nginx").

    Raises:
        TaskCancelled: it forbids all.
    """
    kept = [part for part in parts if part.instruction.effect is Effect.READ or not _is_banned(part.words)]
    if parts and not kept:
        raise TaskCancelled(f"“{words}” says what not to do, so nothing was done.", world="Nothing ran.")
    return kept


def confirmation(words: str, parts: Sequence[FilledPart], exchanges: tuple[Exchange, ...]) -> Question | None:
    """The question whether the changes are wanted, where that is doubtful and not answered yet.

    Raises:
        TaskCancelled: the person does not want them.
    """
    changes = [part for part in parts if part.instruction.effect is not Effect.READ]
    reason = next(filter(None, (_doubt(words, part) for part in changes)), "")
    if not reason:
        return None
    answers = [said.answer for said in exchanges if said.question.parameter == _ASKED]
    if not answers:
        wanted = "; ".join(_said(part) for part in changes)
        return Question(text=f"{reason} I would do this: {wanted}. Do it now (yes or no)?", parameter=_ASKED)
    if not _GO_ON.match(answers[-1]):
        raise TaskCancelled(f"Not done, as you answered {answers[-1]!r}.", world="Nothing ran.")
    return None


def _doubt(words: str, part: FilledPart) -> str:
    """Why a change may not be what the words want; empty where nothing speaks against it."""
    return _of_request(words) or _of_part(part) or _of_values(part)


def _of_request(words: str) -> str:
    if ban := next((ban for ban in _BAN.finditer(words) if _forbids(words, ban)), None):
        return f"The request says what not to do (“{words[ban.start() :].strip()}”)."
    if exception := _EXCEPTION.search(words):
        return f"The request makes an exception (“{words[exception.start() :].strip()}”), which I can't make."
    if shell := _SHELL.search(QUOTED.sub("", words)):
        return f"The request holds shell syntax (“{shell[0].strip()}”), which I don't run."
    return ""


def _of_part(part: FilledPart) -> str:
    if _CONDITION.search(part.words):
        return f"I can't tell without a model whether the condition in “{part.words}” holds."
    if _QUESTION.match(part.words):
        return f"“{part.words}” reads as a question."
    return f"“{part.words}” reads as something that has happened." if _is_told(part) else ""


def _of_values(part: FilledPart) -> str:
    found = _MULTITUDE.search(part.words)
    if found and _takes_one(part.instruction):
        return f"“{part.words}” speaks of “{found[0]}”, and I can do it for one thing at a time."
    pronoun = _PRONOUN.search(part.words)
    if pronoun and not part.filled.values:
        return f"I don't know what “{pronoun[1]}” is in “{part.words}”."
    rest = unexplained(part.instruction, part.words)
    return f"I don't know what to do with “{', '.join(rest)}” in “{part.words}”." if rest else ""


def _is_told(part: FilledPart) -> bool:
    """Whether the words tell of a change that was made rather than ask for one: "nginx was restarted"."""
    told = _TOLD.search(part.words)
    verbs = (
        [verb for stem in (told["verb"], told["verb"] + "e", told["verb"][:-1]) if (verb := verb_base(stem))]
        if told
        else []
    )
    undone = vocabulary().opposites.get(verb_base(part.instruction.title.split()[0]), ())
    ordered = any(verb_form(word) == "base" and verb_kind(word) == "change" for word in re.findall(r"\w+", part.words))
    return bool(verbs) and not ordered and not set(verbs) & set(undone)


def _is_banned(words: str) -> bool:
    """Whether the words begin by forbidding what they speak of."""
    ban = _BAN.search(words)
    return bool(ban and _forbids(words, ban) and not set(re.findall(r"\w+", words[: ban.start()].lower())) - _LEADS)


def _forbids(words: str, ban: re.Match[str]) -> bool:
    """Whether an order forbids a change, rather than that words tell what some thing doesn't do."""
    if ban["be"]:
        return ban["order"].lower().endswith(("not", "t", "never"))
    before = re.split(r"[.,;:!?]", words[: ban.start()])[-1].lower().split()[-1:]
    is_order = not before or before[0] in _LEADS or ban["order"].lower().startswith(_ANYWHERE)
    return is_order and (verb_kind(ban["verb"]) == "change" or ban["verb"].lower() in ("touch", "do", "want"))


def _takes_one(instruction: Instruction) -> bool:
    """Whether it works on one thing that has to be named, and says nothing of many."""
    own = " ".join((instruction.title, *instruction.phrases))
    return any(one.default is None for one in instruction.parameters) and not _MULTITUDE.search(own)


def _said(part: FilledPart) -> str:
    values = ", ".join(f"{name} {value}" for name, value in part.filled.values.items())
    return part.instruction.title + (f" ({values})" if values else "")
