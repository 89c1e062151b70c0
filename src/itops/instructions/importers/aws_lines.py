"""Calls of the AWS API, as Automation documents write them, in the words of the AWS CLI."""

import functools
import json
import re
import shlex
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any, Final

from itops.instructions.importers.template import Inexpressible
from itops.instructions.importers.yaml_reader import Node

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_CAPITAL: Final = re.compile(r"(.)([A-Z][a-z]+)")
_NEXT_CAPITAL: Final = re.compile(r"([a-z0-9])([A-Z])")
_PLURAL_SHORT: Final = re.compile(r"[A-Z]{2,}s$")
_CURLY: Final = "{{"
_SELECTOR: Final = re.compile(r"[A-Za-z0-9_]+(?:\[\d+\])?(?:\.[A-Za-z0-9_]+(?:\[\d+\])?)*")
REGION: Final = "region"
# Services that know no Regions.
_GLOBAL: Final = frozenset(
    {"account", "budgets", "ce", "cloudfront", "iam", "organizations", "route53", "s3", "s3api", "sts"}
)

Resolve = Callable[[str], str]
"""A text with the document's placeholders → one word of a command with ours."""


def kebab(name: str) -> str:
    """The AWS CLI's spelling of an API name: ``DBInstanceIdentifier`` is ``db-instance-identifier``."""
    if short := _PLURAL_SHORT.search(name):
        name = f"{name[: short.start()]}-{short[0].lower()}".lstrip("-")
    return _NEXT_CAPITAL.sub(r"\1-\2", _CAPITAL.sub(r"\1-\2", name)).lower().replace("_", "-")


def api_line(inputs: Mapping[str, Node], resolve: Resolve) -> str:
    """The line of an ``aws:executeAwsApi`` step.

    Raises:
        Inexpressible: an input has no faithful option.
    """
    service, api = _word(inputs, "Service").lower(), _word(inputs, "Api")
    rest = {key: node for key, node in inputs.items() if key not in {"Service", "Api"}}
    return _line(f"{_service(service)} {kebab(api)}{_options(rest, resolve)}")


def wait_line(inputs: Mapping[str, Node], resolve: Resolve) -> str:
    """The line that waits for what an ``aws:waitForAwsResourceProperty`` or ``aws:assert…`` step wants to see.

    Raises:
        Inexpressible: the AWS CLI has no such wait, or an input has no faithful option.
    """
    service, api = _word(inputs, "Service").lower(), _word(inputs, "Api")
    selector = re.sub(r"\[[^\]]*\]|^\$\.", "", _input(inputs, "PropertySelector").text())
    values = [node.text() for node in _input(inputs, "DesiredValues").items()]
    for waiter in _table()["waiters"]:
        if [service, api, selector, *values] == [waiter[key] for key in ("service", "api", "property", "value")]:
            own = {"Service", "Api", "PropertySelector", "DesiredValues"}
            rest = {key: node for key, node in inputs.items() if key not in own}
            return _line(f"{_service(service)} wait {waiter['wait']}{_options(rest, resolve)}")
    raise Inexpressible(f"the AWS CLI has no wait for {selector[:80]} of {api} to be {' or '.join(values)[:80]}")


def test_script(inputs: Mapping[str, Node], resolve: Resolve, *, wait: bool) -> str:
    """The bash script that exits 0 only where a property is as a step wants to see it, after waiting for it or at once.

    Raises:
        Inexpressible: the selector is more than a path, or an input has no faithful option.
    """
    selector = _input(inputs, "PropertySelector").text().removeprefix("$.")
    values = [node.text() for node in _input(inputs, "DesiredValues").items()]
    if not _SELECTOR.fullmatch(selector) or not values or any(_CURLY in value for value in values):
        raise Inexpressible(f"the property {selector[:80]!r} can't be asked for")
    rest = {key: node for key, node in inputs.items() if key not in {"PropertySelector", "DesiredValues"}}
    look = f"{api_line(rest, resolve)} --query {shlex.quote(selector)} --output text"
    wanted = "|".join(shlex.quote(value) for value in values)
    test = f'case "$({look})" in {wanted}) exit 0 ;; esac'
    return f"for _ in $(seq 40); do\n  {test}\n  sleep 15\ndone\nexit 1" if wait else f"{test}\nexit 1"


def action_lines(action: str, inputs: Mapping[str, Node], resolve: Resolve) -> tuple[str, str]:
    """The line that does what an action of its own does, and the line that waits for it; either may be empty.

    Raises:
        Inexpressible: the table has no such action with such inputs.
    """
    for entry in _table()["actions"]:
        where: dict[str, Any] = entry["where"]
        known = {*where, *entry["uses"]}
        if (
            entry["action"] == action
            and inputs.keys() <= known
            and all(_holds(inputs, *each) for each in where.items())
        ):
            names = entry.get("names", {})
            options = {
                key: _option(names.get(key, f"--{kebab(key)}"), _input(inputs, key), resolve) for key in entry["uses"]
            }
            run, wait = (entry.get(key, "").format(**options) for key in ("run", "wait"))
            return _line(run) if run else "", _line(wait) if wait else ""
    raise Inexpressible(f"{action} with these inputs is no command of the AWS CLI")


def _line(words: str) -> str:
    """One command; where its service has Regions, the request says which one."""
    service = words.split(maxsplit=1)[0]
    return f"aws {words}" if service in _GLOBAL else f"aws {words} --region {{{{ {REGION} }}}}"


@functools.cache
def _table() -> dict[str, Any]:
    import yaml

    text = (files("itops.instructions.importers") / "data" / "ssm_actions.yaml").read_text(encoding="utf-8")
    table: dict[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - our own file, and texts alone
    return table


def _holds(inputs: Mapping[str, Node], key: str, wanted: str | list[str]) -> bool:
    allowed = wanted if isinstance(wanted, list) else [wanted]
    node = inputs.get(key)
    return "else" in allowed if node is None or node.is_null else node.is_text and node.text().lower() in allowed


def _service(name: str) -> str:
    return str(_table()["services"].get(name, name))


def _input(inputs: Mapping[str, Node], key: str) -> Node:
    if key not in inputs:
        raise Inexpressible(f"it has no input {key}")
    return inputs[key]


def _word(inputs: Mapping[str, Node], key: str) -> str:
    word = _input(inputs, key).text()
    if not _WORD.fullmatch(word):
        raise Inexpressible(f"{word[:40]!r} is no name of the AWS API")
    return word


def _options(inputs: Mapping[str, Node], resolve: Resolve) -> str:
    return "".join(f" {_option(f'--{kebab(key)}', node, resolve)}" for key, node in inputs.items())


def _option(option: str, node: Node, resolve: Resolve) -> str:
    if not re.fullmatch(r"--[a-z0-9-]+", option):
        raise Inexpressible(f"{option[:40]!r} is no option of the AWS CLI")
    value = node.plain()
    if isinstance(value, bool):
        return option if value else f"--no-{option[2:]}"
    if isinstance(node.value, list) and node.value and all(member.is_text for member in node.value):
        return f"{option} {' '.join(resolve(member.text()) for member in node.value)}"
    if node.is_text:
        return f"{option} {resolve(node.text())}"
    written = json.dumps(value, ensure_ascii=False)
    if _CURLY in written:
        raise Inexpressible(f"a value stands inside the structure of {option}")
    return f"{option} {shlex.quote(written)}"
