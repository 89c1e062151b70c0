import pytest

from itops.domain.target import Platform
from itops.errors import InvalidInstruction
from itops.instructions.importers.tldr import create
from itops.instructions.runbooks.runbook_lint import lint
from itops.scripts.template_check import check_template

PAGE = """# tar

> Archiving utility.
> More information: <https://www.gnu.org/software/tar>.

- [c]reate an archive and write it to a [f]ile:

`tar cf {{path/to/target.tar}} {{path/to/file1 path/to/file2 ...}}`

- List the contents:

`tar {{[-t|--list]}} {{[-f|--file]}} {{path/to/source.tar}}`

- Talk to it:

`echo "hello {{name}} there"`
"""


def read(source, text: str, name: str = "pages/common/tar.md"):
    return list(create().read(source(text, name)))


def test_each_example_is_an_instruction(source) -> None:
    made, listed, left = read(source, PAGE)
    assert made.instruction.title == "Create an archive and write it to a file"
    assert made.instruction.id == "acme.common.tar.create-an-archive-and-write-it-to-a-file"
    assert made.instruction.platform is Platform.ANY
    assert made.instruction.tags == ("tar",)
    assert made.instruction.prose.startswith("tar: Archiving utility.")
    assert made.instruction.blocks[0].text == "tar cf {{ target }} {{ file }}"
    assert made.changed == ("`path/to/file1 path/to/file2 ...` takes one value here, not several",)
    assert listed.instruction.blocks[0].text == "tar --list --file {{ source }}"
    assert listed.origin == "pages/common/tar.md, line 12"
    assert left.instruction.blocks == ()
    assert '`echo "hello {{name}} there"`' in left.instruction.prose
    assert "could become code" in left.left[0]


@pytest.mark.parametrize(
    ("command", "template", "types"),
    [
        ("scp x {{username}}@{{remote_host}}:", "scp x {{ username }}@{{ remote_host }}:", ["user", "host"]),
        ("ping {{192.168.1.1}}", "ping {{ host }}", ["host"]),
        ("curl {{https://example.com}}", "curl {{ url }}", ["url"]),
        ("head -n {{10}} x", "head -n {{ number }} x", ["count"]),
        ("renice {{-20..19}} x", "renice {{ number }} x", ["text"]),
        ("x --on {{true|false}}", "x --on {{ choice }}", ["text"]),
        ("cp {{path/to/a.txt}} {{other/b.txt}}", "cp {{ a }} {{ b_txt }}", ["path", "text"]),
        ("mv {{path/to/a.txt}} {{path/to/a.zip}}", "mv {{ a }} {{ a_2 }}", ["path", "path"]),
        (r"docker ps --format \{\{.Names\}\}", "docker ps --format {{.Names}}", []),
        ("x {{[-a|--all]}} {{[-b|]}}", "x --all -b", []),
    ],
)
def test_open_values(source, command: str, template: str, types: list[str]) -> None:
    (found,) = read(source, f"# x\n\n> X.\n\n- Do it:\n\n`{command}`\n", "linux/x.md")
    assert found.instruction.blocks[0].text == template
    assert [one.type for one in found.instruction.parameters] == types
    check_template(template, "bash")
    assert all("example" not in finding.lower() for finding in lint(found.instruction))


def test_a_page_for_windows_is_powershell(source) -> None:
    (found,) = read(source, "# x\n\n> X.\n\n- Do it:\n\n`Get-Item {{path\\to\\file}}`\n", "windows/x.md")
    assert found.instruction.platform is Platform.WINDOWS
    assert found.instruction.blocks[0].language == "powershell"
    assert found.instruction.parameters[0].name == "file"


@pytest.mark.parametrize("folder", ["osx", "android"])
def test_other_platforms_hold_nothing_for_us(source, folder: str) -> None:
    assert read(source, PAGE, f"pages/{folder}/tar.md") == []


def test_two_examples_of_one_description_have_two_ids(source) -> None:
    found = read(source, "# x\n\n- Do it:\n\n`a`\n\n- Do it:\n\n`b`\n")
    assert [one.instruction.id for one in found] == ["acme.common.x.do-it", "acme.common.x.do-it-2"]


def test_another_document_is_no_page(source) -> None:
    with pytest.raises(InvalidInstruction, match="no tldr page"):
        read(source, "words\n")
