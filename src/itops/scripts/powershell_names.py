"""Names in PowerShell: aliases, cmdlets, parameters and Windows programs, as one canonical spelling each."""

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, Final

import yaml

_CMDLET: Final = re.compile(r"[A-Za-z]+-[A-Za-z_]\w*")
_ENDINGS: Final = (
    ".exe",
    ".com",
    ".cmd",
    ".bat",
    ".ps1",
    ".psm1",
    ".vbs",
    ".js",
    ".msc",
    ".cpl",
    ".scr",
    ".msi",
    ".hta",
)
_MODULE: Final = re.compile(r"[A-Za-z][\w.]*\\([A-Za-z]+-\w+)")
_SYSTEM: Final = re.compile(
    r"(?:[a-z]:\\windows|%(?:systemroot|windir)%)\\(?:system32|syswow64|sysnative)\\(?:windowspowershell\\v1\.0\\|wbem\\)?"
    r"|(?:[a-z]:\\program files|%programfiles%)\\windows defender\\",
    re.IGNORECASE,
)
# PowerShell takes the longer dashes for a plain one.
DASHES: Final = "-\u2013\u2014\u2015"


@dataclass(frozen=True)
class Names:
    """What is known of names, by lower-case name."""

    aliases: Mapping[str, tuple[str, ...]]
    parameters: Mapping[str, tuple[str, ...]]
    common: tuple[str, ...]
    short: Mapping[str, str]
    programs: Mapping[str, str]


@functools.cache
def names() -> Names:
    """The names that ship with itops."""
    text = (resources.files("itops.scripts") / "data" / "powershell.yaml").read_text(encoding="utf-8")
    data: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    aliases = {str(alias).lower(): (name,) for name, found in data["aliases"].items() for alias in found.split()}
    aliases |= {name: (full,) for name, full in data["functions"].items()}
    aliases |= {name: tuple(both) for name, both in data["either"].items()}
    programs = {name: f"{name}.exe" for name in data["programs"].split()}
    programs |= {name: f"{name}.com" for name in data["consoles"].split()}
    programs |= {name: f"cmd:{name}" for name in data["builtins"].split()}
    return Names(
        aliases={alias.strip("'"): full for alias, full in aliases.items()},
        parameters={name.lower(): tuple(known.split()) for name, known in data["parameters"].items()},
        common=tuple(data["common"].split()),
        short=data["short"],
        programs=programs,
    )


def resolve(name: str) -> tuple[str, ...]:
    """The canonical programs that a name may mean: a cmdlet as ``Get-Item``, a program as ``net.exe``, else itself."""
    module = _MODULE.fullmatch(name)
    plain = module[1] if module else name
    known = names().aliases.get(plain.lower())
    if known:
        return known
    if _CMDLET.fullmatch(plain) and plain.lower() not in names().programs:
        return (cmdlet_name(plain),)
    return (program_name(plain),)


def program_name(name: str) -> str:
    """The canonical name of a program of Windows: without the system's folder, in lower case, with its ending."""
    base = _SYSTEM.sub("", name, count=1) if _SYSTEM.match(name) else name
    if "\\" in base or "/" in base or "$" in base or not base.strip():
        return name
    lower = base.lower()
    stem = lower.removesuffix(".exe").removesuffix(".com")
    if stem in names().programs and not names().programs[stem].startswith("cmd:"):
        return names().programs[stem]
    return names().programs.get(lower) or (lower if lower.endswith(_ENDINGS) else f"{lower}.exe")


def cmdlet_name(name: str) -> str:
    """A cmdlet's name in the case that its makers write; the first letters upper where it is not known."""
    known = _cmdlets().get(name.lower())
    if known:
        return known
    verb, _, noun = name.partition("-")
    return f"{verb[:1].upper()}{verb[1:].lower()}-{noun[:1].upper()}{noun[1:]}"


def parameter(cmdlet: str, word: str) -> str:
    """A parameter's full name for ``-rec``; as it stands, but for its case, where it is not known or not one alone."""
    plain = word.lstrip(DASHES)
    given = plain.lower()
    own = names().parameters.get(cmdlet.lower(), ())
    known = (*own, *names().common)
    exact = [name for name in known if name.lower() == given]
    if not exact and given in names().short:
        exact = [names().short[given]]
    begun = exact or [name for name in known if name.lower().startswith(given)]
    if len(begun) == 1 and (own or exact):
        return f"-{begun[0]}"
    return f"-{plain[:1].upper()}{plain[1:]}"


@functools.cache
def _cmdlets() -> dict[str, str]:
    text = (resources.files("itops.scripts") / "data" / "cmdlets.txt").read_text(encoding="utf-8")
    return {name.lower(): name for name in text.split()}
