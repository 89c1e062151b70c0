"""Tries a script on a throw-away copy of this machine's files, and says what it would change."""

import asyncio
import difflib
import grp
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any, Final

from itops.domain.preview import FileChange, FileState, Preview, PreviewScript
from itops.errors import NotPermitted
from itops.execution.process_runner import clean_environment

SECONDS: Final = 10.0
_SPARE_SECONDS: Final = 5.0
_MEGABYTES: Final = 64
_OUTPUT_BYTES: Final = 4096
_CHANGES: Final = 100
_TEXT_BYTES: Final = 32 * 1024
_DIFF_LINES: Final = 60
_DIFF_LETTERS: Final = 4000
_ALL_DIFFS_LETTERS: Final = 24_000
_RAISED: Final = re.compile(r"\b(?:sudo|doas)\b")
_JAIL: Final = "itops.execution.preview_jail"


class PreviewRunner:
    """Tries scripts where nothing of them lasts.

    ``redact`` hides secrets in texts; of a file that ``is_secret`` no text is shown at all.
    """

    def __init__(
        self, *, redact: Callable[[str], str], is_secret: Callable[[str], bool], seconds: float = SECONDS
    ) -> None:
        self._redact, self._is_secret, self._seconds = redact, is_secret, seconds

    async def preview(self, permitted: PreviewScript) -> Preview:
        """What the script would change; a preview that can't be had says why. It takes seconds at most.

        Raises:
            NotPermitted: it is not permitted to be tried. Nothing ran.
        """
        if not isinstance(permitted, PreviewScript):
            raise NotPermitted(f"Only a script to preview is tried, not a {type(permitted).__name__}.")
        return await asyncio.to_thread(self._tried, permitted.script.text)

    def _tried(self, text: str) -> Preview:
        environment = clean_environment(os.environ)
        bash = shutil.which("bash", path=environment["PATH"])
        if not sys.platform.startswith("linux") or bash is None:
            return Preview(trouble="this machine has no bash, or is no Linux")
        if os.geteuid() != 0 and _RAISED.search(text):
            return Preview(trouble="it would run as another user, whose rights can't be had in a preview")
        order = {
            "script": text,
            "command": [bash, "--noprofile", "--norc"],
            "environment": {**environment, "PATH": f"/run/bin:{environment['PATH']}"},
            "directory": environment["HOME"],
            "seconds": self._seconds,
            "megabytes": _MEGABYTES,
            "output_bytes": _OUTPUT_BYTES,
            "changes": _CHANGES,
            "text_bytes": _TEXT_BYTES,
        }
        began = time.monotonic()
        report = _report(order, self._seconds + _SPARE_SECONDS)
        if "trouble" in report:
            return Preview(trouble=self._redact(str(report["trouble"])))
        return Preview(
            exit_code=report["exit_code"],
            output=self._redact(report["output"]).strip(),
            changes=self._changes(report["changes"]),
            total=report["total"],
            seconds=round(time.monotonic() - began, 3),
        )

    def _changes(self, found: list[dict[str, Any]]) -> tuple[FileChange, ...]:
        room = _ALL_DIFFS_LETTERS
        changes = []
        for each in found:
            diff = self._diff(each) if room > 0 else ""
            room -= len(diff)
            changes.append(
                FileChange(
                    path=each["path"],
                    what=each["what"],
                    before=_state(each["before"]),
                    after=_state(each["after"]),
                    diff=diff,
                )
            )
        return tuple(changes)

    def _diff(self, change: Mapping[str, Any]) -> str:
        """What is other in a small text. Secrets are hidden on both sides first, so that no part of one is left."""
        before, after = change.get("before_text"), change.get("after_text")
        if before is None or after is None or self._is_secret(change["path"]):
            return ""
        lines = difflib.unified_diff(
            self._redact(before).splitlines(),
            self._redact(after).splitlines(),
            "as it is",
            "as it would be",
            lineterm="",
        )
        shown = list(islice(lines, _DIFF_LINES + 1))
        text = "\n".join(shown[:_DIFF_LINES])[:_DIFF_LETTERS]
        is_cut = len(shown) > _DIFF_LINES or len(text) == _DIFF_LETTERS
        return f"{text}\n… more is not shown …" if is_cut else text


def _report(order: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """What came of the order; where nothing did, why."""
    try:
        ran = subprocess.run(
            (sys.executable, "-I", "-m", _JAIL),
            input=json.dumps(order).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            start_new_session=True,
            check=False,
        )
        report = json.loads(ran.stdout)
    except subprocess.TimeoutExpired:
        return {"trouble": f"it took longer than {order['seconds']:g} s"}
    except (OSError, ValueError) as error:
        return {"trouble": f"it could not be tried ({type(error).__name__})"}
    return report if isinstance(report, dict) else {"trouble": "it could not be tried"}


def _state(found: dict[str, Any] | None) -> FileState | None:
    if found is None:
        return None
    user, _, group = found["owner"].partition(":")
    owner = f"{_name(pwd.getpwuid, user)}:{_name(grp.getgrgid, group)}"
    return FileState.model_validate({**found, "owner": owner})


def _name(look_up: Callable[[int], tuple[Any, ...]], number: str) -> str:
    """The account's name, or its number where it has none."""
    try:
        return str(look_up(int(number))[0])
    except KeyError:
        return number
