"""Markdown as sections with their title paths, and the fences in them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from itops.instructions.importers.plain_text import one_line
from itops.instructions.runbooks.front_matter import complaint

MOST_SECTIONS: Final = 2000


@dataclass(frozen=True)
class Fence:
    """A fenced block: its lines (from ``start``, before ``end``), and the numbered step it belongs to, if any."""

    info: str
    text: str
    start: int
    end: int
    step: tuple[int, int] | None


@dataclass
class Section:
    """A heading's own lines (from ``start``, before ``end``), its fences, and the sections below it."""

    title: str
    level: int
    path: tuple[str, ...]
    start: int
    body: int
    end: int = 0
    fences: list[Fence] = field(default_factory=list)
    children: list["Section"] = field(default_factory=list)

    @property
    def last(self) -> int:
        """Where the last section below it ends."""
        return self.children[-1].last if self.children else self.end

    def walk(self) -> Iterator["Section"]:
        """This section and all below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def outline(text: str, *, origin: str) -> Section:
    """The document as one section without a title, with its headings below.

    Raises:
        InvalidInstruction: it has more headings than a document for people has.
    """
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").disable("reference")
    reader.core.ruler.disable("inline")  # only where things stand is asked
    tokens = reader.parse(text)
    root = Section(title="", level=0, path=(), start=0, body=0, end=text.count("\n") + 1)
    _Planter(root, origin).plant(tokens)
    return root


class _Planter:
    """Puts headings and fences in their places."""

    def __init__(self, root: Section, origin: str) -> None:
        self._origin = origin
        self._open = [root]
        self._whole = root.end
        self._count = 0
        self._lists: list[bool] = []
        self._step: tuple[int, int] | None = None
        self._quotes = 0
        self._list_number = 0

    def plant(self, tokens: Sequence[Any]) -> None:
        """Read the tokens from first to last."""
        for position, token in enumerate(tokens):
            if token.type == "heading_open" and token.level == 0:
                self._heading(token, tokens[position + 1].content)
            elif token.type == "fence":
                self._fence(token)
            else:
                self._keep_place(token)
        self._open[-1].end = self._whole

    def _heading(self, token: Any, content: str) -> None:  # noqa: ANN401 - a foreign type, imported late
        self._count += 1
        if self._count > MOST_SECTIONS:
            what = f"it has more than {MOST_SECTIONS} headings"
            raise complaint(self._origin, token.map[0] + 1, what, "Split it into documents that people read.")
        level, (start, body) = int(token.tag[1]), token.map
        self._open[-1].end = start
        while self._open[-1].level >= level:
            self._open.pop()
        parent = self._open[-1]
        title = one_line(content)
        path = (*parent.path, title) if title else parent.path
        section = Section(title=title, level=level, path=path, start=start, body=body)
        parent.children.append(section)
        self._open.append(section)
        self._step = None

    def _fence(self, token: Any) -> None:  # noqa: ANN401 - a foreign type, imported late
        if not self._quotes:
            start, end = token.map
            fence = Fence(info=token.info.strip(), text=token.content, start=start, end=end, step=self._step)
            self._open[-1].fences.append(fence)

    def _keep_place(self, token: Any) -> None:  # noqa: ANN401 - a foreign type, imported late
        match token.type:
            case "blockquote_open":
                self._quotes += 1
            case "blockquote_close":
                self._quotes -= 1
            case "ordered_list_open" | "bullet_list_open":
                self._lists.append(token.type == "ordered_list_open")
                if self._lists == [True] and token.attrGet("start") is None:
                    self._list_number += 1
            case "ordered_list_close" | "bullet_list_close":
                self._lists.pop()
            case "list_item_open" if self._lists == [True]:
                self._step = (self._list_number, int(token.info))
            case "list_item_open" | "paragraph_open" if not self._lists or not self._lists[0]:
                self._step = None
