import pytest

from itops.errors import InvalidInstruction, UsageError
from itops.instructions.importers import document_process
from itops.instructions.importers.docx import MOST_XML_BYTES, create, text_of


def read(source, data: bytes):
    return list(create().read(source(data, "handbook.docx")))


def test_headings_lists_and_code_become_instructions(source, docx) -> None:
    data = docx(
        ("Title", "Web server"),
        ("Heading1", "Restart"),
        ("", "When it hangs."),
        ("Code", "systemctl restart <service>"),
        ("Heading1", "Free the disk"),
        ("1.", "Look"),
        ("Code", "df -h /var"),
        ("1.", "Empty it"),
        ("Code", "journalctl --vacuum-size=100M"),
        ("Heading1", "Date"),
        ("Code", "Get-Date"),
    )
    restart, free, date = read(source, data)
    assert restart.instruction.title == "Web server › Restart"  # noqa: RUF001 - the sign of a title path
    assert restart.instruction.blocks[0].text == "systemctl restart {{ service }}"
    assert restart.instruction.prose == "When it hangs."
    assert restart.changed[0] == "4 paragraphs in a code style were read as commands"
    assert free.instruction.blocks[0].text == "set -e\ndf -h /var\njournalctl --vacuum-size=100M"
    assert date.instruction.blocks[0].language == "powershell"


def test_lines_of_code_are_one_block_and_what_is_no_command_has_no_language(docx) -> None:
    text = text_of(docx(("Code", "cd /srv"), ("Code", "ls"), ("", "then"), ("Code", "[main]")))
    assert text.text == "```bash\ncd /srv\nls\n```\n\nthen\n\n```\n[main]\n```"


def test_text_is_not_taken_for_markdown(docx) -> None:
    assert text_of(docx(("", "# not a heading"), ("", "----"), ("-", "a point"))).text == (
        "\\# not a heading\n\n\\----\n\n- a point"
    )


def test_a_fence_typed_by_hand_counts(source, docx) -> None:
    (found,) = read(source, docx(("", "```bash"), ("", "uptime"), ("", "```")))
    assert found.instruction.blocks[0].text.strip() == "uptime"


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"word/x.xml": b" " * (MOST_XML_BYTES + 1)}, "unpacks to more"),
        ({"word/media/x.png": b"\0" * (257 * 1024 * 1024)}, "unpacks to more"),
        ({"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'}, "declares entities"),
        ({"word/document.xml": b"<w:document"}, "no docx that can be read"),
    ],
)
def test_bombs_and_broken_parts_are_refused(source, docx, parts: dict[str, bytes], told: str) -> None:
    with pytest.raises(InvalidInstruction, match=told):
        read(source, docx(("", "x"), parts=parts))


def test_deep_nesting_is_refused_or_read(source, docx) -> None:
    deep = b"<w:a>" * 50_000 + b"</w:a>" * 50_000
    body = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>' + deep
    with pytest.raises(InvalidInstruction, match="handbook"):
        read(source, docx(("", "x"), parts={"word/document.xml": body + b"</w:body></w:document>"}))


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"words"])
def test_what_is_no_archive_is_refused(source, data: bytes) -> None:
    with pytest.raises(InvalidInstruction, match=r"handbook\.docx, line 1: it is no DOCX file"):
        read(source, data)


def test_a_document_without_text_is_refused(source, docx) -> None:
    with pytest.raises(InvalidInstruction, match="no text"):
        read(source, docx(("", "")))


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_process, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'itops-agent\[documents\]'"):
        create()
