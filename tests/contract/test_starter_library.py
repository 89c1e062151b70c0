"""The shipped Linux instructions keep what the guide asks of an instruction, and the request cases fit them."""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from itops.domain.effect import Effect
from itops.domain.instruction import Block, BlockKind, Instruction
from itops.instructions.runbook_loader import library_dir, lint, load_folder, parse
from itops.scripts.parameters import example_of, pattern_of, validate
from itops.scripts.renderer import placeholders, render

ROOT = Path(__file__).parents[2]
LINUX = library_dir() / "linux"
REPORT = load_folder(LINUX)
LIBRARY = {instruction.id: instruction for instruction in REPORT.instructions}
GUIDE = ROOT / "docs" / "guides" / "write-an-instruction.md"

every_instruction = pytest.mark.parametrize("instruction", LIBRARY.values(), ids=lambda instruction: instruction.id)


def requests(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/cases/requests" / name).read_text(encoding="utf-8"))
    return rows


def parts(row: dict[str, Any]) -> list[dict[str, Any]]:
    return list(row.get("parts", [row]))


def rendered(block: Block, values: Mapping[str, object]) -> str:
    return render(block.text, block.language, {name: str(values[name]) for name in placeholders(block.text)})


def exit_code(name: str, kind: BlockKind, **values: object) -> int:
    blocks = {block.kind: block for block in LIBRARY[f"linux.{name}"].blocks}
    script = rendered(blocks[kind], values)
    done = subprocess.run(
        ["bash", "-c", script], stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False
    )
    return done.returncode


def test_every_file_loads_and_none_is_complained_about() -> None:
    assert REPORT.problems == ()
    assert len(LIBRARY) >= 55
    assert [complaint for instruction in LIBRARY.values() for complaint in lint(instruction)] == []
    names = {f"linux.{path.stem}" for path in LINUX.glob("*.md")}
    assert names == set(LIBRARY)


@every_instruction
def test_it_says_what_people_need(instruction: Instruction) -> None:
    assert instruction.prose
    assert 3 <= len(instruction.phrases) <= 8
    blocks = {block.kind for block in instruction.blocks}
    assert blocks == {"run"} if instruction.effect is Effect.READ else blocks >= {"run", "verify"}


@every_instruction
def test_no_value_can_be_an_option(instruction: Instruction) -> None:
    for parameter in instruction.parameters:
        for value in ("-", "-x", "--help"):
            assert not pattern_of(parameter).fullmatch(value), parameter.name
        assert all("{}" in phrase for phrase in parameter.phrases)


@every_instruction
def test_its_blocks_can_be_rendered(instruction: Instruction) -> None:
    values = {parameter.name: example_of(parameter) for parameter in instruction.parameters}
    for block in instruction.blocks:
        assert "{{" not in rendered(block, values)


def test_shellcheck_has_nothing_to_say(tmp_path: Path) -> None:
    shellcheck = shutil.which("shellcheck", path=f"{ROOT / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}")
    if not shellcheck:
        pytest.skip("shellcheck is not installed")
    for instruction in LIBRARY.values():
        for block in instruction.blocks:
            text = rendered(block, dict.fromkeys(placeholders(block.text), "word"))
            (tmp_path / f"{instruction.id}.{block.kind}").write_text(f"#!/bin/bash\n{text}\n", encoding="utf-8")
    done = subprocess.run(
        [shellcheck, "--format=gcc", *sorted(tmp_path.iterdir())], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")


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


@pytest.mark.parametrize("row", requests("linux.yaml"), ids=lambda row: row["words"])
def test_a_request_names_an_instruction_and_all_it_needs(row: dict[str, Any]) -> None:
    for part in parts(row):
        instruction = LIBRARY[part["instruction"]]
        known = {parameter.name: parameter for parameter in instruction.parameters}
        for name, value in part["parameters"].items():
            assert validate(known[name], value) == value
        needed = {parameter.name for parameter in instruction.parameters if parameter.default is None}
        assert needed <= set(part["parameters"])
        assert row["words"].lower() not in instruction.phrases


def test_requests_are_many_and_each_stands_once() -> None:
    inside, outside = requests("linux.yaml"), requests("outside.yaml")
    assert len(inside) >= 80
    assert len(outside) >= 60
    words = [row["words"] for row in inside + outside]
    assert len(set(words)) == len(words)
    assert {part["instruction"] for row in inside for part in parts(row)} == set(LIBRARY)


def test_the_example_of_the_guide_is_a_good_instruction() -> None:
    found = re.search(r"^````markdown\n(.*?)^````$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    instruction = parse(found[1], origin=str(GUIDE))
    assert lint(instruction) == []
    values = {parameter.name: example_of(parameter) for parameter in instruction.parameters}
    assert all(rendered(block, values) for block in instruction.blocks)
    assert {block.kind for block in instruction.blocks} == {"run", "verify"}
