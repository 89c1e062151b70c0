from itops.domain.instruction import Block, Instruction, Parameter
from itops.domain.target import Platform
from itops.scripts.scripts import Scripts

BLOCK = Block(kind="run", language="bash", text="id {{ user }}")


async def test_the_door_reads_and_compares():
    scripts = Scripts()
    facts = await scripts.read("bash", "id bob")
    assert scripts.tools_of(facts) == {"id"}
    assert await scripts.unfilled("bash", "id <user>") == ("<user>",)
    assert await scripts.is_instance("id bob", BLOCK, {"user": "bob", "other": "x"})


def test_values_without_a_place_are_left_out():
    assert Scripts().render(BLOCK, {"user": "bob", "other": "x"}) == "id bob"


def test_valid_says_whether_all_values_are_there_and_good():
    user = Parameter(name="user", type="user")
    instruction = Instruction(id="x", title="X", platform=Platform.LINUX, parameters=(user,))
    found = [Scripts().valid(instruction, values) for values in ({"user": "bob"}, {}, {"user": "-x"})]
    assert found == [True, False, False]
