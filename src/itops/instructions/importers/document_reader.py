"""The process that reads one document of a foreign program, within bounds, and tells what it found as JSON."""

import json
import resource
import sys
from dataclasses import asdict
from importlib import import_module
from typing import Final

from itops.instructions.importers.document_process import SECONDS, TEXT_LIMIT, Extract, Kind, Unreadable

_MEMORY: Final = 1536 * 1024 * 1024


def read(kind: Kind, data: bytes) -> dict[str, object]:
    """What the child process tells of a document: its text, or its fault."""
    module = import_module(f"itops.instructions.importers.{kind}")
    try:
        extracted: Extract = module.text_of(data)
    except Unreadable as error:
        return {"fault": error.what, "mend": error.mend}
    except Exception as error:  # noqa: BLE001 - the outermost door of a process that reads one hostile file
        return {"fault": f"it is no {kind} that can be read ({type(error).__name__})", "mend": "Save it again."}
    if len(extracted.text) > TEXT_LIMIT:
        return {"fault": "it holds more than 1 MiB of text", "mend": "Split it into documents that people read."}
    return asdict(extracted)


def main() -> None:
    """One document from standard input to standard output, within bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    kind: Kind = "pdf" if sys.argv[1] == "pdf" else "docx"
    told = read(kind, sys.stdin.buffer.read())
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()
