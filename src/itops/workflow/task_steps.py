"""The steps of the story, done with the rooms. Each records its events; done again, it records nothing twice."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from itops.agents.base_agent import AnswerRequest, PlanRequest, ProposeRequest, Thought
from itops.domain.approval import Approval, ApprovalState, ApprovedScript
from itops.domain.event import (
    InstructionsFound,
    Journal,
    ModelCalled,
    NoInstructionFound,
    OutcomeDoubted,
    OutcomeResolved,
    PlanMade,
    QuestionAnswered,
    QuestionAsked,
    ScriptJudged,
    ScriptProposed,
    ScriptReturned,
    TargetsResolved,
    TaskAnswered,
    TaskEnded,
)
from itops.domain.instruction import Instruction, RankedInstruction, SecretSpec
from itops.domain.outcome import Answer, Exchange, Outcome
from itops.domain.plan import (
    NearestInstruction,
    NoInstruction,
    Plan,
    Planning,
    Proposal,
    Question,
    ScriptProposal,
    Subtask,
)
from itops.domain.result import Result, ResultState
from itops.domain.script import Limits, Script
from itops.domain.target import Target
from itops.domain.task import Task
from itops.domain.verdict import Verdict
from itops.errors import ProviderError, TaskCancelled, UsageError
from itops.workflow.ports import Agents, Desk, Library, Policy, Previews, Reader, Runner, Targets, Tools
from itops.workflow.previewing import preview_of
from itops.workflow.provenance import origins_of
from itops.workflow.steps import Pending, Resolution, Returned, Said

CANCEL_KEY = "cancel"
FOREVER_SECONDS = 86_400.0
Value = TypeVar("Value")


@dataclass(frozen=True)
class Rooms:
    """What the steps are done with."""

    journal: Journal
    targets: Targets
    tools: Tools
    library: Callable[[], Awaitable[Library]]
    agents: Agents
    reader: Reader
    policy: Policy
    desk: Desk
    runner: Runner
    limits: Limits
    question_seconds: float
    poll_seconds: float
    previews: Previews | None = None


class TaskSteps:
    """Implements ``Steps`` but for the durable wait, which is the engine's."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._journal = rooms.journal

    async def resolve(self, task: Task) -> tuple[Target, ...]:
        """Freeze the targets that the task names."""
        await self._stop_if_cancelled(task)
        targets = self._rooms.targets.resolve(task.targets, task.words)
        await self._journal.append(TargetsResolved(task=task.id, key="targets", targets=targets))
        return targets

    async def plan(self, task: Task, targets: tuple[Target, ...], exchanges: tuple[Exchange, ...]) -> Planning:
        """Split the task into subtasks."""
        await self._stop_if_cancelled(task)
        found = tuple(await self._search(task.words, targets))
        agent = self._rooms.agents(task)
        request = PlanRequest(task=task, targets=targets, found=found, exchanges=exchanges)
        thought = await self._unless_cancelled(task, agent.plan(request))
        await self._record_usage(task, thought, f"plan.{len(exchanges)}")
        if isinstance(thought.planning, Plan):
            await self._journal.append(PlanMade(task=task.id, key="plan", plan=thought.planning, agent=agent.name))
        elif isinstance(thought.planning, NoInstruction):
            await self._journal.append(NoInstructionFound(task=task.id, key="missing", missing=thought.planning))
        return thought.planning

    async def find(
        self, task: Task, number: int, subtask: Subtask, targets: tuple[Target, ...]
    ) -> tuple[RankedInstruction, ...]:
        """The instructions for one subtask, best first."""
        await self._stop_if_cancelled(task)
        found = await self._search(subtask.words, targets)
        nearest = tuple(
            NearestInstruction(id=rank.instruction.id, title=rank.instruction.title, score=rank.score) for rank in found
        )
        event = InstructionsFound(task=task.id, key=f"found.{number}", subtask=number, found=nearest)
        await self._journal.append(event)
        return tuple(found)

    async def propose(self, request: ProposeRequest) -> Proposal:
        """What the agent would run next."""
        task = request.task
        await self._stop_if_cancelled(task)
        number = await self._paid_thoughts(task)
        thought = await self._unless_cancelled(task, self._rooms.agents(task).propose(request))
        await self._record_usage(task, thought, f"propose.{number}")
        if isinstance(thought.proposal, NoInstruction):
            await self._journal.append(NoInstructionFound(task=task.id, key="missing", missing=thought.proposal))
        return thought.proposal

    async def prepare(
        self, task: Task, number: int, action: str, proposal: ScriptProposal, targets: tuple[Target, ...]
    ) -> Script | Returned:
        """Bind a proposal to its targets and limits, unless code can see that it can't work."""
        await self._stop_if_cancelled(task)
        because = await self._cannot_work(proposal, targets)
        if because:
            await self._journal.append(
                ScriptReturned(task=task.id, key=f"{action}.returned", action=action, because=because)
            )
            return Returned(because=because)
        instruction = await self._instance_of(proposal)
        script = Script(
            language=proposal.language,
            text=proposal.text,
            targets=targets,
            secrets=_secrets(instruction, proposal),
            limits=self._limits(instruction),
            purpose=proposal.purpose,
            instruction=instruction.ref if instruction else None,
            based_on=None if instruction else proposal.instruction,
            block=proposal.block,
            parameters=proposal.parameters,
            look=proposal.look,
        )
        title = instruction.title if instruction else proposal.purpose
        await self._journal.append(
            ScriptProposed(
                task=task.id, key=f"{action}.proposed", subtask=number, action=action, script=script, title=title
            )
        )
        return script

    async def judge(self, task: Task, action: str, script: Script) -> Verdict:
        """Read the script, and let policy speak."""
        await self._stop_if_cancelled(task)
        facts = await self._rooms.reader.read(script.language, script.text)
        instance = await self._instance_of(script)
        verdict = self._rooms.policy.judge(
            script=script,
            facts=facts,
            person=task.requester,
            auto=task.auto,
            instance_of=instance,
            now=datetime.now(UTC),
            origins=await origins_of(task, script, instance, self._journal, await self._rooms.library()),
            differs=await self._differences(script),
        )
        key = f"{action}.judged.{verdict.judged_at.timestamp()}"
        await self._journal.append(ScriptJudged(task=task.id, key=key, action=action, verdict=verdict))
        return verdict

    async def request_approval(self, task: Task, action: str, script: Script, verdict: Verdict) -> Approval:
        """Put exactly this script to a person."""
        await self._stop_if_cancelled(task)
        return await self._rooms.desk.request(
            task=task.id,
            action=action,
            script=script,
            verdict=verdict,
            requester=task.requester,
            preview=await preview_of(self._rooms.previews, script, verdict),
        )

    async def decision(self, task: Task, approval: Approval, look: int) -> Approval | Pending:
        """The decided (or expired) approval, or that it is pending."""
        del look
        await self._stop_if_cancelled(task)
        current = await self._rooms.desk.get(approval.id)
        if current.state is not ApprovalState.PENDING:
            return current
        left = (current.expires_at - datetime.now(UTC)).total_seconds()
        if left <= 0:
            return await self._rooms.desk.expire(current.id)
        return Pending(seconds=left)

    async def run(
        self, task: Task, action: str, attempt: int, script: Script, verdict: Verdict, approval: Approval | None
    ) -> tuple[Result, ...]:
        """Run the script on each of its targets, once for this attempt."""
        now = datetime.now(UTC)
        if not await self._rooms.runner.started(script, action=action, attempt=attempt):
            await self._stop_if_cancelled(task)
            if approval is not None:
                approval = await self._rooms.desk.redeem(approval.id, action=action)
                now = approval.redeemed_at or now
        else:
            # It may run already: what permitted it then permits reading its result now.
            now = verdict.judged_at
            approval = await self._rooms.desk.get(approval.id) if approval else None
        approved = ApprovedScript.permit(script, verdict, approval, now=now)
        stop = asyncio.Event()
        watch = asyncio.create_task(self._set_when_cancelled(task, stop))
        try:
            return await self._rooms.runner.run(approved, task=task.id, action=action, attempt=attempt, stop=stop)
        finally:
            watch.cancel()

    async def verification(self, task: Task, number: int, action: str, script: Script) -> Script | Returned | None:
        """The script that checks what this one did, where its instruction has one; or why it can't be checked."""
        instruction = await self._instance_of(script)
        block = instruction.block("verify") if instruction and script.block == "run" else None
        if instruction is None or block is None:
            return None
        check = ScriptProposal(
            language=block.language,
            text=self._rooms.reader.render(block, script.parameters),
            purpose=f"Verify: {instruction.title}",
            instruction=instruction.ref,
            block="verify",
            parameters=script.parameters,
        )
        return await self.prepare(task, number, action, check, script.targets)

    async def doubt(self, task: Task, action: str, results: tuple[Result, ...]) -> None:
        """Tell people that an outcome is unknown."""
        targets = tuple(result.target for result in results if result.state is ResultState.UNKNOWN)
        await self._journal.append(
            OutcomeDoubted(task=task.id, key=f"{action}.doubted", action=action, targets=targets)
        )

    async def resolution(self, task: Task, action: str, look: int) -> Resolution | Pending:
        """What a person saw who looked at an unknown outcome."""
        del look
        await self._stop_if_cancelled(task)
        record = await self._journal.find(task.id, f"{action}.resolved")
        if record is None or not isinstance(record.event, OutcomeResolved):
            return Pending(seconds=FOREVER_SECONDS)
        return Resolution(done=record.event.done, reason=record.event.reason)

    async def ask(self, task: Task, number: int, question: Question) -> None:
        """Put a question to the requester."""
        await self._stop_if_cancelled(task)
        await self._journal.append(QuestionAsked(task=task.id, key=f"question.{number}", question=question))

    async def reply(self, task: Task, number: int, look: int) -> Said | Pending:
        """The requester's answer to a question."""
        del look
        await self._stop_if_cancelled(task)
        key = f"question.{number}.answered"
        asked, answered = (
            await self._journal.find(task.id, f"question.{number}"),
            await self._journal.find(task.id, key),
        )
        if answered and isinstance(answered.event, QuestionAnswered):
            return Said(answer=answered.event.answer if answered.event.by else None)
        waited = (datetime.now(UTC) - asked.at).total_seconds() if asked else 0.0
        if waited < self._rooms.question_seconds:
            return Pending(seconds=self._rooms.question_seconds - waited)
        await self._journal.append(QuestionAnswered(task=task.id, key=key, answer=""))
        return Said(answer=None)

    async def finish(self, task: Task, outcome: Outcome) -> None:
        """Write the answer, and end the task."""
        for approval in await self._rooms.desk.pending(task.id):
            await self._rooms.desk.withdraw(approval.id, "The task has ended.")
        answer = await self._answer(task, outcome)
        await self._journal.append(TaskAnswered(task=task.id, key="answer", answer=answer))
        await self._journal.append(
            TaskEnded(task=task.id, key="ended", state=outcome.state, because=outcome.because, error=outcome.error)
        )
        for step in (step for report in outcome.reports for step in report.steps):
            for target, result in zip(step.script.targets, step.results, strict=False):
                await self._rooms.runner.forget(target, result.attempt)

    async def _answer(self, task: Task, outcome: Outcome) -> Answer:
        """The agent's answer; where it can't give one, what is known."""
        try:
            agent = self._rooms.agents(task)
            thought = await agent.answer(AnswerRequest(task=task, outcome=outcome))
        except (ProviderError, UsageError) as error:
            words = "" if error.what in outcome.because else f"(The answer could not be written in words: {error.what})"
            return Answer(text=f"{outcome.because}\n{words}".strip())
        await self._record_usage(task, thought, "answer")
        return thought.answer

    async def _search(self, words: str, targets: tuple[Target, ...]) -> list[RankedInstruction]:
        tools = await self._rooms.tools(targets[0])
        return await (await self._rooms.library()).find(words, platform=targets[0].platform, tools=tools)

    async def _cannot_work(self, proposal: ScriptProposal, targets: tuple[Target, ...]) -> str:
        reader = self._rooms.reader
        unfilled = await reader.unfilled(proposal.language, proposal.text)
        if unfilled:
            return f"The script still has unfilled placeholders: {', '.join(unfilled)}."
        facts = await reader.read(proposal.language, proposal.text)
        if facts.impossible:
            return f"The script can't run: {'; '.join(facts.impossible)}."
        needed = reader.tools_of(facts)
        for target in targets:
            tools = await self._rooms.tools(target)
            missing = sorted(needed - tools) if tools is not None else []
            if missing:
                return f"The target {target.name} does not have: {', '.join(missing)}."
        return ""

    async def _instance_of(self, script: ScriptProposal | Script) -> Instruction | None:
        """The instruction version that the script truly is an instance of: what it claims, checked."""
        if script.instruction is None:
            return None
        library = await self._rooms.library()
        instruction = await library.get(script.instruction.id, script.instruction.version)
        block = instruction.block(script.block) if instruction else None
        if instruction is None or block is None or block.language != script.language:
            return None
        if not self._rooms.reader.valid(instruction, script.parameters):
            return None
        is_instance = await self._rooms.reader.is_instance(script.text, block, script.parameters)
        return instruction if is_instance else None

    async def _differences(self, script: Script) -> tuple[str, ...]:
        """What makes the script a stranger to the instruction that it was written from."""
        ref = script.based_on
        instruction = await (await self._rooms.library()).get(ref.id, ref.version) if ref else None
        return await self._rooms.reader.differences(script, instruction) if instruction else ()

    def _limits(self, instruction: Instruction | None) -> Limits:
        if instruction is None or instruction.time_limit_seconds is None:
            return self._rooms.limits
        limit = float(instruction.time_limit_seconds)
        # Who says how long it takes also says how long it may be silent: `du | sort` prints nothing until its end.
        idle = max(limit, self._rooms.limits.idle_limit_seconds)
        return self._rooms.limits.model_copy(update={"time_limit_seconds": limit, "idle_limit_seconds": idle})

    async def _paid_thoughts(self, task: Task) -> int:
        return len(await self._journal.read(task=task.id, kind="model.called"))

    async def _record_usage(self, task: Task, thought: Thought, purpose: str) -> None:
        if thought.usage.llm_calls or thought.usage.cached_calls:
            await self._journal.append(
                ModelCalled(
                    task=task.id, key=f"model.{purpose}", purpose=purpose, model=thought.model, usage=thought.usage
                )
            )

    async def _cancelled(self, task: Task) -> bool:
        return await self._journal.find(task.id, CANCEL_KEY) is not None

    async def _stop_if_cancelled(self, task: Task) -> None:
        if await self._cancelled(task):
            raise TaskCancelled("The task was cancelled.")

    async def _set_when_cancelled(self, task: Task, stop: asyncio.Event) -> None:
        while not await self._cancelled(task):  # noqa: ASYNC110 - the wish to cancel may come from another process
            await asyncio.sleep(self._rooms.poll_seconds * 4)
        stop.set()

    async def _unless_cancelled(self, task: Task, thinking: Awaitable[Value]) -> Value:
        """The thought, unless the task is cancelled while the agent thinks."""
        stop = asyncio.Event()
        thought = asyncio.ensure_future(thinking)
        watch = asyncio.create_task(self._set_when_cancelled(task, stop))
        stopped = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait({thought, stopped}, return_when=asyncio.FIRST_COMPLETED)
            if not thought.done():
                raise TaskCancelled("The task was cancelled while the agent was thinking.")
            return thought.result()
        finally:
            for waiting in (thought, watch, stopped):
                waiting.cancel()


def _secrets(instruction: Instruction | None, proposal: ScriptProposal) -> tuple[SecretSpec, ...]:
    """Only an exact instance of a run block gets its instruction's secrets; a stranger gets none."""
    return instruction.secrets if instruction and proposal.block == "run" else ()
