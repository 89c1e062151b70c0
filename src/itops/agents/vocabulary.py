"""The words by which requests are read without a model: verbs in all their forms, stop words, units."""

import re
from functools import cache
from importlib.resources import files
from typing import Final, Literal

from pydantic import TypeAdapter

from itops.domain.noun import Noun

VerbForm = Literal["base", "third", "gerund", ""]
VerbKind = Literal["look", "tell", "change", ""]

_FORMS: Final[tuple[VerbForm, ...]] = ("base", "third", "gerund")


class Vocabulary(Noun):
    """The lists of ``vocabulary.yaml``."""

    looks: frozenset[str]
    tells: frozenset[str]
    changes: frozenset[str]
    makes: frozenset[str]
    opposites: dict[str, tuple[str, ...]]
    nouns_too: frozenset[str]
    joined: dict[str, str]
    words_too: frozenset[str]
    stop: frozenset[str]
    kinds: frozenset[str]
    roles: frozenset[str]
    services: frozenset[str]
    cues: dict[str, tuple[str, ...]]
    numbers: dict[str, int]
    times: dict[str, int]
    sizes: dict[str, int]


@cache
def vocabulary() -> Vocabulary:
    """The words, read once."""
    import yaml

    text = files("itops.agents").joinpath("vocabulary.yaml").read_text(encoding="utf-8")
    lists = TypeAdapter(dict[str, str | dict[str, int] | dict[str, list[str]] | dict[str, str]]).validate_python(
        yaml.safe_load(text)
    )
    return Vocabulary.model_validate(
        {name: words.split() if isinstance(words, str) else words for name, words in lists.items()}
    )


def verb_form(word: str) -> VerbForm:
    """Which form of an action verb a word is; empty where it is none."""
    for form in _FORMS:
        if word.lower() in _forms()[form]:
            return form
    return ""


def verb_base(word: str) -> str:
    """The base form of an action verb; empty where the word is none."""
    return next((bases[word.lower()] for bases in _forms().values() if word.lower() in bases), "")


def verb_kind(word: str) -> VerbKind:
    """Whether a verb looks at things, tells people, or changes things; empty where it is no action verb."""
    base, words = verb_base(word), vocabulary()
    if base in words.looks:
        return "look"
    if base in words.tells:
        return "tell"
    return "change" if base else ""


@cache
def _forms() -> dict[str, dict[str, str]]:
    words = vocabulary()
    bases = sorted(words.looks | words.tells | words.changes)
    return {
        "base": {base: base for base in bases},
        "third": {_third(base): base for base in bases},
        "gerund": {form: base for base in bases for form in _gerunds(base)},
    }


def _third(base: str) -> str:
    """The form that stands after "it": "applies", "searches", "deletes"."""
    if base.endswith(("s", "sh", "ch", "x", "z")):
        return base + "es"
    return base[:-1] + "ies" if re.search(r"[^aeiou]y$", base) else base + "s"


def _gerunds(base: str) -> tuple[str, ...]:
    """The "ing" forms: "deleting", "stopping"; both where spelling varies."""
    stem = base[:-1] if re.search(r"[^e]e$", base) else base
    doubled = (base + base[-1] + "ing",) if re.search(r"[^aeiou][aeiou][bdgmnprt]$", base) else ()
    return (stem + "ing", *doubled)
