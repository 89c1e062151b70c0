import pytest

from itops.domain.instruction import Block
from itops.scripts.conformance import is_instance

BLOCK = Block(kind="run", language="bash", text="passwd --lock {{ user }}\nid {{ user }} | cat\n")
VALUES = {"user": "bob"}


@pytest.mark.parametrize(
    "text",
    [
        "passwd --lock bob\nid bob | cat\n",
        "passwd --lock bob\n\n  id bob |\n cat # why",
        "passwd   --lock bob; id bob | cat",
    ],
)
def test_layout_and_comments_may_differ(text):
    assert is_instance(text, BLOCK, VALUES)


@pytest.mark.parametrize(
    "text",
    [
        "passwd --lock bob --force\nid bob | cat",
        "passwd --lock eve\nid bob | cat",
        "passwd --lock bob\nid bob | cat; rm x",
        "passwd --lock bob",
        "passwd --lock bob &\nid bob | cat",
        "passwd --lock bob\nid bob | cat > x",
        "passwd --lock bob\nid $(reboot)bob | cat",
        "X=1 passwd --lock bob\nid bob | cat",
        "passwd --lock 'bob\nid bob | cat",
        "",
    ],
)
def test_anything_else_is_a_stranger(text):
    assert not is_instance(text, BLOCK, VALUES)


@pytest.mark.parametrize("values", [{}, {"user": "bob", "other": "x"}, {"user": "a\nb"}])
def test_without_fitting_values_nothing_is_an_instance(values):
    assert not is_instance("passwd --lock bob\nid bob | cat\n", BLOCK, values)


def test_a_template_that_lets_values_become_code_has_no_instances():
    block = Block(kind="run", language="bash", text="eval {{ a }}")
    assert not is_instance("eval x", block, {"a": "x"})


AWS = Block(kind="run", language="aws", text="aws ec2 stop-instances --region {{ a }}\naws ec2 describe-vpcs")


@pytest.mark.parametrize(
    "text",
    [
        "aws ec2 stop-instances --region x\naws ec2 describe-vpcs\n",
        "aws  ec2 stop-instances \\\n  --region 'x' # why\n\naws ec2 describe-vpcs",
    ],
)
def test_calls_of_aws_are_compared_by_their_words(text):
    assert is_instance(text, AWS, {"a": "x"})


@pytest.mark.parametrize(
    "text",
    [
        "aws ec2 stop-instances --region x --force\naws ec2 describe-vpcs",
        "aws ec2 stop-instances --region x\naws ec2 describe-vpcs\naws s3 ls",
        "aws ec2 stop-instances --region x",
        "aws ec2 stop-instances --region y\naws ec2 describe-vpcs",
        "aws ec2 describe-vpcs\naws ec2 stop-instances --region x",
        "aws ec2 stop-instances --region x; aws ec2 describe-vpcs",
        "aws ec2 stop-instances --region 'x\naws ec2 describe-vpcs",
        "",
    ],
)
def test_any_other_call_is_a_stranger(text):
    assert not is_instance(text, AWS, {"a": "x"})


POWERSHELL = Block(kind="run", language="powershell", text="$a = {{ a }}\nGet-Item -Path $a | Format-List")


@pytest.mark.parametrize(
    "text",
    [
        "$a = 'x'\nGet-Item -Path $a | Format-List",
        "$a  =  'x' # why\n\nGet-Item   -Path $a |\n  Format-List\n",
        "$a = 'x'\r\nGet-Item -Path $a | Format-List\r\n",
    ],
)
def test_layout_and_comments_of_powershell_may_differ(text):
    assert is_instance(text, POWERSHELL, {"a": "x"})


@pytest.mark.parametrize(
    "text",
    [
        "$a = 'y'\nGet-Item -Path $a | Format-List",
        "$a = ' x'\nGet-Item -Path $a | Format-List",
        "$a = 'x'\nGet-Item -Path $a -Force | Format-List",
        "$a = 'x'\nGet-Item -Path:$a | Format-List",
        "$a = 'x'\nGet-Item -Path $a | Format-List; rm x",
        "$a = 'x'\nGet-Item -Path $a | Format-List > y",
        "$a = 'x'\nGet-Item -Path $a",
        "#requires -Modules y\n$a = 'x'\nGet-Item -Path $a | Format-List",
        "$a = 'x\nGet-Item -Path $a | Format-List",
        "",
    ],
)
def test_anything_else_is_a_stranger_to_powershell(text):
    assert not is_instance(text, POWERSHELL, {"a": "x"})
