"""Ansible's variables of a host as keys of a target; secrets, and what is no way to reach it, are left."""

import re
from pathlib import Path
from typing import Any, Final

from itops.targets.importers.found import Found, Note

_KEYS: Final = {
    "ansible_host": "host",
    "ansible_ssh_host": "host",
    "ansible_port": "port",
    "ansible_ssh_port": "port",
    "ansible_user": "user",
    "ansible_ssh_user": "user",
    "ansible_ssh_private_key_file": "key_files",
    "ansible_private_key_file": "key_files",
}
_SECRETS: Final = re.compile(r"pass(?:word|wd|phrase)?$|secret|token|_key$", re.IGNORECASE)
_JUMP: Final = re.compile(r"(?:ProxyJump[= ]|-J\s*)[\"']?([\w.@:,-]+)")
_WINDOWS: Final = frozenset({"winrm", "psrp"})
_SSH: Final = frozenset({"ssh", "smart", "paramiko", "paramiko_ssh", "libssh"})
_ENVIRONMENTS: Final = {
    **{word: word for word in ("dev", "staging", "prod", "test", "qa", "uat")},
    "development": "dev",
    "stage": "staging",
    "production": "prod",
}


def environment_of(group: str) -> str:
    """The environment that the name of a group says, if it does."""
    return _ENVIRONMENTS.get(group.lower(), "")


def target_values(host: str, variables: dict[str, Any], found: Found) -> dict[str, Any]:
    """The keys of a target; what is not taken is noted."""
    values: dict[str, Any] = {}
    for name, value in variables.items():
        place, text = f"{name} of {host}", "" if value is None else str(value)
        if "{{" in text:
            found.left.append(Note(place, "it is a template, which Ansible alone can fill"))
        elif name in _KEYS:
            values[_KEYS[name]] = str(Path(text).expanduser()) if name.endswith("key_file") else text
        elif name == "ansible_connection":
            _connected(text, host, values, found)
        elif name in {"ansible_ssh_common_args", "ansible_ssh_extra_args"}:
            _jumped(text, place, values, found)
        elif _SECRETS.search(name):
            found.left.append(Note(place, "a secret is not taken: say where it is (password: secret://env/NAME)"))
        elif name.startswith("ansible_"):
            found.left.append(Note(place, "itops has no use for it"))
    return values


def _connected(text: str, host: str, values: dict[str, Any], found: Found) -> None:
    kind = text.rpartition(".")[2]
    if kind in _WINDOWS:
        values["platform"] = "windows"
    elif kind == "local":
        values["executor"] = "system"
    elif kind not in _SSH:
        found.left.append(Note(f"ansible_connection of {host}", f"there is no way {text!r} here; SSH is taken"))


def _jumped(text: str, place: str, values: dict[str, Any], found: Found) -> None:
    jump = _JUMP.search(text)
    if jump:
        values["via"] = jump[1].split(",")
    if not jump or text.strip(" \"'").removeprefix("-o").strip(" \"'") != jump[0].strip(" \"'"):
        found.left.append(Note(place, "of SSH's options only ProxyJump is taken"))
