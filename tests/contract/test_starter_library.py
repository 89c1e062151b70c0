"""The shipped Linux instructions keep what the guide asks of an instruction."""

import importlib.util
import re
import subprocess
from pathlib import Path

from itops.domain.instruction import BlockKind
from itops.instructions.runbooks.runbook_loader import lint, parse
from itops.instructions.runbooks.shell_lint import shell_findings

_spec = importlib.util.spec_from_file_location("library_checks", Path(__file__).with_name("library_checks.py"))
checks = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(checks)

ROOT = Path(__file__).parents[2]
LIBRARY = checks.load("linux")
GUIDE = ROOT / "docs" / "guides" / "write-an-instruction.md"


def exit_code(name: str, kind: BlockKind, **values: object) -> int:
    blocks = {block.kind: block for block in LIBRARY[f"linux.{name}"].blocks}
    script = checks.rendered(blocks[kind], values)
    done = subprocess.run(
        ["bash", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False
    )
    return done.returncode


def test_shellcheck_has_not_even_a_note_to_make() -> None:
    blocks = [
        (block.kind, checks.rendered(block, checks.examples(instruction)))
        for instruction in LIBRARY.values()
        for block in instruction.blocks
    ]
    found = shell_findings(blocks, severity="style")
    assert found is not None
    assert [finding for findings in found for finding in findings] == []


def test_a_directory_is_archived_and_comes_back(tmp_path: Path) -> None:
    source, back, archive = tmp_path / "it's here", tmp_path / "back", tmp_path / "a:b.tar.gz"
    source.mkdir()
    (source / "a name").write_text("text", encoding="utf-8")
    (source / "link").symlink_to("nowhere")
    assert exit_code("file.archive-directory", "verify", path=source, archive=archive) != 0
    for kind in ("run", "verify"):
        assert exit_code("file.archive-directory", kind, path=source, archive=archive) == 0
    assert archive.stat().st_mode & 0o077 == 0
    assert exit_code("file.archive-directory", "run", path=source, archive=archive) != 0
    for kind in ("run", "verify"):
        assert exit_code("file.restore-archive", kind, path=back, archive=archive) == 0
    assert (back / "a name").read_text(encoding="utf-8") == "text"
    (back / "a name").write_text("newer", encoding="utf-8")
    assert exit_code("file.restore-archive", "run", path=back, archive=archive) != 0
    assert (back / "a name").read_text(encoding="utf-8") == "newer"


def test_verify_tells_success_from_failure(tmp_path: Path) -> None:
    file = tmp_path / "a file"
    file.write_text("text", encoding="utf-8")
    file.chmod(0o600)
    for name, values in {
        "file.change-mode": {"path": file, "mode": "0640"},
        "file.copy": {"path": file, "destination": tmp_path / "copy"},
        "file.create-directory": {"path": tmp_path / "new" / "folder"},
        "file.delete": {"path": file},
    }.items():
        codes = [exit_code(name, kind, **values) for kind in ("verify", "run", "verify")]
        assert codes[0] != 0, name
        assert codes[1:] == [0, 0], name


def test_a_missing_directory_is_no_empty_answer(tmp_path: Path) -> None:
    assert exit_code("disk.directory-usage", "run", path=tmp_path, count=5) == 0
    assert exit_code("disk.directory-usage", "run", path=tmp_path / "not here", count=5) != 0


def test_the_example_of_the_guide_is_a_good_instruction() -> None:
    found = re.search(r"^````markdown\n(.*?)^````$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    instruction = parse(found[1], origin=str(GUIDE))
    assert lint(instruction) == []
    values = checks.examples(instruction)
    assert all(checks.rendered(block, values) for block in instruction.blocks)
    assert {block.kind for block in instruction.blocks} == {"run", "verify"}
