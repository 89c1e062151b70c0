"""The fakes keep the promises that other tests build on."""

from itops.app import Wish
from itops.domain.identity import Person
from itops.domain.plan import ScriptProposal
from itops.domain.result import ResultState
from itops.domain.task import TaskState
from itops.domain.verdict import Decision
from itops.testing.fake_rooms import FakeAgent, FakeHandover, FakeHouse, FakePolicy

WISH = Wish(words="do it", requester=Person(id="ann"))


async def view_of(house: FakeHouse):
    task = await house.app.submit(WISH)
    await house.app.settled(task.id)
    return await house.app.status(task.id)


async def test_a_house_of_fakes_tells_a_whole_task():
    house = FakeHouse(FakeAgent([ScriptProposal(language="bash", text="go")]))
    view = await view_of(house)
    assert view.state is TaskState.SUCCEEDED
    assert house.runner.ran == ["go"]
    assert house.runner.forgotten == [f"{view.id}-1.1.local"]


async def test_the_runner_gives_the_states_it_was_told_in_order():
    proposals = [ScriptProposal(language="bash", text="go", look=True)] * 3
    house = FakeHouse(FakeAgent(proposals), states=[ResultState.FAILED, ResultState.TIMED_OUT])
    view = await view_of(house)
    states = [result.state for action in view.actions.values() for result in action.results.values()]
    assert states == [ResultState.FAILED, ResultState.TIMED_OUT, ResultState.SUCCEEDED]


async def test_the_policy_denies_what_holds_the_word_whatever_its_decision():
    house = FakeHouse(FakeAgent([ScriptProposal(language="bash", text="deny")]), policy=FakePolicy(Decision.ALLOW))
    assert (await view_of(house)).state is TaskState.DENIED


async def test_secrets_are_handed_over_once():
    handover = FakeHandover(password="x")
    assert (await handover.reveal("t1"))["password"].reveal() == "x"
    assert await handover.reveal("t1") == {}
