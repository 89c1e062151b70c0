"""The words around places: what comes before, between and behind them, and nouns for them."""

import re
from dataclasses import dataclass
from typing import Final

ON: Final = frozenset({"on", "across", "against", "onto"})
IN: Final = frozenset({"in", "within", "inside"})
AND: Final = frozenset({",", "and", "&", "plus"})
EXCEPT: Final = frozenset({"except", "excluding", "excepting", "minus", "besides", "save"})
EXCEPT_PAIRS: Final = frozenset({"other than", "apart from", "but not", "aside from", "and not", "except for", ", not"})
NOT: Final = frozenset({"not", "never", "don't", "don\u2019t", "dont", "doesn't", "without", "no", "avoid"})
ARTICLES: Final = frozenset({"the", "my", "our", "these", "those", "of", "their"})
EVERY: Final = frozenset({"all", "every", "each", "both", "whole", "entire"})
VAGUE: Final = frozenset(
    [
        "some",
        "any",
        "few",
        "several",
        "most",
        "half",
        "many",
        "one",
        "another",
        "other",
        "others",
        "first",
        "last",
        "next",
        "random",
        "either",
        "a",
        "an",
    ]
)
NUMBERS: Final = {
    word: place
    for place, word in enumerate(
        ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 2
    )
}
HOSTS_MANY: Final = frozenset(
    ["servers", "hosts", "machines", "boxes", "vms", "computers", "nodes", "systems", "workstations", "targets", "ones"]
)
HOSTS_ONE: Final = frozenset(
    ["server", "host", "machine", "box", "vm", "computer", "node", "system", "workstation", "target"]
)
ACCOUNTS: Final = frozenset({"account", "accounts"})
CLUSTERS: Final = frozenset({"cluster", "clusters", "context", "contexts"})
SORTS: Final = frozenset({"group", "groups", "environment", "environments", "env", "fleet", "tier", "pool", "region"})
NOUNS: Final = HOSTS_MANY | HOSTS_ONE | ACCOUNTS | CLUSTERS | SORTS
MANY: Final = HOSTS_MANY | {"accounts", "clusters", "contexts", "groups", "environments"}
ONE: Final = HOSTS_ONE | {"account", "cluster", "context"}
# Nouns that mean a place to run even where the words before them are not known.
PLACES_MANY: Final = HOSTS_MANY - {"nodes", "systems", "targets", "ones"} | {"accounts"}
PLACES_ONE: Final = HOSTS_ONE - {"node", "system", "target"} | {"account"}
# "in qa" behind a place narrows it, also where the inventory has no such environment.
ENVIRONMENTS: Final = {
    "development": "dev",
    "develop": "dev",
    "stage": "staging",
    "stg": "staging",
    "production": "prod",
    "live": "prod",
    "testing": "test",
    "qa": "qa",
    "uat": "uat",
    "preprod": "preprod",
    "pre-production": "preprod",
    "sandbox": "sandbox",
    "dev": "dev",
    "staging": "staging",
    "prod": "prod",
    "test": "test",
}
# What follows would narrow the place by what only a look could tell.
CLAUSES: Final = frozenset(
    [
        "that",
        "which",
        "who",
        "whose",
        "with",
        "having",
        "running",
        "where",
        "older",
        "newer",
        "behind",
        "tagged",
        "labelled",
        "labeled",
        "named",
        "starting",
        "matching",
        "like",
        "from",
        "to",
        "through",
        "until",
    ]
)
RANGES: Final = frozenset({"to", "through", "until"})
KINDS_OF_PLACE: Final = SORTS | ACCOUNTS | CLUSTERS | {"datacenter", "datacentre", "zone", "rack", "site"}
# "depends on nginx", "turn on", "log on": what follows is no place to run.
NO_PLACE_AFTER: Final = ("depend", "rely", "relies", "based", "info", "focus", "turn", "logged")
# No part of a name that is not known: "on the server restart the web servers".
STOPS: Final = (
    ON
    | IN
    | AND
    | EXCEPT
    | NOT
    | CLAUSES
    | frozenset(
        [
            "is",
            "are",
            "was",
            "were",
            "be",
            "been",
            "has",
            "have",
            "had",
            "do",
            "does",
            "did",
            "it",
            "its",
            "this",
            "if",
            "when",
            "then",
            "for",
            "by",
            "or",
            "as",
            "than",
            "so",
        ]
    )
)
REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?-[a-z]{4,9}-\d")
_WORD: Final = re.compile(r"[,;!?()]|[^\s,;!?()]+")
_AROUND: Final = "\"'`\u201c\u201d\u2018\u2019"


@dataclass(frozen=True)
class Token:
    """A word, in lower case and without the marks around it; ``ends``: a sentence ends behind it."""

    text: str
    start: int
    end: int
    ends: bool = False


def tokens_of(words: str) -> list[Token]:
    """The words one by one; commas and such are words of their own."""
    found = []
    for match in _WORD.finditer(words):
        raw = match[0]
        bare = raw.strip(_AROUND).rstrip(".:").strip(_AROUND)
        bare = bare.removesuffix("'s").removesuffix("\u2019s")
        ends = raw in {";", "!", "?", "(", ")"} or raw.rstrip(_AROUND).endswith((".", ":"))
        found.append(Token(bare.lower() or raw, match.start(), match.end(), ends))
    return found


def keys_of(words: str) -> tuple[str, ...]:
    """What a name is found by, in whatever way it is written: ``web-servers``, ``webserver`` and ``web`` are one."""
    whole = re.sub(r"[\s_-]", "", words.lower())
    keys = [whole]
    for noun in ("servers", "server", "hosts", "host", "nodes", "node", "machines", "machine", "boxes", "s"):
        if whole.endswith(noun) and len(whole) > len(noun) + 1:
            keys.append(whole.removesuffix(noun))
            break
    return tuple(keys)
