"""A request as the library would say it: verbs spelt right, and a well-known service called a service."""

import re
from functools import cache
from typing import Final

from itops.agents.vocabulary import verb_form, vocabulary

_SHORTEST: Final = 5
_TAIL: Final = r"(?:\s+(?:on|at|after|from)\s+[\w.-]+)?"
_ASIDE: Final = re.compile(r"(?:can|could|would|will)\s+(?:you|someone|somebody)\b", re.IGNORECASE)
_WORD: Final = re.compile(r"[A-Za-z]+")


def plain_words(words: str) -> str:
    """The same request, said so that instructions written in general are found for it."""
    return _with_kind(_spelt(words))


def _spelt(words: str) -> str:
    """The first words with their verb spelt right: "restrat nginx", "please unlok bob".

    Only a lost letter or two that changed places are mended: another letter, or one more, may make another word.
    """
    for found in list(_WORD.finditer(words))[:3]:
        word = found[0].lower()
        if verb_form(word):
            break
        if word in vocabulary().joined:
            return words[: found.start()] + vocabulary().joined[word] + words[found.end() :]
        if word in _misspelt():
            return words[: found.start()] + _misspelt()[word] + words[found.end() :]
    return words


@cache
def _misspelt() -> dict[str, str]:
    """Each misspelling that can only be one verb, with the verb."""
    known, found = vocabulary(), dict[str, set[str]]()
    for verb in sorted(known.looks | known.tells | known.changes):
        lost = (verb[:place] + verb[place + 1 :] for place in range(1, len(verb)))
        swapped = (
            verb[:place] + verb[place + 1] + verb[place] + verb[place + 2 :] for place in range(1, len(verb) - 1)
        )
        for spelling in (*lost, *swapped):
            found.setdefault(spelling, set()).add(verb)
    words = known.stop | known.kinds | known.words_too
    return {
        spelling: next(iter(verbs))
        for spelling, verbs in found.items()
        if len(verbs) == 1 and len(spelling) >= _SHORTEST and spelling not in words and not verb_form(spelling)
    }


def _with_kind(words: str) -> str:
    """The words with "restart docker" as "restart service docker", where nothing else is said that docker might be."""
    for kind in ("service", "package"):
        for found in _named(kind).finditer(words):
            around = _ASIDE.sub(" ", f"{words[: found.start()]} {words[found.end() :]}").lower()
            if set(re.findall(r"[\w'-]+", around)) <= vocabulary().stop:
                start = found.start("a") if found["a"] else found.start("b")
                return f"{words[:start]}{kind} {words[start:]}"
    return words


@cache
def _named(kind: str) -> re.Pattern[str]:
    """Every way to speak of a well-known service, or of its package, without calling it one."""
    known = vocabulary()
    names = "|".join(sorted(map(re.escape, known.services), key=len, reverse=True))
    cues = [cue.split("{}") for cue in known.cues[kind] if kind not in cue]
    before = "|".join(sorted((re.escape(lead.strip()) for lead, behind in cues if not behind), key=len, reverse=True))
    behind = "|".join(re.escape(rest.strip()) for lead, rest in cues if rest and lead) or "(?!)"
    unit = rf"(?:{names})(?:\.service)?"
    return re.compile(
        rf"\b(?:(?:{before})\s+(?:the\s+)?(?P<a>{unit})|is\s+(?:the\s+)?(?P<b>{unit})\s+(?:{behind}))(?![\w-]){_TAIL}",
        re.IGNORECASE,
    )
