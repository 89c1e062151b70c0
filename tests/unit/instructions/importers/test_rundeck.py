import re

import pytest

from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.rundeck import create

JOB = """\
- name: Restart_web
  group: Ops/Web
  description: Restarts the web server of a site.
  timeout: 1h30m
  schedule: {time: {hour: '04'}}
  nodefilters: {filter: 'tags: web'}
  options:
    - {name: unit, required: true, values: [nginx, apache2], enforced: true, value: nginx, label: The unit}
    - {name: site.name, description: The site, required: true, regex: '[a-z.]+'}
    - {name: reason, value: '"no reason"'}
  sequence:
    keepgoing: false
    strategy: node-first
    commands:
      - {exec: 'systemctl restart ${option.unit}', description: Restart it}
      - script: |-
          #!/bin/bash
          logger "restarted @option.site.name@: $RD_OPTION_REASON"
"""


def read(source, text):
    return list(create().read(source(text, "jobs/web.yaml")))


def one(source, commands, options="", more=""):
    text = f"- name: job\n  options: [{options}]\n{more}  sequence:\n    commands:\n" + "".join(
        f"      - {command}\n" for command in commands
    )
    (found,) = read(source, text)
    return found


def test_a_job_is_an_instruction(source):
    (found,) = read(source, JOB)
    instruction = found.instruction
    assert (instruction.id, instruction.title) == ("acme.jobs.web.ops-web-restart-web", "Restart web")
    assert (instruction.platform, instruction.time_limit_seconds) == (Platform.LINUX, 5400)
    assert instruction.tags == ("rundeck", "Ops", "Web")
    assert "It ran on the nodes: tags: web" in instruction.prose
    assert instruction.block("run").text == (
        "set -e\nsystemctl restart {{ unit }}\n(\nset +e\nexport RD_OPTION_REASON={{ reason }}\n"
        'logger "restarted "{{ site_name }}": $RD_OPTION_REASON"\n)'
    )
    unit, site, reason = instruction.parameters
    assert (unit.pattern, unit.default, unit.description) == ("nginx|apache2", "nginx", "The unit")
    assert (site.name, site.pattern, site.default) == ("site_name", "[a-z.]+", None)
    assert reason.default == "no reason"
    assert any("quotes around the default of reason" in note for note in found.changed)
    assert [note.partition(":")[0] for note in found.left] == ["schedule", "nodefilters"]


def test_plain_commands_are_joined_and_the_first_failure_ends_it(source):
    found = one(source, ["exec: make", "exec: make install"])
    assert found.instruction.block("run").text == "make &&\nmake install"


def test_keepgoing_goes_on_and_fails_at_the_end(source):
    (found,) = read(source, "- name: j\n  sequence:\n    keepgoing: true\n    commands: [{exec: a}, {exec: b}]\n")
    text = found.instruction.block("run").text
    assert text.startswith("failed=0\n")
    assert text.count("|| failed=1") == 2
    assert text.endswith('[ "$failed" = 0 ]')


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("{jobref: {name: other, group: g}}", "runs another job"),
        ("{scriptfile: /srv/x.sh}", "does not stand in the job"),
        ("{type: some-plugin, nodeStep: true, configuration: {}}", "Rundeck plugin"),
        ("{exec: 'ls ${option.pw}'}", "is a secret"),
        ("{script: 'echo $RD_OPTION_PW'}", "is a secret"),
        ("{exec: 'ls ${option.other}'}", "no option of the job"),
        ("{exec: 'ls $RD_OPTION_OTHER'}", "no option of the job"),
        ("{exec: 'ls ${node.hostname}'}", "known only to Rundeck"),
        ("{script: 'echo @job.name@'}", "known only to Rundeck"),
        ("{exec: 'echo $RD_JOB_ID'}", "known only to Rundeck"),
        ("{exec: 'bash -c ${option.a}'}", "may be empty"),
        ("{exec: 'echo {{ a }}'}", "plain text"),
        ("{exec: 'ls ${option.a}'}", "may be empty"),
        ("{script: 'print(1)', scriptInterpreter: python3}", "run by python3"),
        ("{exec: ls, errorhandler: {exec: rm}}", "errorhandler"),
        ("{exec: ls, plugins: {LogFilter: [{type: mask}]}}", "plugins work on its output"),
        ("{description: nothing}", "does not stand in the job"),
    ],
)
def test_what_can_not_be_said_is_left_with_the_reason(source, command, why):
    found = one(source, [command, "exec: ls"], "{name: pw, secure: true}, {name: a}")
    assert found.instruction.blocks == ()
    assert any(re.search(re.escape(why), note) for note in found.left), found.left
    assert [parameter.name for parameter in found.instruction.parameters] == ["a"]


def test_arguments_of_a_script_are_set_in_its_first_line(source):
    found = one(source, ["{script: 'echo $1', args: '${option.who} x'}"], "{name: who, required: true}")
    assert found.instruction.block("run").text == "set -- {{ who }} x\necho $1"


def test_powershell_is_for_windows(source):
    found = one(
        source, ["{script: 'Get-Service @option.n@', scriptInterpreter: powershell.exe}"], "{name: n, required: true}"
    )
    assert found.instruction.platform is Platform.WINDOWS
    assert found.instruction.block("run").language == "powershell"


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [("30", 30), ("5m", 300), ("1d 2h", 93600), ("${option.t}", None), ("soon", None), ("0", None)],
)
def test_a_time_limit_is_in_seconds(source, timeout, seconds):
    found = one(source, ["exec: ls"], more=f"  timeout: '{timeout}'\n")
    assert found.instruction.time_limit_seconds == seconds


def test_options_of_older_jobs_are_a_mapping(source):
    (found,) = read(
        source, "- {name: j, options: {a: {required: true}}, sequence: {commands: [{exec: 'ls ${option.a}'}]}}\n"
    )
    assert found.instruction.parameters[0].name == "a"


@pytest.mark.parametrize(
    "text",
    [
        "a: 1\n",
        "- x\n",
        "- {name: j}\n",
        "- {name: j, sequence: []}\n",
        "- {name: j, sequence: {commands: [1]}}\n",
        "- {name: [], sequence: {}}\n",
        "- {name: j, sequence: {}, options: [{value: 1}]}\n",
        "- {name: j, sequence: {}, x: !y z}\n",
    ],
)
def test_another_shape_is_refused_with_its_place(source, text):
    with pytest.raises(InvalidInstruction, match=r"jobs/web\.yaml, line 1: "):
        read(source, text)


def test_a_default_of_several_words_was_no_one_argument(source):
    found = one(source, ["exec: 'ls ${option.a}'"], "{name: a, value: -l -a}")
    assert found.instruction.blocks == ()
    found = one(source, ["exec: 'ls ${option.a}'"], "{name: a, value: '\"my file\"'}")
    assert found.instruction.block("run").text == "ls {{ a }}"
