"""Documents of foreign programs: what a child process reads in them, as instructions by their headings."""

from collections.abc import Iterator
from dataclasses import replace

from itops.instructions.importers.document_process import Kind, extract
from itops.instructions.importers.importer import Imported, Source
from itops.instructions.importers.markdown import document_of
from itops.instructions.importers.sections import instructions_of


class DocumentImporter:
    """What a document of one kind says, by its headings."""

    def __init__(self, kind: Kind) -> None:
        self.name: str = kind
        self.suffixes = frozenset({f".{kind}"})
        self._kind: Kind = kind

    def read(self, source: Source) -> Iterator[Imported]:
        """Every instruction in the source, in its order."""
        found = extract(self._kind, source)
        document = document_of(None, found.text, source)
        yield from instructions_of(replace(document, changed=found.changed, left=found.left), source)
