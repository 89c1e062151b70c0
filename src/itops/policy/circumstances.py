"""For whom, where, when and for whose scripts a rule holds."""

from collections import Counter
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Literal

from pydantic import Field

from itops.domain.noun import Noun
from itops.domain.target import Platform, Target
from itops.policy.asked import Asked
from itops.policy.window import Window


class Circumstances(Noun):
    """Where every field that is given holds, the rule does.

    ``people`` are ids or names, ``roles`` and ``without_role`` roles and groups; ``targets`` are names, ``tags`` the
    groups of targets: one target must fit all that is said of targets. All of these may be patterns, but
    ``without_role``. ``targets_min`` counts the targets of the script; ``share_min`` is the share of the
    targets of some tag or environment that the script would run on. ``during`` and ``not_during`` are windows of
    time. ``instance`` is ``published`` for exact instances of published instructions, ``stranger`` for all else.
    """

    people: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    without_role: str = ""
    environments: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    targets_min: int = Field(default=0, ge=0)
    share_min: float = Field(default=0.0, ge=0.0, le=1.0)
    during: tuple[Window, ...] = ()
    not_during: tuple[Window, ...] = ()
    instance: Literal["published", "stranger"] | None = None

    def holds(self, asked: Asked) -> bool:
        """Whether the rule holds for who asks, where and when; a time that is not known is one of each window."""
        limited = bool(self.environments or self.targets or self.tags or self.platforms)
        return (
            (not limited or any(self._is_meant(target) for target in asked.targets))
            and (not self.targets_min or len(asked.targets) >= self.targets_min)
            and (not self.share_min or largest_share(asked) >= self.share_min)
            and (not self.people or _any_fits(self.people, (asked.person.id, asked.person.name)))
            and (not self.roles or _any_fits(self.roles, asked.person.roles))
            and (not self.without_role or self.without_role not in asked.person.roles)
            and (self.instance is None or (self.instance == "published") is asked.is_published)
            and self._is_time(asked.now)
        )

    def _is_meant(self, target: Target) -> bool:
        return (
            (not self.environments or _any_fits(self.environments, (target.environment,)))
            and (not self.targets or _any_fits(self.targets, (target.name,)))
            and (not self.tags or _any_fits(self.tags, target.tags))
            and (not self.platforms or target.platform in self.platforms)
        )

    def _is_time(self, now: datetime | None) -> bool:
        if now is None:
            return True
        return (not self.during or any(window.holds(now) for window in self.during)) and not any(
            window.holds(now) for window in self.not_during
        )


def largest_share(asked: Asked) -> float:
    """The largest share of the targets of a tag or environment that are targets here; of a single one there is none."""
    words = (
        word
        for target in asked.targets
        for word in {*target.tags, *([f"env:{target.environment}"] if target.environment else [])}
    )
    shares = (count / asked.sizes[word] for word, count in Counter(words).items() if asked.sizes.get(word, 0) > 1)
    return max(shares, default=0.0)


def _any_fits(patterns: tuple[str, ...], words: tuple[str, ...]) -> bool:
    """Whether a word fits a pattern, in whatever case it is written."""
    return any(fnmatchcase(word.casefold(), pattern.casefold()) for word in words if word for pattern in patterns)
