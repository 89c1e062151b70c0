import json

import pytest

from itops.app import Wish
from itops.domain.identity import Person
from itops.domain.instruction import Block, Instruction
from itops.domain.outcome import Usage
from itops.domain.plan import NearestInstruction, NoInstruction, Question, ScriptProposal
from itops.domain.result import ResultState
from itops.domain.target import Platform
from itops.domain.task import TaskState
from itops.domain.verdict import Decision
from itops.entrypoints.task_document import document, step_document, summary
from itops.testing.fake_rooms import FakeAgent, FakeHouse, FakeLibrary, FakePolicy
from itops.workflow.task_view import TaskView

ANN = Person(id="ann")
UPTIME = Instruction(
    id="linux.uptime",
    title="Uptime",
    platform=Platform.LINUX,
    blocks=(Block(kind="run", language="bash", text="uptime"),),
)
EXACT = ScriptProposal(language="bash", text="uptime", purpose="look", instruction=UPTIME.ref)


async def view_of(*agent: FakeAgent, **parts) -> TaskView:
    """A task until it ends or waits."""
    house = FakeHouse(*agent, library=FakeLibrary(UPTIME), **parts)
    task = await house.app.submit(Wish(words="show uptime", requester=ANN))
    view = await house.app.status(task.id)
    async for record in house.app.watch(task.id, after=view.seq):
        view.fold(record)
        if view.state is not TaskState.RUNNING:
            break
    return view


async def test_a_finished_task_has_every_field_of_the_contract():
    view = await view_of(FakeAgent([EXACT]))
    told = json.loads(json.dumps(document(view)))
    assert told["plan"] == [{"subtask": "show uptime", "instruction": "linux.uptime", "score": 1.0}]
    (step,) = told["steps"]
    assert step["script"] == {
        "language": "bash",
        "text": "uptime",
        "digest": view.actions[f"{view.id}-1"].script.digest,
        "targets": ["local"],
    }
    assert (step["subtask"], step["instruction"], step["approval"]) == ("show uptime", "linux.uptime", None)
    assert step["verdict"] == {
        "verdict": "allow",
        "effect": "change",
        "reasons": [{"rule": "fake", "message": "because", "instead": ""}],
    }
    (result,) = step["results"]
    assert result.items() >= {"target": "local", "state": "succeeded", "exit_code": 0, "stdout": "out"}.items()
    assert {"stderr", "seconds"} <= set(result)
    assert (told["task"], told["state"], told["agent"]) == (view.id, "succeeded", "fake")
    assert (told["answer"], told["question"]) == ("succeeded", None)
    assert told["usage"] == Usage().model_dump()
    assert told["thoughts"] == []


@pytest.mark.parametrize(
    ("agent", "parts", "question"),
    [
        (FakeAgent([Question(text="Which?")]), {}, "Which?"),
        (FakeAgent([EXACT]), {"policy": FakePolicy(Decision.ASK)}, "itops approvals approve"),
        (FakeAgent([EXACT]), {"states": [ResultState.UNKNOWN]}, "itops tasks resolve"),
    ],
)
async def test_what_a_task_waits_with_is_its_question(agent, parts, question):
    told = document(await view_of(agent, **parts))
    assert question in told["question"]
    assert told["answer"] is None


async def test_an_approval_stands_with_its_script():
    view = await view_of(FakeAgent([EXACT]), policy=FakePolicy(Decision.ASK))
    (action,) = view.actions.values()
    told = step_document(view, action)
    assert told["approval"]["id"] == view.approval.id
    assert (told["approval"]["state"], told["approval"]["decided_by"], told["results"]) == ("pending", None, [])


async def test_without_an_instruction_the_nearest_are_there():
    near = NearestInstruction(id="linux.uptime", title="Uptime", score=0.3)
    told = document(await view_of(FakeAgent(plan=NoInstruction(words="pizza", nearest=(near,)))))
    assert (told["state"], told["plan"], told["because"]) == ("no_instruction", [], "pizza")
    assert told["nearest"] == [{"id": "linux.uptime", "title": "Uptime", "score": 0.3}]


async def test_a_row_says_whose_task_it_is_and_where_it_stands():
    row = summary(await view_of())
    assert (row["state"], row["requester"], row["words"]) == ("answered", "ann", "show uptime")
