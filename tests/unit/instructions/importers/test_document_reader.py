import subprocess
import sys

import pytest

from itops.instructions.importers import document_reader
from itops.instructions.importers.document_process import Extract, Unreadable
from itops.instructions.importers.document_reader import read


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (Unreadable("it is odd", "Mend it."), {"fault": "it is odd", "mend": "Mend it."}),
        (RecursionError(), {"fault": "it is no pdf that can be read (RecursionError)", "mend": "Save it again."}),
    ],
)
def test_faults_are_told(monkeypatch: pytest.MonkeyPatch, error: Exception, told: dict[str, str]) -> None:
    def fail(data: bytes) -> Extract:
        raise error

    monkeypatch.setattr("itops.instructions.importers.pdf.text_of", fail)
    assert read("pdf", b"") == told


def test_too_much_text_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document_reader, "TEXT_LIMIT", 3)
    monkeypatch.setattr("itops.instructions.importers.pdf.text_of", lambda data: Extract("abcd"))
    assert "more than 1 MiB" in str(read("pdf", b"")["fault"])


def test_memory_is_bounded() -> None:
    script = (
        "import resource, sys, io\n"
        "from itops.instructions.importers import document_reader as one\n"
        "one.read = lambda kind, data: {'text': str(len(bytes(3 * 2**30))), 'changed': [], 'left': []}\n"
        "sys.argv = ['x', 'pdf']\n"
        "one.main()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], input=b"", capture_output=True, check=False)
    assert b"MemoryError" in done.stderr
    assert done.stdout == b""
