import pytest

from itops.domain.effect import Effect
from itops.scripts.reader import read


async def test_bash_is_read():
    facts = await read("bash", "ls | wc -l")
    assert [command.program for command in facts.commands] == ["ls", "wc"]


async def test_powershell_is_read():
    facts = await read("powershell", "Get-Item x")
    assert [command.argv for command in facts.commands] == [("Get-Item", "x")]


async def test_aws_is_read():
    facts = await read("aws", "aws s3 ls")
    assert [command.argv for command in facts.commands] == [("aws", "s3", "ls")]
    assert (await read("aws", "ls")).effect is Effect.UNKNOWN


@pytest.mark.parametrize("language", ["aws", "bash"])
async def test_a_call_that_aws_does_not_know_is_impossible(language):
    facts = await read(language, "aws ec2 stop-instance --instance-ids i-1")
    assert "`stop-instances`" in facts.impossible[0]
