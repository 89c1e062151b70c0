"""Documents of foreign programs are read in a process of their own, with bounds on its time and memory."""

import json
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final, Literal, TypeAlias

from itops.errors import UsageError
from itops.instructions.importers.importer import Source
from itops.instructions.runbooks.front_matter import complaint

Kind: TypeAlias = Literal["pdf", "docx"]
TEXT_LIMIT: Final = 1024 * 1024
SECONDS: Final = 60
_READER: Final = "itops.instructions.importers.document_reader"
_OUTPUT: Final = 16 * 1024 * 1024


@dataclass(frozen=True)
class Extract:
    """A document's text as Markdown, and what a person should know of it."""

    text: str
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


class Unreadable(Exception):
    """The document can't be read: what is wrong with it, and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend


def need(module: str, kind: Kind) -> None:
    """See that the library that reads this kind is installed.

    Raises:
        UsageError: it is not; names the extra.
    """
    if find_spec(module) is None:
        raise UsageError(
            f"Reading {kind} documents needs {module}, which is not installed.",
            mend="Install it with: pip install 'itops-agent[documents]'.",
        )


def extract(kind: Kind, source: Source, *, seconds: float = SECONDS) -> Extract:
    """The document's text, read by a child process that may neither take long nor grow large.

    Raises:
        InvalidInstruction: it can't be read within those bounds, or at all.
    """
    command = [sys.executable, "-m", _READER, kind]
    try:
        done = subprocess.run(command, input=source.data, capture_output=True, check=False, timeout=seconds)
    except subprocess.TimeoutExpired as error:
        what = f"reading it took more than {seconds:.0f} seconds"
        raise complaint(source.place, 1, what, "Save its text as Markdown and import that.") from error
    try:
        told = json.loads(done.stdout[:_OUTPUT])
    except ValueError as error:
        what = "reading it took too much time or memory, or broke its reader"
        raise complaint(source.place, 1, what, "Save its text as Markdown and import that.") from error
    if "fault" in told:
        raise complaint(source.place, 1, told["fault"], told["mend"])
    return Extract(told["text"], tuple(told["changed"]), tuple(told["left"]))
