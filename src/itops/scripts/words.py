"""Words of bash as its programs get them: quotes decoded, braces expanded, and what only run time knows marked."""

import itertools
import re
from dataclasses import dataclass
from typing import Final

from itops.scripts.known_values import Source
from itops.scripts.shfmt import Node

_EXPANSION_LIMIT: Final = 256
_ANSI: Final = {"a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ANSI_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|c(\\\\|.)|x\{([0-9A-Fa-f]*)\}?|(.))",
    re.DOTALL,
)
# A plain `$name` or `${name}`: no other field of the syntax tree stands there.
_SIMPLE: Final = frozenset({"Type", "Pos", "End", "Dollar", "Short", "Rbrace", "Param"})
# The path of the home directory is data of this host, but at the beginning of a path.
_GLUED: Final = re.compile(r"[$](?:(?:HOME|PWD)\b|\{(?:HOME|PWD)\})(?!/|$)")
# Substitutions that print nothing but numbers, or paths of programs: never an option, whatever run time makes of them.
_ONLY_PATHS: Final = re.compile(
    r"\$\((?:which|pidof|pgrep(?: -[fxou]| -d,| -d ,| --delimiter ,)?|command -v) [\w./+]+\)"
)
_SEQUENCE: Final = re.compile(r"(-?\d{1,6}|[A-Za-z])\.\.(-?\d{1,6}|[A-Za-z])")


@dataclass(frozen=True)
class Word:
    """One word. ``dynamic``: its value, or whether it is an option, is only known at run time; then ``text`` is source.

    ``splits``: bash may make several words of it.
    """

    text: str
    dynamic: bool = False
    glob: bool = False
    splits: bool = False


@dataclass(frozen=True)
class _Cell:
    """A piece of a word: one plain character, or quoted text, or source text of something dynamic."""

    text: str
    quoted: bool = False
    dynamic: bool = False


def words_of(node: Node, source: bytes) -> list[Word]:
    """The words that one word of the script becomes; more than one where braces expand."""
    expanded = _expand(_cells(node.get("Parts", []), source))
    return [_word(cells) for cells in itertools.islice(expanded, _EXPANSION_LIMIT + 1)]


def source_of(node: Node, source: bytes) -> str:
    """The source text of a node."""
    return source[node["Pos"]["Offset"] : node["End"]["Offset"]].decode(errors="replace")


def _word(cells: list[_Cell]) -> Word:
    plain = [cell.text if not cell.quoted and not cell.dynamic else "" for cell in cells]
    globs = [index for index, char in enumerate(plain) if char in {"*", "?"} or (char == "[" and "]" in plain[index:])]
    text = "".join(cell.text for cell in cells)
    if len(cells) == 1 and _ONLY_PATHS.fullmatch(text):
        return Word(text=text, splits=not cells[0].quoted)
    return Word(
        text=text,
        dynamic=any(cell.dynamic for cell in cells) or 0 in globs or bool(_GLUED.search(text)),
        glob=bool(globs),
        splits=any(cell.dynamic and not cell.quoted for cell in cells),
    )


def _cells(parts: list[Node], source: bytes) -> list[_Cell]:
    cells: list[_Cell] = []
    for part in parts:
        match part.get("Type"):
            case "Lit":
                cells.extend(_plain(part["Value"]))
            case "SglQuoted":
                text = part.get("Value", "")
                cells.append(_Cell(ansi_text(text) if part.get("Dollar") else text, quoted=True))
            case "DblQuoted" if not part.get("Dollar"):
                cells.append(_Cell("", quoted=True))
                for inner in part.get("Parts", []):
                    known = _known(inner, source) if inner.get("Type") == "ParamExp" else None
                    cells.extend(_quoted(known) if known is not None else [_double_quoted(inner, source)])
            case "ProcSubst" if part.get("Op") == "<(":
                cells.append(_Cell(source_of(part, source), quoted=True))
            case "ParamExp" if (known := _known(part, source)) is not None:
                cells.extend(known)
            case "ArithmExp":
                cells.append(_Cell(source_of(part, source), quoted=True, dynamic=True))
            case _:
                cells.append(_Cell(source_of(part, source), dynamic=True))
    return cells


def _double_quoted(part: Node, source: bytes) -> _Cell:
    if part.get("Type") == "Lit":
        return _Cell(re.sub(r'\\([$`"\\])', r"\1", part["Value"].replace("\\\n", "")), quoted=True)
    return _Cell(source_of(part, source), quoted=True, dynamic=True)


def _known(part: Node, source: bytes) -> list[_Cell] | None:
    """The value of a variable, where it is certain what it is."""
    name = part.get("Param", {}).get("Value", "")
    if not isinstance(source, Source) or not _SIMPLE.issuperset(part):
        return None
    if name in source.known:
        return _cells(source.known[name].get("Parts", []), source)
    return [_Cell(source_of(part, source), quoted=True)] if name in source.stable else None


def _quoted(cells: list[_Cell]) -> list[_Cell]:
    """The value of a variable within quotes: a pattern stands for one of the files that it was given."""
    return [_Cell(cell.text, quoted=cell.text not in {"*", "?"}, dynamic=cell.dynamic) for cell in cells]


def _plain(text: str) -> list[_Cell]:
    cells = []
    chars = iter(text)
    for char in chars:
        if char != "\\":
            cells.append(_Cell(char))
        elif (escaped := next(chars, "\\")) != "\n":
            cells.append(_Cell(escaped, quoted=True))
    return cells


def ansi_text(text: str) -> str:
    """What stands between ``$'`` and ``'`` means."""

    def decode(found: re.Match[str]) -> str:
        hexadecimal = found[1] or found[2] or found[3]
        if hexadecimal:
            code = int(hexadecimal, 16)
            return chr(code) if code <= 0x10FFFF else "\ufffd"  # noqa: PLR2004 - the last code point
        if found[4]:
            return chr(int(found[4], 8) & 0xFF)
        if found[5]:
            return chr(ord(found[5][0]) & 0x1F)
        if found[6] is not None:
            return chr(int(found[6] or "0", 16) & 0xFF)
        return _ANSI.get(found[7], found[7] if found[7] in "\\'\"?" else f"\\{found[7]}")

    # A NUL ends it, whatever is written behind.
    return _ANSI_ESCAPE.sub(decode, text).partition("\0")[0]


def _expand(cells: list[_Cell]) -> list[list[_Cell]]:
    """Brace expansion, as bash does it before all others."""
    for start, cell in enumerate(cells):
        if _is(cell, "{") and (group := _group(cells, start)):
            end, choices = group
            heads = [cells[:start] + inner for choice in choices for inner in _expand(choice)]
            tails = _expand(cells[end + 1 :])
            if len(heads) * len(tails) > _EXPANSION_LIMIT:
                return [[_Cell("".join(one.text for one in cells), dynamic=True)]]
            return [head + tail for head in heads for tail in tails]
    return [cells]


def _group(cells: list[_Cell], start: int) -> tuple[int, list[list[_Cell]]] | None:
    """The end of the brace group that opens at ``start`` and its choices; nothing where braces are plain text."""
    depth, commas = 0, [start]
    for index in range(start, len(cells)):
        if _is(cells[index], "{"):
            depth += 1
        elif _is(cells[index], ",") and depth == 1:
            commas.append(index)
        elif _is(cells[index], "}"):
            depth -= 1
            if depth == 0:
                inner = cells[start + 1 : index]
                if len(commas) > 1:
                    edges = [*commas, index]
                    return index, [cells[left + 1 : right] for left, right in itertools.pairwise(edges)]
                return _sequence(inner, index)
    return None


def _sequence(inner: list[_Cell], end: int) -> tuple[int, list[list[_Cell]]] | None:
    text = "".join(cell.text for cell in inner)
    if ".." not in text or any(cell.quoted for cell in inner):
        return None
    found = _SEQUENCE.fullmatch(text)
    if not found or found[1].isalpha() != found[2].isalpha():
        return end, [[_Cell(f"{{{text}}}", dynamic=True)]]
    letters = found[1].isalpha()
    first, last = (ord(found[1]), ord(found[2])) if letters else (int(found[1]), int(found[2]))
    steps = range(first, last + 1) if first <= last else range(first, last - 1, -1)
    if len(steps) > _EXPANSION_LIMIT or (found[1].lstrip("-").startswith("0") and len(found[1]) > 1):
        return end, [[_Cell(f"{{{text}}}", dynamic=True)]]
    return end, [[_Cell(chr(step) if letters else str(step), quoted=True)] for step in steps]


def _is(cell: _Cell, char: str) -> bool:
    return cell.text == char and not cell.quoted and not cell.dynamic
