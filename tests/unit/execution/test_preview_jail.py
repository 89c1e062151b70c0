"""Whatever a script does in a preview, this machine is as it was: tried for real, where the kernel allows it."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from itops.execution.preview_jail import HIDDEN, main

ORDER = {
    "command": ["/bin/bash", "--noprofile", "--norc"],
    "environment": {"PATH": "/run/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/", "LC_ALL": "C"},
    "directory": "/",
    "seconds": 20,
    "megabytes": 16,
    "output_bytes": 4096,
    "changes": 100,
    "text_bytes": 10_000,
}


def jailed(script: str, **other: Any) -> dict[str, Any]:
    ran = subprocess.run(
        (sys.executable, "-I", "-m", main.__module__),
        input=json.dumps({**ORDER, **other, "script": script}).encode(),
        capture_output=True,
        timeout=60,
        check=True,
    )
    report: dict[str, Any] = json.loads(ran.stdout)
    return report


@pytest.fixture(scope="module", autouse=True)
def _possible() -> None:
    report = jailed("true")
    if "trouble" in report:
        pytest.skip(f"no preview on this system: {report['trouble']}")


def what(report: dict[str, Any]) -> list[tuple[str, str]]:
    assert "trouble" not in report, report
    return [(each["what"], each["path"]) for each in report["changes"]]


def test_files_are_added_changed_and_removed_and_nothing_lasts(tmp_path: Path) -> None:
    old, gone = tmp_path / "old", tmp_path / "gone"
    old.write_text("a\n")
    gone.write_text("b\n")
    old.chmod(0o644)
    report = jailed(
        f"cd {tmp_path}; echo c >> old; chmod 600 old; rm -f gone; mkdir new; echo d > new/file; mv new newer"
    )
    assert what(report) == [
        ("removed", str(gone)),
        ("added", f"{tmp_path}/newer"),
        ("added", f"{tmp_path}/newer/file"),
        ("changed", str(old)),
    ]
    change = report["changes"][3]
    assert (change["before"]["mode"], change["after"]["mode"]) == ("0644", "0600")
    assert (change["before_text"], change["after_text"]) == ("a\n", "a\nc\n")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gone", "old"]
    assert (old.read_text(), old.stat().st_mode & 0o777, gone.read_text()) == ("a\n", 0o644, "b\n")


def test_the_system_stays_as_it_is() -> None:
    """The files that only an administrator may write, and the settings of the kernel."""
    watched = [Path("/proc/sys/user/max_user_namespaces"), Path("/proc/sys/vm/swappiness"), Path("/etc/hostname")]
    before = [(path.read_bytes(), path.stat().st_mode) for path in watched if path.exists()]
    report = jailed(
        "touch /etc/x-preview; rm -f /etc/hostname; chmod 777 /etc/hosts; echo 1 > /proc/sys/vm/swappiness;"
        "echo 1 > /proc/sys/user/max_user_namespaces; echo b > /proc/sysrq-trigger; touch /x-preview; true"
    )
    assert "trouble" not in report
    assert report["output"].count("Read-only file system") >= 2
    assert [(path.read_bytes(), path.stat().st_mode) for path in watched if path.exists()] == before
    assert not Path("/etc/x-preview").exists()
    assert not Path("/x-preview").exists()
    if os.geteuid() == 0:
        assert {("added", "/etc/x-preview"), ("removed", "/etc/hostname"), ("added", "/x-preview")} <= set(what(report))


def test_no_privilege_is_left_that_could_undo_the_view() -> None:
    report = jailed(
        "mount -t tmpfs x /mnt && echo MOUNTED; umount /etc && echo UNMOUNTED;"
        "mount -o remount,rw /proc && echo REMOUNTED;"
        "unshare -m true && echo UNSHARED; unshare -U true && echo USERS; mknod /tmp/d b 1 1 && echo NODE;"
        "chroot / true && echo CHROOTED; ls /proc/1/root/../../x; grep CapEff /proc/self/status"
    )
    assert not any(word in report["output"] for word in ("MOUNTED", "SHARED", "USERS", "NODE", "CHROOTED"))
    kept = "000000000000001b" if os.geteuid() == 0 else "0000000000000000"
    assert f"CapEff:\t{kept}" in report["output"]


def test_other_processes_are_neither_seen_nor_reached() -> None:
    with subprocess.Popen(("sleep", "60")) as bystander:
        report = jailed(f"kill -9 {bystander.pid}; kill -9 -1; ls -d /proc/[0-9]* | wc -l; test -e /proc/{os.getpid()}")
        assert bystander.poll() is None
        bystander.kill()
    assert "trouble" in report or int(report["output"].split()[-1]) < 10


def test_no_network_no_services_and_no_devices() -> None:
    report = jailed("cat /proc/net/dev | wc -l; ls -A /sys; ls -A /run; ls /dev; exec 3<>/dev/tcp/127.0.0.1/22")
    lines = report["output"].splitlines()
    assert lines[0] == "3"
    assert {"null", "zero", "random", "urandom"} <= set(lines)
    assert not {"sda", "vda", "mem", "kmsg", "tty", "systemd", "docker.sock"} & set(lines)
    assert report["exit_code"] != 0


def test_all_that_it_started_ends_with_it(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    report = jailed(f"(sleep 2; touch {mark}) & disown; setsid sleep 987 & exit 0")
    assert report["exit_code"] == 0
    time.sleep(0.2)
    assert b"sleep\x00987" not in b"".join(_command_lines())


def test_what_takes_too_long_is_ended() -> None:
    began = time.monotonic()
    assert "took longer than 1 s" in jailed("setsid sleep 986 & sleep 985", seconds=1)["trouble"]
    assert time.monotonic() - began < 20
    assert not any(word in b"".join(_command_lines()) for word in (b"sleep\x00986", b"sleep\x00985"))


def test_what_closes_its_output_is_ended_too() -> None:
    assert "took longer" in jailed("exec >&- 2>&-; sleep 984", seconds=1)["trouble"]
    assert b"sleep\x00984" not in b"".join(_command_lines())


def test_what_would_write_too_much_has_no_preview(tmp_path: Path) -> None:
    assert "more than 16 MB" in jailed(f"head -c 30000000 /dev/zero > {tmp_path}/x")["trouble"]
    assert list(tmp_path.iterdir()) == []


def test_its_output_is_cut() -> None:
    assert len(jailed("head -c 100000 /dev/zero | tr '\\0' x")["output"]) == ORDER["output_bytes"]


def test_a_script_reads_nothing_from_us() -> None:
    assert jailed("cat; ls /proc/self/fd | wc -l")["output"].split() == ["4"]


def test_hidden_are_the_places_that_are_no_files() -> None:
    assert {"/proc", "/sys", "/dev", "/run"} == HIDDEN


def _command_lines() -> list[bytes]:
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes())
        except OSError:
            continue
    return lines
