"""What a competent model would say to the prompts of itops: enough to test the whole product with "a model"."""

import json
import re
from typing import Any, Final

from itops.agents.parameter_filler import fill
from itops.agents.task_splitter import split
from itops.domain.instruction import Instruction, Parameter
from itops.domain.target import Platform

_SECTION: Final = re.compile(r"<<<([0-9a-f]{24}) ([^>\n]*)>>>\n(.*?)\n<<<end \1>>>", re.DOTALL)
_PARAMETER: Final = re.compile(
    r"^parameter (\S+) \((\S+)\): (.*); (required|without it: .*?)(?:; looks like .*)?$", re.MULTILINE
)
_QUALIFIER: Final = re.compile(r"\s((?:for|on|of|in|under)\s+\S.*)$")
_STOP: Final = {"a", "an", "and", "the", "of", "on", "in", "for", "to", "is", "are", "what", "which", "with", "user"}
_SHOWN_LINES: Final = 5


def smart_text(texts: list[str]) -> str:
    """The reply to a conversation with itops, as JSON; an empty object where the prompt is none of ours."""
    everything = "\n".join(texts)
    sections = [(label, body) for _, label, body in _SECTION.findall(everything)]
    for word, say in (("subtasks", _plan), ("action", _proposal), ("answer", _answer)):
        if f'"{word}"' in texts[0]:
            return json.dumps(say(sections))
    return "{}"


def _plan(sections: list[tuple[str, str]]) -> dict[str, Any]:
    request = _body(sections, "request")
    parts = list(split(request))
    shared = _QUALIFIER.search(parts[-1])
    if shared and len(parts) > 1:
        parts = [part if _QUALIFIER.search(part) else f"{part} {shared[1]}" for part in parts]
    listed = (line.partition(": ") for line in _body(sections, "instructions found").splitlines())
    fitting = [name for name, _, title in listed if _content(title) & _content(request)]
    return {"subtasks": parts if fitting else [], "instructions": fitting, "question": ""}


def _proposal(sections: list[tuple[str, str]]) -> dict[str, Any]:
    steps = [body for label, body in sections if re.fullmatch(r"step \d+", label)]
    if steps and "\nresult on " in steps[-1]:
        if re.search(r"^result on \S+: succeeded", steps[-1], re.MULTILINE):
            return {"action": "done", "reason": "The steps so far show what was asked for."}
        return {"action": "give_up", "reason": "The command failed, and no other instruction does the same."}
    subtask = _body(sections, "subtask")
    tried = "\n".join(steps)
    offered = [(label.split()[1], body) for label, body in sections if label.startswith("instruction ")]
    scored = [(_fit(subtask, name, body), name, body) for name, body in offered if not _was_tried(body, tried)]
    best = max(scored, key=lambda one: one[0], default=(0.0, "", ""))
    if best[0] <= 0:
        return {"action": "give_up", "reason": "No instruction does this."}
    return _filled(best[1], best[2], sections)


def _filled(name: str, body: str, sections: list[tuple[str, str]]) -> dict[str, Any]:
    """The instruction with the values that the words bring, or a question for the first that they don't."""
    needed = [
        Parameter(name=parameter, type=kind, description=about, default=None if need == "required" else "")
        for parameter, kind, about, need in _PARAMETER.findall(body)
    ]
    instruction = Instruction(id=name, title=body.partition("\n")[0], platform=Platform.ANY, parameters=tuple(needed))
    said = "\n".join(_body(sections, label) for label in ("subtask", "request"))
    answers = re.findall(r"^the person answered: (.*)$", _body(sections, "answers of the person"), re.MULTILINE)
    filled = fill(instruction, "\n".join([said, *answers]))
    values = filled.values | {one.parameter.name: one.value for one in filled.invalid}
    for parameter in filled.missing:
        if not answers:
            return {
                "action": "question",
                "reason": f"Which {parameter.description.lower() or parameter.name} is meant?",
            }
        values[parameter.name] = answers.pop(0)
    return {"action": "script", "instruction": name, "parameters": values, "script": "", "look": False, "reason": ""}


def _answer(sections: list[tuple[str, str]]) -> dict[str, Any]:
    parts = []
    for label, body in sections:
        if label.startswith("step of subtask"):
            shown = re.search(r"^stdout.*?:\n(.*?)(?=^stderr|^result on |\Z)", body, re.MULTILINE | re.DOTALL)
            lines = shown[1].strip().splitlines()[:_SHOWN_LINES] if shown else ["It ran and printed nothing."]
            parts.append("\n".join(lines))
    return {"answer": "Here is what came of it:\n" + "\n".join(parts)}


def _fit(subtask: str, name: str, body: str) -> float:
    wanted = _content(subtask)
    title = _content(body.partition("\n")[0].removeprefix("title: "))
    return 2.0 * len(wanted & title) + len(wanted & _content(name.replace(".", " ")))


def _was_tried(body: str, tried: str) -> bool:
    runs = re.findall(r"^run \(\w+\):\n(.+)$", body, re.MULTILINE)
    return any(run.split("{{")[0].strip() in tried for run in runs if run.split("{{")[0].strip())


def _body(sections: list[tuple[str, str]], label: str) -> str:
    return next((body for name, body in sections if name == label), "")


def _content(text: str) -> set[str]:
    return {word.removesuffix("s") for word in re.findall(r"[a-z0-9]+", text.lower())} - _STOP
