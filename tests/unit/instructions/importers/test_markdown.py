from pathlib import Path

import pytest

from itops.domain.effect import Effect
from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.markdown import create, spoken
from itops.instructions.runbooks.runbook_text import parse

OURS = (
    "---\nid: acme.hello\ntitle: Hello\nplatform: linux\neffect: read\n---\nGreets.\n\n```bash run\necho hello\n```\n"
)


def test_our_own_format_is_taken_as_it_is(source) -> None:
    (found,) = create().read(source(OURS))
    assert found.instruction == parse(OURS, origin="x")
    assert found.declared
    assert found.origin == "web/nginx.md"
    (undeclared,) = create().read(source(OURS.replace("effect: read\n", "")))
    assert not undeclared.declared


def test_a_fault_in_our_own_format_names_its_line(source) -> None:
    with pytest.raises(InvalidInstruction, match=r"web/nginx\.md, line 5: 'maybe' is not known"):
        list(create().read(source(OURS.replace("effect: read", "effect: maybe"))))


def test_a_foreign_front_matter_gives_title_tags_and_description(source) -> None:
    text = (
        "---\ntitle: 'Restart: the web'\ntags: [web, nginx]\ndescription: When it hangs.\nplatform: Linux\n"
        "owner: {team: ops}\nlayout: page\n---\n# Ignored\n\nSee the wiki.\n"
    )
    (found,) = create().read(source(text))
    instruction = found.instruction
    assert (instruction.title, instruction.tags) == ("Restart: the web", ("web", "nginx"))
    assert instruction.platform is Platform.LINUX
    assert instruction.prose.startswith("When it hangs.\n\n")
    assert instruction.effect is Effect.CHANGE
    assert found.left == (
        "`owner` of the front matter was not taken",
        "`layout` of the front matter was not taken",
    )


def test_without_front_matter_the_heading_or_the_file_names_it(source) -> None:
    (headed,) = create().read(source("# Restart `nginx`\n\nHow.\n"))
    assert headed.instruction.title == "Restart nginx"
    (named,) = create().read(source("How.\n", "restart_web-server.md"))
    assert named.instruction.title == "Restart web server"
    assert named.instruction.id == "acme.restart-web-server"


def test_a_line_is_no_front_matter(source) -> None:
    (found,) = create().read(source("---\nJust words\n---\nMore.\n"))
    assert "Just words" in found.instruction.prose


@pytest.mark.parametrize(
    ("matter", "told"),
    [
        ("a: &x [1]\nb: *x", "line 3: YAML aliases"),
        ("a: [" + "[" * 100, "line 2: YAML nested too deeply"),
        ("title: [a", "line 2: broken YAML"),
        ("title: a\ntitle: b", "line 3: the key 'title' stands twice"),
    ],
)
def test_hostile_front_matter_is_refused_with_its_place(source, matter: str, told: str) -> None:
    with pytest.raises(InvalidInstruction, match=told):
        list(create().read(source(f"---\n{matter}\n---\nx\n")))


def test_an_empty_document_holds_nothing(source) -> None:
    assert list(create().read(source("\n \n"))) == []


def test_it_is_the_same_every_time(source) -> None:
    text = "# W\n\n## A\n\n```bash\nls <path>\n```\n\n## B\n\n```bash\nid <user>\n```\n"
    assert list(create().read(source(text))) == list(create().read(source(text)))


def test_our_guides_can_be_imported(source) -> None:
    guides = Path(__file__).parents[4] / "docs" / "guides"
    for guide in guides.glob("*.md"):
        assert list(create().read(source(guide.read_bytes(), guide.name))), guide


def test_a_file_s_name_is_spoken() -> None:
    assert spoken("restart_web-server") == "Restart web server"
    assert spoken("___") == "___"
