import pytest

from itops.errors import InvalidInstruction
from itops.instructions.importers import document_process
from itops.instructions.importers.document_process import Extract, extract


def test_a_document_is_read_by_a_process_of_its_own(source, pdf) -> None:
    found = extract("pdf", source(pdf([["Hello"]]), "a.pdf"))
    assert found == Extract("Hello", ("a PDF's text was taken as prose",))


def test_a_process_that_takes_too_long_is_ended(source, pdf) -> None:
    with pytest.raises(InvalidInstruction, match=r"a\.pdf, line 1: reading it took more than 0 seconds"):
        extract("pdf", source(pdf([["Hello"]]), "a.pdf"), seconds=0.01)


def test_a_process_that_breaks_is_no_answer(source, pdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_process.sys, "executable", "/bin/true")
    with pytest.raises(InvalidInstruction, match="broke its reader"):
        extract("pdf", source(pdf([["Hello"]]), "a.pdf"))
