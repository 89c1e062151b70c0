"""What a script wrote over a throw-away copy, against the files as they are."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_COUNTED: Final = 20_000
_ALL_TEXTS_BYTES: Final = 512 * 1024
_OPAQUE: Final = "user.overlay.opaque"


@dataclass(frozen=True)
class Layer:
    """Where what is written under ``path`` is found.

    A whole layer holds nothing else: what is not there is as it was, and a mark stands for what was removed. Of the
    others, ``shown`` are the entries that were put there.
    """

    path: Path
    place: Path
    shown: tuple[str, ...]
    is_whole: bool


@dataclass(frozen=True)
class Made:
    """Mode and owner of what we put into a layer ourselves: they may differ from what stands outside."""

    mode: int
    user: int
    group: int


def changes_of(
    layers: list[Layer], made: dict[Path, Made], *, most: int, text_bytes: int
) -> tuple[list[dict[str, Any]], int]:
    """The first changes in the order of their paths, with texts as far as there is room, and how many there are."""
    found: list[tuple[Path, Path]] = []
    for layer in layers:
        found += _in_whole(layer.path, layer.place) if layer.is_whole else _in_split(layer)
        if len(found) > _COUNTED:
            break
    room = _ALL_TEXTS_BYTES
    told: list[dict[str, Any]] = []
    total = 0
    for path, place in sorted(set(found)):
        change = _change(path, place, made.get(place), min(text_bytes, room))
        if change is None:
            continue
        total += 1
        if len(told) < most:
            told.append(change)
            room -= sum(len(change.get(name) or "") for name in ("before_text", "after_text"))
    return told, total


def _in_split(layer: Layer) -> Iterator[tuple[Path, Path]]:
    """The entries put there, and others that the script made; directories of ours are layers themselves."""
    for name in sorted({*layer.shown, *_names(layer.place)}):
        path, place = layer.path / name, layer.place / name
        if name in layer.shown or not _state(path):
            yield path, place
            if name not in layer.shown and stat.S_ISDIR(place.lstat().st_mode) and not _is_ours(path):
                yield from _in_whole(path, place)


def _is_ours(path: Path) -> bool:
    return str(path) in {"/proc", "/sys", "/dev", "/run"}


def _in_whole(path: Path, place: Path) -> Iterator[tuple[Path, Path]]:
    """Every entry of an upper layer; of a directory that replaced another, also what is gone with that."""
    try:
        names = _names(place)
    except OSError:
        return
    yield path, place
    for name in names:
        below, standing = path / name, place / name
        state = standing.lstat()
        if not stat.S_ISDIR(state.st_mode):
            yield below, standing
            continue
        if _is_opaque(standing):
            gone = set(_names(below)) - set(_names(standing)) if below.is_dir() else set()
            yield from ((below / lost, standing / lost) for lost in gone)
        yield from _in_whole(below, standing)


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir()]


def _is_opaque(place: Path) -> bool:
    try:
        return os.getxattr(place, _OPAQUE, follow_symlinks=False) in {b"y", b"x"}
    except OSError:
        return False


def made_of(place: Path) -> Made:
    """What stands there now."""
    state = place.lstat()
    return Made(stat.S_IMODE(state.st_mode), state.st_uid, state.st_gid)


def _change(path: Path, place: Path, made: Made | None, text_bytes: int) -> dict[str, Any] | None:
    """What is other there; None where nothing is."""
    before, after = _state(path), _state(place)
    if after is not None and stat.S_ISCHR(after.st_mode) and after.st_rdev == 0:
        after = None
    if before is None and after is None:
        return None
    what = "removed" if after is None else "added" if before is None else "changed"
    change: dict[str, Any] = {
        "path": str(path),
        "what": what,
        "before": before and _properties(path, before),
        "after": after and _properties(place, after),
    }
    if before and after and made == made_of(place):
        change["after"] |= {name: change["before"][name] for name in ("mode", "owner")}
    if _has_texts(before, after):
        texts = _text(path, before, text_bytes), _text(place, after, text_bytes)
        change["before_text"], change["after_text"] = texts if None not in texts else (None, None)
        change["is_other"] = _is_other(path, place, before, after)
    if what == "changed" and change["before"] == change["after"] and not change.get("is_other", False):
        return None
    return change


def _has_texts(before: os.stat_result | None, after: os.stat_result | None) -> bool:
    return all(state is None or stat.S_ISREG(state.st_mode) for state in (before, after))


def _state(path: Path) -> os.stat_result | None:
    try:
        return path.lstat()
    except OSError:
        return None


def _properties(path: Path, state: os.stat_result) -> dict[str, Any]:
    """Kind, size, mode and owner; where a link leads."""
    mode = state.st_mode
    kind = "directory" if stat.S_ISDIR(mode) else "link" if stat.S_ISLNK(mode) else "file"
    if kind == "file" and not stat.S_ISREG(mode):
        kind = "special file"
    return {
        "kind": kind,
        "size": state.st_size if kind == "file" else 0,
        "mode": f"{stat.S_IMODE(mode):04o}",
        "owner": f"{state.st_uid}:{state.st_gid}",
        "leads_to": str(path.readlink()) if kind == "link" else "",
    }


def _text(path: Path, state: os.stat_result | None, limit: int) -> str | None:
    """All of a small text; None where it is large, no text, or can't be read."""
    if state is None:
        return ""
    if state.st_size > limit:
        return None
    try:
        text = _content(path, limit + 1).decode()
    except (OSError, UnicodeDecodeError):
        return None
    return None if "\0" in text else text


def _is_other(path: Path, place: Path, before: os.stat_result | None, after: os.stat_result | None) -> bool:
    if before is None or after is None or before.st_size != after.st_size:
        return True
    try:
        return _content(path, before.st_size) != _content(place, after.st_size)
    except OSError:
        return True


def _content(path: Path, limit: int) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        return file.read(limit)
