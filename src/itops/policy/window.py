"""Windows of time in which a rule holds: days and hours of one place, and a first and last day."""

import functools
import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Final, Literal, Self, TypeAlias
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from itops.domain.noun import Noun

Day: TypeAlias = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_DAYS: Final[tuple[Day, ...]] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK: Final = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")
_MIDNIGHT: Final = "24:00"


def _check_clock(value: object) -> object:
    # YAML reads a bare 22:00 as the number 1320.
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise ValueError('a time is written in quotes as "HH:MM"')
    return value


def _check_zone(value: object) -> object:
    try:
        _zone(str(value))
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f"{value!r} is no time zone that is known here, such as Europe/Berlin") from error
    return value


@functools.cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


Clock = Annotated[str, BeforeValidator(_check_clock)]
Zone = Annotated[str, BeforeValidator(_check_zone)]


class Window(Noun):
    """Hours of some days by the clock of ``zone``, from ``first_day`` to ``last_day`` where these are given.

    A window whose end is not after its begin lasts into the next day, and belongs to the day on which it began.
    """

    zone: Zone
    days: tuple[Day, ...] = Field(default=_DAYS, min_length=1)
    begin: Clock = Field(default="00:00", alias="from")
    end: Clock = Field(default=_MIDNIGHT, alias="to")
    first_day: date | None = None
    last_day: date | None = None

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.begin == self.end:
            raise ValueError("it ends when it begins: leave `from` and `to` out for whole days")
        if self.first_day and self.last_day and self.last_day < self.first_day:
            raise ValueError("its last day is before its first")
        return self

    def holds(self, now: datetime) -> bool:
        """Whether a moment lies in it."""
        local = now.astimezone(_zone(self.zone))
        begin, end = _time(self.begin), _time(self.end)
        clock = local.time().replace(tzinfo=None)
        overnight = end <= begin
        if not (clock >= begin or clock < end if overnight else begin <= clock < end):
            return False
        day = local.date() - timedelta(days=1) if overnight and clock < end else local.date()
        return (
            _DAYS[day.weekday()] in self.days
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
        )

    def is_over(self, now: datetime) -> bool:
        """Whether it will never hold again."""
        return self.last_day is not None and now.astimezone(_zone(self.zone)).date() > self.last_day + timedelta(days=1)


def _time(clock: str) -> time:
    return time.fromisoformat("00:00" if clock == _MIDNIGHT else clock)
