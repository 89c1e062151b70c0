"""Log lines: JSON to a file, readable to the console; each journal event is one line under its stable name."""

import logging
import sys
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

import structlog

from itops.domain.event import Along, Event, Journal, Record

_FILE_BYTES: Final = 10 * 1024 * 1024
_FILES_KEPT: Final = 5
_FOR_THE_FILE: Final = ("exception", "exc_info", "stack")


class _QuietFile(RotatingFileHandler):
    """Says nothing where the disk is full: a person is told so by what could not be stored."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is the base class's
        """Let this line go."""


def configure_logs(folder: Path, *, level: str, as_json: bool) -> None:
    """Write JSON lines to ``<folder>/itops.log``, and warnings to standard error.

    Args:
        folder: Made where it is not there; where it can't be written, only the console is used.
        level: The least that goes to the file.
        as_json: JSON on the console too, for machines that collect it.
    """
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    json_lines = structlog.processors.JSONRenderer(ensure_ascii=False)
    console = logging.StreamHandler(sys.stderr)
    console.setLevel(logging.WARNING)
    console.setFormatter(
        structlog.stdlib.ProcessorFormatter(processor=json_lines if as_json else _readable(), foreign_pre_chain=shared)
    )
    handlers: list[logging.Handler] = [console]
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = _QuietFile(folder / "itops.log", maxBytes=_FILE_BYTES, backupCount=_FILES_KEPT, encoding="utf-8")
        file.setFormatter(structlog.stdlib.ProcessorFormatter(processor=json_lines, foreign_pre_chain=shared))
        handlers.append(file)
    except OSError as error:
        sys.stderr.write(f"Warning: no log file in {folder}: {error.strerror}\n")
    logger = logging.getLogger("itops")
    logger.handlers = handlers
    logger.setLevel(level.upper())
    logger.propagate = False


def _readable() -> structlog.typing.Processor:
    """Lines for people: a traceback is for the file alone."""
    render = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())

    def line(logger: structlog.typing.WrappedLogger, name: str, event: structlog.typing.EventDict) -> str:
        return render(logger, name, {key: value for key, value in event.items() if key not in _FOR_THE_FILE})

    return line


class LoggedJournal:
    """A journal whose new records are also log lines: their kind, task and place, never their content."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._log = structlog.stdlib.get_logger("itops")

    async def append(self, event: Event) -> Record:
        """Record one event, then log it."""
        return self._logged(await self._journal.append(event))

    async def append_all(self, events: Sequence[Event], *, along: Along | None = None) -> list[Record]:
        """Record many events, then log each."""
        return [self._logged(record) for record in await self._journal.append_all(events, along=along)]

    async def read(
        self, *, task: str = "", kind: str = "", after: int = 0, limit: int = 10_000, newest: int = 0
    ) -> list[Record]:
        """As the journal reads."""
        return await self._journal.read(task=task, kind=kind, after=after, limit=limit, newest=newest)

    async def find(self, task: str, key: str) -> Record | None:
        """As the journal finds."""
        return await self._journal.find(task, key)

    def _logged(self, record: Record) -> Record:
        self._log.info(record.event.kind, task=record.event.task, key=record.event.key, seq=record.seq)
        return record
