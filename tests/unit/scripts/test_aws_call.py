import shlex

import pytest

from itops.scripts.aws_call import read_call


def call(text, *, dynamic=False):
    return read_call(tuple(shlex.split(text)), dynamic=dynamic)


@pytest.mark.parametrize(
    "text",
    [
        "aws --region eu-west-1 ec2 stop-instances --instance-ids i-1 i-2",
        "aws ec2 --region=eu-west-1 stop-instances --instance-ids i-1 i-2",
        "aws ec2 stop-instances --instance-ids i-1 i-2 --region eu-west-1",
        "aws ec2 stop-instances --instance-ids i-1 --region eu-west-1 i-2",
    ],
)
def test_options_of_the_cli_may_stand_anywhere(text):
    found = call(text)
    assert found.name == "ec2 stop-instances"
    assert found.options == {"region": "eu-west-1"}
    if "i-1 i-2" in text:
        assert found.parameters == {"instance-ids": ["i-1", "i-2"]}
        assert not found.problems
        assert not found.impossible


def test_values_are_told_from_options_as_the_cli_tells_them():
    found = call("aws ec2 create-image --instance-id i-1 --name '-a b' --description -5 --no-reboot")
    assert found.parameters["name"] == ["-a b"]
    assert found.parameters["description"] == ["-5"]
    assert found.parameters["no-reboot"] == []
    assert not found.impossible


@pytest.mark.parametrize(
    "text",
    [
        "aws --reg eu-west-1 ec2 stop-instances --instance-ids i-1",
        "aws ec2 stop-instances --instance-ids i-1 --endp http://x",
        "aws ec2 stop-instances --instance-id i-1",
        "aws --no-verify ec2 describe-vpcs",
        "aws s3 rm -- s3://b/x",
        "aws ec2 describe-vpcs --region a --region b",
        "aws ec2 describe-vpcs --vpc-ids a --vpc-ids b",
    ],
)
def test_what_the_cli_takes_but_may_mislead_is_a_problem(text):
    found = call(text)
    assert found.problems
    assert not found.impossible


def test_what_only_run_time_knows_is_a_problem_and_never_impossible():
    for text in ("aws $x y", "aws ec2 '$x'", "aws ec2 stop-instances '$x'", "aws ec2 stop-instances '$x' --filtres=1"):
        found = call(text, dynamic=True)
        assert found.problems
        assert bool(found.impossible) == ("filtres" in text)
    literal = call("aws ec2 describe-vpcs --query 'Vpcs[?a==`1`]'")
    assert not literal.problems


@pytest.mark.parametrize("text", ["aws help", "aws ec2 help", "aws ec2 wait help", "aws x y help", "aws --version"])
def test_help(text):
    found = call(text)
    assert found.helps
    assert not found.impossible
    assert not call("aws iam get-user --user-name help").helps


def test_a_document_stands_for_what_is_needed():
    assert not call("aws ec2 stop-instances --cli-input-json file://x").impossible
    assert not call("aws ec2 stop-instances --cli-input-yaml file://x").impossible
    assert not call("aws ec2 stop-instances --generate-cli-skeleton").impossible
    assert not call("aws s3 cp a s3://b --exclude '*' --include x --include y").problems


def test_the_nearest_is_named():
    assert "`stop-instances`" in call("aws ec2 stop-instance --instance-ids i-1").impossible[0]
    assert "`--instance-ids`" in call("aws ec2 stop-instances --instnce-ids i-1").impossible[0]
    assert "nearest" not in call("aws ec2 qqqqqqqqqqqq").impossible[0]
