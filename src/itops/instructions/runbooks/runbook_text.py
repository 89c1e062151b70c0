"""The text of an instruction: Markdown with YAML front matter, read and written."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final, get_args

from itops.domain.effect import Effect
from itops.domain.instruction import ApprovalNeed, Instruction, Parameter, SecretSpec
from itops.domain.target import Platform
from itops.instructions.runbooks.front_matter import Entries, FrontMatter, Node, complaint
from itops.instructions.runbooks.runbook_body import Body, read_body, write_block
from itops.scripts.parameters import TYPES
from itops.scripts.template_check import PLACEHOLDER

_KEYS: Final = (
    "id",
    "title",
    "platform",
    "tags",
    "effect",
    "idempotent",
    "secrets",
    "parameters",
    "phrases",
    "time_limit_seconds",
    "approval",
)
_PARAMETER_KEYS: Final = ("description", "type", "pattern", "example", "default", "phrases")
_SECRET_KEYS: Final = ("generate", "source", "deliver")
_ID: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,199}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_UNPRINTABLE: Final = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_EFFECTS: Final = tuple(effect.value for effect in Effect if effect is not Effect.UNKNOWN)


def parse(text: str, *, origin: str) -> Instruction:
    """The instruction that ``text`` holds, as a draft; ``origin`` names its file in complaints.

    Raises:
        InvalidInstruction: something is off; names file, line and mend.
    """
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    end = _end_of_front_matter(lines, origin)
    matter = FrontMatter("\n".join(lines[1:end]), origin=origin, first_line=2)
    body = read_body(lines[end + 1 :], origin=origin, first_line=end + 2)
    entries = matter.mapping(matter.root, _KEYS)
    for key in ("id", "title", "platform"):
        if key not in entries or not matter.text(entries[key]).strip():
            raise complaint(origin, 1, f"{key} is missing", f"Add a line `{key}: …` to the front matter.")
    values = _values(matter, entries)
    instruction = Instruction(**values, prose=body.prose, blocks=tuple(located.block for located in body.blocks))
    _check_placeholders(instruction, body, origin)
    return instruction


def to_markdown(instruction: Instruction) -> str:
    """The file that ``parse`` reads back as this instruction (its publishing state is not part of it)."""
    matter = "\n".join(
        f"{key}:{value}" if value.startswith("\n") else f"{key}: {value}" for key, value in _front_matter(instruction)
    )
    parts = [instruction.prose, *(write_block(block) for block in instruction.blocks)]
    body = "\n\n".join(part for part in parts if part)
    return f"---\n{matter}\n---\n{body}\n" if body else f"---\n{matter}\n---\n"


def _end_of_front_matter(lines: list[str], origin: str) -> int:
    if lines[0].rstrip() != "---":
        raise complaint(origin, 1, "no front matter", "Start the file with a line ---, then id, title and platform.")
    end = next((index for index, line in enumerate(lines[1:], 1) if line.rstrip() == "---"), None)
    if end is None:
        raise complaint(origin, 1, "the front matter is never closed", "Add a line --- after it.")
    return end


def _values(matter: FrontMatter, entries: Entries) -> dict[str, Any]:
    platforms = tuple(platform.value for platform in Platform)
    values: dict[str, Any] = {
        "id": _matching(matter, entries["id"], _ID, "an id", "lower case letters, digits, `.`, `_` and `-`"),
        "title": " ".join(matter.text(entries["title"]).split()),
        "platform": Platform(matter.choice(entries["platform"], platforms)),
    }
    if "effect" in entries:
        values["effect"] = Effect(matter.choice(entries["effect"], _EFFECTS))
    if "idempotent" in entries:
        values["idempotent"] = matter.flag(entries["idempotent"])
    if "time_limit_seconds" in entries:
        values["time_limit_seconds"] = matter.count(entries["time_limit_seconds"])
    if "approval" in entries:
        values["approval"] = matter.choice(entries["approval"], get_args(ApprovalNeed))
    for key in ("tags", "phrases"):
        if key in entries:
            values[key] = matter.texts(entries[key])
    if "parameters" in entries:
        values["parameters"] = tuple(_parameters(matter, entries["parameters"]))
    if "secrets" in entries:
        values["secrets"] = tuple(_secrets(matter, entries["secrets"]))
    return values


def _matching(matter: FrontMatter, node: Node, pattern: re.Pattern[str], noun: str, letters: str) -> str:
    word = matter.text(node)
    if not pattern.fullmatch(word):
        matter.fail(node, f"{word!r} can't be {noun}", f"Use {letters}.")
    return word


def _parameters(matter: FrontMatter, node: Node) -> Iterator[Parameter]:
    for name, entry in matter.mapping(node).items():
        _check_name(matter, entry, name)
        fields = matter.mapping(entry, _PARAMETER_KEYS)
        values: dict[str, Any] = {
            key: matter.text(fields[key]) for key in ("description", "type", "pattern", "example") if key in fields
        }
        if "type" in fields:
            matter.choice(fields["type"], TYPES)
        if "pattern" in fields:
            _check_pattern(matter, fields["pattern"])
        if "default" in fields:
            values["default"] = matter.optional(fields["default"])
        if "phrases" in fields:
            values["phrases"] = matter.texts(fields["phrases"])
        yield Parameter(name=name, **values)


def _secrets(matter: FrontMatter, node: Node) -> Iterator[SecretSpec]:
    for name, entry in matter.mapping(node).items():
        _check_name(matter, entry, name)
        fields = matter.mapping(entry, _SECRET_KEYS)
        if "deliver" in fields:
            matter.choice(fields["deliver"], ("stdin",))
        generate = "generate" in fields and matter.flag(fields["generate"])
        source = matter.text(fields["source"]) if "source" in fields else ""
        if generate == bool(source):
            matter.fail(entry, f"the secret {name} needs one origin", "Write `generate: true` or `source: secret://…`.")
        yield SecretSpec(name=name, generate=generate, source=source)


def _check_name(matter: FrontMatter, node: Node, name: str) -> None:
    if not _NAME.fullmatch(name):
        matter.fail(node, f"{name!r} can't be a name", "Use letters, digits, `_` and `-`.")


def _check_pattern(matter: FrontMatter, node: Node) -> None:
    try:
        re.compile(matter.text(node))
    except re.error as error:
        matter.fail(node, f"the pattern is no regular expression: {error}", "Correct the pattern.")


def _check_placeholders(instruction: Instruction, body: Body, origin: str) -> None:
    declared = {parameter.name for parameter in instruction.parameters}
    secrets = {secret.name for secret in instruction.secrets}
    for located in body.blocks:
        for match in PLACEHOLDER.finditer(located.block.text):
            line = located.line + located.block.text.count("\n", 0, match.start())
            name = match[1]
            if name in secrets:
                what = f"{{{{ {name} }}}} would put a secret into the text of a command"
                raise complaint(origin, line, what, "Read it from standard input instead.")
            if name not in declared:
                mend = f"Add `{name}: {{description: …}}` under parameters, or correct the name."
                raise complaint(origin, line, f"{{{{ {name} }}}} is no declared parameter", mend)


def _front_matter(instruction: Instruction) -> Iterator[tuple[str, str]]:
    """Keys and values as YAML; every JSON value is YAML, and quoting everything leaves nothing to guess."""
    yield "id", instruction.id
    yield "title", _yaml(instruction.title)
    yield "platform", instruction.platform.value
    if instruction.tags:
        yield "tags", _yaml(instruction.tags)
    yield "effect", instruction.effect.value
    yield "idempotent", _yaml(instruction.idempotent)
    if instruction.secrets:
        yield "secrets", _members({item.name: _filled(item) for item in instruction.secrets})
    if instruction.parameters:
        yield "parameters", _members({item.name: _filled(item) for item in instruction.parameters})
    if instruction.phrases:
        yield "phrases", _yaml(instruction.phrases)
    if instruction.time_limit_seconds is not None:
        yield "time_limit_seconds", str(instruction.time_limit_seconds)
    if instruction.approval != "policy":
        yield "approval", instruction.approval


def _filled(item: Parameter | SecretSpec) -> dict[str, Any]:
    return item.model_dump(mode="json", exclude={"name"}, exclude_defaults=True)


def _members(entries: dict[str, dict[str, Any]]) -> str:
    return "".join(f"\n  {name}: {_yaml(fields)}" for name, fields in entries.items())


def _yaml(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
