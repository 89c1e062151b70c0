import pytest
from pydantic import ValidationError

from itops.domain.effect import Effect
from itops.policy.effect_table import EffectTable, ProgramEffects
from itops.policy.example import command_of
from itops.policy.policy_file import load_policy

TABLE = load_policy().table


def table(**entry):
    entry = {"effect": "read", "why": "it reads", "match": ["x"], **entry}
    return EffectTable([ProgramEffects.model_validate({"program": ["x"], "effects": [entry]})], TABLE.secrets)


def dynamic(text):
    return command_of(text).model_copy(update={"dynamic": True})


def test_the_table_is_wide():
    assert len(TABLE) >= 500


def test_each_example_has_the_effect_of_its_entry_in_the_whole_table():
    wrong = []
    for entry in [entry for group in TABLE.groups for entry in group.effects]:
        wrong += [one for one in entry.match if TABLE.judge(command_of(one)).effect is not entry.effect]
        if entry.effect is Effect.READ:
            wrong += [one for one in entry.not_match if TABLE.judge(command_of(one)).effect is Effect.READ]
    assert wrong == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"match": []}, "at least 1"),
        ({"match": ["y"]}, "does not match"),
        ({"not_match": ["x a"]}, "must not"),
        ({"when": {"flag": ["-a"]}}, "Extra"),
        ({"effect": "maybe"}, "Input should be"),
    ],
)
def test_an_entry_that_is_off_does_not_load(changes, fault):
    with pytest.raises(ValidationError, match=fault):
        table(**changes)


def test_a_program_that_nobody_knows_is_unknown():
    judged = TABLE.judge(command_of("frobnicate --all"))
    assert (judged.effect, "does not know the program" in judged.why) == (Effect.UNKNOWN, True)
    judged = TABLE.judge(command_of("systemctl frobnicate"))
    assert (judged.effect, "does not know this use" in judged.why) == (Effect.UNKNOWN, True)


@pytest.mark.parametrize(
    ("entry", "command", "effect"),
    [
        ({}, dynamic("x $a"), Effect.UNKNOWN),
        ({}, dynamic("x '*'"), Effect.UNKNOWN),
        ({"any_options": True}, dynamic("x '*'"), Effect.READ),
        ({"any_options": True}, dynamic("x $a"), Effect.UNKNOWN),
        ({"any_options": True}, dynamic("x '`a`'"), Effect.UNKNOWN),
        ({"any_arguments": True}, dynamic("x $a"), Effect.READ),
        ({"any_options": True}, command_of("x < $a"), Effect.UNKNOWN),
        ({"any_arguments": True}, command_of("x < $a"), Effect.READ),
        ({}, command_of("x /etc/shadow"), Effect.UNKNOWN),
        ({"metadata": True}, command_of("x /etc/shadow"), Effect.READ),
        ({"any_arguments": True}, command_of("x /etc/shadow"), Effect.READ),
        ({"any_arguments": True}, dynamic("x $DB_PASSWORD"), Effect.UNKNOWN),
        ({"unfed": True}, command_of("echo | x"), Effect.READ),
        ({"unfed": True}, command_of("cat f | x"), Effect.UNKNOWN),
        ({"unfed": True}, command_of("x < f"), Effect.UNKNOWN),
        ({"effect": "change"}, dynamic("x $a"), Effect.CHANGE),
    ],
)
def test_a_read_stays_one_only_where_that_is_certain(entry, command, effect):
    assert table(**entry).judge(command).effect is effect


def test_the_heaviest_entry_that_speaks_holds():
    group = {
        "program": ["x"],
        "effects": [
            {"effect": "read", "why": "r", "match": ["x"]},
            {"effect": "destroy", "why": "d", "when": {"flags_any": ["-d"]}, "match": ["x -d"]},
        ],
    }
    both = EffectTable([ProgramEffects.model_validate(group)], TABLE.secrets)
    assert both.judge(command_of("x")).effect is Effect.READ
    assert both.judge(command_of("x -d")).why == "d"
