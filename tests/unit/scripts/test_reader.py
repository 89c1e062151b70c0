import pytest

from itops.domain.effect import Effect
from itops.scripts.reader import read


async def test_bash_is_read():
    facts = await read("bash", "ls | wc -l")
    assert [command.program for command in facts.commands] == ["ls", "wc"]


@pytest.mark.parametrize("language", ["powershell", "aws"])
async def test_a_language_without_a_reader_is_for_a_person(language):
    facts = await read(language, "Get-Item x")
    assert facts.effect is Effect.UNKNOWN
    assert f"no reader for {language}" in facts.problems[0]
