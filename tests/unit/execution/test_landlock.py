import subprocess
import sys
from pathlib import Path

import pytest

from itops.execution import landlock, syscall_filter

TRY = """
import os, sys
sys.path.append(sys.argv[1])
import landlock, syscall_filter
syscall_filter.give_up_privileges()
landlock.restrict(sys.argv[2], hidden=sys.argv[3:4], devices=False, alone=False)
def attempt(what, *words):
    try:
        what(*words)
        print("done")
    except OSError as error:
        print(type(error).__name__)
place, hidden = sys.argv[2:4]
attempt(lambda: open(f"{hidden}/secret").read())
attempt(lambda: os.listdir(hidden))
attempt(lambda: open(f"{place}/script").read())
attempt(lambda: open(f"{place}/script", "w"))
attempt(lambda: open(f"{place}/tmp/new", "w").close())
attempt(lambda: os.unlink(f"{place}/tmp/new"))
attempt(lambda: open(f"{place}/../beside").read())
attempt(lambda: open(f"{place}/../beside", "a"))
attempt(lambda: os.mkdir(f"{place}/../new"))
attempt(lambda: open("/dev/null", "w").close())
"""


def test_the_version_is_a_number() -> None:
    assert landlock.version() >= 0


def test_what_may_be_done(tmp_path: Path) -> None:
    if not landlock.version() or not syscall_filter.is_known():
        pytest.skip("the kernel has no Landlock")
    place, hidden = tmp_path / "hidden" / "place", tmp_path / "hidden"
    (place / "tmp").mkdir(parents=True)
    for path in (hidden / "secret", place / "script", hidden / "beside"):
        path.write_text("text")
    folder = str(Path(landlock.__file__).parent)
    done = subprocess.run(
        [sys.executable, "-I", "-c", TRY, folder, str(place), str(hidden)], capture_output=True, text=True, check=True
    )
    no, yes = "PermissionError", "done"
    assert done.stdout.split() == [no, yes, yes, no, yes, yes, no, no, no, yes]
