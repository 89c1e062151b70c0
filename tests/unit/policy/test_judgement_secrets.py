"""A published instruction vouches for the variable that holds its own secret, never for a file that a value names."""

import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.target import Platform
from itops.domain.verdict import Decision
from itops.policy.asked import Asked
from itops.policy.effects import classify
from itops.policy.judgement import judge_classified
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

POLICY = load_policy()
RESET = 'IFS= read -r password\n[ -n "$password" ] && printf \'%s:%s\\n\' alice "$password" | chpasswd'


def judge(text, auto, effect=Effect.CHANGE, state=InstructionState.PUBLISHED):
    made = Instruction(id="x.y", title="X", platform=Platform.LINUX, effect=effect, state=state)
    return judge_classified(classify(read_bash(text), POLICY.table), POLICY, Asked(auto=auto, instance_of=made))


def rules(judgement):
    return {reason.rule for reason in judgement.reasons}


def test_the_variable_that_holds_the_generated_password_does_not_stop_auto_change():
    judgement = judge(RESET, "change")
    assert judgement.decision is Decision.ALLOW
    assert rules(judgement) == {"instance"}


@pytest.mark.parametrize(
    ("auto", "effect", "state"),
    [
        ("read", Effect.CHANGE, InstructionState.PUBLISHED),
        ("change", Effect.CHANGE, InstructionState.DRAFT),
        ("change", Effect.CHANGE, InstructionState.DEPRECATED),
        ("change", Effect.DESTROY, InstructionState.PUBLISHED),
    ],
)
def test_nobody_vouches_for_the_same_script_otherwise(auto, effect, state):
    judgement = judge(RESET, auto, effect, state)
    assert judgement.decision is Decision.ASK
    assert "secret" in rules(judgement)


def test_with_auto_none_it_asks_too():
    judgement = judge(RESET, "none")
    assert (judgement.decision, rules(judgement)) == (Decision.ASK, {"auto-none"})


def test_a_strangers_script_with_the_same_words_asks():
    judgement = judge_classified(classify(read_bash(RESET), POLICY.table), POLICY, Asked(auto="change"))
    assert judgement.decision is Decision.ASK
    assert "secret" in rules(judgement)


@pytest.mark.parametrize(
    "text",
    [
        "cp /etc/shadow /tmp/x",
        "tail -n 5 -- /etc/shadow",
        "cp /home/alice/.ssh/id_rsa /tmp/x",
        "cd /etc && cp ./shadow /tmp/x",
        "dd if=/etc/shadow of=/tmp/x",
        "chpasswd < /run/secrets/db",
    ],
)
@pytest.mark.parametrize("auto", ["read", "change"])
def test_a_secret_file_that_a_parameter_names_asks_even_for_a_published_instance(text, auto):
    judgement = judge(text, auto)
    assert judgement.decision is Decision.ASK
    assert "secret" in rules(judgement)


@pytest.mark.parametrize("text", ["ls -l /etc/shadow", "stat /root/.ssh/id_rsa"])
def test_names_and_sizes_of_secret_files_need_no_question(text):
    assert judge(text, "read").decision is Decision.ALLOW


@pytest.mark.parametrize("auto", ["none", "read", "change"])
@pytest.mark.parametrize("effect", [Effect.READ, Effect.CHANGE, Effect.DESTROY])
def test_a_denial_stands_whoever_vouches_and_says_nothing_else(auto, effect):
    judgement = judge("mkdir /srv/x; frobnicate; rm -rf /", auto, effect)
    assert judgement.decision is Decision.DENY
    assert rules(judgement) == {"wipe.tree"}
