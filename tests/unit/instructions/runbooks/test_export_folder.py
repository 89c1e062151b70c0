from pathlib import Path

import pytest

from itops.domain.instruction import Instruction, InstructionState
from itops.errors import StoreError, UsageError
from itops.instructions.runbooks.export_folder import export_folder, file_name
from itops.instructions.runbooks.runbook_text import to_markdown


def nothing_known(instruction: Instruction) -> bool:
    return False


async def test_sync_reads_it_back_unchanged(manager, make, ann, tmp_path) -> None:
    for name in ("a.one", "a.two", "readme"):
        await manager.add(make(name, prose="Words."), by=ann)
    await manager.publish("a.one", by=ann)
    report = export_folder(await manager.list(), tmp_path / "out" / "lib", is_known=nothing_known)
    assert (report.written, report.unchanged, report.problems) == (3, 0, ())
    assert sorted(path.name for path in (tmp_path / "out" / "lib").iterdir()) == ["_readme.md", "a.one.md", "a.two.md"]
    synced = await manager.sync(tmp_path / "out" / "lib", by=ann)
    assert (synced.added, synced.edited, synced.unchanged, synced.problems) == (0, 0, 3, ())
    assert (await manager.get("a.one")).state is InstructionState.PUBLISHED
    again = export_folder(await manager.list(), tmp_path / "out" / "lib", is_known=nothing_known)
    assert (again.written, again.unchanged) == (0, 3)


def test_what_the_library_wrote_is_replaced(make, tmp_path: Path) -> None:
    old, new = make("a.b", run="uptime"), make("a.b", run="w")
    export_folder([old], tmp_path, is_known=nothing_known)
    report = export_folder([new], tmp_path, is_known=lambda one: one.version == old.version)
    assert report.written == 1
    assert (tmp_path / "a.b.md").read_text() == to_markdown(new)


@pytest.mark.parametrize("text", ["mine", to_markdown(Instruction(id="x.y", title="x", platform="any"))])
def test_another_s_file_stays_unless_forced(make, tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.b.md"
    file.write_text(text)
    report = export_folder([make("a.b"), make("a.c")], tmp_path, is_known=lambda one: True)
    assert report.written == 1
    assert report.problems == (f"{file}: it is not what the library wrote, and stays; --force replaces it.",)
    assert file.read_text() == text
    assert export_folder([make("a.b")], tmp_path, is_known=nothing_known, force=True).written == 1
    assert file.read_text() == to_markdown(make("a.b"))


def test_an_edit_by_hand_stays(make, tmp_path: Path) -> None:
    (tmp_path / "a.b.md").write_text(to_markdown(make("a.b", run="edited by hand")))
    assert export_folder([make("a.b")], tmp_path, is_known=nothing_known).problems


def test_a_link_is_never_followed(make, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("x")
    folder = tmp_path / "lib"
    folder.mkdir()
    (folder / "a.b.md").symlink_to(outside)
    assert export_folder([make("a.b")], folder, is_known=lambda one: True).problems
    assert export_folder([make("a.b")], folder, is_known=lambda one: True, force=True).written == 1
    assert outside.read_text() == "x"
    assert not (folder / "a.b.md").is_symlink()


def test_what_markdown_can_t_hold_is_told(make, tmp_path: Path) -> None:
    report = export_folder(
        [make("a.b", prose="a\n\n\n\nb"), make("a.c", prose="```")], tmp_path, is_known=nothing_known
    )
    assert report.written == 0
    assert [problem.split(":")[0] for problem in report.problems] == ["a.b", "a.c"]


def test_a_path_that_is_no_folder(make, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is no folder"):
        export_folder([make("a.b")], tmp_path / "file", is_known=nothing_known)
    with pytest.raises(StoreError, match="can't be written"):
        export_folder([make("a.b")], Path("/proc/none"), is_known=nothing_known)


def test_a_file_is_named_after_its_instruction(make) -> None:
    assert file_name(make("a.b")) == "a.b.md"
    assert file_name(make("readme")) == "_readme.md"
