"""Reads on other computers than the targets ask; where no target is named, the verdict says which they are."""

from datetime import timedelta

import pytest

from itops.domain.target import Platform, Target
from itops.domain.verdict import Decision
from itops.policy.asked import Asked
from itops.policy.elsewhere import other_hosts, reads_elsewhere
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.powershell_reader import read_powershell_facts

ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))
WEB1 = Target(name="web1.example.com", platform=Platform.WINDOWS)


def judge(text, *targets):
    return ENGINE.judge_facts(read_powershell_facts(text), Asked(targets=targets))


def test_a_read_on_another_computer_than_the_target_asks():
    judgement = judge("Get-Service -ComputerName db1", WEB1)
    assert judgement.decision is Decision.ASK
    assert [reason.rule for reason in judgement.reasons] == ["other-host"]
    assert "db1" in judgement.reasons[0].message


@pytest.mark.parametrize("host", ["web1", "WEB1.example.com", "localhost"])
def test_a_read_on_the_target_is_allowed_whichever_way_it_is_named(host):
    assert judge(f"Get-Service -ComputerName {host}", WEB1).decision is Decision.ALLOW


@pytest.mark.parametrize("host", ["$server", "web1.example.org", "web1,db1"])
def test_a_host_that_is_not_certain_to_be_the_target_asks(host):
    assert judge(f"Get-Service -ComputerName {host}", WEB1).decision is Decision.ASK


def test_without_a_target_the_hosts_are_told():
    judgement = judge("Get-Service -ComputerName db1; Get-HotFix -ComputerName db2")
    assert judgement.decision is Decision.ALLOW
    assert judgement.reasons[0].message == "Every command of it only reads, also on db1, db2."


def test_what_asks_anyway_is_not_told_twice():
    facts = judge("Restart-Service x; Get-Service -ComputerName db1", WEB1).facts
    assert [command.program for command, _ in reads_elsewhere(facts, [WEB1])] == ["Get-Service"]
    assert other_hosts(facts.commands[-1], [WEB1]) == ("db1",)
    assert reads_elsewhere(facts, []) == []
