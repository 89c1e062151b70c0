"""What a person does on the page, without the page: conversations as their events tell them, and the facade's verbs."""

import asyncio
import secrets
import time
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from datetime import datetime

from itops.app import ItOps, Wish
from itops.conversation.conversation_manager import ConversationManager
from itops.conversation.event_view import Message, message_of
from itops.domain.event import InstructionRated, Journal, Record, SecretRevealed, TaskSubmitted
from itops.domain.identity import Person
from itops.domain.instruction import Opinion
from itops.errors import UsageError
from itops.workflow.task_view import TaskView

_TASKS_LISTED = 1000
_ID_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


@dataclass
class Told:
    """One task as far as it has been told."""

    view: TaskView = field(default_factory=TaskView)
    messages: list[Message] = field(default_factory=list)
    is_revealed: bool = False
    rated_by: set[str] = field(default_factory=set)

    def take(self, record: Record) -> bool:
        """Take one more event in; false where it was taken before."""
        if record.seq <= self.view.seq:
            return False
        self.view.fold(record)
        self.is_revealed |= isinstance(record.event, SecretRevealed)
        if isinstance(record.event, InstructionRated):
            self.rated_by.add(record.event.by.id)
        message = message_of(record)
        if message is not None:
            self.messages.append(message)
        return True

    @property
    def has_secret(self) -> bool:
        """Whether a secret was made for the requester and waits to be shown; not before nothing needs it any more."""
        actions = self.view.actions.values()
        made = any(spec.generate and action.results for action in actions for spec in action.script.secrets)
        return made and self.view.state.ended and not self.is_revealed

    def may_be_rated_by(self, person: Person) -> bool:
        """Whether an instruction was used, all is over, and this person has not said yet what it was worth."""
        return self.view.state.ended and bool(self.view.used) and person.id not in self.rated_by


@dataclass(frozen=True)
class Conversation:
    """A conversation of the past: its first words and its last time."""

    id: str
    title: str
    at: datetime


@dataclass
class Talk:
    """A conversation as it stands, among the person's others."""

    id: str
    person: Person
    submitted: list[TaskSubmitted] = field(default_factory=list)
    told: dict[str, Told] = field(default_factory=dict)

    def take(self, record: Record) -> bool:
        """Take one more event in; false where it changes nothing here."""
        event = record.event
        if isinstance(event, TaskSubmitted):
            self.add(event)
        return event.task in self.told and self.told[event.task].take(record)

    def add(self, event: TaskSubmitted) -> None:
        """Know of one more task."""
        self.submitted.append(event)
        if event.submitted.conversation and event.submitted.conversation == self.id:
            self.told.setdefault(event.task, Told())

    @property
    def tasks(self) -> list[Told]:
        """Its tasks, oldest first."""
        return list(self.told.values())

    @property
    def conversations(self) -> list[Conversation]:
        """All conversations of this person, newest first."""
        found: dict[str, Conversation] = {}
        for event in self.submitted:
            task = event.submitted
            if task.conversation and task.requester.id == self.person.id:
                first = found.pop(task.conversation, None)
                title = first.title if first else task.words
                found[task.conversation] = Conversation(task.conversation, title, task.submitted_at)
        return list(reversed(found.values()))


class Chat:
    """One person's conversations; all their state is in the journal."""

    def __init__(self, app: ItOps, journal: Journal, *, person: Person, poll_seconds: float = 0.1) -> None:
        self.person = person
        self._app = app
        self._journal = journal
        self._manager = ConversationManager(app)
        self._poll_seconds = poll_seconds
        self.is_closed = False

    async def say(self, wish: Wish) -> None:
        """A new task, or the answer to the open question.

        Raises:
            UsageError: the words are off, or a task of this conversation still works.
        """
        if not wish.conversation:
            raise UsageError(
                "This address names no conversation.",
                world="Your words were not sent.",
                mend="Open a new conversation.",
            )
        tasks = await self._manager.tasks(wish.conversation)
        if tasks and not tasks[-1].state.ended and tasks[-1].question is None:
            raise UsageError(
                "The task before this one has not ended.",
                world="Your words were not sent.",
                mend="Wait for its end, decide what it asks, or cancel it.",
            )
        await self._manager.say(wish)

    async def decide(self, approval: str, *, approve: bool, reason: str) -> None:
        """Approve or reject exactly the script that was shown."""
        if not approve and not reason.strip():
            raise UsageError("A rejection needs a reason.", world="Nothing ran.", mend="Say why not, then reject.")
        await self._app.decide(approval, approve=approve, by=self.person, reason=reason.strip())

    async def cancel(self, task: str) -> None:
        """Stop a task."""
        await self._app.cancel(task, by=self.person)

    async def reveal(self, task: str) -> dict[str, str]:
        """The secrets made for a task: once, to its requester."""
        revealed = await self._app.reveal(task, by=self.person)
        return {name: secret.reveal() for name, secret in revealed.items()}

    async def rate(self, task: str, opinion: Opinion) -> None:
        """Say what the instructions of a task were worth."""
        await self._app.feedback(task, opinion, by=self.person)

    async def latest(self) -> str:
        """The conversation that this person spoke in last; a new one where there is none."""
        conversations = self._talk("", await self._submitted()).conversations
        return conversations[0].id if conversations else new_conversation()

    async def follow(self, conversation: str, *, tick_seconds: float = 10.0) -> AsyncGenerator[Talk]:
        """A conversation as it stands, again after each change (whoever made it), and at least once a tick."""
        newest = await self._journal.read(newest=1)
        seen = newest[-1].seq if newest else 0
        talk = self._talk(conversation, await self._submitted())
        for task, told in talk.told.items():
            for record in await self._journal.read(task=task):
                told.take(record)
        while not self.is_closed:
            yield talk
            seen = await self._changed(talk, seen, until=time.monotonic() + tick_seconds)

    async def _changed(self, talk: Talk, seen: int, *, until: float) -> int:
        """Wait for a change; the place in the journal up to which all is taken in."""
        has_changed = False
        while not has_changed and not self.is_closed and time.monotonic() < until:
            await asyncio.sleep(self._poll_seconds)
            for record in await self._journal.read(after=seen):
                seen = record.seq
                has_changed |= talk.take(record)
        return seen

    def close(self) -> None:
        """Let every follower end."""
        self.is_closed = True

    def _talk(self, conversation: str, submitted: list[TaskSubmitted]) -> Talk:
        talk = Talk(conversation, self.person)
        for event in submitted:
            talk.add(event)
        return talk

    async def _submitted(self) -> list[TaskSubmitted]:
        records = await self._journal.read(kind="task.submitted", newest=_TASKS_LISTED)
        return [record.event for record in records if isinstance(record.event, TaskSubmitted)]


def new_conversation() -> str:
    """An id that no conversation has."""
    return "c" + "".join(secrets.choice(_ID_LETTERS) for _ in range(12))
