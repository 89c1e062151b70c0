"""What this machine remembers of attempts it sent elsewhere.

It is written before anything is sent, so that a worker that comes back knows whether a target that it can't reach may
have run something.
"""

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from itops.domain.target import Target
from itops.errors import StoreError

_FORGOTTEN: Final = ".forgotten"


@dataclass(frozen=True)
class Mark:
    """Where an attempt was sent, when first (seconds since 1970), and for which script."""

    target: Target
    at: float
    digest: str


class SentMarks:
    """One small file for each attempt that was sent."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def find(self, attempt: str) -> Mark | None:
        """The mark of an attempt; None where it was never sent from here."""
        for name in (attempt, attempt + _FORGOTTEN):
            try:
                data = json.loads((self._directory / name).read_text())
                return Mark(Target.model_validate(data["target"]), float(data["at"]), data["digest"])
            except FileNotFoundError:
                continue
            except (OSError, ValueError, KeyError) as error:
                raise _refused(attempt, error, "It may have run.") from error
        return None

    def set(self, attempt: str, target: Target, digest: str) -> Mark:
        """Remember that it is about to be sent; once this returns, a power cut does not change that."""
        mark = Mark(target, time.time(), digest)
        text = json.dumps({"target": target.model_dump(mode="json"), "at": mark.at, "digest": digest})
        path = self._directory / attempt
        draft = path.with_name(f".{attempt}.{os.getpid()}.{time.monotonic_ns()}")
        try:
            self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            with draft.open("w") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
            _flush(self._directory)
        except OSError as error:
            raise _refused(attempt, error, "Nothing ran.") from error
        return mark

    def forget(self, attempt: str) -> None:
        """What it left on its target is removed; that it was sent stays known."""
        path = self._directory / attempt
        if path.exists():
            path.replace(path.with_name(attempt + _FORGOTTEN))

    def sweep(self, *, older_than_seconds: float) -> int:
        """Remove marks that are older; how many there were."""
        before = time.time() - older_than_seconds
        old = [path for path in self._directory.glob("[!.]*") if path.stat().st_mtime < before]
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


def _refused(attempt: str, error: Exception, world: str) -> StoreError:
    return StoreError(
        f"What is known of the attempt {attempt} can't be kept or read: {error}.",
        world=world,
        mend="Check that ITOPS_HOME can be written and its disk is not full.",
    )


def _flush(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
