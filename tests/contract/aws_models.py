"""Checks AWS CLI commands offline against the models of the AWS CLI that is installed: nothing is sent anywhere.

The AWS CLI brings a botocore of its own that takes the place of the installed one, so it is loaded in a process of its
own: this file, run as a program, reads a JSON list of argument lists and prints a JSON list of what is wrong with each.
"""

import io
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

REGION = "eu-west-1"
_STANDARD_INPUT = ("file:///dev/stdin", "from-standard-input")
_TIME = re.compile(r"\$\(date\b[^)]*\)|\$\{?(?:since|until)\b\}?")
_VARIABLE = re.compile(r"\$(?:\{(\w+)[^}]*\}|(\w+))")
_LISTS_ALIKE = {"sort", "sort_by", "reverse", "not_null"}
_ONE_OF = {"max_by", "min_by"}


def commands(language: str, text: str) -> list[list[str]]:
    """The calls of ``aws`` that a rendered block makes, with something plausible where bash would put a variable."""
    if language == "aws":
        return [shlex.split(line) for line in text.splitlines() if line.strip()]
    from itops.scripts.bash_reader import read_bash

    facts = read_bash(text)
    assert not facts.problems, facts.problems
    return [[_filled(word) for word in call.argv] for call in facts.commands if call.program == "aws"]


def _filled(word: str) -> str:
    return _VARIABLE.sub(lambda found: (found[1] or found[2]).ljust(40, "x"), _TIME.sub("1700000000", word))


def findings(calls: Iterable[list[str]]) -> list[str]:
    """What is wrong with each of these calls by the models of AWS, in their order; empty where nothing is."""
    listed = [[word.replace(*_STANDARD_INPUT) for word in call] for call in calls]
    done = subprocess.run(
        [sys.executable, __file__],
        input=json.dumps(listed),
        env={"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"},
        capture_output=True,
        text=True,
        timeout=240,
        check=True,
    )
    said: list[str] = json.loads(done.stdout)
    assert len(said) == len(listed)
    return said


class QueryError(Exception):
    """A ``--query`` names what the answer does not have."""


class ListOf:
    """A list that a query makes."""

    def __init__(self, member: Any) -> None:
        self.member = member


class Query:
    """A ``--query`` walked over the shape of the answer that it reads; ``None`` is a value whose shape is not known."""

    def over(self, node: dict[str, Any], shape: Any) -> Any:
        """The shape of what the node makes of a value of this shape."""
        return getattr(self, f"_{node['type']}", self._each)(node, shape)

    def _each(self, node: dict[str, Any], shape: Any) -> Any:
        for child in node["children"]:
            self.over(child, shape)

    def _field(self, node: dict[str, Any], shape: Any) -> Any:
        if shape is None:
            return None
        members = shape if isinstance(shape, dict) else getattr(shape, "members", None)
        if members is not None:
            if node["value"] not in members:
                raise QueryError(f"the answer has no {node['value']}; it has {', '.join(members)}")
            member = members[node["value"]]
            # The AWS CLI reads the JSON of a policy, of which the model knows the text alone.
            return None if getattr(member, "name", "") == "policyDocumentType" else member
        if getattr(shape, "type_name", "") == "map":
            return shape.value
        raise QueryError(f"{node['value']} is asked of what has no fields")

    def _subexpression(self, node: dict[str, Any], shape: Any) -> Any:
        for child in node["children"]:
            shape = self.over(child, shape)
        return shape

    _pipe = _index_expression = _subexpression

    def _identity(self, node: dict[str, Any], shape: Any) -> Any:
        return shape

    _current = _slice = _identity

    def _literal(self, node: dict[str, Any], shape: Any) -> Any:
        return None

    def _index(self, node: dict[str, Any], shape: Any) -> Any:
        if shape is not None and not hasattr(shape, "member"):
            raise QueryError("an index is asked of what is no list")
        return getattr(shape, "member", None)

    def _flatten(self, node: dict[str, Any], shape: Any) -> Any:
        member = self._index(node, self.over(node["children"][0], shape))
        return ListOf(getattr(member, "member", member))

    def _projection(self, node: dict[str, Any], shape: Any) -> Any:
        member = self._index(node, self.over(node["children"][0], shape))
        return ListOf(self.over(node["children"][1], member))

    def _filter_projection(self, node: dict[str, Any], shape: Any) -> Any:
        member = self._index(node, self.over(node["children"][0], shape))
        self.over(node["children"][2], member)
        return ListOf(self.over(node["children"][1], member))

    def _multi_select_dict(self, node: dict[str, Any], shape: Any) -> Any:
        return {pair["value"]: self.over(pair["children"][0], shape) for pair in node["children"]}

    def _multi_select_list(self, node: dict[str, Any], shape: Any) -> Any:
        self._each(node, shape)
        return ListOf(None)

    def _or_expression(self, node: dict[str, Any], shape: Any) -> Any:
        first, second = (self.over(child, shape) for child in node["children"])
        return first or second

    def _function_expression(self, node: dict[str, Any], shape: Any) -> Any:
        first = self.over(node["children"][0], shape)
        for child in node["children"][1:]:
            if child["type"] == "expref":
                self.over(child["children"][0], getattr(first, "member", None))
            else:
                self.over(child, shape)
        return first if node["value"] in _LISTS_ALIKE else first.member if node["value"] in _ONE_OF else None


def _check_answer(session: Any, service: str, operation: str, parameters: dict[str, Any], query: Any) -> None:
    from awscli.botocore.validate import ParamValidator

    model = session.get_service_model(service).operation_model(operation)
    given = {name: value for name, value in parameters.items() if name != "PaginationConfig"}
    if model.input_shape is not None:
        report = ParamValidator().validate(given, model.input_shape)
        if report.has_errors():
            raise QueryError(report.generate_report())
    if query is not None:
        Query().over(query.parsed, model.output_shape)


def _hold_back() -> None:
    """Let the AWS CLI go on up to the moment at which it would send something."""
    from awscli import clidriver
    from awscli.customizations import waiters
    from awscli.customizations.eks.update_kubeconfig import UpdateKubeconfigCommand
    from awscli.customizations.s3 import subcommands

    def call(self: Any, service: str, operation: str, parameters: dict[str, Any], parsed: Any) -> int:
        _check_answer(self._session, service, operation, parameters, parsed.query)
        return 0

    clidriver.CLIOperationCaller.invoke = call
    waiters.WaiterCaller.invoke = call
    for command in (UpdateKubeconfigCommand, *subcommands.S3Command.__subclasses__(), subcommands.S3TransferCommand):
        command._run_main = lambda *_: 0
    for command in subcommands.S3TransferCommand.__subclasses__():
        command._run_main = lambda *_: 0


def _models() -> Any:
    """The models of the AWS CLI, each read once."""
    from awscli.clidriver import create_clidriver

    return create_clidriver().session.get_component("data_loader")


def _said(call: list[str], models: Any) -> str:
    """What the AWS CLI says against one call; empty where it would send it."""
    from awscli.clidriver import create_clidriver

    driver, said = create_clidriver(), io.StringIO()  # a driver remembers the options of the last call
    driver.session.register_component("data_loader", models)
    try:
        with redirect_stderr(said), redirect_stdout(said):
            code = driver.main([*call[1:], *([] if "--region" in call else ["--region", REGION])])
    except SystemExit as stop:
        code = stop.code
    words = " ".join(said.getvalue().split()).rpartition("error: ")[2]
    return "" if code == 0 else words[:600] or f"exit code {code}"


if __name__ == "__main__":
    sys.path = [path for path in sys.path if Path(path or ".").resolve() != Path(__file__).parent]
    _hold_back()
    loader = _models()
    answers = [_said(call, loader) for call in json.load(sys.stdin)]
    json.dump(answers, sys.stdout)
