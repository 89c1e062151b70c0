from itops.instructions.importers.skill import create

SKILL = """---
name: rotate-logs
description: When /var/log is full.
license: MIT
---
# Log rotation

```bash
logrotate -f <file>
```
"""


def test_a_skill_is_an_instruction(source) -> None:
    (found,) = create().read(source(SKILL, "skills/rotate/SKILL.md"))
    assert found.instruction.id == "acme.skills.rotate"
    assert found.instruction.title == "Rotate logs"
    assert found.instruction.prose.startswith("When /var/log is full.")
    assert found.instruction.blocks[0].text == "logrotate -f {{ file }}"


def test_files_beside_it_are_named_and_left(source) -> None:
    for number in range(25):
        source("print(1)", f"rotate/scripts/s{number:02}.py")
    source("x", "rotate/.hidden/x")
    (found,) = create().read(source(SKILL, "rotate/SKILL.md"))
    assert found.left[0] == "`license` of the front matter was not taken"
    assert found.left[1] == "the file scripts/s00.py beside it was not taken"
    assert found.left[-1] == "5 more files beside it were not taken"


def test_without_a_name_the_folder_names_it(source) -> None:
    (found,) = create().read(source("Do it by hand.\n", "free-space/SKILL.md"))
    assert found.instruction.title == "Free space"


def test_another_file_is_no_skill(source) -> None:
    assert list(create().read(source(SKILL, "rotate/my-skill.md"))) == []
