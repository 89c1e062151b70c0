"""What came of a task, as agents and people are told it."""

from pydantic import Field

from itops.domain.noun import Noun
from itops.domain.plan import NearestInstruction, Question, Subtask
from itops.domain.result import Result, ResultState
from itops.domain.script import Script
from itops.domain.task import TaskState
from itops.domain.verdict import Verdict


class Usage(Noun):
    """What models were asked for.

    ``cached_calls`` were answered from the cache, and cost nothing. ``cost_usd`` is what the calls with a known price
    cost; ``unpriced_calls`` are those without one.
    """

    llm_calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_calls: int = 0
    unpriced_calls: int = 0
    cost_usd: float = 0.0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            llm_calls=self.llm_calls + other.llm_calls,
            input_tokens=self.input_tokens + other.input_tokens,
            output_tokens=self.output_tokens + other.output_tokens,
            cached_calls=self.cached_calls + other.cached_calls,
            unpriced_calls=self.unpriced_calls + other.unpriced_calls,
            cost_usd=round(self.cost_usd + other.cost_usd, 9),
        )


class Exchange(Noun):
    """A question put to a person, and what they said."""

    question: Question
    answer: str


class Step(Noun):
    """One script's way through a task: judged, perhaps refused or rejected, perhaps run.

    ``refusal`` says why it did not run (policy, a person, a check before judgement); empty where it ran.
    """

    script: Script
    verdict: Verdict | None = None
    results: tuple[Result, ...] = ()
    refusal: str = ""

    @property
    def succeeded(self) -> bool:
        """Whether it ran everywhere and succeeded everywhere."""
        return bool(self.results) and all(result.state is ResultState.SUCCEEDED for result in self.results)


class SubtaskReport(Noun):
    """What came of one subtask."""

    subtask: Subtask
    state: TaskState
    steps: tuple[Step, ...] = ()
    because: str = ""


class Outcome(Noun):
    """What came of the whole task. ``error`` names the error class where one ended it.

    ``nearest`` are the instructions that were near, but not near enough, where none covers the words.
    """

    state: TaskState
    reports: tuple[SubtaskReport, ...] = ()
    because: str = ""
    error: str = ""
    nearest: tuple[NearestInstruction, ...] = ()


class Answer(Noun):
    """The answer in words, with the instructions and commands it rests on."""

    text: str
    instructions: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    usage: Usage = Field(default_factory=Usage)
