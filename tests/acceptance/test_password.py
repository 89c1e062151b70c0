"""A new password is shown once to who asked for it, and stands nowhere else."""

import ctypes
import os
import subprocess
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Self

import pytest

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root may make an account and set its password")


@pytest.fixture
def account() -> Iterator[str]:
    """An account of this test's own, with a password, locked."""
    name = f"itops{uuid.uuid4().hex[:8]}"
    try:
        subprocess.run(["useradd", "--no-create-home", "--shell", "/usr/sbin/nologin", name], check=True)
        subprocess.run(["chpasswd"], input=f"{name}:{uuid.uuid4().hex}\n".encode(), check=True)
        subprocess.run(["passwd", "--lock", name], check=True, capture_output=True)
        yield name
    finally:
        subprocess.run(["userdel", name], check=False, capture_output=True)


class Watch:
    """Every command line that is seen on this machine while it is open."""

    def __init__(self, commands: Callable[[], list[str]]) -> None:
        self.seen: set[str] = set()
        self._commands = commands

    def __enter__(self) -> Self:
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(0.002):
            self.seen.update(self._commands())


def stored_hash(account: str) -> str:
    line = next(line for line in Path("/etc/shadow").read_text().splitlines() if line.startswith(f"{account}:"))
    return line.split(":")[1]


def opens(password: str, stored: str) -> bool:
    crypt = ctypes.CDLL("libcrypt.so.1").crypt
    crypt.restype = ctypes.c_char_p
    return crypt(password.encode(), stored.encode()) == stored.encode()


def files_that_hold(folder: Path, text: str) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and text.encode() in path.read_bytes()]


def to_its_end(itops, task: dict) -> tuple[dict, list]:
    """Approve whatever the task asks until it ends; with every document it printed on the way."""
    calls = []
    while task["state"] == "waiting":
        pending = next(step["approval"] for step in task["steps"] if (step["approval"] or {}).get("state") == "pending")
        calls.append(itops("approvals", "approve", pending["id"], "--json"))
        task = calls[-1].json
    return task, calls


def test_reset_password_and_unlock_account(itops, home, account, commands) -> None:
    assert stored_hash(account).startswith("!")
    with Watch(commands) as watch:
        first = itops("run", f"Reset password and unlock account for user {account}", "--json")
        task, calls = to_its_end(itops, first.json)
    assert (calls or [first])[-1].code == 0
    assert [part["instruction"] for part in task["plan"]] == ["linux.user.reset-password", "linux.user.unlock"]
    assert task["plan"][0]["subtask"].lower().startswith("reset password")
    assert all(step["results"][0]["state"] == "succeeded" for step in task["steps"])
    assert len(task["steps"]) == 4  # each with its verification
    assert all(account in step["script"]["text"] for step in task["steps"])

    password = task["secrets"]["password"]
    assert len(password) >= 16
    assert opens(password, stored_hash(account))
    printed = "".join(call.out + call.err for call in [first, *calls])
    assert printed.count(password) == 1
    assert [command for command in watch.seen if f"{home}/attempts/" in command], "the watch saw nothing of it"
    assert not [command for command in watch.seen if password in command]
    assert files_that_hold(home, password) == []
    assert list((home / "handover").iterdir()) == []
    assert password not in itops("tasks", "show", task["task"], "--json").out
    assert password not in itops("audit", "export").out
    assert itops("tasks", "reveal", task["task"], "--json").json == {}


def test_nobody_but_the_requester_is_shown_the_password(itops, account) -> None:
    first = itops("run", f"reset password of user {account}", "--json")
    approval = first.json["steps"][0]["approval"]["id"]
    other = {"LOGNAME": "mallory", "USER": "mallory"}
    approved = itops("approvals", "approve", approval, "--json", env=other)
    assert approved.json["state"] == "succeeded"
    assert "secrets" not in approved.json
    refused = itops("tasks", "reveal", first.json["task"], env=other)
    assert refused.code == 3
    shown = itops("tasks", "reveal", first.json["task"], "--json").json
    assert opens(shown["password"], stored_hash(account))


def test_a_rejected_reset_changes_nothing(itops, home, account) -> None:
    before = stored_hash(account)
    first = itops("run", f"reset password of user {account}", "--json")
    approval = first.json["steps"][0]["approval"]["id"]
    rejected = itops("approvals", "reject", approval, "--reason", "who asks?", "--json")
    assert "secrets" not in rejected.json
    assert stored_hash(account) == before
    assert not list(home.glob("handover/*"))
