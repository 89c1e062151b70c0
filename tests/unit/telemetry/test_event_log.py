import json
import logging
import sys

import pytest

from itops.domain.event import QuestionAnswered, TaskEnded
from itops.domain.identity import Person
from itops.domain.task import TaskState
from itops.errors import JournalError
from itops.telemetry.event_log import LoggedJournal, configure_logs
from itops.testing.memory_journal import MemoryJournal

ENDED = TaskEnded(task="t1", key="ended", state=TaskState.SUCCEEDED)


@pytest.fixture(autouse=True)
def logger():
    """The logger of itops, as it was before."""
    logger = logging.getLogger("itops")
    before = (logger.handlers, logger.level, logger.propagate)
    yield logger
    for handler in logger.handlers:
        handler.close()
    logger.handlers, logger.level, logger.propagate = before


def lines(folder) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "itops.log").read_text().splitlines()]


async def test_an_event_is_one_json_line_under_its_name(tmp_path):
    configure_logs(tmp_path, level="info", as_json=False)
    record = await LoggedJournal(MemoryJournal()).append(ENDED)
    (line,) = lines(tmp_path)
    assert (line["event"], line["task"], line["key"], line["seq"]) == ("task.ended", "t1", "ended", record.seq)
    assert {"level", "timestamp"} <= set(line)


async def test_what_was_said_is_never_logged(tmp_path):
    configure_logs(tmp_path, level="debug", as_json=False)
    said = QuestionAnswered(task="t1", key="k", answer="hunter2", by=Person(id="ann"))
    await LoggedJournal(MemoryJournal()).append(said)
    assert "hunter2" not in (tmp_path / "itops.log").read_text()


async def test_an_event_that_was_not_recorded_is_not_logged(tmp_path):
    configure_logs(tmp_path, level="info", as_json=False)
    journal = MemoryJournal()
    journal.failure = JournalError("full")
    with pytest.raises(JournalError):
        await LoggedJournal(journal).append(ENDED)
    assert lines(tmp_path) == []


async def test_reading_is_the_journals_own():
    journal = MemoryJournal()
    logged = LoggedJournal(journal)
    record = await logged.append(ENDED)
    assert await logged.find("t1", "ended") == record
    assert await logged.read(task="t1", kind="task.ended", after=0, limit=5, newest=1) == [record]
    assert await logged.read(task="t1", after=record.seq) == []


def test_the_console_hears_warnings_and_the_file_all_of_its_level(tmp_path, capsys, logger):
    configure_logs(tmp_path, level="info", as_json=False)
    logger.debug("quiet")
    logger.info("said")
    logger.warning("loud")
    assert [line["event"] for line in lines(tmp_path)] == ["said", "loud"]
    told = capsys.readouterr()
    assert "loud" in told.err
    assert "said" not in told.err
    assert told.out == ""


@pytest.mark.parametrize("as_json", [True, False])
def test_the_console_speaks_json_where_a_machine_collects_it(tmp_path, capsys, logger, as_json):
    configure_logs(tmp_path, level="info", as_json=as_json)
    logger.error("loud")
    assert capsys.readouterr().err.startswith('{"') is as_json


def test_a_fault_is_logged_with_its_traceback(tmp_path, logger):
    configure_logs(tmp_path, level="info", as_json=False)
    try:
        raise ZeroDivisionError("a fault")  # noqa: TRY301 - what is logged must have been raised
    except ZeroDivisionError:
        logger.exception("failed")
    assert "ZeroDivisionError: a fault" in str(lines(tmp_path)[0]["exception"])


def test_without_a_folder_to_write_the_console_alone_is_used_and_says_so(tmp_path, capsys, logger):
    (tmp_path / "file").touch()
    configure_logs(tmp_path / "file" / "logs", level="info", as_json=False)
    assert "no log file" in capsys.readouterr().err
    assert [handler.stream for handler in logger.handlers] == [sys.stderr]


def test_configured_again_it_does_not_say_everything_twice(tmp_path, logger):
    configure_logs(tmp_path, level="info", as_json=False)
    configure_logs(tmp_path, level="info", as_json=False)
    logger.info("once")
    assert len(lines(tmp_path)) == 1
