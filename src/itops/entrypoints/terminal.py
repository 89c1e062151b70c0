"""What a person sees at a terminal: messages as they come, rows, JSON for programs."""

import asyncio
import json
import sys
from collections.abc import Sequence
from textwrap import indent
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from itops.conversation.event_view import Message, message_of, visible
from itops.domain.event import Record
from itops.domain.task import TaskState
from itops.workflow.task_view import TaskView

_WIDE = 500
_TONES = {"plain": "default", "good": "green", "warn": "yellow", "bad": "red"}
_LABELS = {
    "request": "Task",
    "plan": "Plan",
    "script": "Script",
    "verdict": "Verdict",
    "approval": "Approval",
    "output": "Output",
    "question": "Question",
    "reply": "Reply",
    "answer": "Answer",
    "end": "End",
}


class Terminal:
    """Shows a task's messages as they happen."""

    def __init__(self, *, to_stderr: bool = False) -> None:
        self._console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
        self._shown = 0

    def show(self, record: Record) -> None:
        """One event, once, if it is of interest to a person."""
        if record.seq <= self._shown:
            return
        self._shown = record.seq
        message = message_of(record)
        if message is not None:
            self._write(message)

    def close(self, view: TaskView, secrets: dict[str, str]) -> None:
        """The last lines: secrets that are shown once, and what to do where the task waits."""
        doubt = "" if view.state is TaskState.SUCCEEDED else "; the task did not succeed, so it may not be in force"
        for name, value in secrets.items():
            self._console.print(f"[bold]{escape(name)}[/] (shown once{doubt}): {escape(value)}")
        for line in _next_steps(view):
            self._console.print(escape(line), style="yellow")

    def _write(self, message: Message) -> None:
        tone = _TONES[message.tone]
        label = _LABELS.get(message.kind, "")
        if label:
            self._console.print(f"[bold {tone}]{label}:[/] ", end="")
        self._console.print(escape(message.text), style=tone if message.kind != "answer" else "default")
        if message.code:
            style = "cyan" if message.kind == "script" else "default"
            self._console.print(escape(indent(message.code, "    ")), style=style)


def _next_steps(view: TaskView) -> list[str]:
    if view.state is TaskState.WAITING and view.approval:
        wait = f"itops approvals approve {view.approval.id}   (or: reject {view.approval.id} --reason TEXT)"
        return ["The task waits for a person; nothing of this script has run.", f"  {wait}"]
    if view.state is TaskState.WAITING:
        return ["The task waits for your answer.", f'  itops tasks answer {view.id} "…"']
    return []


async def ask_line(prompt: str) -> str:
    """A line from the person at the terminal; empty at its end."""
    sys.stderr.write(prompt)
    sys.stderr.flush()
    # No thread may wait for the line: nothing could end it when the person presses Ctrl-C instead.
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(sys.stdin, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline().rstrip("\n")


def say(text: str) -> None:
    """A text on standard output."""
    sys.stdout.write(text.rstrip("\n") + "\n")


def say_aside(text: str) -> None:
    """A text beside the result, on standard error."""
    if text.strip():
        sys.stderr.write(text.strip() + "\n")


def print_json(value: object) -> None:
    """One JSON document on standard output."""
    say(json.dumps(value, ensure_ascii=False, indent=2))


def show_rows(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Rows as a table for people, or as JSON for programs. A digest is for programs."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        say("There are none.")
        return
    columns = [column for column in rows[0] if column != "digest"]
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=column in ("id", "task", "state"))
    for row in rows:
        table.add_row(*(escape(_cell(row[column])) for column in columns))
    console = Console(highlight=False)
    # What goes to a file or a pipe has no width of its own: nothing there is wrapped.
    console.width = console.width if console.is_terminal else _WIDE
    console.print(table)


def _cell(value: object) -> str:
    return visible(", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value))
