from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from itops.domain.effect import Effect
from itops.domain.instruction import Block, Instruction, InstructionState, Language, Parameter
from itops.domain.target import Platform
from itops.errors import UsageError
from itops.instructions.importers import import_service, markdown
from itops.instructions.importers.import_service import ImportOrder, ImportService
from itops.instructions.importers.importer import Imported, Importer, Source
from itops.instructions.instruction_manager import InstructionManager
from itops.redaction import Redactor

EFFECTS = {"uptime": Effect.READ, "rm": Effect.DESTROY, "odd": Effect.UNKNOWN}
OURS = "---\nid: own.one\ntitle: One\nplatform: linux\neffect: {effect}\n---\n```bash run\n{run}\n```\n"


async def effect_of(language: Language, text: str) -> Effect:
    return EFFECTS.get(text.split(maxsplit=1)[0], Effect.CHANGE)


@dataclass(frozen=True)
class Made:
    """An importer that gives what it is told."""

    instructions: tuple[Instruction, ...]
    name: str = "made"
    suffixes: frozenset[str] = frozenset({".md"})

    def read(self, source: Source) -> Iterator[Imported]:
        yield from (Imported(one, source.place) for one in self.instructions)


Service = Callable[..., ImportService]


@pytest.fixture
def service(manager: InstructionManager) -> Service:
    def make(importer: Importer | None = None) -> ImportService:
        chosen = importer or markdown.create()
        return ImportService(library=manager, effect_of=effect_of, redactor=Redactor(), importer=lambda name: chosen)

    return make


def write(folder: Path, **texts: str) -> ImportOrder:
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text)
    return ImportOrder("markdown", folder)


async def test_imported_ones_are_drafts_with_ids_of_their_format(service, manager, ann, tmp_path) -> None:
    order = write(tmp_path / "", web="# Web\n\n```bash\nuptime\n```\n")
    report = await service().take(order, by=ann)
    (found,) = await manager.list()
    assert (found.id, found.state, found.effect) == ("markdown.web", InstructionState.DRAFT, Effect.READ)
    assert (report.counts.added, report.problems) == (1, ())


async def test_importing_twice_changes_nothing(service, manager, ann, tmp_path) -> None:
    order = write(tmp_path, web="# Web\n\n## A\n\n```bash\nls <path>\n```\n\n## B\n\n```bash\nid <user>\n```\n")
    await service().take(order, by=ann)
    before = await manager.list()
    report = await service().take(order, by=ann)
    assert (report.counts.added, report.counts.edited, report.counts.unchanged) == (0, 0, 2)
    assert await manager.list() == before
    assert [item.standing for item in report.items] == ["unchanged", "unchanged"]


async def test_a_plan_shows_the_difference_and_changes_nothing(service, manager, ann, tmp_path) -> None:
    await service().take(write(tmp_path, web="# Web\n\n```bash\nuptime\n```\n"), by=ann)
    before = await manager.list()
    report = await service().plan(write(tmp_path, web="# Web\n\n```bash\nuptime -p\n```\n", new="# New\n\nWords.\n"))
    assert await manager.list() == before
    assert [(item.imported.instruction.id, item.standing) for item in report.items] == [
        ("markdown.new", "added"),
        ("markdown.web", "edited"),
    ]
    assert "-uptime\n+uptime -p" in report.items[1].difference
    assert (report.counts.added, report.counts.edited) == (1, 1)


async def test_they_are_published_only_by_order(service, manager, ann, tmp_path) -> None:
    write(tmp_path, web="# Web\n\n```bash\nuptime\n```\n")
    await service().take(ImportOrder("markdown", tmp_path, prefix="acme", publish=True), by=ann)
    (found,) = await manager.list()
    assert (found.id, found.state) == ("acme.web", InstructionState.PUBLISHED)


@pytest.mark.parametrize(
    ("declared", "run", "effect", "is_told"),
    [
        ("read", "rm x", Effect.DESTROY, True),
        ("read", "touch x", Effect.CHANGE, True),
        ("read", "odd x", Effect.CHANGE, True),
        ("change", "uptime", Effect.CHANGE, False),
        ("destroy", "odd x", Effect.DESTROY, False),
        ("read", "uptime", Effect.READ, False),
    ],
)
async def test_a_declared_effect_is_kept_unless_it_is_too_weak(
    service, manager, ann, tmp_path, declared: str, run: str, effect: Effect, is_told: bool
) -> None:
    report = await service().take(write(tmp_path, one=OURS.format(effect=declared, run=run)), by=ann)
    (found,) = await manager.list()
    assert found.effect is effect
    told = (f"effect {declared} was raised to {effect.value}, as it is judged",) if is_told else ()
    assert report.items[0].imported.changed == told


@pytest.mark.parametrize(("run", "effect"), [("uptime", Effect.READ), ("odd", Effect.CHANGE), ("rm", Effect.DESTROY)])
async def test_nobody_s_claim_is_believed(service, manager, ann, tmp_path, run: str, effect: Effect) -> None:
    block = Block(kind="run", language="bash", text=f"{run} {{{{ x }}}}")
    one = Instruction(
        id="a.b",
        title="A",
        platform=Platform.ANY,
        effect=Effect.READ,
        blocks=(block,),
        parameters=(Parameter(name="x"),),
    )
    await service(Made((one,))).take(write(tmp_path, a="x"), by=ann)
    assert (await manager.list())[0].effect is effect


async def test_one_bad_file_never_stops_the_rest(service, manager, ann, tmp_path) -> None:
    write(tmp_path, good="# Good\n\nWords.\n", secret="a\npassword: hunter22x\n", matter="---\ntitle: [a\n---\nx\n")
    (tmp_path / "binary.md").write_bytes(b"\0")
    (tmp_path / "latin.md").write_bytes(b"caf\xe9")
    (tmp_path / "large.md").write_bytes(b"x" * 10_000_000)
    (tmp_path / "out.md").symlink_to("/etc/passwd")
    (tmp_path / "empty.md").write_bytes(b"")
    report = await service().take(ImportOrder("markdown", tmp_path), by=ann)
    assert [one.id for one in await manager.list()] == ["markdown.good"]
    assert [problem.split(":")[0] for problem in report.problems] == [
        "binary.md, line 1",
        "large.md, line 1",
        "latin.md, line 1",
        "matter.md, line 2",
        "out.md, line 1",
        "secret.md, line 2",
    ]
    assert "hunter22x" not in report.text() + str(report.document())
    assert report.empty == ("empty.md",)


async def test_a_file_of_thousands_of_instructions_is_refused(
    service, manager, ann, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_service, "MOST_INSTRUCTIONS", 1)
    two = tuple(Instruction(id=name, title="A", platform=Platform.ANY) for name in ("a", "b"))
    report = await service(Made(two)).take(write(tmp_path, a="x"), by=ann)
    assert "more than 1 instructions" in report.problems[0]
    assert await manager.list() == []


async def test_two_parts_of_a_file_with_one_id_are_refused(service, manager, ann, tmp_path) -> None:
    one = Instruction(id="a", title="A", platform=Platform.ANY)
    report = await service(Made((one, one))).take(write(tmp_path, a="x"), by=ann)
    assert "a.md, line 1: two parts of it have the id 'a'" in report.problems[0]
    assert await manager.list() == []


async def test_a_template_that_could_become_code_is_refused_with_its_place(service, manager, ann, tmp_path) -> None:
    text = OURS.format(effect="read", run="echo '{{ x }}'").replace("---\n```", "parameters: {x: {}}\n---\n```")
    report = await service().take(write(tmp_path, a=text), by=ann)
    assert report.problems[0].startswith("a.md: The placeholder 'x' stands where its value could become code.")


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), RecursionError()])
async def test_an_importer_that_stumbles_leaves_one_file_out(service, ann, tmp_path, error: Exception) -> None:
    class Stumbling(Made):
        def read(self, source: Source) -> Iterator[Imported]:
            if source.place == "bad.md":
                raise error
            return super().read(source)

    one = Instruction(id="a", title="A", platform=Platform.ANY)
    report = await service(Stumbling((one,))).take(write(tmp_path, bad="x", good="x"), by=ann)
    assert f"bad.md, line 1: it can't be read as made ({type(error).__name__})" in report.problems[0]
    assert report.counts.added == 1


async def test_a_second_file_with_an_id_is_left_out(service, manager, ann, tmp_path) -> None:
    text = OURS.format(effect="read", run="uptime")
    report = await service().take(write(tmp_path, a=text, b=text), by=ann)
    (problem,) = report.problems
    assert problem.startswith("b.md, line 1: a.md has the same id 'own.one'.")
    assert len(await manager.list()) == 1


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"prose": "a\n\n\n\nb"}, "without loss"),
        ({"prose": "x" * 300_000}, "longer than 256 KiB"),
        ({"blocks": (Block(kind="run", language="bash", text="ls {{ nowhere }}"),)}, "no declared parameter"),
        ({"prose": "token: 9f8e7d6c5b4a39281706"}, "a secret stands here"),
    ],
)
async def test_what_our_format_can_t_keep_is_refused(
    service, manager, ann, tmp_path, changed: dict[str, object], told: str
) -> None:
    one = Instruction(id="a.b", title="A", platform=Platform.ANY).model_copy(update=changed)
    report = await service(Made((one,))).take(write(tmp_path, a="x"), by=ann)
    assert await manager.list() == []
    assert told in report.problems[0]


async def test_a_template_that_can_t_be_filled_counts_as_a_change(service, manager, ann, tmp_path) -> None:
    block = Block(kind="run", language="bash", text="uptime {{ x }}")
    broken = Parameter(name="x", example="a\u202eb")
    one = Instruction(id="a.b", title="A", platform=Platform.ANY, blocks=(block,), parameters=(broken,))
    await service(Made((one,))).take(write(tmp_path, a="x"), by=ann)
    assert (await manager.list())[0].effect is Effect.CHANGE


async def test_an_unknown_path_is_told_before_anything_changes(service, manager, ann, tmp_path) -> None:
    with pytest.raises(UsageError, match="There is no file or folder"):
        await service().take(ImportOrder("markdown", tmp_path / "none"), by=ann)
