"""The shipped AWS instructions keep what the guide asks and call what the AWS CLI knows."""

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Instruction
from itops.instructions.runbooks.aws_lint import aws_findings
from itops.scripts.parameters import pattern_of


def neighbour(name: str) -> ModuleType:
    """A helper that stands beside this file."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


checks = neighbour("library_checks")
aws_models = neighbour("aws_models")

LIBRARY = checks.load("aws")
READS = re.compile(
    r"(?:describe|list|get|lookup|filter|head|search|wait)(?:-.*)?|ls|download-db-log-file-portion", re.IGNORECASE
)
LOSES = re.compile(r"(?:delete|terminate|release|purge|remove)-.*|rm|rb")
COMES_BACK = {"delete-login-profile": "a new password", "remove-user-from-group": "adding the user again"}
"""What sounds like a loss, and what makes up for it."""

every_instruction = pytest.mark.parametrize("instruction", LIBRARY.values(), ids=lambda instruction: instruction.id)


def calls(instruction: Instruction, *kinds: str) -> list[list[str]]:
    """The calls of the AWS CLI in blocks of these kinds, rendered with the examples."""
    blocks = [block for block in instruction.blocks if block.kind in (kinds or (block.kind,))]
    values = checks.examples(instruction)
    return [call for block in blocks for call in aws_models.commands(block.language, checks.rendered(block, values))]


@every_instruction
def test_no_value_makes_the_aws_cli_read_a_file_or_match_a_pattern(instruction: Instruction) -> None:
    for parameter in instruction.parameters:
        for value in ("file:///etc/passwd", "fileb:///etc/passwd", "http://169.254.169.254/", "*", "a*", "a,Values=b"):
            if parameter.type != "path":
                assert not pattern_of(parameter).fullmatch(value), (parameter.name, value)


@every_instruction
def test_each_call_names_its_region_and_shows_no_secret(instruction: Instruction) -> None:
    assert calls(instruction)
    assert [finding for call in calls(instruction) for finding in aws_findings(shlex.join(call))] == []
    region = next((one for one in instruction.parameters if one.name == "region"), None)
    assert region is None or region.default is None


@every_instruction
def test_its_effect_is_that_of_its_calls(instruction: Instruction) -> None:
    operations = [call[2] for call in calls(instruction, "run")]
    changing = [name for name in operations if not READS.fullmatch(name)]
    if instruction.effect is Effect.READ:
        assert changing == []
        return
    assert changing
    losing = [name for name in changing if LOSES.fullmatch(name) and name not in COMES_BACK]
    if instruction.effect is Effect.CHANGE and losing:
        assert instruction.block("rollback"), losing


@every_instruction
def test_a_verification_only_looks(instruction: Instruction) -> None:
    others = [call for call in calls(instruction, "verify") if not READS.fullmatch(call[2])]
    assert all("--dryrun" in call for call in others), others


def test_the_aws_cli_knows_every_call_and_every_field_it_asks_for() -> None:
    made = [call for instruction in LIBRARY.values() for call in calls(instruction)]
    said = zip(made, aws_models.findings(made), strict=True)
    assert [f"{shlex.join(call)}: {text}" for call, text in said if text] == []


def test_what_the_aws_cli_does_not_know_is_found() -> None:
    wanted = {
        "aws ec2 stop-instances --instance-ids i-1": "",
        "aws ec2 stop-instances --instance-ids i-1 --now": "Unknown options: --now",
        "aws ec2 stop-instances": "--instance-ids",
        "aws ec2 halt-instances": "Invalid choice",
        "aws ec2 wait instance-halted": "Invalid choice",
        "aws s3 ls s3://a --recursive --total": "Unknown options: --total",
        "aws ec2 describe-vpcs --query Vpcs[].[VpcId,Blok]": "the answer has no Blok",
        "aws ec2 describe-vpcs --query 'sort_by(Vpcs, &Blok)'": "the answer has no Blok",
        "aws ec2 describe-vpcs --query \"Vpcs[?Blok=='x'] | [0]\"": "the answer has no Blok",
        "aws ec2 describe-vpcs --query Vpcs.VpcId": "asked of what has no fields",
        "aws ec2 describe-vpcs --query Vpcs[": "Bad value for --query",
        "aws iam update-access-key --access-key-id short --status Inactive": "valid min length: 16",
    }
    findings = aws_models.findings(shlex.split(call) for call in wanted)
    for call, text, finding in zip(wanted, wanted.values(), findings, strict=True):
        assert text in finding, call
        assert bool(text) == bool(finding), finding
