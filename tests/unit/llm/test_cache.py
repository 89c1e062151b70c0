"""The same question is asked once a day; what must not repeat, or is worth nothing, is not remembered."""

import sqlite3
import stat
from pathlib import Path

import pytest

from itops.domain.outcome import Usage
from itops.errors import ProviderError
from itops.llm.cache import CachedModel
from itops.llm.language_model import Hear, Message, ModelRequest, Said
from itops.testing.scripted_model import ScriptedModel

ASKED = ModelRequest(messages=(Message(role="user", text="the question"),))
DAY = 24 * 3600


class Counting:
    """Says something else each time."""

    name = "m"

    def __init__(self, **said: object) -> None:
        self.calls = 0
        self.said = said

    async def say(self, request: ModelRequest, hear: Hear | None = None) -> Said:
        self.calls += 1
        usage = Usage(llm_calls=1, input_tokens=5, cost_usd=0.5)
        return Said.model_validate({"text": f"reply {self.calls}", "usage": usage, "model": "m", **self.said})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "replies.db"


async def test_a_hit_says_the_same_and_costs_nothing(path: Path) -> None:
    inner, pieces = Counting(), []
    first = await CachedModel(inner, path).say(ASKED)
    again = await CachedModel(inner, path).say(ASKED, pieces.append)
    assert inner.calls == 1
    assert again == first.model_copy(update={"usage": Usage(cached_calls=1)})
    assert pieces == ["reply 1"]


@pytest.mark.parametrize(
    "other",
    [
        ASKED.model_copy(update={"messages": (Message(role="user", text="another question"),)}),
        ASKED.model_copy(update={"messages": (Message(role="system", text="the question"),)}),
        ASKED.model_copy(update={"shape": {"type": "object"}}),
        ASKED.model_copy(update={"versions": ("disk.free@2",)}),
    ],
)
async def test_another_request_is_another_question(path: Path, other: ModelRequest) -> None:
    inner = Counting()
    await CachedModel(inner, path).say(ASKED)
    await CachedModel(inner, path).say(other)
    assert inner.calls == 2


async def test_the_order_in_which_versions_are_named_does_not_matter(path: Path) -> None:
    inner = Counting()
    for versions in (("a@1", "b@2"), ("b@2", "a@1")):
        await CachedModel(inner, path).say(ASKED.model_copy(update={"versions": versions}))
    assert inner.calls == 1


async def test_another_model_or_salt_is_another_question(path: Path) -> None:
    inner, other = Counting(), Counting()
    other.name = "n"
    await CachedModel(inner, path).say(ASKED)
    await CachedModel(inner, path, salt="http://elsewhere").say(ASKED)
    await CachedModel(other, path).say(ASKED)
    assert (inner.calls, other.calls) == (2, 1)


async def test_what_must_not_repeat_is_neither_recalled_nor_remembered(path: Path) -> None:
    inner = Counting()
    for repeatable in (False, True, False):
        await CachedModel(inner, path).say(ASKED.model_copy(update={"repeatable": repeatable}))
    assert inner.calls == 3


@pytest.mark.parametrize(
    ("said", "shape"),
    [
        ({"cut_off": True}, None),
        ({"text": " "}, None),
        ({"text": "no JSON"}, {"type": "object"}),
        ({"model": "the fall-back"}, None),
        ({"text": "the password is hunter2"}, None),
    ],
)
async def test_what_is_worth_nothing_is_not_remembered(path: Path, said: dict, shape: dict | None) -> None:
    inner = Counting(**said)
    model = CachedModel(inner, path, redact=lambda text: text.replace("hunter2", "[x]"))
    for _ in range(2):
        await model.say(ASKED.model_copy(update={"shape": shape}))
    assert inner.calls == 2


async def test_an_error_is_not_remembered(path: Path) -> None:
    model = CachedModel(ScriptedModel([ProviderError("down"), "good"]), path)
    with pytest.raises(ProviderError):
        await model.say(ASKED)
    assert (await model.say(ASKED)).text == "good"


async def test_it_forgets_after_a_day(path: Path) -> None:
    inner, now = Counting(), [0.0]
    model = CachedModel(inner, path, clock=lambda: now[0])
    texts = []
    for moment in (0, DAY - 1, DAY + 1):
        now[0] = moment
        texts.append((await model.say(ASKED)).text)
    assert texts == ["reply 1", "reply 1", "reply 2"]
    with sqlite3.connect(path) as file:
        assert file.execute("SELECT count(*) FROM replies").fetchone() == (1,)


async def test_the_file_is_its_owners_alone_and_holds_no_request(path: Path) -> None:
    await CachedModel(Counting(), path).say(ASKED)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"the question" not in path.read_bytes()


@pytest.mark.parametrize("content", [b"rubbish" * 1000, b""])
async def test_a_file_that_is_ruined_is_begun_anew(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    inner = Counting()
    for _ in range(3):
        await CachedModel(inner, path).say(ASKED)
    assert inner.calls <= 2


async def test_a_place_that_can_not_be_written_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert (await CachedModel(Counting(), tmp_path / "file" / "replies.db").say(ASKED)).text == "reply 1"


async def test_what_an_older_itops_wrote_is_passed_over(path: Path) -> None:
    inner = Counting()
    await CachedModel(inner, path).say(ASKED)
    with sqlite3.connect(path) as file:
        file.execute("UPDATE replies SET said = '{}'")
    assert (await CachedModel(inner, path).say(ASKED)).text == "reply 2"
