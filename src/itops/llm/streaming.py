"""A model's words as they come."""

import asyncio
from collections.abc import AsyncIterator

from itops.llm.language_model import Hear, LanguageModel, ModelRequest, Said


async def pieces(model: LanguageModel, request: ModelRequest) -> AsyncIterator[str | Said]:
    """Each piece of the text as it comes, and at the end all that was said; leaving early ends the call.

    Raises:
        ProviderError: as the model raises it, after the pieces that came before.
    """
    heard: asyncio.Queue[str | None] = asyncio.Queue()
    saying = asyncio.create_task(model.say(request, heard.put_nowait))
    saying.add_done_callback(lambda _: heard.put_nowait(None))
    try:
        while (piece := await heard.get()) is not None:
            yield piece
        yield await saying
    finally:
        saying.cancel()


class Listener:
    """Passes pieces on, and knows whether there was any: what was heard can't be taken back, so it isn't begun anew."""

    def __init__(self, hear: Hear | None) -> None:
        self._hear = hear
        self.has_heard = False

    @property
    def hear(self) -> Hear | None:
        """What to give to a model; nothing where nobody listens."""
        return self._pass_on if self._hear else None

    def _pass_on(self, piece: str) -> None:
        self.has_heard = True
        if self._hear:
            self._hear(piece)
