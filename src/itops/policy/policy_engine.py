"""The policy engine: facts, person and instruction in, a verdict bound to one script out. No model takes part."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.origins import NOWHERE, Origins
from itops.domain.sandbox import Sandbox
from itops.domain.script import Command, Facts, Script
from itops.domain.task import Auto
from itops.domain.verdict import Decision, DryRun, Verdict
from itops.policy.asked import Asked
from itops.policy.dry_run import text_of
from itops.policy.effects import classify
from itops.policy.explanation import Explanation, explain
from itops.policy.judgement import Judgement, judge_classified, shown
from itops.policy.policy_file import Policy
from itops.policy.sandboxing import Containment, no_sandbox


class PolicyEngine:
    """Judges scripts. Pure: the same facts under the same policy always get the same judgement.

    Args:
        policy: Tables and rules in force.
        valid_for: How long a verdict that allows may be used.
        containment: How reads that nobody approves are confined; None where they are not.
        sizes: How many targets there are of each tag and environment, asked at each judgement.
    """

    def __init__(
        self,
        policy: Policy,
        valid_for: timedelta,
        *,
        containment: Containment | None = None,
        sizes: Callable[[], Mapping[str, int]] = dict,
    ) -> None:
        self._policy = policy
        self._valid_for = valid_for
        self._containment = containment
        self._sizes = sizes

    @property
    def version(self) -> str:
        """The hash of the policy in force."""
        return self._policy.version

    def is_secret(self, path: str) -> bool:
        """Whether a file holds secrets, as far as its path tells."""
        return self._policy.table.secrets.is_secret(path)

    def judge(
        self,
        *,
        script: Script,
        facts: Facts,
        person: Person,
        auto: Auto,
        instance_of: Instruction | None,
        now: datetime,
        origins: Origins = NOWHERE,
        differs: tuple[str, ...] = (),
    ) -> Verdict:
        """The verdict on a script.

        Args:
            script: What would run, and where.
            facts: What was read out of exactly this script.
            person: Who asks for it.
            auto: How far it may go without asking.
            instance_of: The instruction that the script is an exact instance of, with valid parameters, if it is.
            now: The time of judgement.
            origins: What the script's words may come from; words that nobody said and an output holds ask.
            differs: How it differs from the instruction that it was written from; it is told, and vouches for nothing.
        """
        asked = Asked(
            auto=auto,
            instance_of=instance_of,
            targets=script.targets,
            person=person,
            block=script.block,
            now=now,
            differs=differs,
            origins=origins,
            parameters=script.parameters,
            sizes=self._sizes(),
        )
        judgement, sandbox = self._confined(self.judge_facts(facts, asked), asked)
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
            sandbox=sandbox,
            dry_runs=self.dry_runs_of(judgement) if judgement.decision is Decision.ASK else (),
            local_files=self._policy.changes_local_files(judgement.facts),
        )

    def dry_runs_of(self, judgement: Judgement) -> tuple[DryRun, ...]:
        """The harmless forms of what a script would change, each judged by itself."""
        return tuple(
            DryRun(command=shown(command), form=text, is_read=self._is_allowed(form))
            for command, form in self._policy.harmless.forms_of(judgement.facts)
            if (text := text_of(form))
        )

    def _is_allowed(self, command: Command) -> bool:
        return self.judge_facts(Facts(commands=(command,))).decision is Decision.ALLOW

    def _confined(self, judgement: Judgement, asked: Asked) -> tuple[Judgement, Sandbox | None]:
        """What is allowed as a read gets its sandbox; where none is to be had, it asks unless it is vouched for."""
        is_read = judgement.decision is Decision.ALLOW and judgement.effect is Effect.READ
        if self._containment is None or not is_read:
            return judgement, None
        sandbox = self._policy.sandboxing.sandbox_for(judgement.facts)
        if self._containment.confines(asked.targets, sandbox):
            return judgement, sandbox
        if asked.is_published and not self._containment.is_required:
            return judgement, None
        return replace(judgement, decision=Decision.ASK, reasons=(no_sandbox(sandbox),)), None

    def explain(self, facts: Facts, asked: Asked) -> Explanation:
        """The judgement of facts alone, taken apart."""
        return explain(self.judge_facts(facts, asked), self._policy, asked)

    def judge_facts(self, facts: Facts, asked: Asked | None = None) -> Judgement:
        """The judgement of facts alone, bound to no script: what `itops check` shows."""
        return judge_classified(classify(facts, self._policy.table), self._policy, asked or Asked())
