from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.domain.instruction import Block
from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers import sections
from itops.instructions.importers.importer import Imported, Source
from itops.instructions.importers.sections import Document, instructions_of, platform_of
from itops.instructions.runbooks.runbook_text import parse, to_markdown
from itops.scripts.template_check import check_template

PIECES = [
    "# Web", "## Restart", "### Verify", "## Rollback", "Steps", "---", "```", "```bash", "~~~", "```console",
    "$ systemctl restart <service>", "systemctl restart {{ x }}", "echo '{{ y }}'", "1. first", "2. second",
    "   ```bash", "   ```", "{{", "}}", "> quoted", "YOUR_HOST", "\x00\x1b", "\u202e", "ünïcode 日本", "|a|b|",
    "<!-- x -->", "\ud800",
]  # fmt: skip


def document(text: str, **more: object) -> Document:
    return replace(Document(title="Web", text=text, parts=("web",)), **more)


@given(text=st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=15)), max_size=25).map("\n".join))
def test_whatever_stands_there_is_kept_by_our_own_format(text: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.getbasetemp()
    source = Source(path=root / "web.md", root=root, data=b"", prefix="acme")
    found = list(instructions_of(document(text), source))
    for one in found:
        assert parse(to_markdown(one.instruction), origin="x") == one.instruction
        for block in one.instruction.blocks:
            check_template(block.text, block.language)
    ids = [one.instruction.id for one in found]
    assert len(set(ids)) == len(ids)


def one(source, text: str, **more: object) -> Imported:
    (found,) = instructions_of(document(text, **more), source(text))
    return found


def test_what_runs_is_taken_and_the_rest_is_prose(source) -> None:
    text = "# Web\n\nWhen it hangs.\n\n```sh\nsystemctl restart <service>\n```\n\n```yaml\na: 1\n```\n"
    found = one(source, text)
    assert found.instruction.block("run") == Block(kind="run", language="bash", text="systemctl restart {{ service }}")
    assert found.instruction.prose == "# Web\n\nWhen it hangs.\n\n```yaml\na: 1\n```"
    assert found.changed == ("the `sh` block was taken as bash", "`<service>` became the parameter service (service)")
    assert found.left == ()


def test_several_commands_without_steps_stay_prose(source) -> None:
    found = one(source, "```bash\na\n```\n\nor\n\n```bash\nb\n```\n")
    assert found.instruction.blocks == ()
    assert found.instruction.prose.count("```bash") == 2
    assert found.left == ("2 run blocks stay prose: they are not one command for each of one list of numbered steps",)


def test_numbered_steps_are_joined(source) -> None:
    found = one(source, "1. Stop\n   ```bash\n   a\n   ```\n2. Start\n   ```bash\n   b\n   ```\n")
    assert found.instruction.blocks[0].text == "set -e\na\nb"
    assert found.instruction.prose == "1. Stop\n2. Start"


@pytest.mark.parametrize("words", ["Stop, if it runs", "On Debian", "Stop or kill it"])
def test_a_choice_among_steps_is_left_to_a_person(source, words: str) -> None:
    found = one(source, f"1. {words}\n   ```bash\n   a\n   ```\n2. Start\n   ```bash\n   b\n   ```\n")
    assert found.instruction.blocks == ()
    assert "a choice" in found.left[0]


def test_two_commands_in_a_step_are_not_joined(source) -> None:
    found = one(source, "1. Stop\n   ```bash\n   a\n   ```\n   ```bash\n   b\n   ```\n2. Start\n")
    assert found.instruction.blocks == ()


def test_a_command_that_could_become_code_stays_prose_as_it_was_written(source) -> None:
    found = one(source, '```bash\ngit commit -m "for <name> today"\n```\n\n## Verify\n\n```bash\ntrue\n```\n')
    assert found.instruction.blocks == ()
    assert 'git commit -m "for <name> today"' in found.instruction.prose
    assert found.left == (
        "the run block stays prose: the placeholder 'name' stands where its value could become code",
        "its verify and rollback blocks stay prose: there is no run block for them",
    )


def test_blocks_in_other_languages_are_named(source) -> None:
    found = one(source, "```python\nprint(1)\n```\n\n```\nx\n```\n\n```text\ny\n```\n")
    assert found.left == ("a block in `python` stays prose", "a block without a language stays prose")


def test_parts_are_found_by_their_title_path(source) -> None:
    text = (
        "# Web\n\n## Restart nginx now\n\n```bash\na\n```\n\n## 停止\n\n```bash\nb\n```\n\n## 停止\n\n```bash\nc\n```\n"
    )
    found = list(instructions_of(document(text, phrases=("web",)), source(text)))
    assert [each.instruction.title for each in found] == ["Web › Restart nginx now", "Web › 停止", "Web › 停止"]  # noqa: RUF001 - the sign of a title path
    assert found[0].instruction.phrases == ("web", "Restart nginx now")
    assert found[0].instruction.id == "acme.web.restart-nginx-now"
    assert found[2].instruction.id == f"{found[1].instruction.id}-2"
    assert found[1].origin == "web/nginx.md › 停止"  # noqa: RUF001 - the sign of a title path


def test_a_heading_that_looks_like_a_number_of_ours_has_its_own_id(source) -> None:
    text = "".join(f"## {title}\n\n```bash\na\n```\n" for title in ("Go", "Go", "Go 2"))
    ids = [each.instruction.id for each in instructions_of(document(text), source(text))]
    assert ids == ["acme.web.go", "acme.web.go-2", "acme.web.go-2-2"]


def test_what_was_noted_of_the_document_is_told_once(source) -> None:
    text = "## A\n\n```bash\na\n```\n\n## B\n\n```bash\nb\n```\n"
    found = list(instructions_of(document(text, left=("`owner` was not taken",)), source(text)))
    assert [each.left for each in found] == [("`owner` was not taken",), ()]


def test_thousands_of_procedures_are_refused(source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sections, "MOST_PROCEDURES", 2)
    text = "".join(f"## {letter}\n\n```bash\na\n```\n" for letter in "abc")
    with pytest.raises(InvalidInstruction, match="more than 2 procedures"):
        list(instructions_of(document(text), source(text)))


@pytest.mark.parametrize(
    ("command", "language", "folders", "platform"),
    [
        ("uptime", "bash", ("x",), Platform.LINUX),
        ("Get-Date", "powershell", ("x",), Platform.WINDOWS),
        ("kubectl get pods", "bash", ("x",), Platform.KUBERNETES),
        ("aws s3 ls", "bash", ("x",), Platform.AWS),
        ("aws s3 ls", "bash", ("Linux", "x"), Platform.LINUX),
        ("uptime", "bash", ("windows",), Platform.LINUX),
    ],
)
def test_the_platform(command: str, language: str, folders: tuple[str, ...], platform: Platform) -> None:
    block = Block.model_validate({"kind": "run", "language": language, "text": command})
    assert platform_of(command, block, folders) is platform


def test_prose_is_for_any_platform(source) -> None:
    assert one(source, "Call Ann.").instruction.platform is Platform.ANY
