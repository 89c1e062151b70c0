import asyncio
import stat
import subprocess
import sys

import pytest

from itops.bootstrap import House
from itops.domain.event import TaskEnded
from itops.domain.target import Platform
from itops.domain.task import TaskState
from itops.domain.verdict import Decision
from itops.errors import SettingsError, StoreError
from itops.instructions import instruction_manager
from itops.settings import load_settings


@pytest.fixture
def house(home):
    made = House(load_settings())
    yield made
    made.close()


def test_importing_and_making_a_house_does_nothing(home):
    program = (
        "import sys; from itops.bootstrap import House; from itops.settings import load_settings;"
        "House(load_settings()).close(); heavy = {'chromadb', 'dbos', 'sqlalchemy', 'onnxruntime', 'gradio'};"
        "print(heavy & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout == "set()\n"
    assert list(home.iterdir()) == []


def test_the_home_is_made_for_this_user_alone(home, monkeypatch):
    monkeypatch.setenv("ITOPS_HOME", str(home / "new" / "place"))
    made = House(load_settings()).home
    assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_home_that_can_not_be_made_is_said(home, monkeypatch):
    (home / "file").touch()
    monkeypatch.setenv("ITOPS_HOME", str(home / "file" / "place"))
    with pytest.raises(StoreError, match="folder for itops' state") as raised:
        House(load_settings()).home  # noqa: B018 - it is made when first used
    assert "ITOPS_HOME" in raised.value.mend


async def test_the_journal_is_kept_in_the_home_and_logged(house, home):
    await house.journal.append(TaskEnded(task="t1", key="ended", state=TaskState.SUCCEEDED))
    again = House(house.settings)
    assert [record.event.task for record in await again.journal.read()] == ["t1"]
    assert (await again.verify_journal()).ok
    assert len([line async for line in again.export_journal()]) >= 1
    again.close()
    assert '"event": "task.ended"' in (home / "logs" / "itops.log").read_text()


async def test_the_homes_own_files_are_protected_by_policy(house, home):
    assert (await house.check("bash", "ls /")).decision is Decision.ALLOW
    assert (await house.check("bash", f"rm {home}/itops.db")).decision is Decision.DENY


@pytest.mark.parametrize(
    ("environment", "agent"),
    [
        ({}, "template"),
        ({"ITOPS_LLM": "openai:some-model"}, "native"),
        ({"ITOPS_LLM": "openai:some-model", "ITOPS_AGENT": "template"}, "template"),
    ],
)
def test_without_a_model_the_agent_that_needs_none_thinks(home, monkeypatch, environment, agent):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert House(load_settings()).default_agent == agent


def test_without_a_model_there_is_none(house):
    assert house.models is None


def test_a_model_without_a_provider_is_said(home, monkeypatch):
    monkeypatch.setenv("ITOPS_LLM", "some-model")
    with pytest.raises(SettingsError, match="some-model"):
        load_settings()


async def test_the_library_is_filled_once_and_searched_by_what_this_machine_has(house, tmp_path, monkeypatch):
    for name, tool in (("here", "ls"), ("away", "no-such-tool")):
        text = f"---\nid: test.{name}\ntitle: Show the files\nplatform: linux\neffect: read\n---\nShows files.\n"
        (tmp_path / f"{name}.md").write_text(f"{text}\n```bash run\n{tool}\n```\n")
    monkeypatch.setattr(instruction_manager, "library_dir", lambda: tmp_path)
    library = await house.filled_library()
    assert await house.filled_library() is library
    assert len(await library.list()) == 2
    found = await house.search("which files", platform=Platform.LINUX)
    assert found[0].instruction.id == "test.here"


def test_the_parts_are_made_once_and_shared(house):
    assert house.app is house.app
    assert house.engine is house.engine
    assert house.steps is house.steps


async def test_closed_it_gives_everything_back(house, home):
    house.engine.launch()
    house.close()
    assert await asyncio.to_thread(lambda: 1) == 1
    again = House(house.settings)
    again.engine.launch()
    again.close()
