"""Which turn started which task, and whether words are a new task or the answer to a question."""

from dataclasses import replace

from itops.app import ItOps, Wish
from itops.domain.task import Turn
from itops.workflow.task_view import TaskView

_TURNS_KEPT = 10


class ConversationManager:
    """Conversations over the facade: all their state is the tasks themselves."""

    def __init__(self, app: ItOps) -> None:
        self._app = app

    async def say(self, wish: Wish) -> str:
        """Take words in: the answer to the question that is open in this conversation, or a new task.

        Returns:
            The id of the task that goes on because of them.
        """
        tasks = await self.tasks(wish.conversation)
        if tasks and tasks[-1].question is not None:
            await self._app.answer(tasks[-1].id, wish.words, by=wish.requester)
            return tasks[-1].id
        history = tuple(_turn(view) for view in tasks[-_TURNS_KEPT:])
        return (await self._app.submit(replace(wish, history=history))).id

    async def tasks(self, conversation: str) -> list[TaskView]:
        """The tasks of a conversation, oldest first."""
        return list(reversed(await self._app.tasks(conversation=conversation)))


def _turn(view: TaskView) -> Turn:
    return Turn(words=view.task.words if view.task else "", answer=view.answer.text if view.answer else "")
