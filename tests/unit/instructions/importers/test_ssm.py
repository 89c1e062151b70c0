import json

import pytest

from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.ssm import create
from itops.instructions.runbooks.runbook_lint import lint

RESTART = {
    "schemaVersion": "0.3",
    "description": "Stops and starts an instance.",
    "assumeRole": "{{ Role }}",
    "parameters": {
        "InstanceId": {"type": "StringList", "description": "The instances"},
        "Role": {"type": "String", "default": ""},
    },
    "mainSteps": [
        {
            "name": state,
            "action": "aws:changeInstanceState",
            "inputs": {"InstanceIds": "{{ InstanceId }}", "DesiredState": state},
            "timeoutSeconds": 300,
        }
        for state in ("stopped", "running")
    ],
}
ROTATE = """\
schemaVersion: '2.2'
description: Rotates the logs
parameters:
  Unit: {type: String, description: The unit, allowedValues: [nginx, apache2], default: nginx}
mainSteps:
  - name: onLinux
    action: aws:runShellScript
    precondition: {StringEquals: [platformType, Linux]}
    inputs: {runCommand: ['#!/bin/bash', 'systemctl kill -s USR1 "{{ Unit }}"']}
  - name: onWindows
    action: aws:runPowerShellScript
    precondition: {StringEquals: [platformType, Windows]}
    inputs: {runCommand: ["Restart-Service -Name '{{ Unit }}'"]}
"""


def read(source, document, name="restart-instance.json"):
    text = document if isinstance(document, str) else json.dumps(document)
    return list(create().read(source(text, name)))


def with_steps(*steps, **more):
    return RESTART | {"mainSteps": list(steps)} | more


def api(name, **inputs):
    return {"name": name, "action": "aws:executeAwsApi", "inputs": {"Service": "iam", "Api": "GetUser"} | inputs}


def test_a_straight_line_of_calls_runs_and_its_last_wait_verifies(source):
    (found,) = read(source, RESTART)
    assert found.instruction.id == "acme.restart-instance"
    assert found.instruction.title == "Restart instance"
    assert found.instruction.platform is Platform.AWS
    assert found.instruction.time_limit_seconds == 600
    assert [line.split()[1:4] for line in found.instruction.block("run").text.splitlines()] == [
        ["ec2", "stop-instances", "--instance-ids"],
        ["ec2", "wait", "instance-stopped"],
        ["ec2", "start-instances", "--instance-ids"],
    ]
    assert found.instruction.block("verify").text.startswith("aws ec2 wait instance-running")
    assert [parameter.name for parameter in found.instruction.parameters] == ["InstanceId", "region"]
    assert lint(found.instruction) == []
    assert any("took" in note or "list" in note for note in found.changed)
    assert any("Role" in note for note in found.left)


def test_a_step_that_can_not_be_said_leaves_no_half_procedure(source):
    approve = {"name": "ask", "action": "aws:approve", "description": "By two people", "inputs": {"Approvers": ["a"]}}
    (found,) = read(source, with_steps(approve, *RESTART["mainSteps"]))
    assert found.instruction.blocks == ()
    assert "1. ask (aws:approve)\n   By two people" in found.instruction.prose
    assert found.left[-1] == "So it has no run block: it is read, not run."
    assert "Step 1, ask:" in found.left[-2]


@pytest.mark.parametrize(
    "detour",
    [{"nextStep": "b"}, {"onFailure": "Continue"}, {"onFailure": "step:b"}, {"isEnd": True}, {"onCancel": "step:b"}],
)
def test_a_detour_leaves_no_run_block(source, detour):
    (found,) = read(source, with_steps(api("a") | detour, api("c"), api("b")))
    assert found.instruction.blocks == ()
    assert any("does not simply go on" in note for note in found.left)


def test_what_only_says_the_usual_is_no_detour(source):
    first = api("a") | {"nextStep": "b", "onFailure": "Abort", "maxAttempts": 3, "isCritical": True}
    (found,) = read(source, with_steps(first, api("b") | {"isEnd": True}))
    assert found.instruction.block("run").text.count("get-user") == 2
    assert len(found.left) == 5


def test_steps_for_two_platforms_are_two_instructions(source):
    linux, windows = read(source, ROTATE, "rotate.yaml")
    assert (linux.instruction.platform, linux.instruction.id) == (Platform.LINUX, "acme.rotate.linux")
    assert linux.instruction.block("run").text == "systemctl kill -s USR1 {{ Unit }}"
    assert windows.instruction.platform is Platform.WINDOWS
    assert windows.instruction.block("run").language == "powershell"
    assert windows.instruction.parameters[0].pattern == "nginx|apache2"


def test_scripts_on_instances_and_calls_are_no_one_block(source):
    script = {
        "name": "s",
        "action": "aws:runCommand",
        "inputs": {"DocumentName": "AWS-RunShellScript", "Parameters": {"commands": ["uptime"]}},
    }
    (alone,) = read(source, with_steps(script))
    assert (alone.instruction.platform, alone.instruction.block("run").text) == (Platform.LINUX, "uptime")
    (both,) = read(source, with_steps(script, api("a")))
    assert both.instruction.blocks == ()
    assert "several languages" in both.left[-2]


def test_a_wait_that_the_cli_does_not_know_verifies_with_a_script(source):
    wait = {
        "name": "w",
        "action": "aws:waitForAwsResourceProperty",
        "inputs": {"Service": "iam", "Api": "GetUser", "PropertySelector": "$.User.Path", "DesiredValues": ["/"]},
    }
    (found,) = read(source, with_steps(api("a"), wait))
    assert found.instruction.block("verify").language == "bash"
    assert "sleep 15" in found.instruction.block("verify").text


def test_a_parameter_that_looks_like_a_secret_is_none(source):
    secret = {"MasterPassword": {"type": "String"}}
    (found,) = read(source, with_steps(api("a", UserName="{{ MasterPassword }}"), parameters=secret))
    assert found.instruction.blocks == ()
    assert found.instruction.parameters == ()
    assert any("secret" in note for note in found.left)


@pytest.mark.parametrize(
    ("document", "words"),
    [
        ("[]", "expected `key: value`"),
        ("{}", "no Systems Manager document"),
        ('{"schemaVersion": "1.2", "runtimeConfig": {}}', "no Systems Manager document"),
        ('{"schemaVersion": "0.3", "mainSteps": ["x"]}', "expected `key: value`"),
        ('{"schemaVersion": "0.3", "mainSteps": [{"action": []}]}', "single value"),
        ('{"schemaVersion": "0.3", "parameters": [1], "mainSteps": []}', "expected `key: value`"),
        ("schemaVersion: '0.3'\nmainSteps: []\ndescription: !Sub x\n", "tag !Sub"),
    ],
)
def test_another_shape_is_refused_with_its_place(source, document, words):
    with pytest.raises(InvalidInstruction, match=f"restart-instance.json, line .*{words}"):
        read(source, document)


def test_a_document_without_steps_is_read_not_run(source):
    (found,) = read(source, with_steps())
    assert found.instruction.blocks == ()
    assert "It has no steps." in found.left


@pytest.mark.parametrize("condition", ["{StringEquals: ['{{ Unit }}', nginx]}", "{BoolEquals: [x, true]}"])
def test_a_condition_on_more_than_the_platform_leaves_no_run_block(source, condition):
    linux, _ = read(source, ROTATE.replace("{StringEquals: [platformType, Linux]}", condition), "rotate.yaml")
    assert linux.instruction.blocks == ()
    assert any("depends on a condition" in note for note in linux.left)
