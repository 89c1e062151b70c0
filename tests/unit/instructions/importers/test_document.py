"""A document's importer: its kind's files, and what is noted of them on the way."""

import pytest

from itops.instructions.importers import document
from itops.instructions.importers.document import DocumentImporter
from itops.instructions.importers.document_process import Extract


@pytest.mark.parametrize("kind", ["pdf", "docx"])
def test_an_importer_reads_the_text_of_its_kind_and_tells_what_became_of_it(source, monkeypatch, kind) -> None:
    asked = []

    def extract(kind: str, _source: object) -> Extract:
        asked.append(kind)
        return Extract("# Restart nginx\n\n```bash\nsystemctl restart nginx\n```", ("changed",), ("left",))

    monkeypatch.setattr(document, "extract", extract)
    importer = DocumentImporter(kind)
    (found,) = importer.read(source("bytes", f"web/nginx.{kind}"))
    assert (importer.name, importer.suffixes, asked) == (kind, {f".{kind}"}, [kind])
    assert (found.instruction.id, found.instruction.title) == ("acme.web.nginx", "Restart nginx")
    assert ("changed" in found.changed, "left" in found.left) == (True, True)
