"""Words to targets, in code: what is not certain is an error that says why, never a guess."""

from dataclasses import dataclass
from typing import Final

from itops.domain.target import Platform, Target
from itops.errors import UnknownTarget
from itops.targets import place_grammar as grammar
from itops.targets.place_reader import Phrase, Place, PlaceReader, Term
from itops.targets.selection import HERE, Selector

_SHOWN: Final = 5
_PLATFORMS: Final = {"windows": "windows", "linux": "linux"}
_ELSEWHERE: Final = (Platform.AWS, Platform.KUBERNETES)
_MEND: Final = (
    "Name targets, or a group or environment as in `on all staging web servers`; `itops targets list` has them."
)
Found = dict[str, Target]


@dataclass(frozen=True)
class Named:
    """The targets that words name, and the names of those that they leave out."""

    targets: tuple[Target, ...] = ()
    left_out: frozenset[str] = frozenset()


class WordsToTargets:
    """Finds the one place that a request is for."""

    def __init__(self, selector: Selector) -> None:
        self._selector, self._roster = selector, selector.roster
        self._index = _index_of(selector)

    def knows(self, word: str) -> bool:
        """Whether a word stands for something in the inventory."""
        return bool(self._lookup(word.lower()))

    def resolve(self, words: str, *, given: Found) -> Named:
        """What the words name; ``given`` are the targets that are named beside them.

        Raises:
            UnknownTarget: a place is not known or not certain, there are several, or another is given. Nothing ran.
        """
        targets = self._roster.targets
        accounts = any(target.platform is Platform.AWS for target in targets.values())
        reader = PlaceReader(words, self._lookup, strict=len(targets) > 1, accounts=accounts)
        places = reader.places()
        for place in places:
            _refuse(place, self._selector)
        named = [place for place in places if place.parts and not place.negated and not _is_scope(place)]
        if not named:
            self._refuse_no_place(places, reader, given)
            return Named()
        named_here = self._one_of(named, places)
        if given and set(given) != {target.name for target in named_here.targets}:
            told = _shown([target.name for target in named_here.targets])
            mend = "Let both name the same."
            raise UnknownTarget(f"The words name {told}; --target names {_shown(list(given))}.", mend=mend)
        return named_here

    def _one_of(self, named: list[Place], places: list[Place]) -> Named:
        scopes = [place for place in places if _is_scope(place)]
        regions = [region for place in places for region in place.regions]
        left_out: Found = {}
        found = [self._place(place, scopes) for place in named]
        for place in places:
            for part in (*(place.parts if place.negated else ()), *place.left_out):
                left_out |= self._left_out(part, found[0])
        if any(set(one) != set(found[0]) for one in found):
            raise UnknownTarget(
                f"The words name different places: {' / '.join(place.text for place in named)}.",
                mend="Ask for each place in a task of its own.",
            )
        kept = [target for name, target in found[0].items() if name not in left_out]
        if not kept:
            raise UnknownTarget("Nothing is left of the targets that the words name.", mend=_MEND)
        accounts = all(target.platform is Platform.AWS for target in kept)
        if regions and accounts:
            each = [(target, region) for target in kept for region in dict.fromkeys(regions)]
            return Named(tuple(self._selector.in_region(*one) for one in each), frozenset(left_out))
        if any(place.regions for place in named):
            raise UnknownTarget(f"{kept[0].name} is no account of AWS, so it has no Region.", mend=_MEND)
        return Named(tuple(kept), frozenset(left_out))

    def _left_out(self, part: Phrase, found: Found) -> Found:
        """What of these a part takes away; a name among them, a group at least one of them."""
        unwanted = self._part(part)
        missing = [name for name in unwanted if name not in found]
        if missing and (part.has("name") or len(missing) == len(unwanted)):
            raise UnknownTarget(f"{missing[0]} is none of {_shown(list(found))}, so it can't be left out.")
        return unwanted

    def _place(self, place: Place, scopes: list[Place]) -> Found:
        found: Found = {}
        for part in place.parts:
            if not part.within:
                part.within += [scope.parts for scope in scopes]
            found |= self._part(part)
        return found

    def _part(self, part: Phrase) -> Found:
        """The targets of one part, checked against how it was said."""
        if part.is_all and not part.within:
            raise UnknownTarget(f"{part.text!r} would be every one there is; there is no default of all.", mend=_MEND)
        found = self._fitting(part)
        within = [{name for phrase in narrow for name in self._fitting(phrase)} for narrow in part.within]
        found = {name: target for name, target in found.items() if all(name in names for names in within)}
        whole = part.text + "".join(f" in {' and '.join(one.text for one in narrow)}" for narrow in part.within)
        if not found:
            raise UnknownTarget(f"No target fits {whole!r}.", mend=_MEND)
        names = ", ".join(list(found)[:_SHOWN])
        if part.vague and not part.has("name"):
            raise UnknownTarget(f"{part.text!r} does not say which: {names}.", mend="Name them, or say `all`.")
        if part.number and part.number != len(found):
            raise UnknownTarget(f"{whole!r} are {len(found)}, not {part.number}: {names}.", mend="Name them.")
        one = part.noun in grammar.ONE and not part.every and not part.has("name")
        if one and len(found) > 1:
            raise UnknownTarget(f"{whole!r} may be any of {len(found)}: {names}.", mend="Name one, or say `all`.")
        return found

    def _fitting(self, part: Phrase) -> Found:
        """The targets for which every term holds, of the kind that the noun says."""
        roster = self._roster
        found: Found | None = None if part.terms else self._of_kind(roster.targets, part.noun)
        for choice in part.terms:
            sets = [each for term in choice if (each := self._of_kind(self._of(term), part.noun))]
            if any(set(each) != set(sets[0]) for each in sets):
                told = " or ".join(f"{term.sort} {term.name}" for term in choice)
                raise UnknownTarget(
                    f"{part.text!r} may be: {told}.", mend="Use --target group:NAME, tag:NAME or env:NAME."
                )
            known = sets[0] if sets else {}
            found = known if found is None else {name: one for name, one in found.items() if name in known}
        order = found or {}
        return (
            {name: order[name] for name in order}
            if len(order) < _SHOWN
            else {name: order[name] for name in roster.targets if name in order}
        )

    def _of(self, term: Term) -> Found:
        roster = self._roster
        if term.sort == "name":
            target = self._selector.one(term.name)
            return {target.name: target} if target else {}
        if term.sort == "group":
            return {target.name: target for target in roster.group_named(term.name) or ()}
        return {target.name: target for target in roster.targets.values() if _has(target, term)}

    def _of_kind(self, found: Found, noun: str) -> Found:
        if noun in grammar.ACCOUNTS:
            return {name: one for name, one in found.items() if one.platform is Platform.AWS}
        if noun in grammar.CLUSTERS:
            return {name: one for name, one in found.items() if one.platform is Platform.KUBERNETES} or found
        if noun in grammar.HOSTS_MANY | grammar.HOSTS_ONE:
            return {name: one for name, one in found.items() if one.platform not in _ELSEWHERE}
        return found

    def _lookup(self, words: str) -> tuple[Term, ...]:
        if words in HERE:
            return (Term("name", "local"),)
        found: dict[Term, None] = {}
        if " " not in words:
            user, _, name = words.rpartition("@")
            target = self._selector.named(name)
            if target and (not user or user == self._roster.entries.targets[target.name].user.lower()):
                found[Term("name", name)] = None
            if words in _PLATFORMS:
                found[Term("platform", words)] = None
        for key in grammar.keys_of(words):
            found |= dict.fromkeys(self._index.get(key, ()))
            if found:
                break
        if not found and grammar.REGION.fullmatch(words):
            found[Term("region", words)] = None
        return tuple(found)

    def _refuse_no_place(self, places: list[Place], reader: PlaceReader, given: Found) -> None:
        """Words that speak of targets, and do not say to run there, run nowhere."""
        fitting = {name for place in places for part in place.parts if not place.negated for name in self._part(part)}
        vague = next((place for place in places if place.parts and (place.negated or not set(given) <= fitting)), None)
        if vague is not None or (fitting and not given):
            vague = vague or places[0]
            why = "says where not to run" if vague.negated else "names an environment, not which of its targets"
            raise UnknownTarget(f"{vague.text!r} {why}.", mend=_MEND)
        mentioned = [] if given else reader.mentioned()
        if mentioned:
            raise UnknownTarget(
                f"The words name {mentioned[0]!r}, and do not say where to run.",
                mend=f"Say `on {mentioned[0]}` or `on this machine`, or use --target.",
            )


def _index_of(selector: Selector) -> dict[str, tuple[Term, ...]]:
    """What groups, tags and environments are found by."""
    roster, found = selector.roster, dict[str, dict[Term, None]]()

    def put(words: str, term: Term) -> None:
        for key in grammar.keys_of(words):
            found.setdefault(key, {})[term] = None

    for name, group in roster.entries.groups.items():
        for words in (name, *group.aliases):
            put(words, Term("group", name))
    for tag in roster.tags.values():
        put(tag, Term("tag", tag))
    for environment in roster.environments.values():
        put(environment, Term("env", environment))
        known = grammar.ENVIRONMENTS.get(environment.lower(), environment.lower())
        for word, meant in grammar.ENVIRONMENTS.items():
            if meant == known:
                put(word, Term("env", environment))
    return {key: tuple(terms) for key, terms in found.items()}


def _has(target: Target, term: Term) -> bool:
    if term.sort == "tag":
        return term.name in target.tags
    return term.name == (target.environment if term.sort == "env" else target.platform.value)


def _is_scope(place: Place) -> bool:
    """Whether it only narrows: "in staging", beside a place that says which of its targets."""
    return (
        bool(place.parts)
        and not place.negated
        and all(part.is_only("env") and not part.has("name") and not part.noun for part in place.parts)
    )


def _refuse(place: Place, selector: Selector) -> None:
    if place.unknown:
        near = ", ".join(selector.nearest(place.unknown))
        raise UnknownTarget(f"No target is known as {place.unknown!r}; the nearest are: {near}.", mend=_MEND)
    if place.unclear:
        raise UnknownTarget(f"It is not clear where to run: {place.unclear}.", mend=_MEND)


def _shown(names: list[str]) -> str:
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")
