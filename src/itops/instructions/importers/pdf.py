"""PDF documents: their text by bookmarks, numbered headings or pages; it is prose, as nothing in it is surely code."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final

from itops.instructions.importers.document import DocumentImporter
from itops.instructions.importers.document_process import TEXT_LIMIT, Extract, Unreadable, need
from itops.instructions.importers.plain_text import one_line, visible

MOST_PAGES: Final = 500
_MOST_BOOKMARKS: Final = 1000
_DEEPEST: Final = 5
_CHUNK: Final = 4000
_MANY_PAGES: Final = 4
_NUMBERED: Final = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,3})\.?\s+([A-Z][^\n]{2,80})")
_LEADERS: Final = re.compile(r"\.{4,}|(?:\. ){4,}|\s\d{1,3}$")
_MARKUP: Final = re.compile(r"\s*(?:#|=+\s*$|-+\s*$)")


def create() -> DocumentImporter:
    """The importer of PDF documents.

    Raises:
        UsageError: the extra that reads them is not installed.
    """
    need("pypdf", "pdf")
    return DocumentImporter("pdf")


def text_of(data: bytes) -> Extract:
    """A PDF's text as Markdown with headings.

    Raises:
        Unreadable: it is encrypted, too long, or holds no text.
    """
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(data))
    if reader.is_encrypted:
        raise Unreadable("it is encrypted", "Save it without a password.")
    if len(reader.pages) > MOST_PAGES:
        raise Unreadable(f"it has more than {MOST_PAGES} pages", "Split it.")
    pages = _pages(reader)
    bookmarks = list(_bookmarks(reader, reader.outline))[:_MOST_BOOKMARKS]
    if not any(line for page in pages for line in page):
        raise Unreadable("it holds no text, pictures of text perhaps", "Run it through text recognition first.")
    pages = _without_running_heads(pages)
    return Extract(_headed(pages, bookmarks), changed=("a PDF's text was taken as prose",))


def _pages(reader: Any) -> list[list[str]]:  # noqa: ANN401 - a foreign type, imported late
    pages = []
    size = 0
    for page in reader.pages:
        text = visible(page.extract_text() or "")
        size += len(text)
        if size > TEXT_LIMIT:
            raise Unreadable("it holds more than 1 MiB of text", "Split it into documents that people read.")
        pages.append([line.rstrip() for line in text.strip("\n").split("\n")] if text.strip() else [])
    return pages


def _bookmarks(reader: Any, outline: Sequence[Any], depth: int = 0) -> Iterator[tuple[int, int, str]]:  # noqa: ANN401
    """Page, depth and title of each bookmark."""
    for entry in outline:
        if isinstance(entry, list):
            if depth < _DEEPEST:
                yield from _bookmarks(reader, entry, depth + 1)
            continue
        page = reader.get_destination_page_number(entry)
        title = one_line(str(entry.title or ""))
        if page is not None and page >= 0 and title:
            yield page, depth, title


def _without_running_heads(pages: list[list[str]]) -> list[list[str]]:
    """Pages without the first and last lines that stand on most of them."""
    if len(pages) < _MANY_PAGES:
        return pages
    edges = Counter(key for page in pages for key in {_edge(line) for line in (*page[:1], *page[-1:])})
    running = {key for key, count in edges.items() if count > len(pages) / 2}
    last = [len(page) - 1 for page in pages]
    return [
        [line for at, line in enumerate(page) if at not in (0, last[number]) or _edge(line) not in running]
        for number, page in enumerate(pages)
    ]


def _edge(line: str) -> str:
    return re.sub(r"\d+", "#", line.strip())


def _headed(pages: list[list[str]], bookmarks: list[tuple[int, int, str]]) -> str:
    if bookmarks:
        return "\n".join(_page_by_bookmarks(page, number, bookmarks) for number, page in enumerate(pages))
    lines = [line for page in pages for line in page]
    if any(_is_numbered(line) for line in lines):
        return "\n".join(_plain([_numbered(line) for line in lines]))
    if sum(map(len, lines)) <= _CHUNK:
        return "\n".join(_plain(lines))
    return "\n".join(_by_pages(pages))


def _page_by_bookmarks(page: list[str], number: int, bookmarks: list[tuple[int, int, str]]) -> str:
    """The page with a heading where each of its bookmarks leads."""
    lines = list(page)
    above = []
    for where, depth, title in bookmarks:
        if where != number:
            continue
        heading = f"\0{'#' * (depth + 2)} {title}"
        same = [at for at, line in enumerate(lines) if _letters(line) == _letters(title)]
        if same:
            lines[same[0]] = heading
        else:
            above.append(heading)
    return "\n".join(_plain([*above, *lines]))


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text).casefold()


def _is_numbered(line: str) -> bool:
    return _NUMBERED.fullmatch(line.strip()) is not None and not _LEADERS.search(line)


def _numbered(line: str) -> str:
    found = _NUMBERED.fullmatch(line.strip())
    if found is None or _LEADERS.search(line):
        return line
    return f"\0{'#' * (found[1].count('.') + 1)} {found[2]}"


def _by_pages(pages: list[list[str]]) -> Iterator[str]:
    size = _CHUNK
    for number, page in enumerate(pages, 1):
        if size >= _CHUNK:
            yield f"\n## Page {number}\n"
            size = 0
        size += sum(map(len, page))
        yield from _plain(page)


def _plain(lines: list[str]) -> Iterator[str]:
    """Lines of text that Markdown takes for nothing else; a heading of ours is marked by NUL."""
    fence = ""
    for line in lines:
        if line.startswith("\0"):
            yield f"\n{line[1:]}\n"
            continue
        opened = re.match(r"\s*(`{3,}|~{3,})", line)
        if opened:
            fence = "" if fence and line.strip().startswith(fence) else fence or opened[1]
        yield line if opened or fence or not _MARKUP.match(line) else f"\\{line.lstrip()}"
