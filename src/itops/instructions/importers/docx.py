"""Word documents (DOCX): headings, lists and paragraphs; paragraphs in a code style are commands."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import import_module
from io import BytesIO
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

from itops.instructions.importers.document import DocumentImporter
from itops.instructions.importers.document_process import Extract, Unreadable, need
from itops.instructions.importers.plain_text import visible

MOST_XML_BYTES: Final = 16 * 1024 * 1024
MOST_BYTES: Final = 256 * 1024 * 1024
_MOST_FILES: Final = 5000
_STYLES: Final = "Code|Code Block|Source Code|HTML Preformatted|Preformatted Text|Plain Text|Macro Text|Listing"
_STYLE_MAP: Final = "\n".join(
    [f"p[style-name='{style}'] => pre:separator('\\n')" for style in _STYLES.split("|")]
    + ["p[style-name='Title'] => h1.title:fresh"]
)
_CMDLET: Final = re.compile(r"(?:PS [^>\n]*> ?)?[A-Z][a-z]+-[A-Z][A-Za-z]+\b")
_TOOLS: Final = re.compile(
    r"(?:\$ |# |sudo )?"
    r"(?:apt(?:-get)?|aws|cat|cd|chmod|chown|cp|crontab|curl|df|dig|dnf|docker|du|echo|find|firewall-cmd"
    r"|free|getent|grep|groupadd|helm|ip|iptables|journalctl|kill|kubectl|ls|mkdir|mount|mv|mysql|nginx|openssl|passwd"
    r"|ping|podman|ps|psql|rm|rpm|rsync|scp|sed|service|ss|ssh|systemctl|tail|tar|timedatectl|top|umount|useradd"
    r"|userdel|usermod|virsh|yum|zypper)\b"
)


def create() -> DocumentImporter:
    """The importer of Word documents.

    Raises:
        UsageError: the extra that reads them is not installed.
    """
    need("mammoth", "docx")
    return DocumentImporter("docx")


def text_of(data: bytes) -> Extract:
    """A Word document's text as Markdown.

    Raises:
        Unreadable: it is broken, too large when unpacked, or holds what no document holds.
    """
    mammoth: Any = import_module("mammoth")  # it brings no types
    _refuse_bomb(data)
    made = mammoth.convert_to_html(
        BytesIO(data),
        style_map=_STYLE_MAP,
        include_embedded_style_map=False,
        convert_image=mammoth.images.img_element(lambda _: {}),
    )
    writer = _MarkdownWriter(shift=1 if 'class="title"' in made.value else 0)
    writer.feed(made.value)
    writer.close()
    text = visible(writer.text())
    if not text.strip():
        raise Unreadable("it holds no text", "Take it out.")
    return Extract(text, tuple(writer.changed()), tuple(writer.left()))


def _refuse_bomb(data: bytes) -> None:
    """Look at what the archive says it unpacks to: no more than that is ever read from it."""
    try:
        with ZipFile(BytesIO(data)) as archive:
            files = archive.infolist()
            xml = [file for file in files if file.filename.endswith((".xml", ".rels"))]
            if (
                len(files) > _MOST_FILES
                or sum(file.file_size for file in files) > MOST_BYTES
                or sum(file.file_size for file in xml) > MOST_XML_BYTES
            ):
                raise Unreadable("it unpacks to more than a document holds", "Save its text as Markdown.")
            if any(re.search(rb"<!(?:DOCTYPE|ENTITY)", archive.read(file)) for file in xml):
                raise Unreadable("its XML declares entities, which no document needs", "Save it again.")
    except (BadZipFile, OSError, ValueError, EOFError, RuntimeError) as error:
        raise Unreadable("it is no DOCX file: its archive is broken", "Save it again as DOCX.") from error


class _MarkdownWriter(HTMLParser):
    """mammoth's HTML as Markdown: its few tags, nothing hostile is left in them."""

    def __init__(self, *, shift: int) -> None:
        super().__init__()
        self._shift = shift
        self._blocks: list[str] = []
        self._words: list[str] = []
        self._lists: list[list[int]] = []
        self._number = 0
        self._tables = 0
        self._commands = 0
        self._pictures = 0

    def text(self) -> str:
        """All blocks."""
        self._flush()
        return "\n\n".join(self._blocks)

    def changed(self) -> Iterator[str]:
        """What was written differently."""
        if self._commands:
            yield f"{self._commands} paragraphs in a code style were read as commands"

    def left(self) -> Iterator[str]:
        """What was not taken."""
        if self._pictures:
            yield f"{self._pictures} pictures were not taken"

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002 - the signature of HTMLParser
        if tag == "img":
            self._pictures += 1
        elif tag == "br":
            self._words.append("\n")
        elif tag in ("ol", "ul"):
            self._flush()
            self._lists.append([self._number if tag == "ol" and not self._lists else 0, int(tag == "ol")])
        elif tag == "li":
            self._flush()
            self._lists[-1][0] += 1
        elif tag in ("p", "pre", "h1", "h2", "h3", "h4", "h5", "h6"):
            self._flush()
        elif tag in ("td", "th"):
            self._tables += 1

    def handle_endtag(self, tag: str) -> None:
        if re.fullmatch("h[1-6]", tag):
            self._head(int(tag[1]))
        elif tag == "pre":
            self._code()
        elif tag in ("ol", "ul"):
            self._flush()
            self._number = self._lists.pop()[0] if tag == "ol" and len(self._lists) == 1 else 0
        elif tag in ("td", "th"):
            self._tables -= 1
            self._words.append(" | ")
        elif tag in ("p", "li", "tr") and not (self._tables and tag == "p"):
            self._flush()

    def handle_data(self, data: str) -> None:
        self._words.append(data)

    def _head(self, level: int) -> None:
        title = " ".join("".join(self._words).split())
        self._words = []
        self._number = 0
        is_title = self._shift and level == 1 and not self._blocks
        if title:
            self._blocks.append(f"{'#' * (1 if is_title else min(6, level + self._shift))} {title}")

    def _code(self) -> None:
        text = "".join(self._words).strip("\n")
        self._words = []
        if text.strip():
            language = "powershell" if _CMDLET.match(text) else "bash" if _TOOLS.match(text) else ""
            self._commands += bool(language)
            fence = "`" * (max((len(run) for run in re.findall(r"`{3,}", text)), default=2) + 1)
            self._blocks.append(f"{fence}{language}\n{text}\n{fence}")

    def _flush(self) -> None:
        text = "".join(self._words).strip(" |\n")
        self._words = []
        if not text:
            return
        text = re.sub(r"(?m)^(?=#|=+\s*$|-+\s*$)", r"\\", text)
        if self._lists:
            number, is_ordered = self._lists[-1]
            mark = f"{number}." if is_ordered else "-"
            indent = "   " * (len(self._lists) - 1)
            text = f"{indent}{mark} " + text.replace("\n", f"\n{indent}   ")
        elif not text.startswith("`"):
            self._number = 0
        self._blocks.append(text)
