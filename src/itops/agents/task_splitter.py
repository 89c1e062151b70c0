"""A request into the parts it asks for, by its joints and its verbs alone; no model.

Rules, in the order in which they are applied:

- Quoted text is one word.
- Lines, list items, sentences and semicolons are joints.
- What leads in ("please", "this runbook can be used to") is dropped.
- "then" and "after that" are joints whatever follows; "and", a comma and their like are where an action verb of the
  same form follows.
- Background is dropped: statements, conditions that stand alone, reasons ("so that", "in order to").
- Of "lower costs by removing trails" the means is the part: "remove trails".
- "stop and disable nginx": a bare verb takes its neighbour's object. "find volumes, delete them": so does a pronoun.
- A part that says again what an earlier one said is dropped: for a request, only where it says exactly that.
"""

import re
from collections.abc import Iterable
from typing import Final

from itops.agents.vocabulary import verb_base, verb_form, verb_kind, vocabulary

_QUOTED: Final = re.compile(r"`[^`]+`|\"[^\"]+\"|“[^”]+”|(?<![\w/])'[^']+'(?!\w)")
_HIDDEN: Final = re.compile("\ue000(\\d+)\ue001")
_BULLET: Final = re.compile(r"^\s*(?:[-*•]|\(?\d{1,2}[.)])\s+")
_INLINE_NUMBER: Final = re.compile(r"(?:^|\s)\(?\d{1,2}[.)]\s+(?=[A-Za-z])")
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[\"'(A-Z0-9\ue000])|(?<=[a-z])\.(?=[A-Z][a-z]+\s)|\s*;\s*")
_THING: Final = r"(?:x?run ?book|run|workflow|script|procedure|document|playbook|automation|task|job|instruction)s?"
_LEAD: Final = re.compile(
    rf"""(?:
        (?:this|the|these|our|an?)\s+(?:[\w-]+\s+)?{_THING}\b(?!\s*:)
      | (?:it|this|which|that)\b(?=\s+(?:also|then|will|can|[a-z]+s)\b)
      | (?:can|could|would|will)\s+you\b
      | (?:i|we)\s+(?:need|want|would\s+like|have|wish)(?:\s+you)?(?:\s+to)?\b | i'd\s+like(?:\s+you)?(?:\s+to)?\b
      | (?:can|may|will|should|must|could)\s+be\s+used(?:\s+to)?\b
      | (?:is|are)\s+(?:used|meant|intended|designed)\s+to\b
      | (?:will|can|should|must)\b
      | helps?(?:\s+(?:us|me|you))?(?:\s+to)?\b | lets?\s+(?:us|me|you)\b | let's\b | allows?\s+(?:us|me|you)\s+to\b
      | tr(?:y|ies)\s+to\b | go\s+ahead\s+and\b | (?:after|by)\s+(?=[a-z]+ing\b)
      | (?:please|kindly|then|also|and|first|second|third|firstly|secondly|finally|lastly|next|later|afterwards?
          |after\s+(?:that|this)|optionally|automatically|just|now|to|hi|hello|hey)\b
    )[\s,]*""",
    re.VERBOSE | re.IGNORECASE,
)
_JOINT: Final = re.compile(
    r"\s*(?:,?\s*\band\s+then\b|,?\s*\bthen\b|,?\s*\band\b|,?\s*\bas\s+well\s+as\b|,?\s*\bafter\s+that\b"
    r"|,?\s*\bfollowed\s+by\b|,?\s*\bplus\b|\s&\s|,)\s*",
    re.IGNORECASE,
)
_SEQUENCE: Final = re.compile(r"\b(?:then|after\s+that|followed\s+by)\b", re.IGNORECASE)
_REASON: Final = re.compile(
    r",?\s+\b(?:in\s+order\s+to|so\s+that|so\s+as\s+to|because)\b.*$|,\s+(?:you|we)\s+(?:can|may|will)\b.*$",
    re.IGNORECASE,
)
_MEANS: Final = re.compile(r"\bby\s+([a-z]+ing\b.*)$", re.IGNORECASE)
_STATES: Final = re.compile(
    r"(?<!that )(?<!which )(?<!who )\b(?:is|are|was|were|has|have|had|might|does|do|means?|involves?|provides?|"
    r"helps?|allows?|enables?|can|could|may|will|would|need|needs)\b",
    re.IGNORECASE,
)
_SAYS: Final = re.compile(r"\b(?:i|i'm|we|he|she|they|his|her|their|me|him|got|was|were|has|have|had)\b", re.IGNORECASE)
_DEFINES: Final = re.compile(r"\b(?:means|involves|supports)\b", re.IGNORECASE)
_ASKS: Final = re.compile(r"(?:why|what|which|who|where|how|is|are|does|do|has|have)\b(?=\s+\S+\s+\S)", re.IGNORECASE)
_CONDITION: Final = re.compile(r"(?:if|when|unless|once|whenever)\b", re.IGNORECASE)
_FUNCTION: Final = re.compile(
    r"(?:for|if|when|unless|once|after|before|while|since|because|as|with|in|on|at|by|how|sometimes|you)\b",
    re.IGNORECASE,
)
_PRONOUN: Final = re.compile(r"(?P<verb>[A-Za-z]+)\s+(?:them|it)\b(?P<rest>.*)$")
_PRONOUN_BEHIND: Final = re.compile(r"(?P<verb>[A-Za-z]+\b.*\b(?:to|from|of))\s+(?:it|them)\b(?P<rest>.*)$")
_MODIFIER: Final = re.compile(
    r"\s+(?:from|in|by|to|under|on|for|within|at|that|which|who|whose|with)\s.*$", re.IGNORECASE
)
_PLURAL: Final = re.compile(r"\b(?!\w*ss\b)[a-z]{4,}s\b", re.IGNORECASE)
_CHOSEN: Final = re.compile(
    r"\b(?:all|each|every|any|without|whose|that|which|older|larger|un\w+ed|un\w+y|expired|idle|stale|orphaned)\b",
    re.IGNORECASE,
)
_SAME: Final = 0.75
_LIST_LIMIT: Final = 6
_ITEM_WORDS: Final = 8
_BARE_ITEM_WORDS: Final = 3


def split(text: str, *, same: float = 1.0) -> tuple[str, ...]:
    """The parts of a request in their order; the whole text where it has no parts.

    A part is a repeat of another where they share ``same`` of their words. Of a request nothing may be lost, so only
    what says exactly the same is; a description repeats itself in other words.
    """
    hidden, quotes = _hide(text)
    parts: list[str] = []
    for sentence in _sentences(hidden):
        parts += _parts_of(sentence)
    kept = _without_repeats(_with_objects(parts), same)
    return tuple(_show(part, quotes) for part in kept) or (text.strip(),)


def asks(part: str) -> bool:
    """Whether a part asks for something by a verb or as a question, rather than naming or telling something."""
    return _is_action(part) or part.endswith("?") or bool(_ASKS.match(part) or _CONDITION.match(part))


def outline(text: str) -> tuple[str, ...]:
    """The steps that a described procedure takes: its parts, and a look before a change of things it must find.

    "Delete unused volumes" does not say so, but the volumes have to be found first.
    """
    parts = split(text, same=_SAME)
    if any(verb_kind(_first_word(_from_verb(part))) == "look" for part in parts):
        return parts
    for place, part in enumerate(parts):
        action = _from_verb(part)
        verb, _, thing = action.partition(" ")
        if (
            verb_kind(verb) == "change"
            and verb.lower() not in vocabulary().makes
            and (_CHOSEN.search(thing) or _PLURAL.search(thing))
        ):
            return (*parts[:place], f"find {thing}", *parts[place:])
    return parts


def readings(part: str) -> tuple[tuple[str, ...], ...]:
    """The ways to read a list of things: "disk and memory usage" may be two usages, or a disk and a usage."""
    hidden, quotes = _hide(part)
    items = [item.strip() for item in _JOINT.split(hidden.strip(" .?!")) if item.strip()]
    if not _is_list(items, hidden):
        return ()
    first, *others = items
    verb = _first_word(first) + " " if verb_form(_first_word(first)) == "base" else ""
    head = first.rpartition(" ")[0]
    tail = items[-1].partition(" ")[2]
    with_verb = [first, *(item if item.startswith(verb) else verb + item for item in others)]
    with_head = [first, *(f"{head} {item}".strip() for item in others)]
    ways: list[list[str]] = [with_verb, items, with_head]
    if tail:
        ways += [[*(f"{item} {tail}" for item in way[:-1]), way[-1]] for way in (with_verb, with_head)]
    return tuple(dict.fromkeys(tuple(_show(item, quotes) for item in way) for way in ways))


def _is_list(items: list[str], text: str) -> bool:
    """Whether items are things of a list: short, shorter where commas alone part them, and none says something."""
    longest = _ITEM_WORDS if re.search(r"\band\b|&|\bplus\b|\bas well as\b", text) else _BARE_ITEM_WORDS
    short = all(len(item.split()) <= longest for item in items[1:])
    return 1 < len(items) <= _LIST_LIMIT and short and not any(_SAYS.search(item) for item in items)


def _sentences(text: str) -> Iterable[str]:
    for line in text.splitlines():
        numbered = _INLINE_NUMBER.split(line)
        for item in numbered if len(numbered) > 2 else [_BULLET.sub("", line)]:  # noqa: PLR2004 - one is no list
            yield from (found.strip() for found in _SENTENCE_END.split(item) if found.strip(" .,;:!?"))


def _parts_of(sentence: str) -> list[str]:
    """The actions a sentence asks for; the sentence itself where it is a question or names a thing."""
    if _CONDITION.match(sentence):
        return [sentence.rstrip(" .")] if any(map(_is_action, _clauses(sentence))) else []
    clauses = _clauses(sentence)
    if not sentence.endswith("?") and not _ASKS.match(sentence):
        if _is_background(clauses[0]):
            clauses = [clause for clause in clauses[1:] if verb_form(_first_word(clause)) == "base"]
        clauses = [clause for clause in clauses if not _is_background(clause)]
    return [_means(_in_base_form(clause)) for clause in clauses]


def _clauses(sentence: str) -> list[str]:
    """A sentence cut at its joints, each clause without its lead-in."""
    body = _bare(_REASON.sub("", sentence))
    form = verb_form(_first_word(body))
    clauses, start = [], 0
    for joint in _JOINT.finditer(body):
        follows = _bare(body[joint.end() :])
        found = verb_form(_first_word(follows))
        agrees = _SEQUENCE.search(joint[0]) or (found and (found in (form, "base") or not form))
        if agrees and follows and not _is_noun(body, follows) and joint.start() > start:
            clauses.append(body[start : joint.start()])
            start = joint.end()
    clauses.append(body[start:])
    return [bare for clause in clauses if (bare := _bare(clause))] or [sentence.strip(" .")]


def _bare(clause: str) -> str:
    """A clause without what leads in to it."""
    while True:
        shorter = _LEAD.sub("", clause.strip(" ,:"), count=1) if _LEAD.match(clause.strip(" ,:")) else clause
        if shorter == clause:
            return clause.strip(" .,:")
        clause = shorter


def _is_noun(body: str, follows: str) -> bool:
    """After a verb that looks, "open ports" and "mount points" are things to look at, not things to do."""
    word, _, rest = follows.partition(" ")
    ambiguous = word.lower() in vocabulary().nouns_too and not re.match(r"(?:the|a|an|all|this|that)\b", rest)
    return ambiguous and verb_kind(_first_word(body)) == "look"


def _is_action(clause: str) -> bool:
    return bool(verb_form(_first_word(clause))) and not _FUNCTION.match(clause)


def _is_background(clause: str) -> bool:
    """Whether a clause tells something rather than asks for it."""
    if _is_action(clause):
        states = _STATES if verb_form(_first_word(clause)) == "gerund" else _DEFINES
        return bool(states.search(clause))
    return bool(_FUNCTION.match(clause) or _STATES.search(clause))


def _means(clause: str) -> str:
    found = _MEANS.search(clause)
    by_change = found and verb_kind(_first_word(found[1])) == "change"
    return _in_base_form(found[1]) if found and by_change else clause


def _in_base_form(clause: str) -> str:
    first = _first_word(clause)
    return verb_base(first) + clause[len(first) :] if verb_form(first) in ("third", "gerund") else clause


def _with_objects(parts: list[str]) -> list[str]:
    """Bare verbs and pronouns get the thing they speak of."""
    for place in range(len(parts) - 2, -1, -1):
        if verb_form(parts[place]) and " " in parts[place + 1]:
            parts[place] += " " + parts[place + 1].partition(" ")[2]
    for place in range(1, len(parts)):
        verb, _, thing = _MODIFIER.sub("", _from_verb(parts[place - 1])).partition(" ")
        found = _PRONOUN.match(parts[place]) or _PRONOUN_BEHIND.match(parts[place])
        if found and thing and verb_form(verb) and verb_form(_first_word(parts[place])):
            parts[place] = f"{found['verb']} {thing}{found['rest']}"
    return parts


def _without_repeats(parts: list[str], same: float) -> list[str]:
    kept: list[str] = []
    for part in parts:
        words = _content(part)
        if not any(len(words & other) >= same * len(words | other) for other in map(_content, kept)):
            kept.append(part)
    return kept


def _content(part: str) -> set[str]:
    words = re.findall(r"[^\s,.;:!?()\"]+", part.lower())
    return {word.removesuffix("s") for word in words if word not in vocabulary().stop}


def _from_verb(part: str) -> str:
    """A part from its verb on: a title may name its field first ("AWS Delete Volumes")."""
    words = part.split()
    place = next((number for number, word in enumerate(words[:3]) if verb_form(word)), 0)
    return " ".join(words[place:])


def _first_word(text: str) -> str:
    found = re.match(r"[A-Za-z]+(?=[\s,.:;]|$)", text)
    return found[0] if found else ""


def _hide(text: str) -> tuple[str, list[str]]:
    """The text with each quoted string as one word, and the strings."""
    quotes: list[str] = []

    def hide(found: re.Match[str]) -> str:
        quotes.append(found[0])
        return f"\ue000{len(quotes) - 1}\ue001"

    return _QUOTED.sub(hide, text), quotes


def _show(part: str, quotes: list[str]) -> str:
    return _HIDDEN.sub(lambda found: quotes[int(found[1])], part)
