"""The policy engine: facts, person and instruction in, a verdict bound to one script out. No model takes part."""

from datetime import datetime, timedelta

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.script import Facts, Script
from itops.domain.task import Auto
from itops.domain.verdict import Verdict
from itops.policy.effects import classify
from itops.policy.judgement import Asked, Judgement, judge_classified
from itops.policy.policy_file import Policy


class PolicyEngine:
    """Judges scripts. Pure: the same facts under the same policy always get the same judgement.

    Args:
        policy: Tables and rules in force.
        valid_for: How long a verdict that allows may be used.
    """

    def __init__(self, policy: Policy, valid_for: timedelta) -> None:
        self._policy = policy
        self._valid_for = valid_for

    @property
    def version(self) -> str:
        """The hash of the policy in force."""
        return self._policy.version

    def judge(
        self,
        *,
        script: Script,
        facts: Facts,
        person: Person,
        auto: Auto,
        instance_of: Instruction | None,
        now: datetime,
    ) -> Verdict:
        """The verdict on a script.

        Args:
            script: What would run, and where.
            facts: What was read out of exactly this script.
            person: Who asks for it.
            auto: How far it may go without asking.
            instance_of: The instruction that the script is an exact instance of, with valid parameters, if it is.
            now: The time of judgement.
        """
        asked = Asked(auto=auto, instance_of=instance_of, targets=script.targets, person=person)
        judgement = self.judge_facts(facts, asked)
        published = instance_of is not None and instance_of.state is InstructionState.PUBLISHED
        return Verdict(
            decision=judgement.decision,
            effect=judgement.effect,
            reasons=judgement.reasons,
            digest=script.digest,
            policy_version=self._policy.version,
            judged_at=now,
            expires_at=now + self._valid_for,
            conforms_to=instance_of.ref if instance_of is not None and published else None,
            repeatable=judgement.effect is Effect.READ
            or (instance_of is not None and published and instance_of.idempotent),
            commands=tuple(command.argv for command in judgement.facts.commands),
        )

    def judge_facts(self, facts: Facts, asked: Asked | None = None) -> Judgement:
        """The judgement of facts alone, bound to no script: what `itops check` shows."""
        return judge_classified(classify(facts, self._policy.table), self._policy, asked or Asked())
