import re

import pytest

from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.stackstorm import create

KILL = """\
name: kill_process
pack: linux
runner_type: remote-shell-cmd
description: Kills a process by its name.
entry_point: ''
parameters:
  cmd: {immutable: true, default: 'pkill -{{ sig }} -e "{{ process }}"'}
  sig: {type: string, immutable: true, default: TERM}
  process: {type: string, description: Its name, required: true}
  hosts: {default: localhost}
  timeout: {default: 90}
  sudo: {immutable: true, default: true}
"""
TRACE = """\
name: trace
runner_type: local-shell-script
entry_point: trace.sh
parameters:
  host: {type: string, required: true, position: 1}
  hops: {type: integer, default: 30, position: 0}
  family: {type: string, enum: [inet, inet6], default: inet}
"""


def read(source, text, name="pack/actions/a.yaml"):
    (found,) = create().read(source(text, name))
    return found


def command(source, cmd, parameters=""):
    return read(source, f"name: a\nrunner_type: run-local\nparameters:\n  cmd: {{default: {cmd!r}}}\n{parameters}")


def test_a_command_is_an_instruction(source):
    found = read(source, KILL)
    instruction = found.instruction
    assert (instruction.id, instruction.title) == ("acme.pack.actions.a.kill-process", "Kill process")
    assert (instruction.platform, instruction.time_limit_seconds) == (Platform.LINUX, 90)
    assert instruction.block("run").text == "pkill -TERM -e {{ process }}"
    assert [parameter.name for parameter in instruction.parameters] == ["process"]
    assert any("sudo" in note for note in found.changed)
    assert found.left == ("hosts: the target says where and as whom it runs.",)


def test_a_script_gets_its_arguments_in_the_order_they_had(source, tmp_path):
    source('#!/bin/sh\ntraceroute -m "$2" "$3"\n', "pack/actions/trace.sh")
    found = read(source, TRACE)
    assert found.instruction.block("run").text == (
        'set -- --family={{ family }} {{ hops }} {{ host }}\ntraceroute -m "$2" "$3"'
    )
    host, hops, family = found.instruction.parameters
    assert (host.type, hops.type, hops.default, family.pattern) == ("host", "count", "30", "inet|inet6")


def test_a_script_of_a_pack_stands_in_its_actions(source):
    source("uptime\n", "pack/actions/scripts/up.sh")
    text = "name: a\nrunner_type: run-local-script\nentry_point: scripts/up.sh\n"
    assert read(source, text, "pack/actions/meta/a.yaml").instruction.block("run").text == "uptime"


@pytest.mark.parametrize("entry", ["../../../secret.sh", "/etc/passwd", "missing.sh", "", "link.sh", "folder"])
def test_nothing_outside_of_the_folder_is_read(source, tmp_path, entry):
    (tmp_path.parent / "secret.sh").write_text("echo secret\n")
    source("", "pack/actions/folder/x")
    (tmp_path / "pack/actions/link.sh").symlink_to(tmp_path.parent / "secret.sh")
    found = read(source, f"name: a\nrunner_type: run-local-script\nentry_point: '{entry}'\n")
    assert found.instruction.blocks == ()
    assert "secret" not in found.instruction.prose.replace("secret.sh", "")
    assert "not in the imported folder" in found.left[0]


@pytest.mark.parametrize(
    ("cmd", "parameters", "why"),
    [
        ("", "", "brings the command"),
        ("{{ what }} -v", "  what: {required: true}\n", "could become code"),
        ("ls {{ args }}", "  args: {default: '{% if x %}-l{% endif %}'}\n", "computed by Jinja"),
        ("ls {% if x %}-l{% endif %}", "", "computed by Jinja"),
        ("ls {{ st2kv.system.x }}", "", "known only to StackStorm"),
        ("ls {{ x | upper }}", "  x: {required: true}\n", "known only to StackStorm"),
        ("ls {{ pw }}", "  pw: {secret: true}\n", "is a secret"),
        ("ls {{ db_password }}", "  db_password: {required: true}\n", "looks like a secret"),
        ("ls {{ xs }}", "  xs: {type: array, required: true}\n", "is an array"),
        ("ls {{ x }}", "  x: {type: string}\n", "may be empty"),
        ("ls {{ x }}", "  x: {default: ' '}\n", "may be empty"),
        ("ls {{ x }}", "  x: {default: '-l -a'}\n", "several words"),
        ("ls", "  cwd: {default: /srv}\n", "a folder of its own"),
        ("ls", "  env: {default: {A: b}}\n", "environment variables"),
    ],
)
def test_what_can_not_be_said_is_left_with_the_reason(source, cmd, parameters, why):
    found = command(source, cmd, parameters)
    assert found.instruction.blocks == ()
    assert any(re.search(re.escape(why), note) for note in found.left), found.left


@pytest.mark.parametrize("runner", ["python-script", "http-request", "winrm-cmd", "no-such"])
def test_another_runner_is_left(source, runner):
    found = read(source, f"name: a\nrunner_type: {runner}\nentry_point: a.py\n")
    assert found.instruction.blocks == ()
    assert f"run by {runner}" in found.left[0]


def test_powershell_is_for_windows(source):
    found = read(
        source,
        "name: a\nrunner_type: winrm-ps-cmd\nparameters:\n"
        "  cmd: {default: \"Get-Service '{{ n }}'\"}\n  n: {required: true}\n",
    )
    assert found.instruction.platform is Platform.WINDOWS
    assert found.instruction.block("run").text == "Get-Service {{ n }}"


@pytest.mark.parametrize(
    ("runner", "workflow"),
    [
        ("orquesta", "tasks:\n  look: {action: core.local}\n  mend: {action: core.remote}\n"),
        ("action-chain", "chain:\n  - {name: look, ref: core.local}\n  - {name: mend, ref: core.remote}\n"),
    ],
)
def test_a_workflow_is_told_and_not_run(source, runner, workflow):
    source(workflow, "pack/actions/workflows/w.yaml")
    found = read(source, f"name: a\nrunner_type: {runner}\nentry_point: workflows/w.yaml\n")
    assert "1. look (core.local)\n2. mend (core.remote)" in found.instruction.prose
    assert found.instruction.blocks == ()


def test_a_workflow_that_is_not_there_is_said(source):
    found = read(source, "name: a\nrunner_type: orquesta\nentry_point: w.yaml\n")
    assert "not in the imported folder" in found.left[0]


def test_what_was_switched_off_is_said(source):
    assert any("switched off" in note for note in read(source, KILL + "enabled: false\n").left)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "name: a\n",
        "runner_type: x\n",
        "name: a\nrunner_type: [1]\n",
        "name: a\nrunner_type: x\nparameters: [1]\n",
        "name: a\nrunner_type: x\nparameters: {a: 1}\n",
        "name: a\nrunner_type: x\nb: !c d\n",
    ],
)
def test_another_shape_is_refused_with_its_place(source, text):
    with pytest.raises(InvalidInstruction, match=r"pack/actions/a\.yaml, line \d: "):
        read(source, text)
