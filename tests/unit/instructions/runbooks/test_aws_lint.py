"""What is said about an aws block by its text alone."""

import pytest

from itops.instructions.runbooks.aws_lint import aws_findings

GOOD = [
    "aws ec2 stop-instances --region {{ region }} --instance-ids {{ instance }}",
    "aws iam list-users --max-items 100",
    "\naws s3 ls s3://{{ bucket }}/{{ prefix }}\n\n  aws sts get-caller-identity\n",
    """aws ec2 describe-tags --region=eu-west-1 --query "Tags[?Key=='Name']|[0].Value" --output text""",
    "aws ec2 describe-images --region {{ region }} --query 'Images[?Size > `30`].ImageId'",
    r"""aws iam list-users --query "Users[?Path=='\$x']" """,
    "aws rds create-db-instance --region {{ region }} --manage-master-user-password --engine mysql",
    "aws secretsmanager put-secret-value --region {{ region }} --secret-id x --secret-string file:///run/secret",
    "aws secretsmanager list-secrets --region {{ region }} --next-token x",
    "aws ssm put-parameter --region {{ region }} --name x --type String --value y",
]

BAD = [
    ("", "The block has no command."),
    ("# the instances\naws iam list-users", "Line 1: does not begin with `aws `"),
    ("aws iam list-users\nls", "Line 2: does not begin with `aws `"),
    ("awslocal iam list-users", "does not begin with `aws `"),
    ("aws iam list-users --query 'Users[", "a quote is not closed"),
    ("aws iam list-users \\", "goes on in the next"),
    ("aws iam list-users | wc -l", "`|` outside quotes"),
    ("aws iam list-users && aws iam list-roles", "`&` outside quotes"),
    ("aws iam list-users > users.json", "`>` outside quotes"),
    ("aws iam list-users; id", "`;` outside quotes"),
    ("aws iam get-user --user-name $USER", "`$U` is not expanded here"),
    ('aws iam get-user --user-name "$(id -un)"', "`$(` is not expanded here"),
    ('aws iam list-users --query "Users[?`1`]"', "``` is not expanded here"),
    ("""aws iam list-users --query "Users[?UserName=='$USER']" """, "`$U` is not expanded here"),
    ("aws", "name the service and the operation"),
    ("aws iam", "name the service and the operation"),
    ("aws --region eu-west-1 ec2 describe-vpcs", "name the service and the operation"),
    ("aws {{ service }} list", "name the service and the operation"),
    ("aws ec2 describe-vpcs", "ec2 is regional: say `--region {{ region }}`."),
    ("aws iam list-users --endpoint-url http://localhost", "--endpoint-url sends the request"),
    ("aws iam list-users --endpoint-url=http://localhost", "--endpoint-url sends the request"),
    ("aws iam list-users --endp http://localhost", "--endpoint-url sends the request"),
    ("aws iam list-users --no-verify-ssl", "--no-verify-ssl trusts whoever answers"),
    ("aws iam list-users --no-cli-pager", "--no-cli-pager is unknown"),
    ("aws iam list-users --profile prod", "--profile chooses an account"),
    ("aws iam create-login-profile --user-name a --password {{ p }}", "--password would show a secret"),
    ("aws iam create-login-profile --user-name a --password=x", "--password would show a secret"),
    ("aws rds modify-db-instance --region r --master-user-password x", "--master-user-password would show"),
    ("aws secretsmanager create-secret --region r --secret-string x", "--secret-string would show a secret"),
    ("aws ssm put-parameter --region r --name a --type SecureString --value x", "--value would show a secret"),
]


@pytest.mark.parametrize("text", GOOD)
def test_nothing_is_said_of_a_good_one(text: str) -> None:
    assert aws_findings(text) == []


@pytest.mark.parametrize(("text", "said"), BAD)
def test_what_is_off_is_said(text: str, said: str) -> None:
    findings = aws_findings(text)
    assert len(findings) == 1
    assert said in findings[0]


def test_every_line_has_its_say() -> None:
    text = "aws ec2 describe-vpcs\naws iam list-users\n\naws ec2 describe-subnets --no-verify-ssl"
    assert [finding.partition(":")[0] for finding in aws_findings(text)] == ["Line 1", "Line 4", "Line 4"]
