"""Jupyter runbooks: Markdown cells as they are, cells that run a shell as commands, others as prose."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

from itops.instructions.importers.importer import Imported, Source
from itops.instructions.importers.markdown import document_of
from itops.instructions.importers.plain_text import decode, visible
from itops.instructions.importers.sections import instructions_of
from itops.instructions.runbooks.front_matter import complaint

_CELL_MAGIC: Final = re.compile(r"%%(?:script\s+)?(?P<shell>bash|sh|powershell|pwsh)\b[^\n]*\n")
_SHELLS: Final = {
    "bash": "bash",
    "sh": "bash",
    "calysto_bash": "bash",
    "powershell": "powershell",
    "pwsh": "powershell",
}
_TEXT_LIMIT: Final = 1024 * 1024


class JupyterImporter:
    """A notebook is read as the document that its cells make; what the cells have printed is not taken."""

    name = "jupyter"
    suffixes = frozenset({".ipynb"})

    def read(self, source: Source) -> Iterator[Imported]:
        """Every instruction in the source, in its order."""
        notebook = _notebook(source)
        language = _language(notebook)
        left: Counter[str] = Counter()
        parts = [_cell(cell, language, left) for cell in notebook["cells"] if isinstance(cell, dict)]
        body = "\n\n".join(part for part in parts if part.strip())
        if len(body) > _TEXT_LIMIT:
            raise complaint(source.place, 1, "its cells hold more than 1 MiB of text", "Split it: one procedure each.")
        if not body.strip():
            return
        document = document_of(None, body, source)
        yield from instructions_of(
            replace(document, left=tuple(f"{count} {what}" for what, count in left.items())), source
        )


def create() -> JupyterImporter:
    """The importer of Jupyter runbooks."""
    return JupyterImporter()


def _notebook(source: Source) -> dict[str, Any]:
    try:
        notebook = json.loads(decode(source))
    except (ValueError, RecursionError) as error:
        line = getattr(error, "lineno", 1)
        raise complaint(source.place, line, "it is no JSON that can be read", "Save the notebook again.") from error
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells"), list):
        what = "it is no notebook of version 4: no list of cells"
        raise complaint(source.place, 1, what, "Open and save it with a current Jupyter.")
    return notebook


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    kernel = metadata.get("kernelspec") if isinstance(metadata, dict) else None
    word = (kernel.get("language") or kernel.get("name")) if isinstance(kernel, dict) else None
    return str(word or "python").lower()


def _cell(cell: dict[str, Any], language: str, left: Counter[str]) -> str:
    """The cell as Markdown."""
    text = cell.get("source", "")
    text = visible("".join(map(str, text)) if isinstance(text, list) else str(text)).strip("\n")
    if cell.get("outputs"):
        left["cells have printed something; that was not taken"] += 1
    if cell.get("cell_type") == "markdown":
        return text
    if cell.get("cell_type") != "code" or not text.strip():
        return ""
    magic = _CELL_MAGIC.match(text)
    if magic:
        return _fenced(_SHELLS[magic["shell"]], text[magic.end() :])
    if language in _SHELLS:
        return _fenced(_SHELLS[language], text)
    commands = _escapes(text)
    if commands:
        return _fenced("bash", commands)
    left[f"cells in {language} stay prose"] += 1
    return _fenced(language, text)


def _escapes(text: str) -> str:
    """The shell commands of a cell that holds nothing else but comments; values of Python in them make it Python."""
    lines = text.split("\n")
    is_shell = all(not line.strip() or line.startswith(("!", "#")) for line in lines)
    if not is_shell or not any(line.startswith("!") for line in lines):
        return ""
    return "\n".join(line.removeprefix("!").lstrip() if line.startswith("!") else line for line in lines)


def _fenced(language: str, text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{re.sub(r'[^a-z0-9_+-]', '', language)}\n{text}\n{fence}"
