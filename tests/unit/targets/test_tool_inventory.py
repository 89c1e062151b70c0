from itops.domain.target import Platform, Target
from itops.targets.tool_inventory import ToolInventory

HERE = Target(name="local", platform=Platform.LINUX)


async def test_the_programs_are_those_on_the_search_path(tmp_path):
    for folder, program in (("a", "one"), ("b", "two")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / program).touch()
    tools = ToolInventory(f"{tmp_path}/a:{tmp_path}/b:{tmp_path}/missing")
    assert await tools(HERE) == {"one", "two"}


async def test_it_looks_once(tmp_path):
    tools = ToolInventory(str(tmp_path))
    assert await tools(HERE) == frozenset()
    (tmp_path / "late").touch()
    assert await tools(HERE) == frozenset()


async def test_this_machine_has_a_shell():
    assert "sh" in await ToolInventory()(HERE)


async def test_what_another_machine_has_is_not_known():
    assert await ToolInventory()(Target(name="web-1", platform=Platform.LINUX, executor="ssh")) is None
