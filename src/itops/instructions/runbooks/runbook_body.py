"""The body of an instruction file: prose, and fenced blocks that run, verify or roll back."""

import re
from dataclasses import dataclass
from typing import Final, cast, get_args

from itops.domain.instruction import Block, BlockKind, Language
from itops.instructions.runbooks.front_matter import complaint

KINDS: Final[tuple[str, ...]] = get_args(BlockKind)
LANGUAGES: Final[tuple[str, ...]] = get_args(Language)

_FENCE: Final = re.compile(r"(`{3,}|~{3,})[ \t]*(.*?)[ \t]*")


@dataclass(frozen=True)
class LocatedBlock:
    """A block and the line its text starts on."""

    block: Block
    line: int


@dataclass(frozen=True)
class Body:
    """What a body holds."""

    prose: str
    blocks: tuple[LocatedBlock, ...]


def read_body(lines: list[str], *, origin: str, first_line: int) -> Body:
    """Prose and blocks of a body.

    Raises:
        InvalidInstruction: a fence is not closed, or its words are off; names the line.
    """
    prose: list[str] = []
    blocks: list[LocatedBlock] = []
    position = 0
    while position < len(lines):
        fence = _FENCE.fullmatch(lines[position])
        if not fence:
            prose.append(lines[position])
            position += 1
            continue
        line = first_line + position
        end = _closing(lines, position, fence[1])
        if end is None:
            raise complaint(origin, line, "this fence is never closed", f"Add a line {fence[1]} where the block ends.")
        header = _header(fence[2], origin, line)
        if header is None:
            prose.extend(lines[position : end + 1])
        else:
            _refuse_second(blocks, header[0], origin, line)
            text = "\n".join(lines[position + 1 : end])
            blocks.append(LocatedBlock(Block(kind=header[0], language=header[1], text=text), line + 1))
        position = end + 1
    return Body(re.sub(r"\n{3,}", "\n\n", "\n".join(prose)).strip(), tuple(blocks))


def write_block(block: Block) -> str:
    """The block as a fence, longer than any inside it."""
    longest = max((len(run) for run in re.findall(r"`{3,}", block.text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{block.language} {block.kind}\n{block.text}\n{fence}"


def _closing(lines: list[str], start: int, opening: str) -> int | None:
    closing = re.compile(re.escape(opening[0]) + "{" + str(len(opening)) + r",}[ \t]*")
    return next((index for index in range(start + 1, len(lines)) if closing.fullmatch(lines[index])), None)


def _header(words: str, origin: str, line: int) -> tuple[BlockKind, Language] | None:
    """Kind and language; None where the fence is prose."""
    language, _, kind = words.partition(" ")
    kind = kind.strip()
    if kind not in KINDS and (language not in LANGUAGES or not kind):
        return None
    if kind not in KINDS:
        raise complaint(origin, line, f"unknown kind of block {kind!r}", f"Write one of: {', '.join(KINDS)}.")
    if language not in LANGUAGES:
        mend = f"Write one of: {', '.join(LANGUAGES)}."
        raise complaint(origin, line, f"unknown language {language!r} of a {kind} block", mend)
    return cast("BlockKind", kind), cast("Language", language)


def _refuse_second(blocks: list[LocatedBlock], kind: str, origin: str, line: int) -> None:
    if any(located.block.kind == kind for located in blocks):
        raise complaint(origin, line, f"a second {kind} block", "Join the two, or make two instructions of them.")
