"""What people say of an instruction's uses, and what that is worth in its rank.

Functions on an open connection; their caller holds the transaction.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, delete, func, insert, select

from itops.domain.event import InstructionRated
from itops.instructions import records
from itops.storage.tables import instruction_feedback, instructions

LARGEST_SHIFT: Final = 0.08
_DOUBT: Final = 8
"""Votes that an instruction without any counts as having, half of them for it and half against."""

_OF_THE_STANDING: Final = (instruction_feedback.c.id == instructions.c.id) & (
    instruction_feedback.c.version == instructions.c.version
)


@dataclass(frozen=True)
class Feedback:
    """How many uses of one version helped, were wrong, or showed that it is outdated."""

    helped: int = 0
    wrong: int = 0
    outdated: int = 0


def put(connection: Connection, rated: InstructionRated, *, at: datetime) -> None:
    """Keep one person's opinion of one instruction in one task, in place of an earlier one, and tell every process."""
    key = {"task": rated.task, "id": rated.instruction.id, "person": rated.by.id}
    same = [instruction_feedback.c[name] == value for name, value in key.items()]
    said = {"version": rated.instruction.version, "opinion": rated.opinion, "comment": rated.comment}
    connection.execute(delete(instruction_feedback).where(*same))
    connection.execute(insert(instruction_feedback).values(**key, **said, at=at.isoformat()))
    records.touch(connection, [rated.instruction.id])


def standing(connection: Connection) -> dict[str, Feedback]:
    """The feedback on every version that stands, by id; what was said of an older version is left out."""
    query = (
        select(instruction_feedback.c.id, instruction_feedback.c.opinion, func.count())
        .join_from(instruction_feedback, instructions, _OF_THE_STANDING)
        .group_by(instruction_feedback.c.id, instruction_feedback.c.opinion)
    )
    counts: dict[str, dict[str, int]] = {}
    for identity, opinion, count in connection.execute(query):
        counts.setdefault(identity, {})[opinion] = count
    return {identity: Feedback(**found) for identity, found in counts.items()}


def complaints(connection: Connection) -> dict[str, str]:
    """The latest comment that came with a complaint about the version that stands, by id."""
    query = (
        select(instruction_feedback.c.id, instruction_feedback.c.comment)
        .join_from(instruction_feedback, instructions, _OF_THE_STANDING)
        .where(instruction_feedback.c.opinion != "helped", instruction_feedback.c.comment != "")
        .order_by(instruction_feedback.c.at)
    )
    return {row.id: row.comment for row in connection.execute(query)}


def rank_shift(feedback: Feedback) -> float:
    """What feedback adds to a score, from ``-LARGEST_SHIFT`` to ``LARGEST_SHIFT``.

    The mean of a beta distribution that begins at four votes for and four against, brought to the range from -1 to 1:
    one voice moves a score by less than 0.01, ten of one mind by less than 0.05. That an instruction is outdated counts
    as much against it as that it is wrong.
    """
    against = feedback.wrong + feedback.outdated
    return LARGEST_SHIFT * (feedback.helped - against) / (feedback.helped + against + _DOUBT)
