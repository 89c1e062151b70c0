"""The steps of somebody else's procedure → one instruction: a run block where every step could be taken, else prose.

A procedure of which a part is missing never gets a run block: it would look whole.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from itops.domain.instruction import Block, BlockKind, Instruction, Language, Parameter
from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.importer import Imported, Source, identity
from itops.instructions.importers.parameter_maker import is_secret
from itops.instructions.importers.template import Template
from itops.instructions.importers.yaml_reader import Node
from itops.instructions.runbooks.runbook_text import parse, to_markdown
from itops.scripts.bash_reader import read_bash
from itops.scripts.lexical_gate import gate
from itops.scripts.shfmt import Node as Tree
from itops.scripts.shfmt import Unparsable
from itops.scripts.shfmt import parse as parse_bash
from itops.scripts.template_check import PLACEHOLDER

_LONGEST_TITLE: Final = 160
_MOST_STEPS: Final = 500
_LONGEST_SHOWN: Final = 4000
_FENCE: Final = re.compile(r"(?m)^(?=`{3,}|~{3,})")
# What these do to their shell would end or change the steps that follow.
_OWN_SHELL: Final = frozenset(
    {"cd", "exit", "export", "set", "exec", "return", "shopt", "ulimit", "umask", "unset", ":"}
)


@dataclass(frozen=True)
class Step:
    """One step as it was found: in words, as a template where it could be made one, else the reason why not.

    ``shown`` is its own text, for a reader of a procedure that is not taken as a whole.
    """

    title: str
    action: str = ""
    detail: str = ""
    shown: str = ""
    template: Template | None = None
    why: str = ""
    verifies: bool = False


@dataclass
class Procedure:
    """What an importer found out about one procedure; ``build`` makes an instruction of it."""

    source: Source
    name: str
    title: str
    platform: Platform
    description: str = ""
    steps: list[Step] = field(default_factory=list)
    parameters: list[Parameter] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    tags: tuple[str, ...] = ()
    time_limit_seconds: int | None = None
    keep_going: bool = False

    def build(self) -> Imported:
        """The instruction, with the account of what became of the procedure.

        Raises:
            InvalidInstruction: what was found can't be written as an instruction file.
        """
        blocks = self._blocks()
        parameters, changed, left = self._parameters(blocks), list(self.changed), list(self.left)
        if blocks:
            changed += [note for step in self.steps if step.template for note in step.template.changed]
        else:
            left += self._why_no_block()
        instruction = Instruction(
            id=identity(self.source.prefix, *self.source.parts, self.name),
            title=_title(self.title, self.name),
            platform=self.platform,
            tags=self.tags,
            parameters=parameters,
            prose=self._prose(whole=bool(blocks)),
            blocks=tuple(blocks),
            time_limit_seconds=self.time_limit_seconds,
        )
        _check(instruction, self.source.place)
        origin = f"{self.source.place}: {self.name}" if self.name else self.source.place
        return Imported(instruction, origin, tuple(dict.fromkeys(changed)), tuple(dict.fromkeys(left)))

    def _blocks(self) -> list[Block]:
        templates = [step.template for step in self.steps if step.template]
        names = dict.fromkeys(name for template in templates for name in PLACEHOLDER.findall(template.text))
        self.obstacles += [
            f"{name} looks like a secret, and no secret stands in a command." for name in names if is_secret(name)
        ]
        if self.obstacles or not templates or len(templates) < len(self.steps):
            return []
        doing, verifying = _split(self.steps)
        blocks = [self._joined("run", doing), *([self._joined("verify", verifying)] if verifying else [])]
        if None in blocks:
            self.obstacles.append(
                "Its steps are of several languages, or several PowerShell scripts: no one block holds them."
            )
            return []
        if any(block and gate(block.text) for block in blocks):
            self.obstacles.append("All its steps together are too long for one block.")
            return []
        return [block for block in blocks if block]

    def _joined(self, kind: BlockKind, steps: Sequence[Step]) -> Block | None:
        templates = [step.template for step in steps if step.template]
        languages: set[Language] = {template.language for template in templates}
        if kind == "verify" and languages == {"aws", "bash"}:
            languages = {"bash"}
        if len(languages) != 1 or (languages == {"powershell"} and len(templates) > 1):
            return None
        language = languages.pop()
        texts = [template.text for template in templates]
        if len(texts) == 1:
            text = texts[0]
        else:
            text = "\n".join(texts) if language == "aws" else _in_turn(texts, keep_going=self.keep_going)
        return Block(kind=kind, language=language, text=text)

    def _why_no_block(self) -> Iterator[str]:
        yield from self.obstacles
        for number, step in enumerate(self.steps, 1):
            if step.template is None:
                yield f"Step {number}, {step.title}: {step.why or 'it has no command'}."
        if not self.steps:
            yield "It has no steps."
        yield "So it has no run block: it is read, not run."

    def _parameters(self, blocks: list[Block]) -> tuple[Parameter, ...]:
        """Those that a request may bring: the used ones where something runs, and never a secret."""
        open_ones = [each for each in self.parameters if not is_secret(each.name)]
        secret = [each.name for each in self.parameters if is_secret(each.name)]
        self.left += [f"The parameter {name} looks like a secret: it is no parameter." for name in secret]
        if not blocks:
            return tuple(open_ones)
        used = {name for block in blocks for name in PLACEHOLDER.findall(block.text)}
        self.left += [f"The parameter {each.name}: no command uses it." for each in open_ones if each.name not in used]
        return tuple(each for each in open_ones if each.name in used)

    def _prose(self, *, whole: bool) -> str:
        parts = [self.description, *self.notes]
        if not whole or len(self.steps) > 1:
            parts.append("\n".join(_listed(self.steps, shown=not whole)))
        return _plain("\n\n".join(part.strip() for part in parts if part.strip()))


def distinct(names: Sequence[str]) -> list[str]:
    """Names of one file's procedures that give different ids; what stands twice gets its number."""
    ids = Counter(identity(name) for name in names)
    return [name if ids[identity(name)] == 1 else f"{name} {number}" for number, name in enumerate(names, 1)]


def steps_of(node: Node) -> list[Node]:
    """The members of a list of steps.

    Raises:
        InvalidInstruction: they are no list, or more than one procedure can have.
    """
    members = node.items()
    if len(members) > _MOST_STEPS:
        node.fail(f"more than {_MOST_STEPS} steps stand here", "Split the procedure.")
    return members


def shown(fields: Mapping[str, Node]) -> str:
    """The entries of a foreign step for a reader: scripts line by line, the rest one a line."""
    lines: list[str] = []
    for key, node in fields.items():
        if isinstance(node.value, list) and all(member.is_text for member in node.value):
            lines += [f"{key}:", *("  " + line for member in node.value for line in member.text().splitlines())]
        elif node.is_text and "\n" in node.text():
            lines += [f"{key}:", *("  " + line for line in node.text().splitlines())]
        else:
            lines.append(f"{key}: {node.text() if isinstance(node.value, str) else node.plain()}"[:500])
    return "\n".join(lines)


def _split(steps: Sequence[Step]) -> tuple[Sequence[Step], Sequence[Step]]:
    """The steps that do it, and the last ones that only look whether it worked; something must be left to do."""
    end = len(steps)
    while end > 1 and steps[end - 1].verifies:
        end -= 1
    return steps[:end], steps[end:]


def _in_turn(texts: Sequence[str], *, keep_going: bool) -> str:
    """Bash scripts one after the other, each in a shell of its own as they had where they come from."""
    if keep_going:
        guarded = [f'(\n{text}\n)\n[ "$?" = 0 ] || failed=1' for text in texts]
        return "\n".join(["failed=0", *guarded, '[ "$failed" = 0 ]'])
    if all(_is_plain(text, joined=True) for text in texts):
        return " &&\n".join(texts)
    # A list with && would switch off a `set -e` inside its members, and `set -e` overlooks what fails in a list.
    return "\n".join(["set -e", *(text if _is_plain(text) else f"(\nset +e\n{text}\n)" for text in texts)])


def _is_plain(text: str, *, joined: bool = False) -> bool:
    """Whether a script is one command that leaves nothing behind in its shell, or several joined with ``&&``."""
    if "#" in text or "<<" in text:
        return False
    plain = PLACEHOLDER.sub("value", text)
    try:
        statements = parse_bash(plain).get("Stmts", [])
    except (Unparsable, RecursionError):
        return False
    own = any(command.program in _OWN_SHELL for command in read_bash(plain).commands)
    return len(statements) == 1 and _is_command(statements[0], joined=joined) and not own


def _is_command(statement: Tree, *, joined: bool) -> bool:
    command = statement.get("Cmd", {})
    if {"Background", "Negated", "Coprocess"} & statement.keys():
        return False
    if joined and command.get("Type") == "BinaryCmd" and command.get("Op") == "&&":
        return all(_is_command(command[side], joined=True) for side in ("X", "Y"))
    return command.get("Type") == "CallExpr" and bool(command.get("Args"))


def _listed(steps: Iterable[Step], *, shown: bool) -> Iterator[str]:
    for number, step in enumerate(steps, 1):
        action = f" ({step.action})" if step.action and step.action != step.title else ""
        yield f"{number}. {' '.join(step.title.split())}{action}"
        yield from (f"   {line}" for line in step.detail.strip().splitlines() if line.strip())
        if shown and step.shown.strip():
            yield from ("", *(f"       {line}" for line in step.shown.strip("\n")[:_LONGEST_SHOWN].splitlines()), "")


def _plain(text: str) -> str:
    """Text that a file's body holds as it is: a fence of its own could be taken for a block."""
    lines = (line.rstrip() for line in _FENCE.sub(r"\\", text).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _title(title: str, name: str) -> str:
    words = " ".join(title.split()) or " ".join(name.split()) or "Imported procedure"
    return words if len(words) <= _LONGEST_TITLE else words[: _LONGEST_TITLE - 1].rstrip() + "…"


def _check(instruction: Instruction, place: str) -> None:
    """An instruction that its own file would not give back is refused here, not when somebody needs it."""
    try:
        same = parse(to_markdown(instruction), origin=place) == instruction
    except InvalidInstruction as error:
        raise InvalidInstruction(f"{place}: {instruction.title}: {error.what}", mend=error.mend) from error
    if not same:
        raise InvalidInstruction(
            f"{place}, line 1: {instruction.title} can't be written as an instruction file without a change.",
            mend="Take control and unusual space characters out of its texts.",
        )
