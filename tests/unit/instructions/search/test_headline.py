"""What an instruction is, in a few words."""

import pytest

from itops.domain.instruction import Instruction
from itops.domain.target import Platform
from itops.instructions.search.headline import headline


@pytest.mark.parametrize(
    ("title", "tags", "prose", "text"),
    [
        ("Show free disk space", ("disk", "space"), "In powers of 1024.", "disk space. Show free disk space"),
        ("tar", (), "Extract an\narchive.\n\nArchiving utility.", "tar. Extract an archive."),
        ("Decrypt files", ("yadm",), "Files that were encrypted.", "yadm. Decrypt files. Files that were encrypted."),
        ("Decrypt files", ("yadm",), "", "yadm. Decrypt files"),
        ("Restart the web server", (), "", "Restart the web server"),
    ],
)
def test_a_name_stands_in_front_of_what_is_done(title: str, tags: tuple[str, ...], prose: str, text: str) -> None:
    assert headline(Instruction(id="a", title=title, platform=Platform.ANY, tags=tags, prose=prose)).text == text


def test_long_prose_is_cut() -> None:
    assert len(headline(Instruction(id="a", title="a", platform=Platform.ANY, prose="word " * 1000)).text) < 310
