"""StackStorm action metadata (YAML or JSON) and the script beside it, one instruction an action."""

import re
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from itops.domain.target import Platform
from itops.instructions.importers.automation import Procedure, Step
from itops.instructions.importers.importer import Imported, Importer, Source
from itops.instructions.importers.parameter_maker import in_words
from itops.instructions.importers.stackstorm_parameters import Parameters
from itops.instructions.importers.template import Inexpressible, Template
from itops.instructions.importers.templating import fit, placed
from itops.instructions.importers.yaml_reader import Node, read_tree

_COMMANDS: Final = frozenset({"local-shell-cmd", "remote-shell-cmd", "run-local", "run-remote"})
_SCRIPTS: Final = frozenset({"local-shell-script", "remote-shell-script", "run-local-script", "run-remote-script"})
_POWERSHELL: Final = frozenset({"winrm-ps-cmd"})
_WORKFLOWS: Final = frozenset({"orquesta", "action-chain", "mistral-v2", "cloudslang", "inquirer"})
_JINJA: Final = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)
_STATEMENT: Final = re.compile(r"\{[%#]")
_SCRIPT_BYTES: Final = 64 * 1024


class StackStormImporter:
    """Actions of StackStorm packs."""

    name = "stackstorm"
    suffixes = frozenset({".yaml", ".yml", ".json"})

    def read(self, source: Source) -> Iterator[Imported]:
        """The file's action."""
        root = read_tree(source)
        fields = root.mapping()
        runner = fields["runner_type"].text() if "runner_type" in fields else ""
        if not runner or "name" not in fields:
            root.fail("this is no StackStorm action: it has no name or no runner_type", "Import another format.")
        for node in root.walk():
            if node.tag:
                node.fail(f"the tag {node.tag[:40]} is none of this format", "Take it out.")
        yield _action(source, fields, runner)


def create() -> Importer:
    """The importer, for the registry."""
    return StackStormImporter()


def _action(source: Source, fields: Mapping[str, Node], runner: str) -> Imported:
    parameters = Parameters(fields.get("parameters"), runner)
    name, pack = fields["name"].text(), fields["pack"].text() if "pack" in fields else ""
    words = in_words(name)
    procedure = Procedure(
        source,
        name,
        words[:1].upper() + words[1:],
        Platform.WINDOWS if runner.startswith(("win", "run-win")) else Platform.LINUX,
        description=fields["description"].text() if "description" in fields else "",
        tags=("stackstorm", *([pack] if pack.strip() else [])),
        parameters=parameters.ours,
        changed=parameters.changed,
        left=parameters.left,
        notes=parameters.notes,
        time_limit_seconds=parameters.time_limit_seconds,
    )
    if "enabled" in fields and not fields["enabled"].flag():
        procedure.left.append("enabled: it was switched off in StackStorm.")
    entry = fields["entry_point"].text() if "entry_point" in fields else ""
    procedure.steps = _workflow(source, entry) if runner in _WORKFLOWS else [_step(source, runner, entry, parameters)]
    return procedure.build()


def _step(source: Source, runner: str, entry: str, parameters: Parameters) -> Step:
    shown = entry
    try:
        if runner in _SCRIPTS:
            shown = _beside(source, entry)
            return Step(entry, runner, shown=shown, template=_script(shown, parameters))
        shown = parameters.constant("cmd")
        return Step("cmd", runner, shown=shown, template=_command(shown, runner, parameters))
    except Inexpressible as reason:
        return Step(entry or "cmd", runner, shown=shown or entry, why=str(reason))


def _command(text: str, runner: str, parameters: Parameters) -> Template:
    parameters.refuse_surroundings()
    if runner not in _COMMANDS | _POWERSHELL:
        raise Inexpressible(f"it is run by {runner[:60]}")
    if not text.strip():
        raise Inexpressible("whoever runs it brings the command")
    for _ in range(3):  # a constant may stand for a text with placeholders of its own
        if _STATEMENT.search(text):
            raise Inexpressible("its command is computed by Jinja")
        text = _JINJA.sub(lambda found: parameters.fixed.get(found[1], found[0]), text)
    ours = placed(text, _JINJA, lambda found: parameters.placeholder(found[1]))
    if runner in _POWERSHELL:
        return fit(ours, "powershell")
    return fit(ours, "bash", not_words=frozenset(parameters.not_words))


def _script(text: str, parameters: Parameters) -> Template:
    """The script with its arguments set in front of it."""
    parameters.refuse_surroundings()
    ours = placed(text, re.compile(r"(?!)"), lambda _: "")
    words = parameters.arguments()
    first, newline, rest = ours.partition("\n")
    if words and first.startswith("#!"):
        ours = f"{first}{newline}set -- {' '.join(words)}\n{rest}"
    elif words:
        ours = f"set -- {' '.join(words)}\n{ours}"
    template = fit(ours, "bash")
    note = "Its arguments are set in its first line."
    return Template(template.text, "bash", (*template.changed, note)) if words else template


def _beside(source: Source, entry: str) -> str:
    """The script that an action names: beside it or in its pack's actions, and inside the root."""
    actions = next((folder for folder in source.path.parents if folder.name == "actions"), source.path.parent)
    root = source.root.resolve()
    for folder in (source.path.parent, actions):
        try:
            file = (folder / entry).resolve()
            if file.is_relative_to(root) and stat.S_ISREG(file.stat().st_mode):
                return _read(file)
        except (OSError, ValueError, RuntimeError):
            continue
    raise Inexpressible(f"its script {entry[:80]!r} is not in the imported folder")


def _read(file: Path) -> str:
    with file.open("rb") as stream:
        data = stream.read(_SCRIPT_BYTES + 1)
    if len(data) > _SCRIPT_BYTES:
        raise Inexpressible("its script is too long")
    try:
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise Inexpressible("its script is no UTF-8 text") from error


def _workflow(source: Source, entry: str) -> list[Step]:
    """The tasks of a workflow, by name and action: what a reader needs."""
    why = "it is a task of a workflow, which decides at run time what follows"
    nothing = [Step(entry or "workflow", "workflow", why="its workflow file is not in the imported folder")]
    try:
        text = _beside(source, entry)
    except Inexpressible:
        return nothing
    root = read_tree(Source(source.path, source.root, text.encode(), source.prefix))
    tasks = [_task(node) for node in root.walk() if isinstance(node.value, dict)]
    steps = [Step(name, action, why=why) for found in tasks for name, action in found]
    return steps or nothing


def _task(node: Node) -> Iterator[tuple[str, str]]:
    fields = node.mapping()
    tasks = fields.get("tasks")
    for name, task in tasks.value.items() if tasks and isinstance(tasks.value, dict) else ():
        yield name, _called(task)
    chain = fields.get("chain")
    for task in chain.value if chain and isinstance(chain.value, list) else ():
        entry = task.value.get("name") if isinstance(task.value, dict) else None
        yield (entry.text() if entry and entry.is_text else "a task"), _called(task)


def _called(task: Node) -> str:
    fields = task.value if isinstance(task.value, dict) else {}
    node = fields.get("action") or fields.get("ref")
    return node.text()[:200] if node and node.is_text else ""
