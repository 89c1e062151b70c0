"""Cases: what an organisation expects its policy to say, as data."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import AwareDatetime, BeforeValidator, Field

from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Instruction, InstructionState, Language
from itops.domain.noun import Noun
from itops.domain.target import Platform, Target
from itops.domain.task import Auto
from itops.domain.verdict import Decision
from itops.policy.asked import Asked
from itops.policy.judgement import Judgement
from itops.policy.policy_source import all_made, read


def _person(value: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    return {"id": value} if isinstance(value, str) else value


def _target(value: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    if isinstance(value, str):
        return {"name": value, "platform": Platform.LINUX}
    return {"platform": Platform.LINUX, **value} if isinstance(value, dict) else value


class PolicyCase(Noun):
    """One command, in its circumstances, and the verdict it must get.

    ``at`` is when it is judged; without it, every window of time holds. ``instance`` is the effect of the published
    instruction that the command is an exact instance of; ``sizes`` are how many targets a tag has, or an environment
    (``env:NAME``). ``rule`` must be among the reasons.
    """

    command: str = Field(min_length=1)
    shell: Language = "bash"
    person: Annotated[Person, BeforeValidator(_person)] = Person(id="")
    targets: tuple[Annotated[Target, BeforeValidator(_target)], ...] = ()
    sizes: dict[str, int] = Field(default_factory=dict)
    at: AwareDatetime | None = None
    auto: Auto = "read"
    instance: Effect | None = None
    verdict: Decision
    effect: Effect | None = None
    rule: str = ""

    @property
    def asked(self) -> Asked:
        """The circumstances."""
        return Asked(
            auto=self.auto,
            instance_of=_published(self.instance) if self.instance else None,
            targets=self.targets,
            person=self.person,
            now=self.at,
            sizes=self.sizes,
        )

    def differences(self, judgement: Judgement) -> Iterator[str]:
        """What the judgement says otherwise."""
        rules = [reason.rule for reason in judgement.reasons]
        if judgement.decision is not self.verdict:
            yield f"{self.verdict.value} is expected, {judgement.decision.value} is said by {', '.join(rules)}"
        if self.effect not in {None, judgement.effect}:
            yield f"the effect {self.effect} is expected, it is {judgement.effect}"
        if self.rule and self.rule not in rules:
            yield f"the rule {self.rule} is expected, these speak: {', '.join(rules)}"


def load_cases(file: Path) -> list[PolicyCase]:
    """The cases of a file: ``version: 1`` and a list ``cases``.

    Raises:
        PolicyError: the file can't be read, or a case is off; names file and case.
    """
    return all_made(PolicyCase, file, read(file, sha256()), "cases", "case")


def _published(effect: Effect) -> Instruction:
    return Instruction(id="case", title="Case", platform=Platform.ANY, effect=effect, state=InstructionState.PUBLISHED)
