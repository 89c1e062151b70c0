import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from itops.execution import wrapper


def kept_of(directory: Path, name: str, pieces: list[bytes], limit: int) -> tuple[dict[str, object], bytes, int]:
    opened = os.open(directory, os.O_RDONLY)
    stream = wrapper.Stream(opened, name, limit)
    most = 0
    for piece in pieces:
        stream.take(piece)
        most = max(most, len(stream.head) + len(stream.tail))
    facts = json.loads(stream.finish())
    for descriptor in (opened, stream.source, stream.sink):
        os.close(descriptor)
    return facts, (directory / name).read_bytes(), most


@given(st.lists(st.binary(max_size=300), max_size=30), st.integers(min_value=0, max_value=500))
def test_a_stream_keeps_head_and_tail_and_counts_all(
    tmp_path_factory: "object", pieces: list[bytes], limit: int
) -> None:
    directory = tmp_path_factory.mktemp("stream")  # type: ignore[attr-defined]
    whole = b"".join(pieces)
    facts, kept, most = kept_of(directory, "stdout", pieces, limit)
    assert facts["length"] == len(whole)
    assert facts["kept"] == len(kept)
    assert most <= 2 * limit + limit // 2 + 300
    if len(whole) <= limit:
        assert kept == whole
        assert facts["sha256"] == ""
    else:
        half = limit // 2
        assert kept == whole[:half] + whole[len(whole) - (limit - half) :]
        assert facts["sha256"] == hashlib.sha256(whole).hexdigest()


def test_what_the_disk_refuses_is_still_counted_and_digested(tmp_path: Path) -> None:
    opened = os.open(tmp_path, os.O_RDONLY)
    stream = wrapper.Stream(opened, "stdout", 100)
    os.close(stream.file)
    stream.file = os.open("/dev/full", os.O_WRONLY)
    stream.take(b"a" * 80)
    facts = json.loads(stream.finish())
    assert facts == {"length": 80, "kept": 0, "sha256": hashlib.sha256(b"a" * 80).hexdigest()}
    for descriptor in (opened, stream.source, stream.sink):
        os.close(descriptor)


def test_only_one_claim_succeeds(tmp_path: Path) -> None:
    place = tmp_path / "t-1"
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "order").write_text(name)
    assert wrapper.claim(str(tmp_path / "a"), str(place))
    assert not wrapper.claim(str(tmp_path / "b"), str(place))
    assert not wrapper.claim(str(tmp_path / "gone"), str(tmp_path / "t-2"))
    assert (place / "order").read_text() == "a"


def test_processes_are_found_by_their_mark() -> None:
    marked = {**os.environ, wrapper.MARK: "/attempts/t-mine"}
    mine = subprocess.Popen(["sleep", "60"], env=marked, start_new_session=True)
    other = subprocess.Popen(["sleep", "60"], env={**marked, wrapper.MARK: "/attempts/t-mine-2"})
    try:
        assert wrapper.processes_of("/attempts/t-mine") == [mine.pid]
        assert mine.pid in wrapper.processes_of("/attempts/none", session=mine.pid)
        assert wrapper.signal_all("/attempts/t-mine", wrapper.KILL) == 1
        assert mine.wait() == -wrapper.KILL
        assert wrapper.processes_of("/attempts/t-mine") == []
        assert other.poll() is None
    finally:
        for process in (mine, other):
            process.kill()
            process.wait()


def test_it_starts_lightly() -> None:
    slow = "{'typing', 'contextlib', 'signal', 'json', 're', 'pathlib', 'hashlib', 'subprocess', 'enum'}"
    place = Path(wrapper.__file__).parent
    code = f"import sys; sys.path.append({str(place)!r}); import wrapper; print(sorted({slow} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"
