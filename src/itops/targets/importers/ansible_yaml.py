"""Ansible's inventory as YAML, and as the JSON of ``ansible-inventory --list``."""

import json
from collections.abc import Mapping
from typing import Any, Final

from itops.errors import UsageError
from itops.targets.importers.ansible_tree import Tree
from itops.targets.importers.found import Found
from itops.targets.importers.host_ranges import expand
from itops.targets.lined_yaml import LineFault, read_lined

_KEYS: Final = frozenset({"hosts", "children", "vars"})


def read_yaml(text: str, source: str) -> Found:
    """The targets and groups of a text in YAML.

    Raises:
        UsageError: it is no inventory. Nothing was taken.
    """
    try:
        document = read_lined(text)
    except LineFault as fault:
        raise _off(f"{source}, line {fault.line}: {fault.fault}") from fault
    tree = Tree()
    for name, group in _mapping(document, source, "the document").items():
        _group(tree, name, group, source)
    return tree.found()


def read_json(text: str, source: str) -> Found:
    """The targets and groups of what ``ansible-inventory --list`` prints.

    Raises:
        UsageError: it is no inventory. Nothing was taken.
    """
    try:
        document = _mapping(json.loads(text), source, "the document")
    except (ValueError, RecursionError) as error:
        raise _off(f"{source} is no JSON: {error}") from error
    tree = Tree()
    meta = _mapping(document.get("_meta"), source, "_meta")
    for host, variables in _mapping(meta.get("hostvars"), source, "hostvars").items():
        tree.hosts[host] = dict(_mapping(variables, source, host))
    for name, group in document.items():
        if name == "_meta":
            continue
        told = group if isinstance(group, dict) else {"hosts": group}
        for host in _list(told.get("hosts"), source, name):
            tree.add_host(host, name, {})
        tree.group(name).children.update(dict.fromkeys(_list(told.get("children"), source, name)))
        tree.group(name).variables.update(_mapping(told.get("vars"), source, name))
    return tree.found()


def _group(tree: Tree, name: str, value: Any, source: str) -> None:  # noqa: ANN401 - whatever stands there
    told = _mapping(value, source, name)
    unknown = set(told) - _KEYS
    if unknown:
        raise _off(f"{source}: the group {name} holds {min(unknown)!r}; it may hold hosts, children and vars")
    tree.group(name).variables.update(_mapping(told.get("vars"), source, name))
    for written, variables in _mapping(told.get("hosts"), source, name).items():
        try:
            hosts = expand(written)
        except ValueError as error:
            raise _off(f"{source}: {error}") from error
        for host in hosts:
            tree.add_host(host, name, _mapping(variables, source, host))
    for child, inner in _mapping(told.get("children"), source, name).items():
        tree.group(name).children[child] = None
        _group(tree, child, inner, source)


def _mapping(value: Any, source: str, name: str) -> Mapping[str, Any]:  # noqa: ANN401 - whatever stands there
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _off(f"{source}: {name} holds no names with what is said of them")
    return value


def _list(value: Any, source: str, name: str) -> list[str]:  # noqa: ANN401 - whatever stands there
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise _off(f"{source}: the group {name} holds no list of names")
    return value


def _off(fault: str) -> UsageError:
    return UsageError(f"{fault}.", world="Nothing was imported.")
