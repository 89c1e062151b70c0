"""A model's words as they come."""

import asyncio

import pytest

from itops.domain.outcome import Usage
from itops.errors import ProviderError
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.llm.streaming import Listener, pieces

ASKED = ModelRequest(messages=(Message(role="user", text="x"),))


class Talking:
    name = "m"

    def __init__(self, *, fails: bool = False, stays: bool = False) -> None:
        self.fails, self.stays, self.ended = fails, stays, ""

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        try:
            for piece in ("Once ", "upon"):
                if hear:
                    hear(piece)
                await asyncio.sleep(60 if self.stays else 0)
        except asyncio.CancelledError:
            self.ended = "cancelled"
            raise
        if self.fails:
            raise ProviderError("broke")
        return Said(text="Once upon", usage=Usage(llm_calls=1))


async def test_pieces_come_first_and_the_whole_last() -> None:
    heard = [piece async for piece in pieces(Talking(), ASKED)]
    assert heard[:2] == ["Once ", "upon"]
    assert isinstance(heard[2], Said)
    assert heard[2].text == "".join(heard[:2])


async def test_an_error_comes_after_the_pieces_before_it() -> None:
    stream = pieces(Talking(fails=True), ASKED)
    assert [await anext(stream), await anext(stream)] == ["Once ", "upon"]
    with pytest.raises(ProviderError, match="broke"):
        await anext(stream)


async def test_who_leaves_early_ends_the_call() -> None:
    model = Talking(stays=True)
    stream = pieces(model, ASKED)
    assert await anext(stream) == "Once "
    await stream.aclose()
    await asyncio.sleep(0.01)
    assert model.ended == "cancelled"


def test_a_listener_knows_whether_it_has_heard() -> None:
    heard: list[str] = []
    listener = Listener(heard.append)
    assert not listener.has_heard
    assert listener.hear
    listener.hear("x")
    assert listener.has_heard
    assert heard == ["x"]
    assert Listener(None).hear is None
