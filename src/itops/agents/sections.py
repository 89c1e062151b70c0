"""What an agent knows, as sections of a prompt."""

from collections.abc import Iterable
from typing import Final

from itops.agents.fencing import Section, capped, one_line
from itops.domain.instruction import Instruction, RankedInstruction
from itops.domain.outcome import Exchange, Step
from itops.domain.result import Result
from itops.domain.target import Target
from itops.domain.task import Task
from itops.domain.verdict import Decision
from itops.scripts.parameters import example_of

_TURNS: Final = 5
_TARGETS: Final = 20
_RESULTS: Final = 5
_PROSE: Final = 800
_SCRIPT: Final = 1500
_SHORT: Final = 500


def of_request(task: Task, targets: tuple[Target, ...] = (), exchanges: tuple[Exchange, ...] = ()) -> list[Section]:
    """What the person wants, said earlier and has answered, and where it is to be done."""
    sections = [Section(label="request", text=task.words, limit=8000)]
    if task.history:
        turns = (f"person: {turn.words}\nanswer: {capped(turn.answer, _SHORT)}" for turn in task.history[-_TURNS:])
        sections.append(Section(label="earlier conversation", text="\n".join(turns)))
    if exchanges:
        answers = (f"{exchange.question.text}\nthe person answered: {exchange.answer}" for exchange in exchanges)
        sections.append(Section(label="answers of the person", text="\n".join(answers)))
    if targets:
        names = (f"{target.name} ({target.platform.value})" for target in targets[:_TARGETS])
        more = f" and {len(targets) - _TARGETS} more" if len(targets) > _TARGETS else ""
        sections.append(Section(label="targets", text=", ".join(names) + more))
    return sections


def of_titles(found: Iterable[RankedInstruction]) -> Section:
    """The instructions found, a line each."""
    lines = (
        f"{ranked.instruction.id}: {one_line(ranked.instruction.title, 120)} ({ranked.instruction.effect.value})"
        + (f" needs {', '.join(names)}" if (names := [one.name for one in ranked.instruction.parameters]) else "")
        for ranked in found
    )
    return Section(label="instructions found", text="\n".join(lines))


def of_instruction(instruction: Instruction) -> Section:
    """One instruction with its parameters and commands."""
    lines = [f"title: {instruction.title}", f"effect: {instruction.effect.value}"]
    lines += [_parameter_line(instruction, number) for number in range(len(instruction.parameters))]
    if instruction.prose:
        lines.append(capped(instruction.prose, _PROSE))
    lines += [f"{block.kind} ({block.language}):\n{capped(block.text, _SCRIPT)}" for block in instruction.blocks]
    return Section(label=f"instruction {instruction.id}", text="\n".join(lines))


def of_step(label: str, step: Step, *, limit: int) -> Section:
    """One script, what became of it, and at most ``limit`` characters of each of its outputs."""
    script = step.script
    lines = [f"script ({script.language}):", capped(script.text, _SCRIPT)]
    if step.refusal:
        lines.append(f"did not run: {step.refusal}")
        lines += _rules(step)
    lines += [_result_text(result, limit) for result in step.results[:_RESULTS]]
    if len(step.results) > _RESULTS:
        rest = (f"{result.target} {result.state.value}" for result in step.results[_RESULTS:])
        lines.append("also: " + ", ".join(rest))
    return Section(label=label, text="\n".join(lines), limit=_SCRIPT + _RESULTS * 2 * limit)


def _rules(step: Step) -> list[str]:
    reasons = step.verdict.reasons if step.verdict and step.verdict.decision is Decision.DENY else ()
    return [f"policy: {reason.message} {reason.instead}".rstrip() for reason in reasons]


def _parameter_line(instruction: Instruction, number: int) -> str:
    parameter = instruction.parameters[number]
    line = f"parameter {parameter.name} ({parameter.type}): {parameter.description}"
    if parameter.default is not None:
        return f"{line}; without it: {parameter.default!r}"
    return f"{line}; required; looks like {example_of(parameter)!r}"


def _result_text(result: Result, limit: int) -> str:
    code = "" if result.exit_code is None else f", exit code {result.exit_code}"
    lines = [f"result on {result.target}: {result.state.value}{code}"]
    if result.note:
        lines.append(f"note: {result.note}")
    for name, output in (("stdout", result.stdout), ("stderr", result.stderr)):
        if output.text.strip():
            cut = f" (of {output.length} bytes)" if output.truncated or len(output.text) > limit else ""
            lines.append(f"{name}{cut}:\n{capped(output.text.strip(), limit)}")
    return "\n".join(lines)
