"""What a cmdlet does under ``-WhatIf``, and what its words of run time may be."""

import pytest

from itops.domain.effect import Effect
from itops.domain.script import Command
from itops.policy.effect_table import EffectTable, ProgramEffects
from itops.policy.example import command_of
from itops.policy.policy_file import load_policy

GROUPS = [
    ProgramEffects.model_validate(
        {
            "program": ["Remove-It"],
            "effects": [{"effect": "destroy", "why": "x", "what_if": True, "match": ["Remove-It a"]}],
        }
    ),
    ProgramEffects.model_validate(
        {"program": ["Set-It"], "effects": [{"effect": "change", "why": "x", "match": ["Set-It a"]}]}
    ),
    ProgramEffects.model_validate(
        {"program": ["Get-It"], "effects": [{"effect": "read", "why": "x", "match": ["Get-It a"]}]}
    ),
]
TABLE = EffectTable(GROUPS, load_policy().table.secrets)


def effect(*argv, dynamic=False):
    return TABLE.judge(Command(program=argv[0], argv=argv, effect=Effect.UNKNOWN, dynamic=dynamic)).effect


@pytest.mark.parametrize(
    ("argv", "expected"),
    [
        (("Remove-It", "a"), Effect.DESTROY),
        (("Remove-It", "a", "-WhatIf"), Effect.READ),
        (("Remove-It", "a", "-WhatIf:$false"), Effect.DESTROY),
        (("Remove-It", "a", "'-WhatIf'"), Effect.DESTROY),
        (("Set-It", "a", "-WhatIf"), Effect.CHANGE),
    ],
)
def test_only_what_takes_it_is_a_read_with_it(argv, expected):
    assert effect(*argv) is expected


def test_what_is_only_said_shows_no_file_and_says_so():
    judged = TABLE.judge(command_of("Remove-It /etc/shadow -WhatIf"))
    assert (judged.effect, judged.why) == (Effect.READ, "it says what it would do (-WhatIf)")


@pytest.mark.parametrize(("program", "has"), [("Remove-It", True), ("Set-It", False), ("Nobodys-It", False)])
def test_which_cmdlets_take_it(program, has):
    assert TABLE.has_what_if((program, "a")) is has


def test_a_value_of_run_time_is_no_parameter_but_may_be_a_secret_file():
    assert effect("Get-It", "$(x)", dynamic=True) is Effect.UNKNOWN
    assert effect("Get-It", "x", dynamic=True) is Effect.READ
