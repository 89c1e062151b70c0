from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from itops.domain.effect import Effect
from itops.domain.verdict import Decision
from itops.policy.aws_effects import AwsEntry
from itops.policy.example import command_of
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.aws_reader import read_aws
from itops.scripts.bash_reader import read_bash
from itops.scripts.scripts import Scripts

ROWS = yaml.safe_load((Path(__file__).parents[2] / "cases" / "policy" / "aws_calls.yaml").read_text("utf-8"))
POLICY = load_policy()
ENGINE = PolicyEngine(POLICY, timedelta(minutes=5))
NEVER_ALLOWED = [row["call"] for row in ROWS if row["decision"] != "allow"]


@pytest.mark.parametrize("language", ["aws", "bash"])
@pytest.mark.parametrize("row", ROWS, ids=[row["call"] for row in ROWS])
async def test_a_call_gets_the_decision_that_what_it_does_deserves(row, language):
    judgement = ENGINE.judge_facts(await Scripts().read(language, row["call"]))
    told = [reason.message for reason in judgement.reasons]
    assert judgement.decision.value == row["decision"], told
    assert judgement.effect.value == row.get("effect", judgement.effect.value), told
    assert row.get("rule") in [None, *(reason.rule for reason in judgement.reasons)]
    if judgement.decision is Decision.DENY:
        assert all(reason.instead for reason in judgement.reasons)


def test_no_call_stands_twice_and_the_table_is_long():
    assert len({row["call"] for row in ROWS}) == len(ROWS) >= 90


@pytest.mark.parametrize("program", ["/tmp/aws", "AWS", "aws2", "aws.exe", "rm"])
def test_another_program_is_never_judged_by_the_operations(program):
    assert ENGINE.judge_facts(read_aws(f"{program} s3 ls")).decision is Decision.ASK


@given(st.sampled_from(NEVER_ALLOWED), st.sampled_from(["", " ", "\\\n", "  # why", "\n", "\naws s3 ls"]))
@settings(max_examples=100)
def test_layout_and_more_calls_never_allow(call, more):
    assert ENGINE.judge_facts(read_aws(call.replace(" ", more[:2] + " ", 1) + more)).decision is not Decision.ALLOW


@given(st.sampled_from(NEVER_ALLOWED), st.data())
@settings(max_examples=100)
def test_quoting_never_allows(call, data):
    words = call.split(" ")
    place = data.draw(st.integers(0, len(words) - 1))
    quoted = words[place] if set(words[place]) & set("'\"`") else f"'{words[place]}'"
    text = " ".join([*words[:place], quoted, *words[place + 1 :]])
    assert ENGINE.judge_facts(read_aws(text)).decision is not Decision.ALLOW


@given(st.sampled_from(NEVER_ALLOWED), st.sampled_from(["--region x", "--output text", "--no-paginate"]))
@settings(max_examples=100)
def test_an_option_more_never_allows(call, option):
    for text in (f"{call} {option}", call.replace("aws ", f"aws {option} ", 1)):
        assert ENGINE.judge_facts(read_aws(text)).decision is not Decision.ALLOW


@given(st.sampled_from([row["call"] for row in ROWS]), st.integers(0, 80), st.text(max_size=5))
@settings(max_examples=150)
def test_cut_and_garbled_calls_are_judged(call, end, garbage):
    assert ENGINE.judge_facts(read_aws(call[:end] + garbage)).decision in Decision


@pytest.mark.parametrize(
    ("call", "missing"),
    [
        ("aws ec2 stop-instances --instance-ids i-1", True),
        ("aws ec2 stop-instances --instance-ids i-1 --region eu-west-1", False),
        ("aws ec2 describe-vpcs", False),
        ("aws ec2 stop-instances --instance-ids i-1 --dry-run", False),
        ("aws iam delete-user --user-name x", False),
        ("aws s3 rm s3://b/x", False),
        ("aws s3 mb s3://b", True),
        ("aws s3api create-bucket --bucket b", True),
        ("aws s3api put-bucket-tagging --bucket b --tagging x", False),
        ("aws route53 delete-hosted-zone --id x", False),
        ("aws ssm send-command --document-name x", True),
        ("aws secretsmanager get-secret-value --secret-id x", False),
        ("aws configure set region x", False),
        ("rm ec2 stop-instances", False),
    ],
)
def test_a_change_names_its_region(call, missing):
    assert POLICY.table.aws.names_no_region(command_of(call)) is missing


@pytest.mark.parametrize(
    "call", ["aws iam get-role --role-name {}", "aws s3 ls s3://{}", "aws ec2 describe-vpcs --query {}"]
)
def test_a_word_that_only_run_time_knows_may_be_anything(call):
    assert ENGINE.judge_facts(read_bash(call.format("x"))).decision is Decision.ALLOW
    assert ENGINE.judge_facts(read_bash(call.format("$x"))).decision is Decision.ASK


def test_every_example_of_the_entries_is_judged_as_it_says():
    assert [text for entry in POLICY.table.aws.entries for text in entry.wrong_examples()] == []


def test_an_example_that_is_judged_the_other_way_is_found():
    entry = {"operation": ["ec2 stop-instances"], "effect": "change", "why": "x"}
    right, other = "aws ec2 stop-instances --instance-ids i-1", "aws ec2 start-instances --instance-ids i-1"
    assert AwsEntry.model_validate({**entry, "match": [right], "not_match": [other]}).wrong_examples() == []
    assert AwsEntry.model_validate({**entry, "match": [other], "not_match": [right]}).wrong_examples() == [other, right]
    with pytest.raises(ValidationError):
        AwsEntry.model_validate({**entry, "match": []})


def test_every_entry_names_operations_that_exist():
    from fnmatch import fnmatchcase

    from itops.scripts.aws_table import service, service_names

    known = {f"{name} {line}".strip() for name in service_names() for line in service(name).lines}
    patterns = [name for entry in POLICY.table.aws.entries for name in entry.operation]
    assert [pattern for pattern in patterns if not any(fnmatchcase(name, pattern) for name in known)] == []


def test_no_entry_calls_a_change_of_the_table_a_read_but_where_it_says_so():
    from itops.scripts.aws_table import service

    lowered = {
        name
        for entry in POLICY.table.aws.entries
        if entry.effect is Effect.READ and not entry.when.model_fields_set
        for name in entry.operation
        if (found := service(name.split()[0]).operation(name.split(" ", 1)[1])) and found.effect in {"c", "d", "p"}
    }
    assert lowered == {"logs start-query", "logs stop-query"}
