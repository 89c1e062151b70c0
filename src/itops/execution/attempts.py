"""Exactly once: an attempt is a directory that one wrapper can claim, and everything about the attempt is in it.

``<home>/<attempt>/`` holds ``order`` (whose attempt it is), ``script``, ``stdout``, ``stderr``, ``outcome`` once there
is one, and two FIFOs: ``alive``, whose writing end the wrapper alone holds, so that the kernel says when it is gone;
and ``control``, where a byte asks it to stop. An attempt that was forgotten leaves its directory with a marker in it,
so that a worker which comes back from a long sleep still finds that it was started.
"""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from itops.domain.script import Limits
from itops.domain.secret import Secret
from itops.errors import NotPermitted, StoreError
from itops.execution import wrapper
from itops.execution.sandbox import Confinement, make_room

FORGOTTEN: Final = "forgotten"
_STAGING: Final = ".new-"
_START: Final = "import sys; sys.path.append(sys.argv.pop(1)); import wrapper; wrapper.main()"


@dataclass(frozen=True)
class Order:
    """All that a wrapper needs. ``script_name`` stands as the last argument, as a path, behind ``interpreter``.

    Where there is a ``confinement``, it stands before the interpreter, and says where the script is found.
    """

    digest: str
    interpreter: tuple[str, ...]
    script_name: str
    text: str
    limits: Limits
    environment: Mapping[str, str]
    directory: Path
    stdin: Secret | None = None
    grace_seconds: float = 5.0
    confinement: Confinement | None = None


@dataclass(frozen=True)
class Tether:
    """The two FIFOs of an attempt, open."""

    alive: int
    control: int

    def close(self) -> None:
        """Let go; the wrapper goes on."""
        os.close(self.alive)
        os.close(self.control)


class Attempts:
    """The attempts on this machine, under one directory."""

    def __init__(self, home: Path) -> None:
        self._home = home.absolute()

    def place(self, attempt: str) -> Path:
        """Where the attempt's directory is, or will be."""
        return self._home / attempt

    async def carry_out(self, attempt: str, order: Order, stop: asyncio.Event) -> Path:
        """Start the attempt, or find it started; return its directory when nothing more happens there.

        Raises:
            NotPermitted: the attempt that is there is of another script.
            StoreError: it can't be recorded; nothing ran.
        """
        place = self.place(attempt)
        if not place.exists():
            await self._start(place, order, stop)
        with contextlib.suppress(FileNotFoundError):
            await asyncio.to_thread(_check_order, place, order)
            await _until_gone(await asyncio.to_thread(_attach, place), stop)
        return place

    def forget(self, attempt: str) -> None:
        """Remove all but the fact that it was started."""
        place = self.place(attempt)
        if place.is_dir():
            (place / FORGOTTEN).touch(mode=0o600)
            for path in place.iterdir():
                if path.is_dir():
                    shutil.rmtree(path)
                elif path.name != FORGOTTEN:
                    path.unlink(missing_ok=True)

    def sweep(self, *, older_than_seconds: float) -> int:
        """Remove forgotten attempts and unclaimed beginnings that are older than this; how many there were."""
        before = time.time() - older_than_seconds
        old = [
            path
            for path in (*self._home.glob(f"*/{FORGOTTEN}"), *self._home.glob(f"{_STAGING}*/order"))
            if _is_older(path, before)
        ]
        for path in old:
            shutil.rmtree(path.parent, ignore_errors=True)
        return len(old)

    async def _start(self, place: Path, order: Order, stop: asyncio.Event) -> None:
        staging = self._home / f"{_STAGING}{secrets.token_hex(8)}"
        await _until_gone(await asyncio.to_thread(self._launch, staging, place, order), stop)
        await asyncio.to_thread(_clear, staging, place)

    def _launch(self, staging: Path, place: Path, order: Order) -> Tether:
        try:
            self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
            staging.mkdir(mode=0o700)
            sandbox = order.confinement.name if order.confinement else ""
            _write(staging / "order", json.dumps({"digest": order.digest, "boot": boot_id(), "sandbox": sandbox}))
            if order.confinement:
                make_room(staging)
            _write(staging / order.script_name, order.text)
            for name in ("alive", "control"):
                os.mkfifo(staging / name, 0o600)
            return _spawn(staging, place, order)
        except OSError as error:
            shutil.rmtree(staging, ignore_errors=True)
            raise StoreError(
                f"The attempt {place.name} can't be recorded: {error}.",
                world="Nothing ran.",
                mend=f"Check that {self._home} can be written and its disk is not full.",
            ) from error


def _is_older(path: Path, before: float) -> bool:
    """Whether it was last changed before that time; another worker may have removed it meanwhile."""
    try:
        return path.stat().st_mtime < before
    except FileNotFoundError:
        return False


def _clear(staging: Path, place: Path) -> None:
    """A beginning that is still there did not claim the attempt: another one did, or none could."""
    if not staging.exists():
        return
    trouble = (staging / "trouble").read_text(errors="replace").strip().rpartition("\n")[2]
    shutil.rmtree(staging, ignore_errors=True)
    if not place.exists():
        raise StoreError(f"The attempt {place.name} can't be recorded: {trouble or 'its wrapper did not start'}.")


def boot_id() -> str:
    """Another one after each start of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode())


def _spawn(staging: Path, place: Path, order: Order) -> Tether:
    """The wrapper is born with the only writing end of ``alive``, so it can't be missed, however short it lives."""
    alive = os.open(staging / "alive", os.O_RDONLY | os.O_NONBLOCK)
    control = os.open(staging / "control", os.O_RDWR | os.O_NONBLOCK)
    end = os.open(staging / "alive", os.O_WRONLY)
    limits = order.limits
    numbers = (limits.time_limit_seconds, limits.idle_limit_seconds, order.grace_seconds, limits.output_limit_bytes)
    confinement = order.confinement
    prefix, folder = (confinement.prefix, confinement.script_dir) if confinement else ((), place)
    command = (*prefix, *order.interpreter, str(folder / order.script_name))
    temporary = {"TMPDIR": str(confinement.temporary)} if confinement else {}
    arguments = (str(Path(__file__).parent), str(end), str(staging), str(place), *map(str, numbers), *command)
    stdin = _input(order.stdin)
    try:
        with (staging / "trouble").open("wb") as trouble:
            child = subprocess.Popen(
                (sys.executable, "-I", "-S", "-c", _START, *arguments),
                stdin=stdin,
                stdout=subprocess.DEVNULL,
                stderr=trouble,
                env={**order.environment, **temporary, wrapper.MARK: str(place)},
                cwd=order.directory,
                pass_fds=(end,),
                start_new_session=True,
                umask=0o022,
            )
    except OSError:
        os.close(alive)
        os.close(control)
        raise
    finally:
        os.close(end)
        if stdin >= 0:
            os.close(stdin)
    threading.Thread(target=child.wait, daemon=True).start()
    return Tether(alive, control)


def _input(secret: Secret | None) -> int:
    """Complete before the command starts, and in memory only: it needs neither us nor a disk."""
    if secret is None:
        return subprocess.DEVNULL
    descriptor = os.memfd_create("input")
    os.write(descriptor, secret.reveal().encode())
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def read_sandbox(place: Path) -> str:
    """How the attempt was confined; empty where it was not, and where a power cut took even that."""
    try:
        return str(json.loads((place / "order").read_text()).get("sandbox", ""))
    except (FileNotFoundError, ValueError):
        return ""


def read_boot(place: Path) -> str:
    """The boot in which the attempt began; empty where a power cut took even that."""
    text = (place / "order").read_text()
    return str(json.loads(text)["boot"]) if text else ""


def _check_order(place: Path, order: Order) -> None:
    text = (place / "order").read_text()
    if text and json.loads(text)["digest"] != order.digest:
        raise NotPermitted(f"The attempt {place.name} was made for another script than the one to run.")


def _attach(place: Path) -> Tether:
    alive = os.open(place / "alive", os.O_RDONLY | os.O_NONBLOCK)
    return Tether(alive, os.open(place / "control", os.O_RDWR | os.O_NONBLOCK))


async def _until_gone(tether: Tether, stop: asyncio.Event) -> None:
    """Return when the wrapper is gone; ask it to stop when ``stop`` is set."""
    loop = asyncio.get_running_loop()
    gone = asyncio.Event()
    loop.add_reader(tether.alive, gone.set)
    waits = {asyncio.ensure_future(gone.wait()), asyncio.ensure_future(stop.wait())}
    try:
        if _is_gone(tether.alive):
            return
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if not gone.is_set():
            with contextlib.suppress(BlockingIOError):
                os.write(tether.control, b"s")
            await gone.wait()
    finally:
        loop.remove_reader(tether.alive)
        for wait in waits:
            wait.cancel()
        tether.close()


def _is_gone(alive: int) -> bool:
    """A FIFO without a writer is at its end; with one it has nothing to read yet."""
    try:
        return os.read(alive, 1) == b""
    except BlockingIOError:
        return False
