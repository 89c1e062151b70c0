"""What must hold for every text, whatever it is: it is judged, and only what was read for certain is allowed."""

import time
from dataclasses import dataclass, field
from datetime import timedelta

from itops.domain.verdict import Decision
from itops.policy.judgement import Judgement
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.aws_reader import read_aws
from itops.scripts.bash_reader import read_bash
from itops.scripts.powershell_reader import read_powershell_facts

LANGUAGES = ("bash", "powershell", "aws")
READERS = {"bash": read_bash, "powershell": read_powershell_facts, "aws": read_aws}
# Put behind a text, on a line of its own, it must be seen: else the reader lost its place.
DANGERS = {
    "bash": "rm -rf /srv/canary",
    "powershell": "Remove-Item -Recurse C:\\canary",
    "aws": "aws ec2 terminate-instances --instance-ids i-0 --region eu-west-1",
}
CONTINUED = {"bash": "\\", "powershell": "`|&,.+-=(", "aws": "\\"}


@dataclass
class Target:
    """Takes bytes; the first says the language. Keeps count and the slowest text of each language."""

    calls: int = 0
    allowed: int = 0
    slowest: dict[str, tuple[float, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._engine = PolicyEngine(load_policy(), timedelta(minutes=15))

    def __call__(self, data: bytes) -> None:
        """Judge one text.

        Raises:
            AssertionError: something that must hold does not.
        """
        if not data:
            return
        language = LANGUAGES[data[0] % len(LANGUAGES)]
        text = data[1:].decode(errors="surrogateescape" if data[0] & 64 else "replace")
        started = time.process_time()
        judgement = self._judge(language, text)
        self._note(language, text, time.process_time() - started)
        assert judgement.reasons, "a judgement without a reason"
        if judgement.decision is Decision.ALLOW:
            self.allowed += 1
            assert not judgement.facts.problems, "allowed, though it was not read for certain"
            self._check_place(language, text)

    def _check_place(self, language: str, text: str) -> None:
        """Behind a text that is allowed, what is dangerous is not."""
        if text.rstrip(" \t\n").endswith(tuple(CONTINUED[language])):
            return
        more = self._judge(language, f"{text}\n{DANGERS[language]}\n")
        assert more.decision is not Decision.ALLOW, "what stands behind it is not seen"

    def _judge(self, language: str, text: str) -> Judgement:
        return self._engine.judge_facts(READERS[language](text))

    def _note(self, language: str, text: str, seconds: float) -> None:
        self.calls += 1
        if self.calls > len(LANGUAGES) and seconds > self.slowest.get(language, (0.0, ""))[0]:
            self.slowest[language] = (seconds, text)


def encoded(language: str, text: str) -> bytes:
    """The bytes that stand for a text of this language."""
    return bytes([LANGUAGES.index(language)]) + text.encode(errors="surrogateescape")
