import hashlib
import json
from pathlib import Path

import pytest

from itops.domain.result import ResultState
from itops.domain.script import Limits
from itops.execution.process_runner import STANDARD_PATH, Show, clean_environment, read_kept, read_result
from itops.testing.approved_scripts import approved

SCRIPT = approved("true", limits=Limits(output_limit_bytes=2000)).script
STREAM = {"length": 0, "kept": 0, "sha256": ""}
USUAL = {"ended": "exited", "exit_code": 0, "seconds": 1.5, "survivors": 0, "lingering": False}


def result_of(place: Path, **outcome: object):
    for name in ("stdout", "stderr"):
        (place / name).write_bytes(b"")
    (place / "outcome").write_text(json.dumps({**USUAL, "stdout": STREAM, "stderr": STREAM, **outcome}))
    return read_result(place, SCRIPT, ("here", "t-1"), Show(str))


def test_nothing_of_the_worker_is_inherited_but_path_and_zone() -> None:
    found = clean_environment({"PATH": "/opt/bin:relative::/usr/bin", "TZ": "UTC", "SECRET": "x", "LD_PRELOAD": "y"})
    assert found["PATH"] == "/opt/bin:/usr/bin:" + STANDARD_PATH.replace("/usr/bin:", "")
    assert found["TZ"] == "UTC"
    assert not found.keys() & {"SECRET", "LD_PRELOAD", "BASH_ENV"}
    assert found["LC_ALL"] == "C.UTF-8"
    assert "TZ" not in clean_environment({})
    assert clean_environment({})["PATH"] == STANDARD_PATH


@pytest.mark.parametrize(
    ("outcome", "state", "code", "note"),
    [
        ({}, ResultState.SUCCEEDED, 0, ""),
        ({"exit_code": 3}, ResultState.FAILED, 3, ""),
        ({"exit_code": -9}, ResultState.FAILED, 137, "Killed by signal 9."),
        ({"ended": "time_limit", "exit_code": -15}, ResultState.TIMED_OUT, 143, "time limit"),
        ({"ended": "idle_limit", "exit_code": 0}, ResultState.TIMED_OUT, 0, "idle limit"),
        ({"ended": "stopped", "exit_code": -15}, ResultState.CANCELLED, 143, "stopped"),
        ({"ended": "stopped", "exit_code": None, "survivors": 2}, ResultState.CANCELLED, None, "2 of its processes"),
        ({"ended": "not_started"}, ResultState.UNREACHABLE, None, "nothing ran"),
        ({"lingering": True}, ResultState.SUCCEEDED, 0, "background"),
    ],
)
def test_how_it_ended(
    tmp_path: Path, outcome: dict[str, object], state: ResultState, code: int | None, note: str
) -> None:
    result = result_of(tmp_path, **outcome)
    assert (result.state, result.exit_code) == (state, code)
    assert note in result.note
    assert bool(note) == bool(result.note)


def test_what_stands_at_the_cut_is_left_out() -> None:
    secret = "x" * 300
    whole = b"a" * 900 + secret.encode() + b"b" * 5000 + secret.encode() + b"c" * 900
    kept = whole[:1000] + whole[-1000:]
    shown = Show(str, seam=300).ends(kept, len(whole), 2000)
    head, note, tail = shown.split("\n")
    assert set(head) == {"a"}
    assert set(tail) == {"c"}
    assert int(note.split()[1]) == len(whole) - len(head) - len(tail)


def test_a_limit_smaller_than_the_seam_shows_nothing() -> None:
    assert Show(str).ends(b"s" * 100, 5000, 100) == "\n[… 5000 bytes left out …]\n"


def test_the_digest_of_a_whole_output_is_made_here() -> None:
    output = read_kept(b"out", {"length": 3, "sha256": ""}, 10, Show(str.upper))
    assert output.text == "OUT"
    assert output.sha256 == hashlib.sha256(b"out").hexdigest()
    assert not output.truncated


def test_output_that_the_disk_did_not_take_is_not_passed_off_as_whole() -> None:
    output = read_kept(b"o", {"length": 3, "sha256": "d"}, 10, Show(str))
    assert output.truncated
    assert "could not be kept" in output.text
    assert output.sha256 == "d"
    assert read_kept(b"o", {"length": 3, "sha256": ""}, 10, Show(str)).sha256 == ""


def test_the_scripts_path_is_made_short() -> None:
    show = Show(str, script=Path("/home/x/attempts/t-1/script"))
    assert show.text(b"/home/x/attempts/t-1/script: line 1: no") == "script: line 1: no"
