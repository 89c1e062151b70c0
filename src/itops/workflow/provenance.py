"""Where the words of a task's next script may come from, by its journal."""

from collections.abc import Iterable, Iterator, Sequence

from itops.domain.event import InstructionsFound, Journal, QuestionAnswered, Record, RunFinished, ScriptProposed
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.origins import Origins, Printed
from itops.domain.script import Script
from itops.domain.target import Target
from itops.domain.task import Task
from itops.workflow.ports import Library

_SHOWN = 60


async def origins_of(
    task: Task, script: Script, instance: Instruction | None, journal: Journal, library: Library
) -> Origins:
    """What people said in this task, and every text that its agent saw and nobody vouches for.

    Such texts are outputs, answers made of outputs, the prose of instructions, and all of an instruction that nobody
    published. The commands of a published instruction that the script was written from are as good as said.
    """
    records = await journal.read(task=task.id)
    found = [one for name in _found_ids(records) if (one := await library.get(name)) and one != instance]
    base = next((one for one in found if one.ref == script.based_on and _is_published(one)), None)
    return Origins(
        said=(*_said(task, records, script.targets), *(block.text for block in (base.blocks if base else ()))),
        printed=(*_outputs(records), *_earlier_answers(task), *map(_written, found), *_prose_of(instance)),
    )


def _said(task: Task, records: Iterable[Record], targets: Iterable[Target]) -> Iterator[str]:
    """The words of people, and what the places are called that they chose."""
    yield from (task.words, *task.targets, *(turn.words for turn in task.history))
    for record in records:
        if isinstance(record.event, QuestionAnswered) and record.event.by:
            yield record.event.answer
    for target in targets:
        yield from (target.name, target.environment, *target.tags)


def _found_ids(records: Iterable[Record]) -> tuple[str, ...]:
    events = (record.event for record in records if isinstance(record.event, InstructionsFound))
    return tuple(dict.fromkeys(one.id for event in events for one in event.found))


def _outputs(records: Sequence[Record]) -> Iterator[Printed]:
    scripts = {
        record.event.action: record.event.script.text for record in records if isinstance(record.event, ScriptProposed)
    }
    for record in records:
        if isinstance(record.event, RunFinished):
            result, action = record.event.result, record.event.action
            text = "\n".join(filter(None, (result.stdout.text, result.stderr.text, result.note)))
            if text:
                yield Printed(source=_source(action, scripts.get(action, ""), result.target), text=text)


def _source(action: str, script: str, target: str) -> str:
    line = " ".join(script.split())
    shown = f" (`{line if len(line) <= _SHOWN else line[: _SHOWN - 1] + '…'}`)" if line else ""
    return f"the output of step {action.rpartition('-')[2]}{shown} on {target}"


def _earlier_answers(task: Task) -> Iterator[Printed]:
    for turn in task.history:
        if turn.answer:
            yield Printed(source="an earlier answer of this conversation", text=turn.answer)


def _written(instruction: Instruction) -> Printed:
    """What an instruction says: of a published one its prose alone."""
    if _is_published(instruction):
        return Printed(source=f"the prose of the instruction {instruction.id}", text=instruction.prose)
    texts = [instruction.title, instruction.prose, *(block.text for block in instruction.blocks)]
    return Printed(source=f"the instruction {instruction.id}, which is not published", text="\n".join(texts))


def _prose_of(instance: Instruction | None) -> Iterator[Printed]:
    if instance is not None and instance.prose:
        yield Printed(source=f"the prose of the instruction {instance.id}", text=instance.prose)


def _is_published(instruction: Instruction) -> bool:
    return instruction.state is InstructionState.PUBLISHED
