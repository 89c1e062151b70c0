"""What a command on this machine is given, and what is read of it when it has ended."""

import hashlib
import json
import os
import pwd
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from itops.domain.result import Output, Result, ResultState
from itops.domain.script import Script
from itops.execution import wrapper
from itops.execution.attempts import FORGOTTEN, boot_id, read_boot, read_sandbox

STANDARD_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
SEAM: Final = 256
_FIXED: Final = {
    "SHELL": "/bin/bash",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TERM": "dumb",
    "NO_COLOR": "1",
    "PAGER": "cat",
    "GIT_PAGER": "cat",
    "MANPAGER": "cat",
    "SYSTEMD_PAGER": "",
    "AWS_PAGER": "",
    "DEBIAN_FRONTEND": "noninteractive",
}
_STATES: Final = {
    "time_limit": (ResultState.TIMED_OUT, "It took longer than its time limit and was stopped."),
    "idle_limit": (ResultState.TIMED_OUT, "It printed nothing for longer than its idle limit and was stopped."),
    "stopped": (ResultState.CANCELLED, "It was stopped while it ran; what it did until then stands."),
    "not_started": (ResultState.UNREACHABLE, "The system could not start it; nothing ran."),
}
_REFUSALS: Final = (
    b"Read-only file system",
    b"Permission denied",
    b"Operation not permitted",
    b"Address family not supported",
    b"Network is unreachable",
    b"Temporary failure in name resolution",
    b"no new privileges",
    b"itops: the sandbox",
    b"bwrap: ",
)


def clean_environment(worker: Mapping[str, str]) -> dict[str, str]:
    """Only what every command needs: nothing of the worker's but its search path and time zone.

    The path keeps the worker's absolute entries, and the standard ones follow: a user's path often lacks the sbins.
    """
    account = pwd.getpwuid(os.getuid())
    entries = [*worker.get("PATH", "").split(":"), *STANDARD_PATH.split(":")]
    path = ":".join(dict.fromkeys(entry for entry in entries if entry.startswith("/")))
    zone = {"TZ": worker["TZ"]} if "TZ" in worker else {}
    return {"PATH": path, "HOME": account.pw_dir, "USER": account.pw_name, "LOGNAME": account.pw_name, **zone, **_FIXED}


def read_result(place: Path, script: Script, identity: tuple[str, str], show: "Show") -> Result:
    """What came of the attempt whose directory is ``place``; ``identity`` is target and attempt."""
    target, attempt = identity
    try:
        outcome: dict[str, Any] = json.loads((place / "outcome").read_text())
    except (FileNotFoundError, ValueError):
        return _unknown(place, script, identity, show)
    if outcome["ended"] == "not_started":
        state, note = _STATES["not_started"]
        return Result(target=target, attempt=attempt, state=state, note=note)
    state, note = judge(outcome)
    limit = script.limits.output_limit_bytes
    sandbox = read_sandbox(place)
    if sandbox and state is ResultState.FAILED:
        note = f"{note} {_confined(sandbox, (place / 'stderr').read_bytes())}".strip()
    return Result(
        target=target,
        attempt=attempt,
        state=state,
        exit_code=_exit_code(outcome["exit_code"]),
        stdout=read_kept((place / "stdout").read_bytes(), outcome["stdout"], limit, show),
        stderr=read_kept((place / "stderr").read_bytes(), outcome["stderr"], limit, show),
        seconds=outcome["seconds"],
        note=note,
        sandbox=sandbox,
    )


def read_kept(kept: bytes, facts: Mapping[str, Any], limit: int, show: "Show") -> Output:
    """One stream as it may be shown: whole, or its head and its tail. ``facts`` are of the true bytes."""
    length = int(facts["length"])
    lost = len(kept) < min(length, limit)
    text = f"{show.text(kept)}\n[… the rest could not be kept …]" if lost else show.ends(kept, length, limit)
    return Output(
        text=text,
        length=length,
        sha256=facts["sha256"] or ("" if lost else hashlib.sha256(kept).hexdigest()),
        truncated=lost or length > limit,
    )


class Show:
    """How bytes of an output become text for people: decoded, the script's path made short, secrets hidden."""

    def __init__(self, redact: Callable[[str], str], *, seam: int = SEAM, script: Path | None = None) -> None:
        self._redact, self._seam, self._script = redact, max(SEAM, seam), script

    def text(self, piece: bytes) -> str:
        """All of it."""
        text = piece.decode("utf-8", errors="replace")
        if self._script is not None:
            text = text.replace(str(self._script), self._script.name)
        return self._redact(text)

    def ends(self, kept: bytes, length: int, limit: int) -> str:
        """Head and tail where there is more than the limit.

        What stands next to the cut is left out too: it may be a part of a secret, which nothing would recognise.
        """
        if length <= limit:
            return self.text(kept)
        half = limit // 2
        head, tail = kept[: max(0, half - self._seam)], kept[half + self._seam :]
        left_out = length - len(head) - len(tail)
        return f"{self.text(head)}\n[… {left_out} bytes left out …]\n{self.text(tail)}"


def judge(outcome: Mapping[str, Any]) -> tuple[ResultState, str]:
    """The state and the note of an outcome, whose exit code is negative where a signal ended it."""
    code, ended = outcome["exit_code"], outcome["ended"]
    survivors = outcome["survivors"]
    if ended != "exited":
        state, note = _STATES[ended]
        return state, f"{note} {survivors} of its processes could not be stopped." if survivors else note
    note = f"Killed by signal {-code}." if code < 0 else ""
    if outcome["lingering"]:
        note += " It left a process in the background; what that printed later is not kept."
    return (ResultState.SUCCEEDED if code == 0 else ResultState.FAILED), note.strip()


def _confined(sandbox: str, stderr: bytes) -> str:
    refused = any(sign in stderr for sign in _REFUSALS)
    may = ", and it was refused something: that may be the sandbox's doing, not the machine's" if refused else ""
    return f"It ran confined by {sandbox}, where it can only read{may}."


def _exit_code(code: int | None) -> int | None:
    """As shells say it: 128 and the signal's number where a signal ended it."""
    return 128 - code if code is not None and code < 0 else code


def _unknown(place: Path, script: Script, identity: tuple[str, str], show: Show) -> Result:
    target, attempt = identity
    if (place / FORGOTTEN).exists() or not (place / "order").exists():
        note = "It was started earlier, and what it left here was removed."
        return Result(target=target, attempt=attempt, state=ResultState.UNKNOWN, note=note)
    if read_boot(place) != boot_id():
        note = "The machine was restarted while it ran."
    else:
        stopped = wrapper.signal_all(str(place), wrapper.KILL)
        note = "Its wrapper was killed while it ran."
        note += f" {stopped} processes that were left of it have been stopped." if stopped else ""
    limit = script.limits.output_limit_bytes
    return Result(
        target=target,
        attempt=attempt,
        state=ResultState.UNKNOWN,
        stdout=_read_early(place / "stdout", limit, show),
        stderr=_read_early(place / "stderr", limit, show),
        note=note,
    )


def _read_early(path: Path, limit: int, show: Show) -> Output:
    """What had reached the disk, which is the head at most."""
    kept = path.read_bytes() if path.exists() else b""
    return Output(text=show.text(kept[: limit // 2]), length=len(kept), truncated=True)
