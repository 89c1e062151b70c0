"""Sources as a test writes them."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from itops.instructions.importers.importer import Source

MakeSource = Callable[..., Source]


@pytest.fixture
def source(tmp_path: Path) -> MakeSource:
    """``source(text, name)`` is that file in a folder, its ids beginning with acme."""

    def make(text: str | bytes, name: str = "web/nginx.md") -> Source:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        data = text.encode() if isinstance(text, str) else text
        path.write_bytes(data)
        return Source(path=path, root=tmp_path, data=data, prefix="acme")

    return make


@pytest.fixture
def pdf() -> Callable[..., bytes]:
    """``pdf([["line", …], …])`` is a PDF of these pages, written by hand, with bookmarks and a password if given."""

    def make(pages: list[list[str]], bookmarks: dict[str, int] | None = None, password: str = "") -> bytes:
        from pypdf import PdfReader, PdfWriter

        writer = PdfWriter(clone_from=PdfReader(BytesIO(_plain_pdf(pages))))
        for title, page in (bookmarks or {}).items():
            writer.add_outline_item(title=title, page_number=page)
        if password:
            writer.encrypt(password, algorithm="RC4-128")
        made = BytesIO()
        writer.write(made)
        return made.getvalue()

    return make


def _plain_pdf(pages: list[list[str]]) -> bytes:
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, lines in enumerate(pages):
        escaped = [line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)") for line in lines]
        text = "BT /F1 12 Tf 14 TL 50 780 Td " + " ".join(f"({line}) Tj T*" for line in escaped) + " ET"
        resources = "/Resources << /Font << /F1 3 0 R >> >> /MediaBox [0 0 595 842]"
        objects.append(f"<< /Type /Page /Parent 2 0 R {resources} /Contents {5 + 2 * number} 0 R >>")
        objects.append(f"<< /Length {len(text)} >>\nstream\n{text}\nendstream")
    made, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(made))
        made += f"{number} 0 obj\n{content}\nendobj\n".encode("latin-1")
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return made + f"{end}startxref\n{len(made)}\n%%EOF\n".encode()


@pytest.fixture
def docx() -> Callable[..., bytes]:
    """``docx(("Heading1", "Restart"), ("", "Words"), …)`` is a Word document of these styles and texts.

    A style "1." or "-" is a list; ``parts`` are further files of the archive, or others in place of its own.
    """

    def make(*paragraphs: tuple[str, str], parts: dict[str, bytes] | None = None) -> bytes:
        body = "".join(_paragraph(style, text) for style, text in paragraphs)
        names = dict.fromkeys(style for style, _ in paragraphs if style and style not in ("1.", "-"))
        styles = "".join(
            f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{_style_name(style)}"/></w:style>'
            for style in names
        )
        files = {
            "[Content_Types].xml": _CONTENT_TYPES,
            "_rels/.rels": _RELATIONS.replace("*", _OFFICE + "/officeDocument").replace("@", "word/document.xml"),
            "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
            "word/styles.xml": f"<w:styles {_W}>{styles}</w:styles>",
            "word/numbering.xml": _NUMBERING,
            "word/_rels/document.xml.rels": _DOCUMENT_RELATIONS,
        }
        made = BytesIO()
        with ZipFile(made, "w", ZIP_DEFLATED) as archive:
            for name, content in (files | (parts or {})).items():
                archive.writestr(name, content)
        return made.getvalue()

    return make


_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_CONTENT_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" Type="*" Target="@"/></Relationships>'
)
_DOCUMENT_RELATIONS = (
    f'<Relationships xmlns="{_PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/numbering" Target="numbering.xml"/></Relationships>'
)
_NUMBERING = f"<w:numbering {_W}>" + "".join(
    f'<w:abstractNum w:abstractNumId="{number}"><w:lvl w:ilvl="0"><w:numFmt w:val="{kind}"/></w:lvl></w:abstractNum>'
    for number, kind in ((1, "decimal"), (2, "bullet"))
)
_NUMBERING += '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/>'
_NUMBERING += "</w:num></w:numbering>"


def _style_name(style: str) -> str:
    return style.replace("Heading", "heading ")


def _paragraph(style: str, text: str) -> str:
    if style in ("1.", "-"):
        number = 1 if style == "1." else 2
        kind = f'<w:numPr><w:ilvl w:val="0"/><w:numId w:val="{number}"/></w:numPr>'
    else:
        kind = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f'<w:p><w:pPr>{kind}</w:pPr><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'
