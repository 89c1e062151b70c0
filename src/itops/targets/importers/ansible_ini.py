"""Ansible's inventory as INI: ``[group]``, ``[group:children]``, ``[group:vars]``, ``web[01:20]``."""

import re
import shlex
from typing import Final

from itops.errors import UsageError
from itops.targets.importers.ansible_tree import Tree
from itops.targets.importers.found import Found
from itops.targets.importers.host_ranges import expand

_SECTION: Final = re.compile(r"\[([^\]:]+)(?::(children|vars|hosts))?\]\s*(?:[#;].*)?")


def read_ini(text: str, source: str) -> Found:
    """The targets and groups of a text.

    Raises:
        UsageError: a line is off. Nothing was taken.
    """
    tree = Tree()
    group, kind = "ungrouped", "hosts"
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith(("#", ";")):
            continue
        if stripped.startswith("["):
            section = _SECTION.fullmatch(stripped)
            if not section:
                raise _off(source, number, f"{stripped!r} is no section")
            group, kind = section[1].strip(), section[2] or "hosts"
            tree.group(group)
        elif kind == "children":
            tree.group(group).children[stripped.split()[0]] = None
        elif kind == "vars":
            name, equals, value = stripped.partition("=")
            if not equals:
                raise _off(source, number, f"{name!r} is no variable")
            tree.group(group).variables[name.strip()] = value.strip().strip("\"'")
        else:
            try:
                _host(tree, group, stripped)
            except ValueError as error:
                raise _off(source, number, str(error)) from error
    return tree.found()


def _host(tree: Tree, group: str, line: str) -> None:
    words = shlex.split(line, comments=True)
    if any("=" not in word for word in words[1:]):
        raise ValueError(f"{words[0]!r} has a word that is no variable")
    variables = {name: value for name, _, value in (word.partition("=") for word in words[1:])}
    for host in expand(words[0]):
        name, colon, port = host.rpartition(":")
        has_port = colon and port.isdecimal() and ":" not in name
        tree.add_host(name if has_port else host, group, {**({"ansible_port": port} if has_port else {}), **variables})


def _off(source: str, line: int, fault: str) -> UsageError:
    return UsageError(f"{source}, line {line}: {fault}.", world="Nothing was imported.")
