"""``SKILL.md`` folders: what the skill says, as instructions; the scripts beside it are named."""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from itops.instructions.importers.importer import Imported, Source
from itops.instructions.importers.markdown import document_of, split, spoken
from itops.instructions.importers.plain_text import decode
from itops.instructions.importers.sections import instructions_of

_NAMED: Final = 20
_LOOKED_AT: Final = 2000


class SkillImporter:
    """One skill: the folder's name stands for it in ids, its name and description say what it is for."""

    name = "skill"
    suffixes = frozenset({"skill.md"})

    def read(self, source: Source) -> Iterator[Imported]:
        """Every instruction in the source, in its order."""
        if source.path.name.lower() != "skill.md":
            return
        matter, body = split(decode(source), source)
        document = document_of(matter, body, source)
        folder = source.path.parent
        inside = folder.relative_to(source.root).parts
        title = spoken(document.title) if document.title.lower() != "skill" else spoken(folder.name)
        left = (*document.left, *_beside(source.path))
        document = replace(document, title=title, parts=inside or (folder.name,), left=left)
        yield from instructions_of(document, source)


def create() -> SkillImporter:
    """The importer of skills."""
    return SkillImporter()


def _beside(path: Path) -> Iterator[str]:
    """The other files of the skill's folder, which nothing here runs."""
    found: list[str] = []
    for place, folders, files in os.walk(path.parent):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(place, name).relative_to(path.parent).as_posix() for name in sorted(files) if name != path.name]
        if len(found) > _LOOKED_AT:
            break
    yield from (f"the file {name} beside it was not taken" for name in found[:_NAMED])
    if len(found) > _NAMED:
        yield f"{len(found) - _NAMED} more files beside it were not taken"
