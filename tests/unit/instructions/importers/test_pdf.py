import pytest

from itops.errors import InvalidInstruction, UsageError
from itops.instructions.importers import document_process
from itops.instructions.importers import pdf as pdf_importer
from itops.instructions.importers.document_process import Unreadable
from itops.instructions.importers.pdf import create, text_of


def read(source, data: bytes):
    return list(create().read(source(data, "handbook.pdf")))


def test_bookmarks_make_the_sections(source, pdf) -> None:
    pages = [
        ["Handbook", "For the night shift.", "1. Restart the web", "Run it: systemctl restart nginx"],
        ["2. Free the disk " + "word " * 400, "Look with df -h"],
        ["Contacts", "Ann " * 800],
    ]
    data = pdf(pages, {"Restart the web": 0, "Free the disk": 1, "Contacts": 2})
    found = read(source, data)
    assert [one.instruction.title for one in found] == [
        "Handbook",
        "Handbook › Restart the web",  # noqa: RUF001 - the sign of a title path
        "Handbook › Free the disk",  # noqa: RUF001 - the sign of a title path
        "Handbook › Contacts",  # noqa: RUF001 - the sign of a title path
    ]
    assert "systemctl restart nginx" in found[1].instruction.prose
    assert not any(one.instruction.blocks for one in found)
    assert found[0].changed == ("a PDF's text was taken as prose",)


def test_numbered_headings_make_sections_and_a_table_of_contents_does_not(pdf) -> None:
    pages = [
        ["1.1 Restart the web ........ 2", "1.2 Free the disk 3"],
        ["1.1 Restart the web", "Do it."],
        ["1.2 Free the disk", "x"],
    ]
    assert text_of(pdf(pages)).text.split("\n") == [
        "1.1 Restart the web ........ 2",
        "1.2 Free the disk 3",
        "",
        "## Restart the web",
        "",
        "Do it.",
        "",
        "## Free the disk",
        "",
        "x",
    ]


def test_a_long_document_without_headings_is_parted_by_pages(source, pdf) -> None:
    pages = [[f"page {number}", *(["word " * 15] * 30)] for number in range(4)]
    assert [one.instruction.title for one in read(source, pdf(pages))] == [
        "Handbook › Page 1",  # noqa: RUF001 - the sign of a title path
        "Handbook › Page 3",  # noqa: RUF001 - the sign of a title path
    ]


def test_only_what_stands_fenced_is_a_command(source, pdf) -> None:
    pages = [["# not a heading", "```bash", "# a comment", "uptime", "```", "====", "$ reboot"]]
    (found,) = read(source, pdf(pages))
    assert found.instruction.blocks[0].text == "# a comment\nuptime"
    assert found.instruction.title == "Handbook"
    assert "\\# not a heading" in found.instruction.prose


def test_running_heads_are_left_out(pdf) -> None:
    text = text_of(
        pdf([["ACME secret handbook", f"words {letter}", f"Page {n} of 4"] for n, letter in enumerate("abcd")])
    )
    assert text.text == "words a\nwords b\nwords c\nwords d"


def test_what_can_t_be_read_says_why(pdf, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Unreadable, match="encrypted"):
        text_of(pdf([["a"]], password="x"))
    with pytest.raises(Unreadable, match="no text"):
        text_of(pdf([[]]))
    monkeypatch.setattr(pdf_importer, "MOST_PAGES", 1)
    with pytest.raises(Unreadable, match="more than 1 pages"):
        text_of(pdf([["a"], ["b"]]))
    monkeypatch.setattr(pdf_importer, "TEXT_LIMIT", 3)
    with pytest.raises(Unreadable, match="1 MiB"):
        text_of(pdf([["abcdef"]]))


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nbroken", b"\0" * 1000, b"%PDF-1.4\n" + b"<<" * 50_000])
def test_a_broken_document_is_refused(source, data: bytes) -> None:
    with pytest.raises(InvalidInstruction, match=r"handbook\.pdf, line 1: "):
        read(source, data)


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_process, "find_spec", lambda name: None)
    with pytest.raises(UsageError, match=r"pip install 'itops-agent\[documents\]'"):
        create()
