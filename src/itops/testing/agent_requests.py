"""Requests to agents and what stands in them, for tests of agents."""

from datetime import UTC, datetime

from itops.agents.base_agent import PlanRequest, ProposeRequest
from itops.domain.effect import Effect
from itops.domain.identity import Person
from itops.domain.instruction import Block, BlockKind, Instruction, InstructionState, Parameter, RankedInstruction
from itops.domain.outcome import Exchange, Step
from itops.domain.plan import Plan, Question, ScriptProposal, Subtask
from itops.domain.result import Output, Result, ResultState
from itops.domain.script import Script
from itops.domain.target import Platform, Target
from itops.domain.task import Task
from itops.domain.verdict import Decision, Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HERE = Target(name="local", platform=Platform.LINUX)


def task(words: str) -> Task:
    """A task in these words."""
    return Task(id="t1", words=words, requester=Person(id="ann"), submitted_at=NOW)


def instruction(
    name: str,
    title: str,
    run: str = "",
    *,
    effect: Effect = Effect.READ,
    parameters: tuple[Parameter, ...] = (),
    verify: str = "",
    prose: str = "",
) -> Instruction:
    """A published Linux instruction with the blocks that are given."""
    texts: dict[BlockKind, str] = {"run": run, "verify": verify}
    blocks = tuple(Block(kind=kind, language="bash", text=text) for kind, text in texts.items() if text)
    return Instruction(
        id=name,
        title=title,
        platform=Platform.LINUX,
        effect=effect,
        parameters=parameters,
        prose=prose,
        blocks=blocks,
        state=InstructionState.PUBLISHED,
    )


def ranked(*instructions: Instruction, confident: bool = True) -> tuple[RankedInstruction, ...]:
    """The instructions as they are found, the best first."""
    return tuple(
        RankedInstruction(instruction=one, score=0.9 - place / 10, confident=confident)
        for place, one in enumerate(instructions)
    )


def plan_request(
    words: str, found: tuple[RankedInstruction, ...] = (), exchanges: tuple[Exchange, ...] = ()
) -> PlanRequest:
    """A request to plan, for this machine."""
    return PlanRequest(task=task(words), targets=(HERE,), found=found, exchanges=exchanges)


def propose_request(
    words: str,
    found: tuple[RankedInstruction, ...] = (),
    *,
    steps: tuple[Step, ...] = (),
    earlier: tuple[Step, ...] = (),
    exchanges: tuple[Exchange, ...] = (),
    returned: str = "",
) -> ProposeRequest:
    """A request to propose for a task of one subtask, for this machine."""
    subtask = Subtask(words=words)
    return ProposeRequest(
        task=task(words),
        plan=Plan(subtasks=(subtask,)),
        subtask=subtask,
        targets=(HERE,),
        found=found,
        steps=steps,
        earlier=earlier,
        exchanges=exchanges,
        returned=returned,
    )


def exchange(question: str, answer: str, *, parameter: str = "") -> Exchange:
    """A question that a person has answered."""
    return Exchange(question=Question(text=question, parameter=parameter), answer=answer)


def step(
    proposal: ScriptProposal | str,
    stdout: str = "",
    *,
    stderr: str = "",
    exit_code: int = 0,
    effect: Effect = Effect.READ,
    refusal: str = "",
) -> Step:
    """A script that ran here and said this, or was refused."""
    if isinstance(proposal, str):
        proposal = ScriptProposal(language="bash", text=proposal)
    script = Script(**proposal.model_dump(exclude={"kind"}), targets=(HERE,))
    verdict = Verdict(
        decision=Decision.ALLOW,
        effect=effect,
        reasons=(),
        digest=script.digest,
        policy_version="1",
        judged_at=NOW,
        expires_at=NOW,
    )
    result = Result(
        target=HERE.name,
        state=ResultState.FAILED if exit_code else ResultState.SUCCEEDED,
        attempt="a1",
        exit_code=exit_code,
        stdout=Output(text=stdout, length=len(stdout)),
        stderr=Output(text=stderr, length=len(stderr)),
    )
    return Step(script=script, verdict=verdict, results=() if refusal else (result,), refusal=refusal)
