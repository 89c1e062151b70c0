from pathlib import Path

import pytest
import yaml

from itops.instructions.importers.command import Command, NotRunnable, first_word, join, language_of, read_command, take
from itops.scripts.template_check import check_template

CASES = yaml.safe_load((Path(__file__).parents[3] / "cases" / "importers" / "commands.yaml").read_text())


@pytest.mark.parametrize(("info", "written", "language", "text"), CASES["read"])
def test_a_fence_is_read(info: str, written: str, language: str, text: str) -> None:
    command = read_command(info, written)
    assert command
    assert (command.language, command.text) == (language, text)


@pytest.mark.parametrize(("info", "written"), [("python", "print(1)"), ("", "uptime"), ("bash", "  \n"), ("text", "x")])
def test_what_is_no_command(info: str, written: str) -> None:
    assert read_command(info, written) is None


@pytest.mark.parametrize(("language", "written", "template"), CASES["taken"])
def test_a_command_becomes_a_template_that_is_safe(language: str, written: str, template: str) -> None:
    taken = take("run", Command(language, written))
    assert taken.block.text == template
    check_template(taken.block.text, taken.block.language)


@pytest.mark.parametrize(("language", "written", "reason"), CASES["refused"])
def test_what_can_t_be_a_block_says_why(language: str, written: str, reason: str) -> None:
    with pytest.raises(NotRunnable, match=reason):
        take("run", Command(language, written))


def test_a_recorded_session_says_what_was_left() -> None:
    command = read_command("console", "# systemctl restart x\nok\ndone\n")
    assert command
    assert command.notes == (
        "the prompts of a recorded session were taken off 1 lines",
        "it was recorded as root and may need sudo",
        "2 lines of output were left out of the block",
    )


def test_steps_stop_at_the_first_that_fails() -> None:
    joined = join([Command("bash", "a"), Command("bash", "b")])
    assert joined.text == "set -e\na\nb"
    assert "2 numbered steps" in joined.notes[0]
    assert join([Command("powershell", "a"), Command("powershell", "b")]).text.startswith("$ErrorActionPreference")
    assert join([Command("bash", "a")]).text == "a"


def test_steps_in_two_languages_are_no_command() -> None:
    with pytest.raises(NotRunnable, match="different languages"):
        join([Command("bash", "a"), Command("powershell", "b")])


def test_the_first_word_of_a_fence_is_its_language() -> None:
    assert language_of("Bash run") == "bash"
    assert language_of("sh,linenums") == "bash"
    assert language_of("pwsh {.x}") == "powershell"
    assert language_of("") is None
    assert first_word("JSON title=x") == "json"
