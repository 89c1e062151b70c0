"""The shipped Linux instructions, run for real on a copy of this machine that nothing comes back from.

The copy is an overlay of the root file system in namespaces of its own (mounts, processes, network, name): accounts,
files and processes are changed in it as on any machine, and are gone afterwards. What runs with which values stands in
`cases/library/linux_runs.yaml`; what does not run, and why that is so, in `cases/library/not_run.yaml`.
"""

import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from itops.domain.effect import Effect
from itops.domain.instruction import BlockKind, Instruction
from itops.instructions.runbooks.runbook_loader import library_dir, load_folder
from itops.scripts.parameters import complete
from itops.scripts.renderer import placeholders, render

CASES = Path(__file__).parents[2] / "cases" / "library"
RUNS: dict[str, dict[str, Any]] = yaml.safe_load((CASES / "linux_runs.yaml").read_text(encoding="utf-8"))
NOT_RUN: list[dict[str, Any]] = yaml.safe_load((CASES / "not_run.yaml").read_text(encoding="utf-8"))
LIBRARY = {instruction.id: instruction for instruction in load_folder(library_dir() / "linux").instructions}
READS = [name for name in RUNS if LIBRARY[name].effect is Effect.READ]
CHANGES = [name for name in RUNS if LIBRARY[name].effect is not Effect.READ]

COPY = """
mount --make-rprivate / && mount -t tmpfs tmpfs "$1" && mkdir "$1/new" "$1/work" "$1/root" &&
  mount -t overlay overlay -o lowerdir=/,upperdir="$1/new",workdir="$1/work" "$1/root" &&
  mount -t proc proc "$1/root/proc" && mount --rbind /dev "$1/root/dev" && mount --rbind -o ro /sys "$1/root/sys" &&
  mkdir --parents "$1/root/run/changes" && mount --bind "$1/new" "$1/root/run/changes" &&
  cd / && exec chroot "$1/root" bash -c "$2"
"""
# Files made or changed on the copy.
CHANGED = "find /run/changes ! -type d ! -path '/run/changes/run/*' -printf '%p %T@ %s %m %U\\n' | sort"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty directory for the copy, where copies can be made."""
    if not shutil.which("unshare"):
        pytest.skip("unshare is not installed")
    folder = tmp_path_factory.mktemp("copy")
    tried = in_sandbox(folder, "true")
    if tried.returncode:
        pytest.skip(f"no copy of this machine can be made here: {tried.stdout.strip()}")
    return folder


def in_sandbox(folder: Path, script: str) -> subprocess.CompletedProcess[str]:
    namespaces = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--net", "--ipc"]
    return subprocess.run(
        [*namespaces, "bash", "-c", COPY, "copy", str(folder), script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "LC_ALL": "C.UTF-8",
        },
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )


def ready(case: Mapping[str, Any]) -> str:
    """The command line that makes the copy ready for a case."""
    return f"{{ {case.get('before', 'true')}\n}} </dev/null >/dev/null || exit 99"


def block(instruction: Instruction, kind: BlockKind, case: Mapping[str, Any]) -> str:
    """The command line that runs one block as an executor would: by a bash of its own."""
    values = complete(instruction, case.get("values", {}))
    assert not values.missing, values.missing
    found = instruction.block(kind)
    assert found
    text = render(found.text, found.language, {name: values.values[name] for name in placeholders(found.text)})
    stdin = f"<<<{shlex.quote(case['stdin'])}" if kind == "run" and "stdin" in case else "</dev/null"
    return f"bash -c {shlex.quote(text)} {stdin}"


def steps(instruction: Instruction, case: Mapping[str, Any]) -> list[tuple[str, bool]]:
    """Command lines and whether each should succeed."""
    not_done = (block(instruction, "verify", case), False)
    done = [(block(instruction, "run", case), True), (block(instruction, "verify", case), True)]
    found = [not_done, *done, *(done if instruction.idempotent else [])]
    if instruction.block("rollback"):
        found += [(block(instruction, "rollback", case), True), not_done]
    return found


def test_every_instruction_runs_or_says_why_not() -> None:
    excused = [name for row in NOT_RUN for name in row["instructions"]]
    assert sorted([*RUNS, *excused]) == sorted(LIBRARY)


@pytest.mark.parametrize("name", READS)
def test_a_read_answers_and_changes_no_file(name: str, sandbox: Path) -> None:
    case = RUNS[name] or {}
    run = block(LIBRARY[name], "run", case)
    script = f"""{ready(case)}
    before=$({CHANGED}); {run} || exit; after=$({CHANGED}); [ "$before" = "$after" ] || {{ echo "$after"; exit 98; }}"""
    done = in_sandbox(sandbox, script)
    assert done.returncode == 0, done
    assert str(case.get("says", "")) in done.stdout, done.stdout
    assert done.stdout.strip()


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_done_verified_and_undone(name: str, sandbox: Path) -> None:
    case = RUNS[name] or {}
    wanted = steps(LIBRARY[name], case)
    script = [ready(case)]
    for number, (line, good) in enumerate(wanted):
        script.append(f"echo '== {number}'; {line}\n[ $? {'-eq' if good else '-ne'} 0 ] || exit {number + 1}")
    done = in_sandbox(sandbox, "\n".join(script))
    assert done.returncode == 0, (wanted[done.returncode - 1 : done.returncode], done.stdout)


@pytest.mark.parametrize("row", NOT_RUN, ids=lambda row: row["reason"])
def test_the_reason_not_to_run_still_holds(row: dict[str, Any], sandbox: Path) -> None:
    assert in_sandbox(sandbox, row["while"]).returncode == 0, f"{row['instructions']} could be run here now"
