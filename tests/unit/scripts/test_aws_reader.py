from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.domain.effect import Effect
from itops.scripts.aws_reader import read_aws, read_aws_calls, with_impossible
from itops.scripts.bash_reader import read_bash

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "scripts" / "aws_shapes.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=[case["text"] for case in CASES])
def test_the_true_words_of_every_call_or_a_problem(case):
    facts = read_aws(case["text"])
    assert [list(command.argv) for command in facts.commands] == case["argv"]
    assert bool(facts.problems) == case.get("problem", False), facts.problems
    assert bool(facts.impossible) == ("impossible" in case), facts.impossible
    assert case.get("impossible", "") in " ".join(facts.impossible)


def test_there_are_many_shapes():
    assert len({case["text"] for case in CASES}) == len(CASES) >= 40


@given(st.one_of(st.text(max_size=200), st.text(alphabet="aws3 -=$(){}[]<>|&;'\"`\\\n#*?~/", max_size=60)))
@settings(max_examples=150)
def test_no_text_crashes_it(text):
    facts = read_aws(text)
    assert facts.commands or facts.problems or facts.effect is Effect.READ


@pytest.mark.parametrize("case", [case for case in CASES if len(case["text"]) < 90], ids=lambda case: case["text"])
def test_no_cut_text_crashes_it(case):
    for end in range(len(case["text"])):
        read_aws(case["text"][:end])


def test_calls_within_bash_are_checked_too():
    facts = with_impossible(read_bash("while read -r r; do aws ec2 halt-instances --region $r; done; ls"))
    assert len(facts.impossible) == 1
    assert "halt-instances" in facts.impossible[0]
    assert with_impossible(read_bash("aws ec2 $x; echo aws ec2 halt-instances")).impossible == ()


@pytest.mark.parametrize(
    "text",
    [
        "aws s3 ls | wc -l",
        "aws ec2 describe-instances --output json | jq -r '.Reservations[]' | sort | head -5",
        "for r in us-east-1 eu-west-1; do aws ec2 describe-vpcs --region $r; done",
        "aws sts get-caller-identity && aws s3 ls",
    ],
)
def test_filters_behind_calls_and_loops_over_words_are_read(text):
    facts = read_aws(text)
    assert facts.problems == ()
    assert facts.commands[0].program == "aws"
    assert read_aws_calls(text).problems


@pytest.mark.parametrize(
    "text",
    [
        "aws s3 ls | sh",
        "aws s3 ls | tee x",
        "aws s3 ls | wc -l > x",
        "aws s3 ls | grep x < y",
        "aws s3 ls && rm x",
        "for r in a; do rm $r; done",
        "wc -l x | sort",
        "aws s3 ls | 'wc",
    ],
)
def test_whatever_does_more_than_filter_stays_a_problem(text):
    assert read_aws(text).problems
