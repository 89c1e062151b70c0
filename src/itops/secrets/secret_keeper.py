"""Resolves secrets by name, and keeps generated ones until they are handed over, once.

On disk: a generated value stands in ``<home>/handover/<action>.<name>`` (directory 0700, file 0600) from before its
command starts until it is revealed or discarded. Nothing else here is written; no value is ever in a file's name.
"""

import asyncio
import contextlib
import os
import re
import secrets
import stat
from collections import Counter
from pathlib import Path
from typing import Final

from itops.domain.instruction import SecretSpec
from itops.domain.secret import Secret
from itops.errors import StoreError, UsageError

LENGTH: Final = 24
_CLASSES: Final = ("abcdefghjkmnpqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.+")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]{1,120}")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")


class SecretKeeper:
    """Where secrets come from: generated, environment or file."""

    def __init__(self, home: Path) -> None:
        self._handover = home / "handover"

    async def resolve(self, spec: SecretSpec, *, key: str) -> Secret:
        """The value of a secret. ``key`` is the action (``TASK-N``) it is for.

        A generated value is on disk before this returns, and is the same each time the same key asks for it.

        Raises:
            UsageError: the reference names no source, or a source that has no value or is open to others.
            StoreError: a generated value can't be kept.
        """
        if spec.generate:
            return await asyncio.to_thread(self._generated, spec.name, key)
        return await asyncio.to_thread(_from_source, spec)

    async def reveal(self, task: str) -> dict[str, Secret]:
        """The generated secrets of a task, handed over: whoever asks again gets nothing.

        A name stands alone where it is the only one; else with its action (``password (t-abc-2)``).

        Raises:
            StoreError: the disk refuses; what was not handed over is still kept.
        """
        return await asyncio.to_thread(self._reveal, task)

    async def discard(self, task: str) -> None:
        """Remove the generated secrets of a task unseen."""
        await asyncio.to_thread(self._reveal, task)

    def _generated(self, name: str, key: str) -> Secret:
        if not _KEY.fullmatch(key) or not _NAME.fullmatch(name):
            raise UsageError(
                f"A secret can't be kept under the name {key}.{name}.", mend="Use letters, digits, - and _."
            )
        kept = self._handover / f"{key}.{name}"
        try:
            if not kept.exists():
                self._handover.mkdir(mode=0o700, parents=True, exist_ok=True)
                _write_once(kept, new_password())
            return Secret(kept.read_text())
        except OSError as error:
            raise StoreError(f"A generated secret can't be kept: {error}.") from error

    def _reveal(self, task: str) -> dict[str, Secret]:
        try:
            kept = [path for path in sorted(self._handover.glob("*.*")) if _task_of(path) == task]
            taken = [(path, value) for path in kept if (value := _take(path)) is not None]
        except OSError as error:
            raise StoreError(f"The generated secrets can't be read: {error}.") from error
        names = Counter(_name_of(path) for path, _ in taken)
        return {
            _name_of(path) if names[_name_of(path)] == 1 else f"{_name_of(path)} ({_action_of(path)})": value
            for path, value in taken
        }


def new_password() -> str:
    """A strong random password of mixed classes, without characters that look alike or mean something to a shell."""
    everything = "".join(_CLASSES)
    while True:
        password = secrets.choice(_CLASSES[0]) + "".join(secrets.choice(everything) for _ in range(LENGTH - 1))
        if all(set(password) & set(some) for some in _CLASSES):
            return password


def _action_of(path: Path) -> str:
    return path.name.partition(".")[0]


def _name_of(path: Path) -> str:
    return path.name.partition(".")[2]


def _task_of(path: Path) -> str:
    return _action_of(path).rpartition("-")[0]


def _write_once(path: Path, value: str) -> None:
    """Appears whole or not at all; where two write at once, the first one's value stands."""
    draft = path.with_name(f".{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(value)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()
    directory = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _take(path: Path) -> Secret | None:
    """The value, if nobody else took it: only one rename of a file can succeed."""
    taken = path.with_name(f".{secrets.token_hex(8)}")
    try:
        path.rename(taken)
    except FileNotFoundError:
        return None
    value = Secret(taken.read_text())
    taken.unlink()
    return value


def _from_source(spec: SecretSpec) -> Secret:
    scheme, _, rest = spec.source.removeprefix("secret://").partition("/")
    if not spec.source.startswith("secret://") or scheme not in ("env", "file") or not rest:
        raise UsageError(
            f"The secret {spec.name!r} names no known source.",
            mend="Write `generate: true`, `source: secret://env/NAME` or `source: secret://file/PATH`.",
        )
    return _from_environment(spec.name, rest) if scheme == "env" else _from_file(spec.name, Path("/", rest))


def _from_environment(name: str, variable: str) -> Secret:
    value = os.environ.get(variable, "")
    if not value:
        raise UsageError(f"The secret {name!r} has no value: {variable} is not set.", mend=f"Set {variable}.")
    return Secret(value)


def _from_file(name: str, path: Path) -> Secret:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        with os.fdopen(descriptor) as file:
            state = os.fstat(file.fileno())
            if state.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise UsageError(
                    f"The secret {name!r} stands open to others in {path}.", mend=f"Run `chmod 600 {path}`."
                )
            value = file.read().removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"The secret {name!r} can't be read from {path}: {error}.") from error
    if not value:
        raise UsageError(f"The secret {name!r} has no value: {path} is empty.")
    return Secret(value)
