"""``itops instructions stats``: how the library is used, and what to review."""

from typing import TYPE_CHECKING, Annotated

import typer

from itops.entrypoints.options import AsJson

if TYPE_CHECKING:
    from itops.bootstrap import House
    from itops.instructions.learning.library_stats import InstructionStats, LibraryStats

_SHOWN = 30


def stats(
    *,
    days: Annotated[
        int, typer.Option(min=1, max=36_500, help="How far to look back; what was not used in it is listed.")
    ] = 90,
    json: AsJson = False,
) -> None:
    """How the library is used: uses, failures, feedback, what no instruction covers, and what to review."""
    from itops.entrypoints.session import in_session
    from itops.entrypoints.terminal import print_json

    async def work(house: "House") -> None:
        found = await house.library_stats(days=days)
        if json:
            print_json(found.model_dump(mode="json"))
        else:
            _show(found)

    in_session(work)


def _show(found: "LibraryStats") -> None:
    used = [one for one in found.instructions if one.uses or one.helped or one.wrong or one.outdated]
    used.sort(key=lambda one: -one.uses)
    _table("The library", [{"platform": platform, **states} for platform, states in found.library.items()])
    _table(f"Used in the last {found.days} days", [_row(one) for one in used])
    share = f" ({found.without_instruction / found.tasks:.0%})" if found.tasks else ""
    _table(
        f"Tasks: {found.tasks}; no instruction covered {found.without_instruction}{share}. Their words",
        [one.model_dump() for one in found.missing_words],
    )
    _table("To review", [{"id": one.id, "why": "; ".join(one.reasons)} for one in found.review])


def _row(one: "InstructionStats") -> dict[str, object]:
    return {
        "id": one.id,
        "state": one.state.value,
        "version_days": one.version_days,
        "uses": one.uses,
        "succeeded": one.succeeded,
        "failed": one.failed,
        "asked": one.asked,
        "mean_seconds": "" if one.mean_seconds is None else one.mean_seconds,
        "last_used": f"{one.last_used:%Y-%m-%d}" if one.last_used else "",
        "helped": one.helped,
        "wrong": one.wrong,
        "outdated": one.outdated,
    }


def _table(title: str, rows: list[dict[str, object]]) -> None:
    from itops.entrypoints.terminal import say, show_rows

    say(f"{title}:")
    show_rows(rows[:_SHOWN], as_json=False)
    more = f"and {len(rows) - _SHOWN} more; --json has them all\n" if len(rows) > _SHOWN else ""
    say(f"{more}")
