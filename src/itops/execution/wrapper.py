"""Runs one attempt outside of the worker: claims it, holds its limits, keeps its output, leaves its outcome.

It is started as a program of its own (``main``), in its own session, with nothing of the worker's but one end of the
FIFO ``alive``. It imports only what loads in a millisecond (no typing, contextlib, signal, json, pathlib), since every
command waits for it; so signals stand here as numbers, and the outcome is written as JSON by hand.

The attempt's directory is made ready elsewhere and renamed into place. A rename onto a directory that is there fails,
so of all wrappers that start for one attempt exactly one gets past that line, and whoever sees a directory sees all of
it.
"""

import os
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import hashlib

TERM = 15
KILL = 9
MARK = "ITOPS_ATTEMPT"
SIGNALS_TO_RESET = [number for number in range(1, 32) if number not in (9, 19)]
PIECE = 65536
LINGER = 1.0
TICK = 0.05
PATIENCE = 2.0
ROOM_FOR_OUTCOME = 4096


class Stream:
    """One output stream of the command: head and tail are kept, the length and the digest are of all of it."""

    def __init__(self, directory: int, name: str, limit: int) -> None:
        self.file = os.open(name, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600, dir_fd=directory)
        self.source, self.sink = os.pipe()
        self.limit, self.half = limit, limit // 2
        self.length, self.on_disk = 0, 0
        self.head, self.tail = bytearray(), bytearray()
        self.digest: hashlib._Hash | None = None

    def take(self, piece: bytes) -> None:
        """Keep what belongs to head or tail; digest the whole as soon as a part of it is let go."""
        self.length += len(piece)
        if self.digest is None and self.length > self.limit:
            import hashlib

            self.digest = hashlib.sha256(self.head + self.tail)
        if self.digest is not None:
            self.digest.update(piece)
        room = self.half - len(self.head)
        if room > 0:
            self.head += piece[:room]
            self._write(piece[:room])
            piece = piece[room:]
        self.tail += piece
        if len(self.tail) > 2 * self.limit:
            self._trim()

    def finish(self) -> str:
        """Write the tail behind the head; what the outcome says of this stream."""
        whole = self.head + self.tail
        self._trim()
        self._write(self.tail)
        os.close(self.file)
        if self.digest is None and self.on_disk < self.length:
            import hashlib

            self.digest = hashlib.sha256(whole)
        digest = self.digest.hexdigest() if self.digest is not None else ""
        return f'{{"length": {self.length}, "kept": {self.on_disk}, "sha256": "{digest}"}}'

    def _trim(self) -> None:
        del self.tail[: max(0, len(self.tail) - (self.limit - self.half))]

    def _write(self, piece: bytes | bytearray) -> None:
        """A full disk costs the output, not the outcome."""
        try:  # noqa: SIM105 - contextlib takes milliseconds to import
            self.on_disk += os.write(self.file, piece)
        except OSError:
            pass


class Limits:
    """In seconds: of the whole, of silence, and between TERM and KILL."""

    def __init__(self, whole: float, idle: float, grace: float) -> None:
        self.whole, self.idle, self.grace = whole, idle, grace


class Watch:
    """The command from its start to its end, within its limits."""

    def __init__(self, mark: str, child: int, streams: tuple[Stream, Stream], control: int, limits: Limits) -> None:
        self.mark, self.child, self.control, self.limits = mark, child, control, limits
        self.pid_fd = os.pidfd_open(child)
        self.open = {stream.source: stream for stream in streams}
        self.started = self.last_output = time.monotonic()
        self.ended, self.kill_at = "", 0.0
        self.wait_status: int | None = None
        self.survivors, self.lingering = 0, False
        self.poller = select.poll()
        for descriptor in (self.pid_fd, control, *self.open):
            self.poller.register(descriptor, select.POLLIN)

    def follow(self) -> None:
        """Return when the command has ended and its output is read, or a limit or a stop has ended it."""
        while not self._over():
            reason, pause = self._next(time.monotonic())
            if reason:
                self._stop(reason)
            for descriptor, _ in self.poller.poll(pause * 1000 + 1):
                self._handle(descriptor)

    def _next(self, now: float) -> tuple[str, float]:
        """The limit that is reached, if one is, and how long nothing needs doing."""
        if self.ended or self.wait_status is not None:
            return "", TICK
        whole_left = self.started + self.limits.whole - now
        idle_left = self.last_output + self.limits.idle - now
        if whole_left <= 0:
            return "time_limit", TICK
        if idle_left <= 0:
            return "idle_limit", TICK
        return "", min(whole_left, idle_left)

    def _handle(self, descriptor: int) -> None:
        if descriptor == self.pid_fd:
            self.wait_status = os.waitpid(self.child, 0)[1]
            self.poller.unregister(descriptor)
            self.last_output = time.monotonic()
        elif descriptor == self.control:
            os.read(self.control, PIECE)
            if self.wait_status is None:
                self._stop("stopped")
        elif piece := os.read(descriptor, PIECE):
            self.open[descriptor].take(piece)
            self.last_output = time.monotonic()
        else:
            self.poller.unregister(descriptor)
            os.close(descriptor)
            del self.open[descriptor]

    def _stop(self, reason: str) -> None:
        if not self.ended:
            self.ended, self.kill_at = reason, time.monotonic() + self.limits.grace
            signal_all(self.mark, TERM, os.getsid(0))

    def _over(self) -> bool:
        now = time.monotonic()
        if self.ended:
            return self._stopped(now)
        if self.wait_status is None:
            return False
        patience = min(self.last_output + LINGER, self.started + self.limits.whole)
        self.lingering = bool(self.open) and now >= patience
        return not self.open or self.lingering

    def _stopped(self, now: float) -> bool:
        """Whether all that the command started is gone; after the grace period it is killed."""
        self.survivors = signal_all(self.mark, KILL if now >= self.kill_at else 0, os.getsid(0))
        gone = self.survivors == 0 and self.wait_status is not None and not self.open
        return gone or now >= self.kill_at + PATIENCE


def signal_all(mark: str, number: int, session: int = 0) -> int:
    """Send a signal to every other process of an attempt; how many there are."""
    found = processes_of(mark, session)
    for pid in found:
        try:  # noqa: SIM105 - contextlib takes milliseconds to import
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            pass
    return len(found)


def processes_of(mark: str, session: int = 0) -> list[int]:
    """The living processes that carry the attempt's mark in their environment, or stand in the session given."""
    entry = f"{MARK}={mark}".encode()
    names = os.listdir("/proc")  # noqa: PTH208 - pathlib takes milliseconds to import
    pids = [int(name) for name in names if name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and _belongs(pid, entry, session)]


def _belongs(pid: int, entry: bytes, session: int) -> bool:
    try:
        state, in_session = _standing(pid)
        return state not in "ZX" and (in_session == session or entry in _read(f"/proc/{pid}/environ").split(b"\0"))
    except OSError:
        return False


def _standing(pid: int) -> tuple[str, int]:
    """State and session; the kernel's own session 0 becomes -1, for nobody means it."""
    fields = _read(f"/proc/{pid}/stat").rpartition(b")")[2].split()
    return fields[0].decode(), int(fields[3]) or -1


def _read(path: str) -> bytes:
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - pathlib takes milliseconds to import
        return file.read()


def claim(staging: str, place: str) -> bool:
    """Whether this wrapper, of all, is the one that runs the attempt. Once true it stays so through a power cut."""
    try:
        os.rename(staging, place)  # noqa: PTH104 - pathlib takes milliseconds to import
    except OSError:
        return False
    flush(os.path.dirname(place))  # noqa: PTH120 - pathlib takes milliseconds to import
    return True


def flush(directory: str) -> None:
    """What was renamed in this directory stays so through a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(descriptor)
    os.close(descriptor)


def start(command: list[str], streams: tuple[Stream, Stream]) -> int:
    """Start the command in a process group of its own, with standard input as this process has it."""
    child = os.posix_spawn(
        command[0],
        command,
        os.environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, streams[0].sink, 1), (os.POSIX_SPAWN_DUP2, streams[1].sink, 2)],
        setpgroup=0,
        setsigmask=(),
        setsigdef=SIGNALS_TO_RESET,
    )
    for stream in streams:
        os.close(stream.sink)
    return child


def describe(watch: Watch, streams: tuple[Stream, Stream]) -> str:
    """How it ended, as JSON."""
    code = "null" if watch.wait_status is None else str(os.waitstatus_to_exitcode(watch.wait_status))
    return (
        f'{{"ended": "{watch.ended or "exited"}", "exit_code": {code}, '
        f'"seconds": {time.monotonic() - watch.started:.3f}, "survivors": {watch.survivors}, '
        f'"lingering": {str(watch.lingering).lower()}, '
        f'"stdout": {streams[0].finish()}, "stderr": {streams[1].finish()}}}'
    )


def conclude(outcome: int, directory: int, text: str) -> None:
    """Write the outcome into the room kept for it, and let it appear at once."""
    os.ftruncate(outcome, os.pwrite(outcome, text.encode(), 0))
    os.fsync(outcome)
    os.rename("outcome.new", "outcome", src_dir_fd=directory, dst_dir_fd=directory)
    os.fsync(directory)


def main() -> None:
    """Run the attempt that the arguments describe."""
    alive, staging, place, whole, idle, grace, limit, *command = sys.argv[1:]
    os.set_inheritable(int(alive), False)
    directory = os.open(staging, os.O_RDONLY | os.O_DIRECTORY)
    control = os.open("control", os.O_RDWR | os.O_NONBLOCK, dir_fd=directory)
    outcome = os.open("outcome.new", os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600, dir_fd=directory)
    os.posix_fallocate(outcome, 0, ROOM_FOR_OUTCOME)
    streams = Stream(directory, "stdout", int(limit)), Stream(directory, "stderr", int(limit))
    if claim(staging, place):
        try:
            child = start(command, streams)
        except OSError:
            conclude(outcome, directory, '{"ended": "not_started"}')
            raise
        watch = Watch(place, child, streams, control, Limits(float(whole), float(idle), float(grace)))
        watch.follow()
        conclude(outcome, directory, describe(watch, streams))
    os._exit(0)
