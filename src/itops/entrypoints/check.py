"""``itops check``: judge without running."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any, Final, get_args

from itops.bootstrap import House
from itops.domain.instruction import Language
from itops.domain.verdict import Decision
from itops.entrypoints.session import in_session
from itops.entrypoints.terminal import print_json, say
from itops.errors import UsageError

_AT_ONCE: Final = 32
_EXIT: Final = {Decision.ALLOW: 0, Decision.ASK: 1, Decision.DENY: 3}


def check_text(text: str, *, shell: str, as_json: bool) -> int:
    """Judge one text; the exit code is the verdict."""
    language, command = given_text(text, shell)
    row = {"id": "1", "shell": language, "command": command}

    async def work(house: House) -> dict[str, Any]:
        return await _judged(house, row)

    judged = in_session(work)
    if as_json:
        print_json(judged)
    else:
        reasons = [f"- {reason['message']} [{reason['rule']}]" for reason in judged["reasons"]]
        say("\n".join([f"{judged['verdict']} (effect: {judged['effect']})", *reasons]))
    return _EXIT[Decision(judged["verdict"])]


def given_text(text: str, shell: str) -> tuple[Language, str]:
    """The text to judge and its language: what is given, else standard input.

    Raises:
        UsageError: there is none, or there is no such shell.
    """
    row = _checked({"shell": shell, "command": text or _standard_input()}, 1)
    return row["shell"], row["command"]


def check_jsonl(source: str) -> int:
    """Judge a row a line, in order; the exit code is the strictest verdict."""
    try:
        text = _standard_input() if source == "-" else Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{source} can't be read: {error}.", world="Nothing was judged.") from error
    rows = [_parsed(line, number) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]

    async def work(house: House) -> list[Decision]:
        decisions = []
        for start in range(0, len(rows), _AT_ONCE):
            for judged in await asyncio.gather(*(_judged(house, row) for row in rows[start : start + _AT_ONCE])):
                say(json.dumps(judged, ensure_ascii=False))
                decisions.append(Decision(judged["verdict"]))
        return decisions

    decisions = in_session(work)
    return _EXIT[max(decisions, key=lambda decision: decision.strictness, default=Decision.ALLOW)]


def _standard_input() -> str:
    """All of it; nothing where it is closed."""
    return sys.stdin.read() if sys.stdin else ""


def _parsed(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise UsageError(f"Line {number} is not JSON: {error.msg}.", world="Nothing was judged.") from error
    return _checked(row, number)


def _checked(row: Any, number: int) -> dict[str, Any]:  # noqa: ANN401 - whatever the line holds
    if not isinstance(row, dict) or not isinstance(row.get("command"), str) or not row["command"].strip():
        raise UsageError(f'Line {number} needs a "command" with text in it.', world="Nothing was judged.")
    if row.get("shell", "bash") not in get_args(Language):
        raise UsageError(
            f"Line {number} names the shell {row.get('shell')!r}; there are: {', '.join(get_args(Language))}.",
            world="Nothing was judged.",
        )
    return row


async def _judged(house: House, row: dict[str, Any]) -> dict[str, Any]:
    judgement = await house.check(row.get("shell", "bash"), row["command"])
    return {
        "id": row.get("id"),
        "verdict": judgement.decision.value,
        "effect": judgement.effect.value,
        "reasons": [reason.model_dump(mode="json", exclude_defaults=True) for reason in judgement.reasons],
        "commands": [list(command.argv) for command in judgement.facts.commands],
    }
