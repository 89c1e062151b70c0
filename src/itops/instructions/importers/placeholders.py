"""Values that an author left open in a command (``<user>``, ``{user}``, ``$USER``, ``YOUR_USER``), as parameters."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Language, Parameter
from itops.scripts.parameters import TYPES

_OPEN: Final = re.compile(
    r"(?P<ours>\{\{ *(?P<name>[A-Za-z_][A-Za-z0-9_-]*) *\}\})"
    r"|(?<![A-Za-z0-9<$&])<(?P<angle>[A-Za-z][\w ./:-]{0,60})>(?![\w>&(])"
    r"|(?<![A-Za-z0-9<$%{\\])\{(?P<curly>[A-Za-z][\w -]{1,40})\}(?![A-Za-z0-9}])"
    r"|(?<![\w$-])(?P<your>YOUR[_-][A-Z0-9]+(?:[_-][A-Z0-9]+)*|your[_-][a-z0-9]+(?:[_-][a-z0-9]+)*)"
    r"|\$\{?(?P<dollar>[A-Z][A-Z0-9_]*)(?:\}|(?![\w}\[:]))"
    r"|(?<![\w$/.{<-])(?P<upper>[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)(?![\w=(/])"
)
_QUOTED: Final = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_LEADING: Final = re.compile(r"^(?:your|the|an?|my)_")
_NOT_VALUES: Final = frozenset(
    ("print", "next", "exit", "getline", "else", "end", "upstream", "u", "push", "nil", "break", "continue")
)
_LONGEST_READ: Final = 64 * 1024
_GO_WORDS: Final = frozenset(("end", "else", "nil", "break", "continue"))
_ENVIRONMENT: Final = frozenset(
    (
        "HOME",
        "PATH",
        "USER",
        "PWD",
        "OLDPWD",
        "SHELL",
        "HOSTNAME",
        "LANG",
        "UID",
        "EUID",
        "PPID",
        "RANDOM",
        "TMPDIR",
        "EDITOR",
        "IFS",
        "LOGNAME",
        "TERM",
    )
)
# fmt: off
_TYPES: Final = {
    "path": "path", "file": "path", "filename": "path", "dir": "path", "directory": "path", "folder": "path",
    "user": "user", "username": "user", "login": "user", "account": "user", "owner": "user", "group": "group",
    "host": "host", "hostname": "host", "server": "host", "ip": "host", "address": "host", "domain": "host",
    "fqdn": "host", "service": "service", "unit": "service", "package": "package", "pkg": "package", "port": "port",
    "pid": "pid", "size": "size", "duration": "duration", "timeout": "duration", "count": "count", "number": "count",
    "lines": "count", "replicas": "count", "days": "count", "url": "url", "uri": "url", "email": "email",
    "interface": "interface", "nic": "interface", "device": "device", "disk": "device", "mode": "mode", "date": "date",
    "signal": "signal", "bucket": "bucket", "region": "region", "namespace": "name", "pod": "name",
    "deployment": "name", "container": "name", "cluster": "name", "node": "host", "name": "name", "id": "name",
}
# fmt: on


@dataclass(frozen=True)
class Opened:
    """A template, its parameters, and what was written differently."""

    text: str
    parameters: tuple[Parameter, ...]
    changed: tuple[str, ...]


def open_values(command: str, language: Language, documented: str = "") -> Opened:
    """The command with its open values as ``{{ name }}``.

    A word in capitals, and a variable that the command does not set, is an open value only where ``documented``, the
    text around the command, explains it.
    """
    reader = _Reader(command, language, documented)
    text = _OPEN.sub(reader.take, command)
    return Opened(text, tuple(reader.parameters.values()), tuple(dict.fromkeys(reader.changed)))


def parameter_of(words: str, *, example: str = "", description: str = "") -> Parameter:
    """The parameter that these words name, with the type that its name suggests."""
    name = parameter_name(words)
    kind = type_of(name)
    fits = example and re.fullmatch(TYPES[kind].pattern, example)
    about = description or name.replace("_", " ").replace("-", " ").capitalize()
    return Parameter(name=name, description=about, type=kind, example=example if fits else "")


def parameter_name(words: str) -> str:
    """A parameter's name out of the words that stand for it."""
    name = re.sub(r"[^A-Za-z0-9]+", "_", words.rpartition("/")[2] or words).strip("_").lower()
    name = _LEADING.sub("", name)[:40].strip("_")
    return name if re.match("[a-z]", name) else f"value_{name}".strip("_")


def type_of(name: str) -> str:
    """The type of value that a parameter's name suggests: its last word that says one."""
    words = [word.rstrip("0123456789") for word in re.split("[_-]", name.lower())]
    if words[-2:] == ["instance", "id"]:
        return "instance_id"
    if words[-2:] == ["account", "id"]:
        return "account_id"
    if words[-1:] == ["name"] and len(words) > 1:
        words.pop()
    return next((_TYPES[word] for word in reversed(words) if word in _TYPES), "text")


class _Reader:
    """One command, read from left to right."""

    def __init__(self, command: str, language: Language, documented: str) -> None:
        self.parameters: dict[str, Parameter] = {}
        self.changed: list[str] = []
        self._language = language
        self._documented = documented[:_LONGEST_READ]
        self._quoted = [(*found.span(), found[0][0]) for found in _QUOTED.finditer(command)]
        self._is_go = "{{." in command or "{{range" in command or "{{json" in command
        self._comments = list(_comments(command))
        self._assigned = set(re.findall(r"(?:^|[\s;(])(?:export |local |read )?([A-Z][A-Z0-9_]*)(?==|\b)=", command))
        self._assigned |= set(re.findall(r"\b(?:for|read) (?:-\w+ )*([A-Z][A-Z0-9_]*)", command))

    def take(self, found: re.Match[str]) -> str:
        """What stands in this place from now on."""
        if found["ours"]:
            return self._own(found)
        words = found[found.lastgroup or 0]
        if any(start <= found.start() < end for start, end in self._comments) or not self._is_open(found, words):
            return found[0]
        return self._parameter(found[0], parameter_of(words))

    def _own(self, found: re.Match[str]) -> str:
        if self._is_go and found["name"] in _GO_WORDS:
            if self._language == "powershell":
                return found[0]
            quote = self._quote_around(found.start()) or "'"
            self.changed.append(f"`{found[0]}` is no placeholder and was written so that it stays as it is")
            return found[0].replace("{{", "{{" + quote * 2, 1)
        name = found["name"][:64]
        self.parameters.setdefault(name, parameter_of(name).model_copy(update={"name": name}))
        self.changed.append(f"`{found[0]}` became the parameter {name} ({self.parameters[name].type})")
        return f"{{{{ {name} }}}}"

    def _parameter(self, written: str, parameter: Parameter) -> str:
        self.parameters.setdefault(parameter.name, parameter)
        self.changed.append(f"`{written}` became the parameter {parameter.name} ({parameter.type})")
        return f"{{{{ {parameter.name} }}}}"

    def _is_open(self, found: re.Match[str], words: str) -> bool:
        match found.lastgroup:
            case "curly":
                if words in _NOT_VALUES or (self._language == "powershell" and not self._explains(words)):
                    return False
                return not self._quote_around(found.start()) or self._explains(words)
            case "dollar":
                return words not in _ENVIRONMENT | self._assigned and self._explains(words)
            case "upper":
                return words not in self._assigned and self._explains(words)
        return True

    def _quote_around(self, position: int) -> str:
        return next((mark for start, end, mark in self._quoted if start < position < end), "")

    def _explains(self, word: str) -> bool:
        """Whether the text around the command says what to put in the word's place."""
        if word not in self._documented:
            return False
        name = rf"[`*\"'<{{$]*{re.escape(word)}\b"
        before = rf"\b(?:replace|substitute|change|where|set|enter|give|use)\W+(?:\w+\W+){{0,3}}?{name}"
        after = rf"{name}[`*\"'>}}]*\s*(?:\bis\b|\bare\b|\bwith\b|\bby\b|\bstands\b|[:=\u2013\u2014-]\s)"
        return re.search(rf"(?:(?i:{before})|{after})", self._documented) is not None


def _comments(command: str) -> Iterator[tuple[int, int]]:
    yield from (found.span() for found in re.finditer(r"(?m)^[ \t]*#.*$", command))
