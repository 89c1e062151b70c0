"""PowerShell scripts with placeholders inside quotes, rewritten so that each value is an expression of its own."""

import re
from collections.abc import Iterator
from typing import Final

from itops.instructions.importers.template import Inexpressible, Template, free_name
from itops.scripts.template_check import PLACEHOLDER

_UNITS: Final = re.compile(
    r"(?P<comment><#.*?(?:#>|\Z)|(?<![\w`$])#[^\n]*)|(?P<lines>@\"[^\n]*\n.*?\n\"@)|(?P<raw>@'.*?(?:\n'@|\Z))"
    r"|(?P<single>'(?:[^']|'')*')|(?P<double>\"(?:`.|\"\"|[^\"`])*\")",
    re.DOTALL,
)
_ALONE: Final = re.compile(r"[\"']" + PLACEHOLDER.pattern + r"[\"']")
_RUNS_TEXT: Final = re.compile(
    r"\b(?:iex|invoke-expression|invoke-command|icm|scriptblock|add-type|start-process|invokescript)\b"
    r"|\b(?:cmd|powershell|pwsh|bash|sh|wsl|ssh)(?:\.exe)?[ \t]+[-/]?\w",
    re.IGNORECASE,
)


def fit_powershell(text: str) -> Template:
    """The template with every placeholder outside of quotes.

    Raises:
        Inexpressible: a value would stand where it could become code.
    """
    names = tuple(dict.fromkeys(PLACEHOLDER.findall(text)))
    if not names:
        return Template(text, "powershell")
    if runner := _RUNS_TEXT.search(text):
        raise Inexpressible(f"it runs texts as code ({runner[0].strip()}), and a value could become code")
    variables: dict[str, str] = {}
    body = _UNITS.sub(lambda unit: _unit(unit, text, variables), text)
    top = "".join(f"${variable} = {{{{ {name} }}}}\n" for name, variable in variables.items())
    return Template(top + body, "powershell", tuple(_account(names, variables)))


def _unit(unit: re.Match[str], script: str, variables: dict[str, str]) -> str:
    """One comment or string, without placeholders inside."""
    text, kind = unit[0], unit.lastgroup
    if not PLACEHOLDER.search(text):
        return text
    if kind == "comment":
        return PLACEHOLDER.sub(lambda found: found[1], text)
    if alone := _ALONE.fullmatch(text):
        return f"{{{{ {alone[1]} }}}}"
    if kind in {"raw", "single"}:
        raise Inexpressible("a value stands inside a text in single quotes")
    return PLACEHOLDER.sub(lambda found: _variable(found, script, variables), text)


def _variable(found: re.Match[str], script: str, variables: dict[str, str]) -> str:
    if found.string[: found.start()].endswith(("$", "`")):
        raise Inexpressible("a sign that PowerShell reads stands before a value")
    variables.setdefault(found[1], free_name(found[1], PLACEHOLDER.sub("", script)))
    return "${" + variables[found[1]] + "}"


def _account(names: tuple[str, ...], variables: dict[str, str]) -> Iterator[str]:
    yield f"The values of {', '.join(names)} are quoted by themselves now: no value is code."
    if variables:
        yield f"The values of {', '.join(variables)} are put into variables first."
