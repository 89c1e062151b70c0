"""The library learns from use: what people say of a use is kept, and a task that went well becomes a draft."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final
from uuid import uuid4

from itops.domain.event import InstructionRated, Journal
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionRef, Opinion
from itops.domain.outcome import Step
from itops.domain.task import Task
from itops.errors import UsageError
from itops.instructions.instruction_manager import InstructionManager
from itops.instructions.learning import feedback
from itops.instructions.learning.draft_from_task import Finished, draft
from itops.redaction import Redactor
from itops.storage.database import Database

_REDACTED: Final = "[REDACTED:"
_LINE_END: Final = "\n"


class Learning:
    """Feedback and drafts, over the tables and the journal.

    Raises:
        UsageError: what was asked for can't be. Nothing changed.
        JournalError: the journal can't be written. Nothing changed.
        StoreError: a table can't be read or written.
    """

    def __init__(
        self,
        *,
        database: Database,
        journal: Journal,
        library: Callable[[], Awaitable[InstructionManager]],
        redactor: Redactor,
    ) -> None:
        self._database = database
        self._journal = journal
        self._library = library
        self._redactor = redactor

    async def rate(
        self, task: str, used: Sequence[InstructionRef], opinion: Opinion, *, comment: str, by: Person
    ) -> None:
        """Keep what a person says of these uses, in place of what they said of them before."""
        said = self._redactor.redact(comment)
        for ref in used:
            key = f"rated.{uuid4().hex}"
            rated = InstructionRated(task=task, key=key, instruction=ref, opinion=opinion, comment=said, by=by)
            record = await self._journal.append(rated)
            await self._database.run(lambda one, rated=rated, at=record.at: feedback.put(one, rated, at=at))  # type: ignore[misc]

    async def draft(
        self, task: Task, steps: tuple[Step, ...], answers: tuple[str, ...], *, identity: str, title: str
    ) -> Instruction:
        """The instruction that the scripts of a task would make; nothing is kept yet."""
        self._refuse_secrets(task, steps, title)
        library = await self._library()
        refs = [ref for step in steps if (ref := step.script.instruction or step.script.based_on)]
        found = [await library.get(name, version) for name, version in {(ref.id, ref.version) for ref in refs}]
        sources = {one.id: one for one in found if one}
        finished = Finished(task, steps, answers, sources)
        return await asyncio.to_thread(draft, finished, identity=identity, title=title)

    async def keep(self, instruction: Instruction, *, by: Person) -> Instruction:
        """Take a draft into the library."""
        return await (await self._library()).add(instruction, by=by)

    def _refuse_secrets(self, task: Task, steps: Sequence[Step], title: str) -> None:
        for place, text in _texts(task, steps, title):
            at = self._secret_in(text)
            if at is not None:
                raise UsageError(
                    f"What looks like a secret stands in {place}, line {text.count(_LINE_END, 0, at) + 1}.",
                    world="Nothing was saved; the library is as it was.",
                    mend="Write the instruction by hand; let it read the secret from standard input.",
                )

    def _secret_in(self, text: str) -> int | None:
        """Where a secret stands, or stood before it was taken out; None where none does."""
        places = self._redactor.places(text)
        if places:
            return places[0].start
        if _REDACTED in text:
            return text.index(_REDACTED)
        return None if self._redactor.redact(text) == text else 0


def _texts(task: Task, steps: Sequence[Step], title: str) -> Iterator[tuple[str, str]]:
    """Everything a draft may quote, each with its place."""
    yield "the title", title
    yield "the words of the task", task.words
    for number, step in enumerate((step for step in steps if step.succeeded), start=1):
        yield f"script {number} of the task", step.script.text
        for name, value in step.script.parameters.items():
            yield f"the value {name} of script {number}", value
