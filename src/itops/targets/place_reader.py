"""Places in words: "on all staging web servers", "on web-1 and web-2", "in the dev account in eu-west-1"."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from itops.targets import place_grammar as grammar
from itops.targets.host_words import looks_like_host

Sort = Literal["name", "group", "tag", "env", "platform", "region"]
_LONGEST: Final = 4
_MODIFIERS: Final = 3
_BEFORE: Final = 4


@dataclass(frozen=True)
class Term:
    """A part of a place that is known: what sort of thing, and its name."""

    sort: Sort
    name: str


Lookup = Callable[[str], tuple[Term, ...]]
"""What words stand for in the inventory, all that they may; nothing where it does not know them."""


@dataclass
class Phrase:
    """One part of a place, as a person said it: what all must hold, and of ``within`` one of each."""

    text: str
    terms: list[tuple[Term, ...]] = field(default_factory=list)
    within: list[list["Phrase"]] = field(default_factory=list)
    noun: str = ""
    every: bool = False
    vague: bool = False
    number: int = 0

    def has(self, sort: Sort) -> bool:
        """Whether a term of it may be of this sort."""
        return any(term.sort == sort for choice in self.terms for term in choice)

    def is_only(self, *sorts: Sort) -> bool:
        """Whether each term of it may be of one of these sorts."""
        return bool(self.terms) and all(any(term.sort in sorts for term in choice) for choice in self.terms)

    @property
    def is_all(self) -> bool:
        """Whether nothing but a kind of system is said: "all servers"."""
        return not self.terms or self.is_only("platform")


@dataclass
class Place:
    """A place as said: parts that add up, what is left out of them, Regions; or what of it is not understood."""

    text: str = ""
    parts: list[Phrase] = field(default_factory=list)
    left_out: list[Phrase] = field(default_factory=list)
    regions: list[str] = field(default_factory=list)
    negated: bool = False
    unknown: str = ""
    unclear: str = ""

    @property
    def is_off(self) -> bool:
        """Whether something of it is not understood."""
        return bool(self.unknown or self.unclear)


class PlaceReader:
    """Reads the places of one request, left to right, with the names that an inventory knows."""

    def __init__(self, words: str, lookup: Lookup, *, strict: bool, accounts: bool) -> None:
        """Prepare to read.

        Args:
            words: The request.
            lookup: What words stand for.
            strict: There is more than this machine, so that a place that is not known is not here.
            accounts: There are accounts of AWS, so that "account" is no user's.
        """
        self._words, self._lookup, self._strict, self._accounts = words, lookup, strict, accounts
        self._tokens = grammar.tokens_of(words)
        self._many = grammar.PLACES_MANY - (frozenset() if accounts else grammar.ACCOUNTS)
        self._one = grammar.PLACES_ONE - (frozenset() if accounts else grammar.ACCOUNTS)

    def places(self) -> list[Place]:
        """Every place that the words name."""
        found, at = [], 0
        while at < len(self._tokens):
            place, end = self._place(at) if self._is(at, grammar.ON | grammar.IN) else (None, at)
            if place is not None:
                found.append(place)
            at = max(end, at + 1)
        return found

    def mentioned(self) -> list[str]:
        """Names of single targets, and "web servers", wherever they stand."""
        found: list[str] = []
        for at, token in enumerate(self._tokens):
            terms = self._lookup(token.text)
            if any(term.sort == "name" for term in terms) and any(letter in "-._0123456789" for letter in token.text):
                found.append(token.text)
            elif terms and (self._is(at + 1, self._many) or (self._accounts and self._is(at + 1, {"instances"}))):
                found.append(f"{token.text} {self._text(at + 1)}")
        return found

    def _place(self, at: int) -> tuple[Place | None, int]:
        if self._text(at - 1).startswith(grammar.NO_PLACE_AFTER):
            return None, at
        place = Place(negated=self._is_negated(at))
        end = self._joined(at + 1, place.parts, place)
        if self._is(at, grammar.IN) and (place.is_off or not all(_may_be_in(part) for part in place.parts)):
            is_account = self._accounts and place.unknown.lower().endswith(tuple(grammar.ACCOUNTS))
            return (place if is_account else None), at
        if not (place.parts or place.regions or place.is_off):
            return None, at
        while not (place.is_off or self._tokens[end - 1].ends):
            more = self._narrowed(end, place) or self._left_out(end, place) or self._added(end, place)
            if not more:
                break
            end = more
        self._refuse_clause(end, place)
        place.text = self._said(at, end)
        return place, end

    def _joined(self, at: int, into: list[Phrase], place: Place, *, narrow: bool = False) -> int:
        """Parts with "and" between them, from this word on; where the first is none, nothing is taken."""
        end = at
        while (phrase := self._phrase(at, place if end == at else Place(), narrow=narrow)) is not None:
            self._take(phrase, into, place)
            end = phrase[1]
            at = self._skip(end, grammar.AND | {"or"})
            if at == end or self._tokens[end - 1].ends:
                break
            either = "or" in (self._text(each) for each in range(end, at))
            at += self._is(at, grammar.ON)
            if looks_like_host(self._text(at)) and not self._lookup(self._text(at)):
                place.unknown = self._text(at)
            if either and self._phrase(at, Place(), narrow=narrow):
                place.unclear = "'or' does not say which"
        return end

    def _take(self, found: tuple[Phrase, int], into: list[Phrase], place: Place) -> None:
        phrase = found[0]
        if phrase.is_only("region"):
            place.regions += [term.name for choice in phrase.terms for term in choice if term.sort == "region"]
        else:
            into.append(phrase)

    def _narrowed(self, at: int, place: Place) -> int:
        """Read "in staging", "in staging and production", "in eu-west-1": of all parts that nothing narrows yet."""
        comma = self._is(at, {","}) and self._is(at + 1, grammar.IN)
        if not (comma or self._is(at, grammar.IN | {"on", "of"})):
            return 0
        at += 1 + comma
        before, within = len(place.regions), list[Phrase]()
        end = self._joined(at, within, place, narrow=True)
        open_parts = [part for part in place.parts if not part.within]
        for part in open_parts if within else []:
            part.within.append(within)
        if within or len(place.regions) > before:
            return end
        text = self._text(self._skip(at, grammar.ARTICLES))
        if text in grammar.ENVIRONMENTS or grammar.REGION.fullmatch(text) or self._is_sort(at):
            place.unknown = self._said(at, at + 1 + self._is(at, grammar.ARTICLES))
        return 0

    def _left_out(self, at: int, place: Place) -> int:
        """Read "except db-3", "but not on db-3"."""
        start = self._skip(at, {","})
        pair = f"{self._text(start)} {self._text(start + 1)}"
        width = 2 if pair in grammar.EXCEPT_PAIRS else int(self._is(start, grammar.EXCEPT))
        if not width:
            return 0
        start += width
        start += self._is(start, grammar.ON)
        end = self._joined(start, place.left_out, place)
        if end == start:
            place.unknown = place.unknown or self._text(start) or "nothing"
        return end

    def _added(self, at: int, place: Place) -> int:
        """Read "and the database servers", "and on db-1"."""
        start = self._skip(at, grammar.AND)
        if start == at:
            return 0
        is_on = self._is(start, grammar.ON)
        probe = Place()
        end = self._joined(start + is_on, place.parts, probe)
        place.regions += probe.regions
        if is_on:
            place.unknown, place.unclear = probe.unknown, probe.unclear
        return end if end > start + is_on else 0

    def _phrase(self, at: int, place: Place, *, narrow: bool = False) -> tuple[Phrase, int] | None:
        """One part at this word, and where it ends; where it is none that is known, the place may be told so."""
        phrase, start = Phrase(text=""), at
        at = self._quantity(at, phrase)
        while at < len(self._tokens) and not (at > start and self._tokens[at - 1].ends):
            choice, width = self._term(at)
            if not choice and not self._is(at, grammar.NOUNS):
                break
            phrase.terms += [choice] if choice else []
            at += width
            phrase.noun = self._text(at - 1) if self._is(at - 1, grammar.NOUNS) else phrase.noun
        phrase.text = self._said(start, at)
        if narrow:
            phrase.terms = [tuple(term for term in choice if term.sort != "name") for choice in phrase.terms]
        if narrow and (not phrase.is_only("env", "region", "tag", "group") or phrase.noun in grammar.HOSTS_MANY):
            return None
        self._doubt(phrase, start, at, place)
        is_place = phrase.terms or self._is_every(phrase)
        return (phrase, at) if is_place and not place.is_off else None

    def _doubt(self, phrase: Phrase, start: int, end: int, place: Place) -> None:
        """Say of a phrase what of it is not known."""
        if not (phrase.has("name") or phrase.noun):
            place.unknown = self._unknown(start, end)
        if phrase.noun in grammar.ACCOUNTS and self._accounts and not phrase.terms:
            place.unclear = f"{phrase.text!r} does not say which"

    def _is_every(self, phrase: Phrase) -> bool:
        """Whether it means everything there is, if nothing behind it narrows it."""
        many = phrase.noun in self._many
        return (phrase.every and (many or phrase.noun in self._one)) or (many and self._strict)

    def _unknown(self, start: int, at: int) -> str:
        """The words of a place that is not known: "the mail servers"."""
        if at > start and self._tokens[at - 1].ends:
            return ""
        article = any(self._is(each, grammar.ARTICLES | grammar.EVERY) for each in range(start, at))
        for end in range(at, min(at + _MODIFIERS + 1, len(self._tokens))):
            text = self._text(end)
            one = text in self._one and article and self._strict
            if end > at and (one or text in self._many):
                return self._said(start, end + 1)
            if text in grammar.STOPS or text in grammar.ARTICLES or self._tokens[end].ends:
                break
        return ""

    def _quantity(self, at: int, phrase: Phrase) -> int:
        """Read over "all", "the", "two", "some of the"."""
        while at < len(self._tokens):
            text = self._text(at)
            number = int(text) if text.isdecimal() and len(text) < _LONGEST else grammar.NUMBERS.get(text, 0)
            known = text in grammar.VAGUE | grammar.EVERY | grammar.ARTICLES or number
            if not known or self._lookup(text):
                break
            phrase.vague |= text in grammar.VAGUE or bool(number and self._is(at + 1, {"of"}))
            phrase.every |= text in grammar.EVERY
            phrase.number = (2 if text == "both" else number) or phrase.number
            at += 1
        return at

    def _term(self, at: int) -> tuple[tuple[Term, ...], int]:
        """What the next words stand for, the most of them that stand for something; a noun alone is one word."""
        for width in range(min(_LONGEST, len(self._tokens) - at), 0, -1):
            part = self._tokens[at : at + width]
            joined = any(token.ends for token in part[:-1]) or any(token.text in grammar.AND for token in part)
            if joined or part[0].text in grammar.NOUNS:
                continue
            found = self._lookup(" ".join(token.text for token in part))
            if found:
                return found, width
        return (), 1

    def _refuse_clause(self, at: int, place: Place) -> None:
        """Refuse "on the web servers that run nginx": only a look could tell which those are."""
        if place.is_off or not place.parts or not self._is(at, grammar.CLAUSES) or self._tokens[at - 1].ends:
            return
        last = place.parts[-1]
        if self._is(at, grammar.RANGES):
            narrows = last.has("name") and any(term.sort == "name" for term in self._term(at + 1)[0])
        else:
            narrows = not last.is_only("name") and last.noun in grammar.MANY
        if narrows:
            place.unclear = f"{self._said(at, at + 2)!r} narrows it in a way that only a look could tell"

    def _is_sort(self, at: int) -> bool:
        """Whether "the blue environment", "the Paris region" follows."""
        return any(self._is(each, grammar.KINDS_OF_PLACE) for each in range(at + 1, at + 1 + _MODIFIERS))

    def _is_negated(self, at: int) -> bool:
        before = [token.text for token in self._tokens[max(at - _BEFORE, 0) : at] if not token.ends]
        return any(word in grammar.NOT or word.endswith(("n't", "n\u2019t")) for word in before) and "," not in before

    def _skip(self, at: int, words: "frozenset[str] | set[str]") -> int:
        while self._is(at, words):
            at += 1
        return at

    def _is(self, at: int, words: "frozenset[str] | set[str]") -> bool:
        return 0 <= at < len(self._tokens) and self._tokens[at].text in words

    def _text(self, at: int) -> str:
        return self._tokens[at].text if 0 <= at < len(self._tokens) else ""

    def _said(self, start: int, end: int) -> str:
        part = self._tokens[start : max(end, start + 1)]
        return self._words[part[0].start : part[-1].end].strip(" ,.;:!?") if part else ""


def _may_be_in(phrase: Phrase) -> bool:
    """Whether "in …" can be a place: an account, a cluster, a group, an environment, a Region, or a name."""
    sorts = grammar.ACCOUNTS | grammar.CLUSTERS | grammar.SORTS
    return phrase.noun in sorts or phrase.is_only("env", "region") or phrase.has("name")
