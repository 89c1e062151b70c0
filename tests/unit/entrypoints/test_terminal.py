import asyncio
import json
import os
import pty
import sys
from datetime import UTC, datetime

import pytest

from itops.conversation.event_view import visible
from itops.domain.approval import Approval
from itops.domain.event import Event, Record, RunFinished, ScriptProposed, TaskSubmitted
from itops.domain.identity import Person
from itops.domain.plan import Question
from itops.domain.result import Output, Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task
from itops.entrypoints.terminal import Terminal, ask_line, print_json, say, say_aside, show_rows
from itops.workflow.task_view import TaskView

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ANN = Person(id="ann")
SUBMITTED = TaskSubmitted(
    task="t1", key="s", submitted=Task(id="t1", words="[red]do[/] it", requester=ANN, submitted_at=NOW)
)


def record(event: Event, seq: int = 1) -> Record:
    return Record(seq=seq, at=NOW, event=event, previous="", hash="")


def proposed(text: str) -> ScriptProposed:
    here = (Target(name="local", platform=Platform.LINUX),)
    return ScriptProposed(
        task="t1", key="p", subtask=0, action="t1-1", script=Script(language="bash", text=text, targets=here)
    )


def test_each_event_is_shown_once_and_words_are_no_markup(capsys):
    terminal = Terminal()
    terminal.show(record(SUBMITTED))
    terminal.show(record(SUBMITTED))
    assert capsys.readouterr().out == "Task: [red]do[/] it\n"


def test_it_speaks_to_standard_error_where_standard_output_is_for_programs(capsys):
    Terminal(to_stderr=True).show(record(SUBMITTED))
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "Task: [red]do[/] it\n")


def test_a_script_is_shown_line_by_line_and_nothing_in_it_can_hide(capsys):
    Terminal().show(record(proposed("ls\nrm x\x1b[8m; rm y\r# \u202egnp\u200b \x9b")))
    shown = capsys.readouterr().out
    assert "    ls\n    rm x\\x1b[8m; rm y\\r# \\u202egnp\\u200b \\x9b\n" in shown


def test_what_a_command_printed_can_not_rewrite_the_screen(capsys):
    result = Result(
        target="local", state=ResultState.SUCCEEDED, attempt="x", stdout=Output(text="a\x1b[2J\x1b]0;t\x07b\r\nc")
    )
    Terminal().show(record(RunFinished(task="t1", key="r", action="t1-1", result=result)))
    assert "    a\\x1b[2J\\x1b]0;t\\x07b\n    c\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["plain\n\ttext", "Grüße 漢字 €", "é"])
def test_words_in_any_language_stay_as_they_are(text):
    assert visible(text) == text


def test_the_last_lines_say_how_to_go_on(capsys):
    asked = Approval(
        id="a1",
        task="t1",
        action="t1-1",
        digest="",
        policy_version="1",
        requester=ANN,
        requested_at=NOW,
        expires_at=NOW,
    )
    Terminal().close(TaskView(id="t1", approval=asked), {})
    assert "itops approvals approve a1 " in capsys.readouterr().out
    Terminal().close(TaskView(id="t1", question=Question(text="?")), {})
    assert 'itops tasks answer t1 "…"' in capsys.readouterr().out
    Terminal().close(TaskView(id="t1"), {"password": "[b]x"})
    assert capsys.readouterr().out.endswith("[b]x\n")


def test_rows_are_a_table_for_people_and_json_for_programs(capsys):
    rows = [{"id": "a", "targets": ["x", "y"], "digest": "d1"}, {"id": "b\x1b", "targets": [], "digest": "d2"}]
    show_rows(rows, as_json=True)
    assert json.loads(capsys.readouterr().out) == rows
    show_rows(rows, as_json=False)
    table = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert table == [["id", "targets"], ["a", "x,", "y"], ["b\\x1b"]]
    show_rows([], as_json=False)
    assert capsys.readouterr().out == "There are none.\n"
    show_rows([], as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_a_table_in_a_pipe_is_not_cut(capsys):
    words = "word " * 60
    show_rows([{"words": words.strip()}], as_json=False)
    assert words.strip() in capsys.readouterr().out


def test_what_is_said_ends_in_one_line_break(capsys):
    say("a\n\n")
    print_json({"ü": 1})
    assert capsys.readouterr().out == 'a\n{\n  "ü": 1\n}\n'


@pytest.fixture
def typed(monkeypatch):
    """The other side of a terminal."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield ours
    os.close(ours)


async def test_lines_are_read_one_at_a_time(typed, capsys):
    os.write(typed, b"first\nsecond\n\x04")
    lines = [await asyncio.wait_for(ask_line("? "), 10) for _ in range(3)]
    assert lines == ["first", "second", ""]
    assert capsys.readouterr().err == "? ? ? "


async def test_waiting_for_a_line_can_be_cancelled_and_the_line_is_then_still_there(typed):
    waiting = asyncio.create_task(ask_line("? "))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    os.write(typed, b"later\n")
    assert await asyncio.wait_for(ask_line("? "), 10) == "later"


def test_what_stands_beside_the_result_goes_to_standard_error(capsys):
    say_aside("look here\n")
    say_aside(" \n")
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "look here\n")
