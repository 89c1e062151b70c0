"""What is sent to the far side for an attempt, and what its answer says.

The far side is driven by one text for a POSIX shell: assignments that describe the attempt, ``remote_wrapper.sh``, and
the call that starts it. It goes over standard input, so nothing of it stands in an argument list.
"""

import functools
import hashlib
import secrets
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Literal, TypeAlias

from itops.domain.instruction import Language
from itops.domain.result import Output, Result, ResultState
from itops.domain.script import Limits, Script
from itops.domain.secret import Secret
from itops.execution.process_runner import Show, judge, read_kept

Mode: TypeAlias = Literal["run", "void", "forget"]
COMMAND: Final = "exec /bin/sh -s"
KEPT_DAYS: Final = 30
_PIECE: Final = 32768
_INTERPRETERS: Final[dict[Language, tuple[str, str]]] = {
    "bash": ("bash --noprofile --norc", "script"),
    "powershell": ("pwsh -NoLogo -NoProfile -NonInteractive -File", "script.ps1"),
}
_UNKNOWN: Final = {
    "forgotten": "It was started earlier, and what it left on the target was removed.",
    "rebooted": "The target was restarted while it ran.",
    "void": "The target was restarted since it was sent there; it may have run before that.",
}
_TROUBLES: Final = {
    "unwritable": "The attempt can't be recorded on the target: {}. Nothing ran.",
    "interpreter": "The target has no {}; nothing ran.",
    "shell": "The shell of the target has no printf of its own, and a secret would be seen; nothing ran.",
}


@dataclass(frozen=True)
class RemoteOrder:
    """All that the far side needs for an attempt."""

    attempt: str
    digest: str
    language: Language
    text: str
    limits: Limits
    stdin: Secret | None = None
    sudo_password: Secret | None = None
    grace_seconds: float = 5.0


@dataclass(frozen=True)
class Inquiry:
    """One text to send.

    Its answer starts behind the nonce, whatever the start-up files of the account print first, and is not longer than
    ``most_bytes``.
    """

    text: bytes = field(repr=False)
    nonce: str
    most_bytes: int = 2**20


@dataclass(frozen=True)
class Answer:
    """What the far side said: the words of its first line, and what follows on both streams."""

    words: tuple[str, ...]
    stdout: bytes = b""
    stderr: bytes = b""


def runs(language: Language) -> bool:
    """Whether scripts of this language can run behind a POSIX shell."""
    return language in _INTERPRETERS


def inquiry(order: RemoteOrder, mode: Mode, *, age_seconds: float = 0.0) -> Inquiry:
    """The text that runs, stops or forgets an attempt.

    Args:
        order: The attempt.
        mode: ``run`` starts it, or waits for it and reads it; ``void`` stops it, or sees that it never starts;
            ``forget`` removes what it left but the fact that it was there.
        age_seconds: How long ago it may first have come there; a target that started since then runs nothing.
    """
    limits, nonce = order.limits, f"itops-{secrets.token_hex(12)}"
    interpreter, name = _INTERPRETERS[order.language]
    values = {
        "mode": mode,
        "attempt": order.attempt,
        "digest": order.digest,
        "age": _hundredths(age_seconds),
        "whole": _hundredths(limits.time_limit_seconds),
        "idle": _hundredths(limits.idle_limit_seconds),
        "grace": _hundredths(order.grace_seconds),
        "tick": f"{_tick(limits):.2f}",
        "limit": limits.output_limit_bytes,
        "half": limits.output_limit_bytes // 2,
        "blocks": max(8, 2 * limits.output_limit_bytes // _PIECE),
        "days": KEPT_DAYS,
        "interpreter": interpreter,
        "name": name,
        "text": order.text,
        "stdin": order.stdin.reveal() if order.stdin else "",
        "password": order.sudo_password.reveal() if order.sudo_password else "",
    }
    head = "".join(f"{key}={shlex.quote(str(value))}\n" for key, value in values.items())
    text = f"nonce={nonce}\nprintf '%s\\n' \"$nonce\"\n{head}{_wrapper()}\nitops_main </dev/null\n"
    return Inquiry(text.encode(), nonce, most_bytes=6 * limits.output_limit_bytes + 2**20)


def read_answer(nonce: str, stdout: bytes, stderr: bytes) -> Answer | None:
    """The answer among all that came; None where there is none."""
    _, found, rest = stdout.partition(f"\n{nonce} ".encode())
    line, whole, body = rest.partition(b"\n")
    if not found or not whole:
        return None
    _, _, errors = stderr.partition(f"\n{nonce}\n".encode())
    return Answer(tuple(line.decode(errors="replace").split(" ")), body, errors)


def read_remote_result(
    answer: Answer, script: Script, identity: tuple[str, str], show: Callable[[Path], Show]
) -> Result:
    """What came of the attempt; ``identity`` is target and attempt, ``show`` is told the script's path there."""
    target, attempt = identity
    kind, *details = answer.words
    if kind == "outcome":
        return _outcome(answer, script, identity, show)
    if kind == "trouble":
        note = _TROUBLES[details[0]].format(" ".join(details[1:]))
        return Result(target=target, attempt=attempt, state=ResultState.UNREACHABLE, note=note)
    if answer.words == ("void", "stopped"):
        note = "It was stopped before it started; nothing ran."
        return Result(target=target, attempt=attempt, state=ResultState.CANCELLED, note=note)
    note = _UNKNOWN.get(kind, "Its wrapper on the target was killed while it ran.")
    stopped = int(details[0]) if kind == "killed" else 0
    note += f" {stopped} processes that were left of it have been stopped." if stopped else ""
    seen = show(Path("script"))
    return Result(
        target=target,
        attempt=attempt,
        state=ResultState.UNKNOWN,
        stdout=_early(answer.stdout, seen),
        stderr=_early(answer.stderr, seen),
        note=note,
    )


def _outcome(answer: Answer, script: Script, identity: tuple[str, str], show: Callable[[Path], Show]) -> Result:
    _, ended, code, hundredths, survivors, lingering, *facts = answer.words
    place = Path(" ".join(facts[5:]))
    state, note = judge(
        {"ended": ended, "exit_code": int(code), "survivors": int(survivors), "lingering": lingering == "1"}
    )
    limit, seen = script.limits.output_limit_bytes, show(place / _INTERPRETERS[script.language][1])
    return Result(
        target=identity[0],
        attempt=identity[1],
        state=state,
        exit_code=int(code),
        stdout=_kept(answer.stdout, (facts[0], facts[1]), limit, seen),
        stderr=_kept(answer.stderr, (facts[2], facts[3]), limit, seen),
        seconds=int(hundredths) / 100,
        note=note,
    )


def _kept(data: bytes, facts: tuple[str, str], limit: int, show: Show) -> Output:
    """One stream: head and tail as the far side kept them, or all of it."""
    length, digest = facts
    if length == "lost":
        text = f"{show.text(data[: limit // 2])}\n[… the rest could not be kept …]"
        return Output(text=text, length=len(data), truncated=True)
    if length != "-":
        known = {"length": int(length), "sha256": "" if digest == "-" else digest}
        return read_kept(data, known, limit, show)
    half = limit // 2
    kept = data if len(data) <= limit else data[:half] + data[len(data) - (limit - half) :]
    return read_kept(kept, {"length": len(data), "sha256": hashlib.sha256(data).hexdigest()}, limit, show)


def _early(data: bytes, show: Show) -> Output:
    return Output(text=show.text(data), length=len(data), truncated=True)


def _hundredths(seconds: float) -> int:
    return max(0, round(seconds * 100))


def _tick(limits: Limits) -> float:
    """How often the limits are looked at: often enough to hold them, seldom enough to cost nothing."""
    return min(1.0, max(0.05, min(limits.time_limit_seconds, limits.idle_limit_seconds) / 4))


@functools.cache
def _wrapper() -> str:
    return Path(__file__).with_name("remote_wrapper.sh").read_text(encoding="utf-8")
