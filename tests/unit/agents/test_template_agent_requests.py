"""The requests of ``tests/cases/requests`` through the template agent and the real library: plan, then first script.

The cases are not to be tuned to, so what is asserted is a share of them.
"""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from itops.agents.agent_factory import AgentTools, create_agent
from itops.agents.base_agent import BaseAgent, PlanRequest, ProposeRequest
from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, RankedInstruction
from itops.domain.plan import Plan, Question, ScriptProposal
from itops.domain.target import Platform, Target
from itops.errors import InvalidParameter, TaskCancelled
from itops.instructions.index.chroma_client import ChromaStore
from itops.instructions.index.embeddings import MiniLmEmbeddings
from itops.instructions.instruction_manager import InstructionManager, library_dir
from itops.journal.sql_journal import SqlJournal
from itops.storage.database import Database, open_engine
from itops.storage.upgrade import upgrade
from itops.testing.agent_requests import task

CASES = Path(__file__).parents[2] / "cases" / "requests"
ONE_PART, SEVERAL_PARTS, OUTSIDE = 0.8, 0.7, 0.1
FIRST_WEEK = {"linux": 0.93, "windows": 0.86, "aws": 0.95, "kubernetes": 0.96}
"""What is measured now, rounded down: it goes up with what is mended and never down."""
WRONG_CHANGES = 1

Scripts = list[tuple[str, dict[str, str]]]


class House:
    """The template agent over the starter library, as a task uses them."""

    def __init__(self, manager: InstructionManager) -> None:
        self.manager = manager

    async def search(self, words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
        return await self.manager.find(words, platform=platform, top=top)

    @property
    def agent(self) -> BaseAgent:
        return create_agent("template", AgentTools(search=self.search))

    async def scripts(self, words: str, platform: Platform = Platform.LINUX) -> Scripts | Question | None:
        """Instruction and values of the script of each subtask; or the question; nothing where nothing would run.

        A refused value is a question for another.
        """
        here = Target(name="here", platform=platform)
        found = tuple(await self.search(words, platform=platform))
        try:
            plan = (await self.agent.plan(PlanRequest(task=task(words), targets=(here,), found=found))).planning
            return await self._scripts(words, plan, here) if isinstance(plan, Plan) else _asked(plan)
        except InvalidParameter as error:
            return Question(text=str(error), parameter=error.what.partition("parameter '")[2].partition("'")[0])
        except TaskCancelled:
            return None

    async def _scripts(self, words: str, plan: Plan, here: Target) -> Scripts | Question | None:
        scripts: Scripts = []
        for subtask in plan.subtasks:
            found = tuple(await self.search(subtask.words, platform=here.platform))
            request = ProposeRequest(task=task(words), plan=plan, subtask=subtask, targets=(here,), found=found)
            proposal = (await self.agent.propose(request)).proposal
            if not isinstance(proposal, ScriptProposal) or proposal.instruction is None:
                return _asked(proposal)
            scripts.append((proposal.instruction.id, proposal.parameters))
        return scripts


def _asked(said: object) -> Question | None:
    return said if isinstance(said, Question) else None


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    folder = tmp_path_factory.mktemp("library")
    engine = open_engine(f"sqlite:///{folder}/itops.db")
    upgrade(engine)
    database = Database(engine)
    manager = InstructionManager(
        database=database,
        store=ChromaStore(folder / "index"),
        embeddings=MiniLmEmbeddings(),
        journal=SqlJournal(database),
    )
    asyncio.run(manager.ensure_library(library_dir()))
    return House(manager)


def cases(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load((CASES / name).read_text(encoding="utf-8")))


def wanted(case: Mapping[str, Any], library: Mapping[str, Instruction]) -> Scripts:
    """What a case asks for, with the defaults of what it leaves open."""
    scripts = []
    for part in case.get("parts", [case]):
        defaults = {one.name: one.default for one in library[part["instruction"]].parameters if one.default is not None}
        given = {name: str(value) for name, value in (part.get("parameters") or {}).items()}
        scripts.append((part["instruction"], defaults | given))
    return scripts


async def test_requests_become_the_scripts_that_they_ask_for(house: House) -> None:
    library = {one.id: one for one in await house.manager.list()}
    right: dict[bool, list[bool]] = {False: [], True: []}
    for case in cases("linux.yaml"):
        right["parts" in case].append(await house.scripts(case["words"]) == wanted(case, library))
    assert sum(right[False]) >= ONE_PART * len(right[False])
    assert sum(right[True]) >= SEVERAL_PARTS * len(right[True])


async def test_what_no_instruction_covers_gets_no_script(house: House) -> None:
    outside = cases("outside.yaml")
    made = [case["words"] for case in outside if isinstance(await house.scripts(case["words"]), list)]
    assert len(made) <= OUTSIDE * len(outside), made


async def test_the_flagship_request_is_two_scripts_for_one_user(house: House) -> None:
    scripts = await house.scripts("Reset password and unlock account for user alice")
    assert scripts == [("linux.user.reset-password", {"user": "alice"}), ("linux.user.unlock", {"user": "alice"})]


async def test_the_first_request_of_a_newcomer_runs(house: House) -> None:
    scripts = await house.scripts("Which directories under /var use the most space?")
    assert isinstance(scripts, list)
    assert [(name, values["path"]) for name, values in scripts] == [("linux.disk.directory-usage", "/var")]


def right_ones(case: Mapping[str, Any], library: Mapping[str, Instruction]) -> list[object]:
    """What a case of the first week may come to: scripts, the name of what is asked for, or nothing."""
    found: list[object] = []
    for right in case.get("right_one_of", [case.get("right")]):
        if isinstance(right, list):
            steps = [{"instruction": name, "parameters": values} for step in right for name, values in step.items()]
            found.append(wanted({"parts": steps}, library))
        else:
            found.append(right["asks"] if isinstance(right, dict) else None)
    return found


async def test_the_requests_of_a_first_week(house: House) -> None:
    """Per platform, what comes to what it should; and of all, how many would come to a change that nobody wanted."""
    library = {one.id: one for one in await house.manager.list()}
    weeks: dict[str, list[dict[str, Any]]] = yaml.safe_load((CASES / "first_week.yaml").read_text(encoding="utf-8"))
    wrong_changes, right = [], dict.fromkeys(weeks, 0)
    for platform, rows in weeks.items():
        for case in rows:
            got = await house.scripts(case["words"], Platform(platform))
            if (got.parameter if isinstance(got, Question) else got) in right_ones(case, library):
                right[platform] += 1
            elif isinstance(got, list) and any(library[name].effect is not Effect.READ for name, _ in got):
                wrong_changes.append(case["words"])
    shares = {platform: right[platform] / len(rows) for platform, rows in weeks.items()}
    assert all(share >= FIRST_WEEK[platform] for platform, share in shares.items()), shares
    assert len(wrong_changes) <= WRONG_CHANGES, wrong_changes


@pytest.mark.parametrize("verb", ["start", "stop", "restart", "enable", "disable", "status of"])
async def test_a_well_known_service_needs_no_word_that_it_is_one(house: House, verb: str) -> None:
    does = f"linux.service.{verb.removesuffix(' of')}"
    for name in ("nginx", "docker", "ssh", "postgresql", "redis", "cron", "chrony", "NetworkManager"):
        assert await house.scripts(f"{verb} {name}") == [(does, {"service": name})]


@pytest.mark.parametrize("words", yaml.safe_load((CASES / "not_wanted.yaml").read_text(encoding="utf-8")))
async def test_what_is_doubtful_changes_nothing_unasked(house: House, words: str) -> None:
    library = {one.id: one for one in await house.manager.list()}
    got = await house.scripts(words)
    assert not isinstance(got, list) or all(library[name].effect is Effect.READ for name, _ in got), got
