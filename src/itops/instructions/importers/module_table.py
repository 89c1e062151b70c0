"""The table of Ansible modules: a module and its arguments → a command that does the same, or why there is none."""

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from typing import Any, Final, cast

from itops.domain.instruction import Language
from itops.instructions.importers.template import Inexpressible
from itops.instructions.importers.yaml_reader import Node

_COLLECTIONS: Final = re.compile(
    r"(?:ansible\.(?:builtin|legacy|posix|windows)|community\.(?:general|windows))\.(?=\w+$)"
)
_OPTIONAL: Final = re.compile(r" ?\?\(([^()]*\{(\w+)[*,]?\}[^()]*)\)")
_VALUE: Final = re.compile(r"\{(\w+)([*,]?)\}")
_TRUTH: Final = {"true": "true", "yes": "true", "on": "true", "1": "true"}
_UNTRUTH: Final = {"false": "false", "no": "false", "off": "false", "0": "false"}

Word = Callable[[str], str]
"""A literal value with Jinja placeholders → one word of a command with ours."""


def short_name(module: str) -> str:
    """A module's name without its collection, where it is one of those that ship with Ansible."""
    return _COLLECTIONS.sub("", module)


def language_of(module: str) -> Language:
    """The language of a module's commands.

    Raises:
        Inexpressible: the table does not know the module.
    """
    return cast("Language", _entry(module).get("language", "bash"))


def command(module: str, arguments: Mapping[str, Node], word: Word) -> str:
    """The lines that do what the module does with these arguments.

    Raises:
        Inexpressible: the table has no faithful command for them.
    """
    entry = _entry(module)
    given = _given(entry, arguments)
    lines = [line for line in entry["lines"] if all(_holds(given, *each) for each in line["if"].items())]
    named = {name for line in lines for name in (*line["if"], *(found[1] for found in _VALUE.finditer(line["run"])))}
    ignored = {name for name, values in entry.get("ignored", {}).items() if _holds(given, name, values)}
    if not lines:
        raise Inexpressible(f"the module {module} with these arguments has no command that does the same")
    if rest := sorted(given.keys() - named - ignored):
        raise Inexpressible(f"the module {module} with the argument {rest[0][:60]} has no command that does the same")
    joint = "\n" if entry.get("language") == "powershell" else " &&\n"
    return joint.join(_grouped(_filled(line["run"].strip(), given, word), alone=len(lines) == 1) for line in lines)


def _entry(module: str) -> dict[str, Any]:
    entry = _table().get(module)
    if entry is None:
        raise Inexpressible(f"the module {module[:60]} has no command that always does the same")
    return entry


def _grouped(text: str, *, alone: bool) -> str:
    """A line that others can be joined to: what is no plain command stands in brackets."""
    plain = "\n" not in text and "||" not in text and not text.startswith("!")
    return text if alone or plain else f"{{\n{text}\n}}"


def _given(entry: Mapping[str, Any], arguments: Mapping[str, Node]) -> dict[str, Node]:
    aliases = entry.get("aliases", {})
    given: dict[str, Node] = {}
    for key, node in arguments.items():
        name = aliases.get(key, key)
        if name in given:
            raise Inexpressible(f"the argument {name} is given twice")
        if not node.is_null:
            given[name] = node
    for name, pattern in entry.get("only", {}).items():
        several = any(f"{{{name}*}}" in line["run"] for line in entry["lines"])
        for text in _members(given[name], several=several) if name in given else ():
            if "{{" not in text and not re.fullmatch(pattern, text, re.DOTALL):
                raise Inexpressible(f"{text[:60]!r} as {name} has no command that does the same")
    return given


def _holds(given: Mapping[str, Node], name: str, wanted: str | list[str]) -> bool:
    if wanted == "any":
        return name in given
    allowed = [wanted] if isinstance(wanted, str) else wanted
    node = given.get(name)
    if node is None:
        return "else" in allowed
    return node.is_text and _normal(node.text()) in allowed


def _normal(text: str) -> str:
    word = text.strip().lower()
    return _TRUTH.get(word) or _UNTRUTH.get(word) or word


def _filled(run: str, given: Mapping[str, Node], word: Word) -> str:
    chosen = _OPTIONAL.sub(lambda found: f" {found[1]}" if found[2] in given else "", run)
    return _VALUE.sub(lambda found: " ".join(_words(given[found[1]], found[2], word)), chosen)


def _words(node: Node, form: str, word: Word) -> Iterator[str]:
    texts = _texts(node)
    if form == "*":
        yield from (word(member) for member in _members(node, several=True))
    elif form == ",":
        yield word(",".join(text.replace(" ", "") if "{{" not in text else text for text in texts))
    elif len(texts) == 1 and not isinstance(node.value, list):
        yield word(texts[0])
    else:
        raise Inexpressible("a list stands where a single value is wanted")


def _members(node: Node, *, several: bool) -> list[str]:
    """The values of an argument that may hold several, joined by commas."""
    texts = _texts(node)
    if not several:
        return texts
    split = (text.split(",") if "{{" not in text else [text] for text in texts)
    return [member.strip() for members in split for member in members if member.strip()]


def _texts(node: Node) -> list[str]:
    if isinstance(node.value, dict) or not all(member.is_text for member in node.items()):
        raise Inexpressible("an argument is no plain value")
    return [member.text() for member in node.items()]


@functools.cache
def _table() -> dict[str, dict[str, Any]]:
    import yaml

    text = (files("itops.instructions.importers") / "data" / "ansible_modules.yaml").read_text(encoding="utf-8")
    entries: dict[str, dict[str, Any]] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - our own file, and texts alone
    also = {name: entry for entry in entries.values() for name in entry.get("also", ())}
    return {**entries, **also}
