"""One step of a Systems Manager document → steps of a procedure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from itops.domain.instruction import Language
from itops.errors import InvalidInstruction
from itops.instructions.importers.automation import Step, shown
from itops.instructions.importers.aws_lines import action_lines, api_line, test_script, wait_line
from itops.instructions.importers.template import Inexpressible, Template, apart
from itops.instructions.importers.templating import fit, placed, shell_word
from itops.instructions.importers.yaml_reader import Node
from itops.scripts.template_check import check_template

_PLACEHOLDER: Final = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_SCRIPTS: Final[dict[str, Language]] = {"aws:runShellScript": "bash", "aws:runPowerShellScript": "powershell"}
_DOCUMENTS: Final[dict[str, Language]] = {"AWS-RunShellScript": "bash", "AWS-RunPowerShellScript": "powershell"}
_SCRIPT_INPUTS: Final = frozenset({"runCommand", "workingDirectory", "timeoutSeconds"})
_RUN_INPUTS: Final = frozenset(
    {"DocumentName", "Parameters", "InstanceIds", "Targets", "TimeoutSeconds", "Comment", "DocumentVersion"}
)
_SINGLE: Final = ("String", "Integer", "Boolean")


@dataclass(frozen=True)
class Declared:
    """A document's parameters: our names, their types there, which may be empty and which hold spaces."""

    names: Mapping[str, str]
    kinds: Mapping[str, str]
    maybe_empty: frozenset[str]
    not_words: frozenset[str] = frozenset()

    def aws_word(self, text: str) -> str:
        """A value of an API call as one word."""
        return shell_word(
            text, _PLACEHOLDER, lambda found: self._ours(found, barred=("Boolean", "StringMap", "MapList"))
        )

    def script(self, text: str) -> str:
        """A script with our placeholders."""
        return placed(
            text, _PLACEHOLDER, lambda found: self._ours(found, barred=("StringList", "List<", "StringMap", "MapList"))
        )

    def _ours(self, found: re.Match[str], *, barred: tuple[str, ...]) -> str:
        name = found[1]
        if name not in self.names:
            raise Inexpressible(f"{{{{ {name[:60]} }}}} is known only while the document runs")
        if self.kinds[name].startswith(barred):
            raise Inexpressible(f"{name} is a {self.kinds[name]}, which is no single text here")
        if barred[0] == "Boolean" and self.names[name] in self.maybe_empty:
            raise Inexpressible(f"{name} may be empty and stand for no option at all")
        return f"{{{{ {self.names[name]} }}}}"


def read_step(fields: Mapping[str, Node], declared: Declared) -> list[Step]:
    """The step; an action that also waits for what it did gives two.

    Raises:
        InvalidInstruction: the step is no step of a document.
    """
    action = fields["action"].text() if "action" in fields else ""
    name = fields["name"].text() if "name" in fields else action or "a step without a name"
    inputs = fields["inputs"].mapping() if "inputs" in fields else {}
    detail = fields["description"].text() if "description" in fields else ""
    step = Step(name, action, detail, shown=shown(inputs))
    try:
        return _taken(step, action, inputs, declared)
    except Inexpressible as reason:
        return [Step(name, action, detail, step.shown, why=str(reason))]


def _taken(step: Step, action: str, inputs: Mapping[str, Node], declared: Declared) -> list[Step]:
    if action in _SCRIPTS:
        _refuse_inputs(inputs, _SCRIPT_INPUTS)
        return [_with(step, _script(inputs, "runCommand", _SCRIPTS[action], declared))]
    if action == "aws:runCommand":
        _refuse_inputs(inputs, _RUN_INPUTS)
        document = inputs["DocumentName"].text() if "DocumentName" in inputs else ""
        if document not in _DOCUMENTS:
            raise Inexpressible(f"it runs the document {document[:80]!r}")
        parameters = inputs["Parameters"].mapping() if "Parameters" in inputs else {}
        _refuse_inputs(parameters, frozenset({"commands", "workingDirectory", "executionTimeout"}))
        where = "It ran on instances that the step names; here it runs on the target."
        template = _script(parameters, "commands", _DOCUMENTS[document], declared)
        return [_with(step, Template(template.text, template.language, (*template.changed, where)))]
    if action == "aws:executeAwsApi":
        return [_with(step, _line(api_line(inputs, declared.aws_word)))]
    if action in {"aws:waitForAwsResourceProperty", "aws:assertAwsResourceProperty"}:
        return [_with(step, _looking(inputs, declared, wait=action.startswith("aws:wait")), verifies=True)]
    run, wait = action_lines(action, inputs, declared.aws_word)
    done = [_with(step, _line(run))] if run else []
    waiting = Step(f"{step.title}: wait until it is so" if run else step.title, "" if run else action)
    return [*done, _with(waiting, _line(wait), verifies=True)] if wait else done


def _with(step: Step, template: Template, *, verifies: bool = False) -> Step:
    return Step(step.title, step.action, step.detail, step.shown, template, verifies=verifies)


def _line(text: str) -> Template:
    try:
        check_template(text, "aws")
    except InvalidInstruction as error:
        raise Inexpressible(apart(error.what)) from error
    return Template(text, "aws")


def _looking(inputs: Mapping[str, Node], declared: Declared, *, wait: bool) -> Template:
    """A wait command of the AWS CLI where there is one, else a script that looks for itself."""
    try:
        return _line(wait_line(inputs, declared.aws_word))
    except Inexpressible:
        return fit(test_script(inputs, declared.aws_word, wait=wait), "bash")


def _script(inputs: Mapping[str, Node], key: str, language: Language, declared: Declared) -> Template:
    if key not in inputs:
        raise Inexpressible(f"it has no input {key}")
    text = declared.script("\n".join(node.text() for node in inputs[key].items()))
    folder = inputs["workingDirectory"].text() if "workingDirectory" in inputs else ""
    if folder and language == "powershell":
        raise Inexpressible("it runs in a working directory")
    if folder:
        word = shell_word(folder, _PLACEHOLDER, lambda found: declared.script(found[0]))
        text = f"cd -- {word} || exit 1\n{text}"
    return fit(text, language, not_words=declared.maybe_empty | declared.not_words)


def _refuse_inputs(inputs: Mapping[str, Node], known: frozenset[str]) -> None:
    if others := sorted(inputs.keys() - known):
        raise Inexpressible(f"it has the inputs {', '.join(others)[:80]}")
