import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Block, Instruction, InstructionState
from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.import_report import FileReport, ImportReport, Item, standing_of
from itops.instructions.importers.importer import Imported
from itops.instructions.library_sync import SyncReport


def instruction(run: str = "uptime") -> Instruction:
    block = Block(kind="run", language="bash", text=run)
    return Instruction(id="a.b", title="Look", platform=Platform.LINUX, effect=Effect.READ, blocks=(block,))


def report(*, is_plan: bool) -> ImportReport:
    imported = Imported(instruction(), "b.md", changed=("x became y",), left=("z stays",))
    problem = InvalidInstruction("c.md, line 1: it is odd.")
    files = (FileReport("b.md", (imported,)), FileReport("c.md", (), problem), FileReport("d.md", ()))
    items = (Item(imported, *standing_of(imported.instruction, instruction("w"), publish=False)),)
    return ImportReport("markdown", items, files, SyncReport(edited=1), is_plan=is_plan)


def test_a_person_reads_what_became_of_each() -> None:
    told = report(is_plan=True).text()
    assert told.startswith(
        "edited: a.b (read): Look\n    from b.md\n    changed: x became y\n    left: z stays\n    --- "
    )
    assert "\n    -w\n    +uptime\n" in told
    assert "\nleft out: c.md, line 1: it is odd." in told
    assert "nothing to take (empty, or not for a platform of this library): d.md" in told
    assert told.endswith("This would be: 0 added, 1 edited, 0 unchanged; 3 files read, 1 left out.")
    assert "+uptime" not in report(is_plan=False).text()


def test_a_program_reads_the_same() -> None:
    told = report(is_plan=True).document()
    assert told["instructions"][0]["standing"] == "edited"
    assert told["instructions"][0]["has_run_block"] is True
    assert "+uptime" in told["instructions"][0]["difference"]
    assert told["problems"][0]["file"] == "c.md"
    assert told["nothing_to_take"] == ["d.md"]
    assert (told["added"], told["edited"], told["unchanged"], told["dry_run"]) == (0, 1, 0, True)


def test_an_unchanged_one_is_one_line() -> None:
    item = Item(Imported(instruction(), "b.md", left=("z",)), "unchanged")
    told = ImportReport("markdown", (item,), (FileReport("b.md", ()),), SyncReport(unchanged=1), is_plan=False).text()
    assert told.split("\n")[0] == "unchanged: a.b"
    assert "left: z" not in told


@pytest.mark.parametrize(
    ("state", "publish", "standing"),
    [
        (InstructionState.DRAFT, False, "unchanged"),
        (InstructionState.DRAFT, True, "published"),
        (InstructionState.PUBLISHED, True, "unchanged"),
        (InstructionState.DEPRECATED, True, "published"),
    ],
)
def test_the_same_version_may_be_published(state: InstructionState, publish: bool, standing: str) -> None:
    now = instruction().model_copy(update={"state": state})
    assert standing_of(instruction(), now, publish=publish) == (standing, "")
    assert standing_of(instruction(), None, publish=publish) == ("added", "")
