"""tldr pages: each example is one instruction."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from itops.domain.instruction import Block, Instruction, Language, Parameter
from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.command import Command, NotRunnable, take
from itops.instructions.importers.importer import Imported, Source, identity, unused
from itops.instructions.importers.placeholders import parameter_of
from itops.instructions.importers.plain_text import decode, one_line, safe_prose
from itops.instructions.runbooks.front_matter import complaint
from itops.scripts.parameters import TYPES

_PLATFORMS: Final = {"common": Platform.ANY, "linux": Platform.LINUX, "windows": Platform.WINDOWS}
_ELSEWHERE: Final = frozenset(("osx", "android", "freebsd", "netbsd", "openbsd", "sunos", "dos", "cisco-ios"))
_EXAMPLE: Final = re.compile(r"- (?P<what>.+?):?\s*")
_COMMAND: Final = re.compile(r"`(?P<command>.+)`\s*")
_MNEMONIC: Final = re.compile(r"\[(\w)\]")
_OPEN: Final = re.compile(r"(?<!\\)\{\{(.+?)\}\}(?!\})")
_OPTION: Final = re.compile(r"\[(-[^|\]]*)\|([^|\]]*)\]")
_SEVERAL: Final = re.compile(r"(\S*?)1(\S*) \1(?:2|n)\2(?: \.\.\.| …)?|(\S+) (?:\.\.\.|…)")
_LONGEST_LINE: Final = 2000
_RANGE: Final = re.compile(r"-?\d+(?:\.\.|-)-?\d+")


@dataclass
class _Example:
    """A command whose open values are ``{{ name }}``, and the parameters they are."""

    text: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    changed: list[str] = field(default_factory=list)


class TldrImporter:
    """The folder says the platform: common, linux or windows; pages of others hold nothing for this library."""

    name = "tldr"
    suffixes = frozenset({".md"})

    def read(self, source: Source) -> Iterator[Imported]:
        """Every instruction in the source, in its order."""
        folder = source.path.parent.name.lower()
        if folder in _ELSEWHERE:
            return
        lines = decode(source).split("\n")
        tool = next((one_line(line[2:]) for line in lines if line.startswith("# ")), "")
        if not tool:
            raise complaint(source.place, 1, "it is no tldr page: no title `# name`", "Import it as markdown instead.")
        about = "\n".join(one_line(line[1:]) for line in lines if line.startswith(">"))
        seen: set[str] = set()
        for what, written, line in _examples(lines):
            name = unused(identity(source.prefix, folder, tool, what), seen)
            page = _Page(source, tool, about, _PLATFORMS.get(folder, Platform.ANY))
            yield page.imported(name, what, written, line)


def create() -> TldrImporter:
    """The importer of tldr pages."""
    return TldrImporter()


@dataclass(frozen=True)
class _Page:
    source: Source
    tool: str
    about: str
    platform: Platform

    def imported(self, name: str, what: str, written: str, line: int) -> Imported:
        example = _read(written)
        language: Language = "powershell" if self.platform is Platform.WINDOWS else "bash"
        changed, left, prose = list(example.changed), [], f"{self.tool}: {self.about}"
        blocks: tuple[Block, ...] = ()
        parameters: tuple[Parameter, ...] = ()
        try:
            taken = take("run", Command(language, example.text))
            blocks, parameters = (taken.block,), _declared(taken.parameters, example)
            changed += [note for note in taken.changed if "became the parameter" not in note]
        except (NotRunnable, InvalidInstruction) as reason:
            changed = []
            left.append(f"the command stays prose: {reason}")
            prose = f"{prose}\n\n`{written}`"
        instruction = Instruction(
            id=name,
            title=what[:1].upper() + what[1:],
            platform=self.platform,
            tags=(self.tool,),
            parameters=parameters,
            prose=safe_prose(prose),
            blocks=blocks,
        )
        return Imported(instruction, f"{self.source.place}, line {line}", tuple(changed), tuple(left))


def _examples(lines: list[str]) -> Iterator[tuple[str, str, int]]:
    what = ""
    for number, line in enumerate(lines, 1):
        if len(line) > _LONGEST_LINE:
            continue
        example, command = _EXAMPLE.fullmatch(line), _COMMAND.fullmatch(line)
        if example:
            what = one_line(_MNEMONIC.sub(r"\1", example["what"]))
        elif command and what:
            yield what, command["command"], number
            what = ""


def _read(written: str) -> _Example:
    """The command of an example, its open values as parameters; a choice of options in its long form."""
    example = _Example()

    def take_one(found: re.Match[str]) -> str:
        inner = found[1].strip()
        option = _OPTION.fullmatch(inner)
        if option:
            long = option[2].strip() or option[1]
            example.changed.append(f"of `{inner}` the form `{long}` was taken")
            return long
        parameter = _parameter(inner, example)
        return f"{{{{ {parameter.name} }}}}"

    text = _OPEN.sub(take_one, written)
    example.text = text.replace(r"\{\{", "{{").replace(r"\}\}", "}}")
    return example


def _parameter(inner: str, example: _Example) -> Parameter:
    several = _SEVERAL.fullmatch(inner)
    single = inner
    if several:
        single = several[3] or f"{several[1]}{several[2]}"
        example.changed.append(f"`{inner}` takes one value here, not several")
    parameter = _typed(single)
    number = 1
    while (known := example.parameters.get(parameter.name)) and known.description != parameter.description:
        number += 1
        parameter = parameter.model_copy(update={"name": f"{parameter.name.rstrip('0123456789_')}_{number}"})
    example.parameters[parameter.name] = parameter
    return parameter


def _typed(words: str) -> Parameter:
    """A parameter by what stands as its example: a path, an address, a number, one of several words."""
    about = f"For example {words}"
    choices = words.split("|")
    if len(choices) > 1 and all(re.fullmatch(r"[\w.:/@+-]+", choice) for choice in choices):
        pattern = "|".join(re.escape(choice) for choice in choices)
        return Parameter(name="choice", description=f"One of {', '.join(choices)}", pattern=pattern, example=choices[0])
    if _RANGE.fullmatch(words):
        return Parameter(name="number", description=about, type="text", pattern=r"-?\d+", example="1")
    if re.match(r"(?:\.{0,2}/|path[/\\]to[/\\]|~/|[A-Za-z]:\\)", words):
        stem = re.split(r"[/\\]", words.rstrip("/\\"))[-1].split(".")[0] or "path"
        name = parameter_of(stem).name
        return Parameter(name=name, description=about, type="path", example=words if _fits("path", words) else "")
    for kind in ("url", "email", "count"):
        if _fits(kind, words):
            name = {"count": "number"}.get(kind, kind)
            return Parameter(name=name, description=about, type=kind, example=words)
    if re.fullmatch(r"\d+(?:\.\d+){3}|[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|local|io)", words):
        return Parameter(name="host", description=about, type="host", example=words)
    named = parameter_of(words, example=words, description=about)
    return named if re.fullmatch(r"[\w -]+", words) else named.model_copy(update={"type": "text", "example": words})


def _fits(kind: str, words: str) -> bool:
    return re.fullmatch(TYPES[kind].pattern, words) is not None


def _declared(used: tuple[Parameter, ...], example: _Example) -> tuple[Parameter, ...]:
    """The parameters of the command, as its example describes them; what it can't describe as its name suggests."""
    return tuple(example.parameters.get(parameter.name, parameter) for parameter in used)
