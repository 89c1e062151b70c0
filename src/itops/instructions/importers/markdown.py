"""Markdown runbooks, with our front matter, another's or none."""

import re
from collections.abc import Iterator
from typing import Final

from itops.domain.target import Platform
from itops.instructions.importers.importer import Imported, Source
from itops.instructions.importers.outline import outline
from itops.instructions.importers.plain_text import decode, one_line
from itops.instructions.importers.sections import Document, instructions_of
from itops.instructions.runbooks.front_matter import FrontMatter
from itops.instructions.runbooks.runbook_text import parse

_OURS: Final = frozenset({"id", "title", "platform"})
_TAKEN: Final = frozenset({"title", "name", "tags", "keywords", "labels", "description", "summary", "platform"})
_ENTRY: Final = re.compile(r"\s*(?:#.*)?\"?[\w.-]+\"?\s*:(?:\s|$)")


class MarkdownImporter:
    """Our own format is taken as it is; any other document by its sections."""

    name = "markdown"
    suffixes = frozenset({".md", ".markdown"})

    def read(self, source: Source) -> Iterator[Imported]:
        """Every instruction in the source, in its order."""
        text = decode(source)
        matter, body = split(text, source)
        if matter and matter.mapping(matter.root).keys() >= _OURS:
            declared = "effect" in matter.mapping(matter.root)
            yield Imported(parse(text, origin=source.place), source.place, declared=declared)
        elif body.strip():
            yield from instructions_of(document_of(matter, body, source), source)


def create() -> MarkdownImporter:
    """The importer of Markdown runbooks."""
    return MarkdownImporter()


def split(text: str, source: Source) -> tuple[FrontMatter | None, str]:
    """Front matter, where the document has one, and the body below it, on the lines where it stood.

    Raises:
        InvalidInstruction: the front matter is no YAML that can be read.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        return None, text
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), None)
    first = next((line for line in lines[1:end] if line.strip()), "")
    if end is None or not _ENTRY.match(first):
        return None, text
    matter = FrontMatter("\n".join(lines[1:end]), origin=source.place, first_line=2)
    return matter, "\n".join([""] * (end + 1) + lines[end + 1 :])


def document_of(matter: FrontMatter | None, body: str, source: Source) -> Document:
    """The document with what a foreign front matter says of it: title, tags, description, platform."""
    entries = matter.mapping(matter.root) if matter else {}
    said: dict[str, tuple[str, ...]] = {}
    left = []
    for key, node in entries.items():
        if key.lower() in _TAKEN and matter and _is_plain(node):
            said[key.lower()] = tuple(one_line(text) for text in matter.texts(node))
        else:
            left.append(f"`{key}` of the front matter was not taken")
    platform = next(iter(said.get("platform", ())), "").lower()
    titles = (*said.get("title", ()), *said.get("name", ()), heading_of(body, source), source.path.stem)
    title = next(title for title in titles if title)
    return Document(
        title=title if title != source.path.stem else spoken(title),
        text=body,
        parts=source.parts,
        tags=tuple(tag for key in ("tags", "keywords", "labels") for tag in said.get(key, ()) if tag),
        description="\n\n".join((*said.get("description", ()), *said.get("summary", ()))),
        platform=Platform(platform) if platform in list(Platform) else None,
        left=tuple(left),
    )


def heading_of(body: str, source: Source) -> str:
    """The document's only first-level heading, if that is its title."""
    chapters = outline(body, origin=source.place).children
    return chapters[0].title if len(chapters) == 1 and chapters[0].level == 1 else ""


def spoken(stem: str) -> str:
    """A file's name as words: ``restart_web-server`` is "Restart web server"."""
    words = re.sub(r"[-_.\s]+", " ", stem).strip() or stem
    return words[:1].upper() + words[1:]


def _is_plain(node: object) -> bool:
    items = getattr(node, "value", "")
    return getattr(node, "id", "") == "scalar" or all(getattr(item, "id", "") == "scalar" for item in items)
