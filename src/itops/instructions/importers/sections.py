"""A document's procedures as instructions: what may run as blocks, the rest as prose, and an account of both."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Block, BlockKind, Instruction, Parameter
from itops.domain.target import Platform
from itops.instructions.importers.chapters import GENERIC, Procedure, procedures
from itops.instructions.importers.command import (
    Command,
    NotRunnable,
    Taken,
    first_word,
    join,
    language_of,
    read_command,
    take,
)
from itops.instructions.importers.importer import Imported, Source, identity, unused
from itops.instructions.importers.outline import Fence, outline
from itops.instructions.importers.plain_text import one_line, safe_prose
from itops.instructions.runbooks.front_matter import complaint

MOST_PROCEDURES: Final = 1000

_BRANCHES: Final = re.compile(
    r"\b(?:if|or|either|alternatively|otherwise|instead|unless|optional(?:ly)?"
    r"|(?:on|for) (?:debian|ubuntu|rhel|red hat|centos|fedora|suse|alpine|arch|windows|macos))\b",
    re.IGNORECASE,
)
_DATA: Final = frozenset(
    re.findall(r"\S+", "text txt output log json yaml yml ini toml conf xml html csv diff md markdown mermaid")
)
PARTS: Final = " \u203a "
_TITLE_LIMIT: Final = 200
_WORDS_OF_A_PHRASE: Final = 3
_KUBERNETES: Final = re.compile(r"^\s*(?:sudo )?(?:kubectl|helm|kubeadm|oc) ", re.MULTILINE)
_AWS: Final = re.compile(r"^\s*aws ", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A document as Markdown, and what is known of it besides; ``parts`` of an id stand for it."""

    title: str
    text: str
    parts: tuple[str, ...]
    tags: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    description: str = ""
    platform: Platform | None = None
    changed: tuple[str, ...] = ()
    left: tuple[str, ...] = ()


def instructions_of(document: Document, source: Source) -> Iterator[Imported]:
    """Every instruction in the document; what was noted of the whole document is told with the first.

    Raises:
        InvalidInstruction: it has more headings or procedures than a document for people has.
    """
    lines = document.text.split("\n")
    root = outline(document.text, origin=source.place)
    found = procedures(root, lines)
    if len(found) > MOST_PROCEDURES:
        what = f"it holds more than {MOST_PROCEDURES} procedures"
        raise complaint(source.place, 1, what, "Split it into documents that people read.")
    heading = root.children[0].title if len(root.children) == 1 and root.children[0].level == 1 else ""
    seen: set[str] = set()
    for number, procedure in enumerate(found):
        path = procedure.path[1:] if heading and procedure.path[:1] == (heading,) else procedure.path
        yield _Writer(document, source, procedure, lines).imported(path, seen, is_first=not number)


def platform_of(text: str, block: Block | None, parts: tuple[str, ...]) -> Platform:
    """The platform that folders name, else the one that the command is for."""
    for part in parts[:-1]:
        if part.lower() in list(Platform):
            return Platform(part.lower())
    if block is None:
        return Platform.ANY
    if _KUBERNETES.search(text):
        return Platform.KUBERNETES
    if _AWS.search(text):
        return Platform.AWS
    return Platform.WINDOWS if block.language == "powershell" else Platform.LINUX


class _Writer:
    """Writes one procedure as an instruction."""

    def __init__(self, document: Document, source: Source, procedure: Procedure, lines: list[str]) -> None:
        self._document = document
        self._source = source
        self._procedure = procedure
        self._lines = lines
        self._gone: set[int] = set()
        self._changed: list[str] = []
        self._left: list[str] = []

    def imported(self, path: tuple[str, ...], seen: set[str], *, is_first: bool) -> Imported:
        document = self._document
        taken = self._blocks()
        blocks = tuple(one.block for one in taken)
        parameters = {each.name: each for one in reversed(taken) for each in reversed(one.parameters)}
        title = _title(document.title, path)
        platform = document.platform or platform_of(
            "\n".join(block.text for block in blocks), blocks[0] if blocks else None, document.parts
        )
        instruction = Instruction(
            id=unused(identity(self._source.prefix, *document.parts, *path), seen),
            title=title,
            platform=platform,
            tags=document.tags,
            phrases=_phrases(document, path),
            parameters=_in_order(parameters, blocks),
            prose=self._prose(),
            blocks=blocks,
        )
        origin = PARTS.join((self._source.place, *path))
        changed = (*(document.changed if is_first else ()), *self._changed)
        left = (*(document.left if is_first else ()), *self._left)
        return Imported(instruction, origin, tuple(dict.fromkeys(changed)), tuple(dict.fromkeys(left)))

    def _blocks(self) -> list[Taken]:
        for info in dict.fromkeys(first_word(fence.info) for fence in self._procedure.others):
            if info not in _DATA:
                self._left.append(f"a block {f'in `{info}`' if info else 'without a language'} stays prose")
        run = self._block("run")
        if run is None:
            if self._procedure.fences.get("verify") or self._procedure.fences.get("rollback"):
                self._left.append("its verify and rollback blocks stay prose: there is no run block for them")
            return []
        return [run, *(one for one in (self._block("verify"), self._block("rollback")) if one)]

    def _block(self, kind: BlockKind) -> Taken | None:
        fences = self._procedure.fences.get(kind, [])
        commands = [(fence, command) for fence in fences if (command := read_command(fence.info, fence.text))]
        if not commands:
            return None
        try:
            self._refuse_loose(kind, [fence for fence, _ in commands])
            taken = take(kind, join([command for _, command in commands]), self._text())
        except NotRunnable as reason:
            noun = f"the {kind} block stays" if len(commands) == 1 else f"{len(commands)} {kind} blocks stay"
            self._left.append(f"{noun} prose: {reason}")
            return None
        self._note(kind, commands)
        self._changed.extend(taken.changed)
        return taken

    def _note(self, kind: BlockKind, commands: list[tuple[Fence, Command]]) -> None:
        for fence, _ in commands:
            self._gone.update(range(fence.start, fence.end))
            word = first_word(fence.info)
            if word != (language := language_of(fence.info)):
                self._changed.append(f"the `{word}` block was taken as {language}")
        if kind != "run":
            self._changed.append(f"the commands under its heading became the {kind} block")

    def _refuse_loose(self, kind: BlockKind, fences: list[Fence]) -> None:
        """Several commands are one procedure only where numbered steps say so, one command a step and no choice."""
        if len(fences) == 1:
            return
        steps = [fence.step for fence in fences]
        lists = {step[0] for step in steps if step}
        numbers = [step[1] for step in steps if step]
        if len(numbers) < len(fences) or len(lists) > 1 or numbers != sorted(set(numbers)):
            raise NotRunnable("they are not one command for each of one list of numbered steps")
        start = self._procedure.ranges[0][0] if kind == "run" else fences[0].start
        within = {line for fence in fences for line in range(fence.start, fence.end)}
        said = "\n".join(self._lines[line] for line in range(start, fences[-1].end) if line not in within)
        branch = _BRANCHES.search(said)
        if branch:
            raise NotRunnable(f"its steps hold a choice (“{branch[0]}”), which a person has to make")

    def _text(self) -> str:
        ranges = (*self._procedure.context, *self._procedure.ranges)
        return "\n".join("\n".join(self._lines[start:end]) for start, end in ranges)

    def _prose(self) -> str:
        own = [self._kept(start, end) for start, end in self._procedure.ranges]
        context = [self._kept(start, end) for start, end in self._procedure.context]
        parts = [self._document.description, *own, *context]
        return safe_prose("\n\n".join(part for part in parts if part.strip()))

    def _kept(self, start: int, end: int) -> str:
        """Lines without the blocks that were taken, and without headings that stand over nothing any more."""
        kept = [self._lines[line] for line in range(start, end) if line not in self._gone]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(kept))
        if self._gone:
            text = re.sub(r"(?m)^#{1,6} [^\n]*\n+(?=#{1,6} |\Z)", "", text + "\n")
        return text.strip("\n")


def _title(title: str, path: tuple[str, ...]) -> str:
    words = [title, *path]
    while len(words) > 1 and GENERIC.fullmatch(words[-1]):
        words.pop()
    joined = PARTS.join(dict.fromkeys(word for word in words if word))
    if len(joined) > _TITLE_LIMIT:
        joined = one_line(f"{words[-1]} (in {title})")
    return joined or "Untitled"


def _phrases(document: Document, path: tuple[str, ...]) -> tuple[str, ...]:
    own = path[-1:] if path and len(path[-1].split()) >= _WORDS_OF_A_PHRASE else ()
    return tuple(dict.fromkeys((*document.phrases, *own)))


def _in_order(parameters: dict[str, Parameter], blocks: tuple[Block, ...]) -> tuple[Parameter, ...]:
    text = "\n".join(block.text for block in blocks)
    return tuple(sorted(parameters.values(), key=lambda one: text.find(f"{{{{ {one.name} }}}}")))
