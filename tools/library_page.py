"""Writes docs/library.md: what the starter library covers, by platform and task. ``make library-page`` runs it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from itops.domain.instruction import Instruction
from itops.instructions.runbooks.runbook_loader import library_dir, load_folder

PAGE = Path(__file__).parents[1] / "docs" / "library.md"
HEAD = """# The starter library

What itops can do before an organisation has written anything: {number} instructions, written for this project. Each
has its parameters, ways to ask for it, and a check that it worked; `undo` says that it has a rollback block too. They
are published when itops is first used; `itops instructions show ID` prints one, `itops instructions edit ID FILE`
replaces it by your own, which stays yours when itops is updated.

This page is made from the library by `make library-page`.
"""


def page() -> str:
    """The page as it should stand."""
    found = load_folder(library_dir()).instructions
    by_platform = groupby(sorted(found, key=lambda one: (one.platform.value, one.id)), key=lambda one: one.platform)
    parts = [HEAD.format(number=len(found)), "\n".join(_overview(found))]
    for platform, ones in by_platform:
        parts.append("\n".join(_table(platform.value, list(ones))))
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _overview(found: Iterable[Instruction]) -> Iterator[str]:
    counts = Counter((one.platform.value, one.effect.value) for one in found)
    yield "| platform | read | change | destroy | together |"
    yield "| --- | --- | --- | --- | --- |"
    for platform in sorted({platform for platform, _ in counts}):
        numbers = [counts[platform, effect] for effect in ("read", "change", "destroy")]
        yield f"| {platform} | {' | '.join(map(str, numbers))} | {sum(numbers)} |"


def _table(platform: str, ones: list[Instruction]) -> Iterator[str]:
    yield f"## {platform}\n"
    yield "| area | instruction | what it does | effect | undo |"
    yield "| --- | --- | --- | --- | --- |"
    for one in ones:
        area = one.id.split(".")[1]
        undo = "yes" if one.block("rollback") else ""
        yield f"| {area} | `{one.id}` | {one.title.replace('|', chr(92) + '|')} | {one.effect.value} | {undo} |"


def main() -> None:
    """Write the page."""
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
