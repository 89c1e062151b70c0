"""The name of an attempt: which action, which try, which target. It is also a directory's name."""

import hashlib
import re
from typing import Final

from itops.domain.target import Target
from itops.errors import UsageError

_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")


def attempt_name(action: str, number: int, target: Target) -> str:
    """``ACTION-NUMBER-TARGET``; no two targets share one, whatever their names are."""
    return f"{action}-{number}-{_slug(target.name)}"


def action_of(attempt: str, target: Target) -> str:
    """The action an attempt on this target belongs to."""
    return attempt.removesuffix(f"-{_slug(target.name)}").rpartition("-")[0] or attempt


def check_attempt_name(attempt: str) -> None:
    """Raise UsageError for what can't be a directory's name."""
    if not _NAME.fullmatch(attempt):
        raise UsageError(f"{attempt!r} can't be the name of an attempt.", mend="Use letters, digits, dots, - and _.")


def _slug(name: str) -> str:
    if _PLAIN.fullmatch(name):
        return name
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', name)[:40].strip('-')}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
