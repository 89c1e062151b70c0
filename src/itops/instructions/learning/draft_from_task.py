"""A task that went well as the draft of an instruction: for a person to look at, never to be run as it comes."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import shorten
from typing import Final

from itops.domain.effect import Effect, heaviest
from itops.domain.instruction import Block, Instruction, InstructionRef, Language, Parameter, SecretSpec
from itops.domain.outcome import Step
from itops.domain.script import Script
from itops.domain.target import Platform
from itops.domain.task import Task
from itops.errors import UsageError
from itops.instructions.learning.task_values import Value, nouns_of, recognise
from itops.instructions.learning.template_maker import join, left_in, make_template, words_in
from itops.instructions.learning.verify_hints import suggestions
from itops.instructions.runbooks.runbook_loader import parse, to_markdown
from itops.scripts.bash_reader import read_bash
from itops.scripts.template_check import PLACEHOLDER

_WORLD: Final = "Nothing was saved; the library is as it was."
_FILLERS: Final = re.compile(r"\b(?:please|kindly|can you|could you|would you|now|asap)\b", re.IGNORECASE)
_DANGLING: Final = re.compile(
    r"(?:\s+(?:a|an|and|as|at|by|called|for|from|in|into|is|named|of|on|or|over|than|the|to|under|with))+$"
)
_BEREFT: Final = re.compile(
    r"\b(?:at|by|for|of|over|than|to|under|with)\s+(?=(?:and|at|by|for|from|in|of|on|or|to|with)\b)"
)
_SIZE_UNIT: Final = re.compile(r"^\s*[kmgt](?:i?b|\w*bytes?|egs?|igs?)?\b", re.IGNORECASE)
_QUOTES: Final = frozenset("\"'`“”")
_LONGEST: Final = 100
_AMOUNTS: Final = frozenset({"count", "size", "duration"})


@dataclass(frozen=True)
class Finished:
    """What is known of a task that is to be saved.

    ``answers`` are what the person said when asked; ``sources`` the instructions its scripts were written from.
    """

    task: Task
    steps: tuple[Step, ...]
    answers: tuple[str, ...] = ()
    sources: Mapping[str, Instruction] | None = None


def draft(finished: Finished, *, identity: str, title: str = "") -> Instruction:
    """The draft of an instruction that would do again what the task's scripts did.

    Raises:
        UsageError: nothing in the task is worth an instruction of its own, or it can't be one.
    """
    done = [step.script for step in finished.steps if step.succeeded]
    ran = [script for script in done if script.block == "run"]
    _check_worth(finished, ran)
    values = _values(finished, done)
    language = ran[0].language
    make = _Maker(language, values)
    run = make.template(script.text for script in ran)
    checks = [script.text for script in done if script.block == "verify"]
    hints = [] if checks else _hints(finished.steps)
    verify = make.template(checks or hints) if checks or hints else ""
    used = _used(values, run, verify)
    effect = _effect(finished.steps)
    words = _general(finished.task.words, used)
    blocks = [Block(kind="run", language=language, text=run)]
    blocks += [Block(kind="verify", language=language, text=verify)] if verify else []
    instruction = Instruction(
        id=identity,
        title=" ".join((title or words[:1].upper() + words[1:] or identity).split()),
        platform=_platform(ran),
        effect=Effect.DESTROY if effect is Effect.UNKNOWN else effect,
        phrases=(words,) if words else (),
        parameters=tuple(value.parameter for value in used),
        secrets=_secrets(ran),
        prose=_prose(finished, left_in(f"{run}\n{verify}", values), is_hinted=bool(hints), effect=effect),
        blocks=tuple(blocks),
    )
    return parse(to_markdown(instruction), origin=f"the draft of task {finished.task.id}")


@dataclass(frozen=True)
class _Maker:
    """Makes one template of scripts in one language."""

    language: Language
    values: Sequence[Value]

    def template(self, texts: Iterable[str]) -> str:
        """The scripts as one block."""
        whole = [text.replace("\r\n", "\n").strip("\n") for text in texts]
        joined = join(whole) if len(whole) > 1 else whole[0]
        return make_template(joined, self.language, self.values)


def _check_worth(finished: Finished, ran: Sequence[Script]) -> None:
    task = finished.task.id
    if not ran:
        raise UsageError(f"No script of task {task} succeeded.", world=_WORLD, mend="Save a task that went well.")
    only = ran[0].instruction
    if only and all(script.instruction == only for script in ran):
        raise UsageError(
            f"Task {task} did exactly what the instruction {only.id} says.",
            world=_WORLD,
            mend=f"Use that one, or change it: itops instructions edit {only.id} FILE.",
        )
    languages = {script.language for script in ran}
    if len(ran) > 1 and languages != {"bash"}:
        mend = "Write one instruction for each of its scripts; `itops tasks show` has their text."
        raise UsageError(f"The scripts of task {task} ({', '.join(languages)}) can't be one.", world=_WORLD, mend=mend)
    if len(ran) > 1 and _secrets(ran):
        mend = "Write one instruction for each of its scripts; `itops tasks show` has their text."
        raise UsageError(
            f"A script of task {task} is given a secret, and others run beside it.", world=_WORLD, mend=mend
        )
    braces = next((found[0] for script in ran for found in PLACEHOLDER.finditer(script.text)), "")
    if braces:
        mend = "Write the instruction by hand; `itops tasks show` has the script."
        raise UsageError(f"The script itself holds {braces}, which an instruction fills in.", world=_WORLD, mend=mend)


def _values(finished: Finished, scripts: Sequence[Script]) -> list[Value]:
    words = [word for script in scripts for word in words_in(script.text, script.language)]
    request = "\n".join((finished.task.words, *finished.answers))
    return recognise(request, words, _known(scripts, finished.sources or {}))


def _known(scripts: Iterable[Script], sources: Mapping[str, Instruction]) -> dict[str, Parameter]:
    """The values that scripts were written with, by the parameters of the instructions they were written from."""
    known: dict[str, Parameter] = {}
    for script in scripts:
        ref = _source_of(script)
        source = sources.get(ref.id) if ref else None
        for parameter in source.parameters if source else ():
            value = script.parameters.get(parameter.name, "")
            if value and value != parameter.default:
                known.setdefault(value, parameter.model_copy(update={"default": None}))
    return known


def _source_of(script: Script) -> InstructionRef | None:
    return script.instruction or script.based_on


def _hints(steps: Iterable[Step]) -> list[str]:
    """Checks that are known for the commands of changing bash scripts."""
    scripts = [step.script for step in steps if step.succeeded and _weighs(step) is not Effect.READ]
    return [
        hint
        for script in scripts
        if script.language == "bash" and script.block == "run"
        for hint in suggestions(read_bash(script.text))
    ]


def _weighs(step: Step) -> Effect:
    return step.verdict.effect if step.verdict else Effect.UNKNOWN


def _effect(steps: Iterable[Step]) -> Effect:
    return heaviest([_weighs(step) for step in steps if step.succeeded and step.script.block == "run"])


def _used(values: Iterable[Value], run: str, verify: str) -> list[Value]:
    names = set(PLACEHOLDER.findall(f"{run}\n{verify}"))
    return [value for value in values if value.parameter.name in names]


def _platform(scripts: Iterable[Script]) -> Platform:
    platforms = {target.platform for script in scripts for target in script.targets}
    return platforms.pop() if len(platforms) == 1 else Platform.ANY


def _secrets(scripts: Iterable[Script]) -> tuple[SecretSpec, ...]:
    return tuple(secret for script in scripts for secret in script.secrets)


def _general(words: str, values: Iterable[Value]) -> str:
    """The request without its values: what each is of stands for it, unless the noun is there already."""
    for value, start, end in _said(words, values):
        words = _without(value, words[:start], words[end:])
    plain = re.sub(r"\s+([,.;!?])", r"\1", " ".join(_FILLERS.sub(" ", words).split())).strip(" ,.;:!?")
    plain = _BEREFT.sub("", plain)
    plain = _DANGLING.sub("", shorten(plain, _LONGEST, placeholder=""))
    return plain[:1].lower() + plain[1:] if plain[1:2].islower() or not plain[1:2].isalpha() else plain


def _said(words: str, values: Iterable[Value]) -> list[tuple[Value, int, int]]:
    """Where the request says a value, the last first; a number counts only where it was read as this value."""
    spots = {(one.start, one.end): one for one in values if one.start < one.end <= len(words)}
    for value in values:
        if value.parameter.type not in _AMOUNTS:
            again = re.finditer(rf"(?<![\w./-]){re.escape(value.text)}(?![\w/-])", words)
            spots.update({found.span(): value for found in again if _is_free(found, spots)})
    return [(value, start, end) for (start, end), value in sorted(spots.items(), key=lambda spot: -spot[0][0])]


def _is_free(found: re.Match[str], spots: Iterable[tuple[int, int]]) -> bool:
    return all(found.end() <= start or end <= found.start() for start, end in spots)


def _without(value: Value, before: str, after: str) -> str:
    if before[-1:] in _QUOTES and after[:1] in _QUOTES:
        before, after = before[:-1], after[1:]
    name = re.sub(r"_\d+$", "", value.parameter.name)
    near = {*before.lower().split()[-1:], *re.findall(r"^\s+(\w+)", after.lower())}
    if value.parameter.type == "size":
        after = _SIZE_UNIT.sub("", after)
    if value.parameter.type in _AMOUNTS or near & (nouns_of(value.parameter.type) | {name}):
        return f"{before} {after}"
    return f"{before}{name.replace('_', ' ')}{after}"


def _prose(finished: Finished, left: Sequence[Value], *, is_hinted: bool, effect: Effect) -> str:
    return "\n".join(_sentences(finished, left, is_hinted=is_hinted, effect=effect))


def _sentences(finished: Finished, left: Sequence[Value], *, is_hinted: bool, effect: Effect) -> Iterator[str]:
    task = finished.task
    yield f"Saved from task {task.id} of {task.submitted_at:%Y-%m-%d}, which succeeded{_origin(finished.steps)}."
    yield "Read every line before you publish it: say when to use it, and what to check first."
    if is_hinted:
        yield "The verify block is a suggestion by the commands of the run block; it has never run."
    if effect is Effect.UNKNOWN:
        yield "What it would do could not be read out of its text, so it counts as the heaviest effect. Correct that."
    if left:
        shown = ", ".join(f"`{value.text}`" for value in left)
        yield f"These values still stand in it where no placeholder was put: {shown}."


def _origin(steps: Iterable[Step]) -> str:
    refs = {ref.id for step in steps if step.succeeded and (ref := _source_of(step.script))}
    return f"; its scripts came from {', '.join(sorted(refs))}" if refs else "; no instruction covered its scripts"
