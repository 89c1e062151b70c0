"""The parser of bash: shfmt's syntax tree, one process a text."""

import functools
import json
import subprocess
import sysconfig
from importlib import metadata
from pathlib import Path
from typing import Any, Final, TypeAlias

from itops.errors import ItOpsUnavailable

Node: TypeAlias = dict[str, Any]
TIME_LIMIT_SECONDS: Final = 10.0
_POSITIONS: Final = frozenset({"Comments", "Last", "End", "Position", "Semicolon"})


class Unparsable(Exception):
    """The text is no bash that the parser understands; the message says where and why."""


def parse(text: str) -> Node:
    """The syntax tree of a bash text.

    Raises:
        Unparsable: it is no bash, or the parser gives up on it.
        ItOpsUnavailable: there is no parser.
    """
    command = [str(_binary()), "-ln", "bash", "--to-json"]
    try:
        done = subprocess.run(
            command, input=text.encode(), capture_output=True, check=False, timeout=TIME_LIMIT_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise Unparsable("the parser took too long") from error
    except OSError as error:
        raise _missing(str(error)) from error
    if done.returncode:
        raise Unparsable(done.stderr.decode(errors="replace").strip().removeprefix("<standard input>:"))
    try:
        tree: Node = json.loads(done.stdout)
    except (ValueError, RecursionError) as error:
        raise Unparsable("it is nested too deeply") from error
    return tree


def shape(node: object) -> object:
    """The tree without positions and comments: equal for texts that mean the same by their parse."""
    if isinstance(node, dict):
        return {key: shape(value) for key, value in node.items() if not _is_position(key, value)}
    return [shape(child) for child in node] if isinstance(node, list) else node


def _is_position(key: str, value: object) -> bool:
    return key in _POSITIONS or key.endswith(("Pos", "End")) or (isinstance(value, dict) and "Offset" in value)


@functools.cache
def _binary() -> Path:
    """The shfmt that was installed beside this package: never one that happens to stand in PATH."""
    beside = Path(sysconfig.get_path("scripts")) / "shfmt"
    if beside.is_file():
        return beside
    try:
        files = metadata.files("shfmt-py") or []
    except metadata.PackageNotFoundError as error:
        raise _missing("shfmt-py is not installed") from error
    for file in files:
        if file.name in {"shfmt", "shfmt.exe"}:
            return Path(str(file.locate()))
    raise _missing("shfmt-py brought no program along")


def _missing(why: str) -> ItOpsUnavailable:
    return ItOpsUnavailable(
        f"The parser of bash scripts (shfmt) can't be used: {why}.", mend="Install itops-agent again, with shfmt-py."
    )
