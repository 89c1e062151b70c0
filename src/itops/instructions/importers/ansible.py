"""Ansible playbooks and task lists: one instruction a play, or one a file of tasks."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Final

from itops.domain.target import Platform
from itops.instructions.importers.ansible_tasks import Tasks
from itops.instructions.importers.ansible_variables import Variables
from itops.instructions.importers.automation import Procedure, distinct, steps_of
from itops.instructions.importers.importer import Imported, Importer, Source
from itops.instructions.importers.parameter_maker import in_words
from itops.instructions.importers.yaml_reader import Node, read_tree

_VAULT: Final = "$ANSIBLE_VAULT;"
_TASKS: Final = ("pre_tasks", "tasks", "post_tasks")
_OBSTACLES: Final = {
    "roles": "It takes in roles, which stand elsewhere",
    "environment": "It sets environment variables",
    "module_defaults": "It sets defaults of modules",
    "ignore_errors": "It goes on when a task fails",
}
_NOTES: Final = {
    "vars_files": "vars_files: their values are parameters without a default",
    "serial": "serial: how many targets are taken at once is said when it runs",
    "strategy": "strategy: each target runs all tasks in turn",
    "max_fail_percentage": "max_fail_percentage: it is said when it runs",
    "remote_user": "remote_user: the target says as whom it runs",
    "connection": "connection: the target says how it is reached",
    "handlers": "handlers: they are not taken",
}


class AnsibleImporter:
    """Playbooks; a list of tasks without plays counts as one procedure."""

    name = "ansible"
    suffixes = frozenset({".yaml", ".yml"})

    def read(self, source: Source) -> Iterator[Imported]:
        """Every play of the file that does something."""
        root = read_tree(source)
        _refuse_vault(root)
        entries = root.items() if isinstance(root.value, list) else []
        if not entries or not all(isinstance(entry.value, dict) for entry in entries):
            root.fail("this is no playbook: a list of plays or tasks is wanted", "Import another format.")
        plays = [entry for entry in entries if "hosts" in entry.mapping()]
        imports = [entry for entry in entries if entry.mapping().keys() & {"import_playbook", "include"}]
        if not plays and len(imports) < len(entries):
            yield _task_list(source, root)
            return
        for entry in entries:
            if entry not in plays and entry not in imports:
                entry.fail("this is neither a play nor an import of one", "Give it `hosts`, or take it out.")
        names = distinct([_name(play, number) for number, play in enumerate(plays, 1)])
        numbered = enumerate(zip(plays, names, strict=True), 1)
        found = [each for number, (play, name) in numbered for each in _play(source, play, number, name)]
        if not found:
            root.fail("the playbook holds no task", "Import the playbooks and roles that it names.")
        also = tuple(f"line {entry.line}: another playbook that it imports." for entry in imports)
        yield from (replace(each, left=(*each.left, *also)) for each in found)


def create() -> Importer:
    """The importer, for the registry."""
    return AnsibleImporter()


def _refuse_vault(root: Node) -> None:
    for node in root.walk():
        encrypted = isinstance(node.value, str) and node.value.lstrip().startswith(_VAULT)
        if node.tag == "!vault" or encrypted:
            node.fail(
                "an encrypted value (ansible-vault) stands here, and secrets are not imported",
                "Keep it in a secret store and name it under `secrets` of the instruction.",
            )
        if node.tag:
            node.fail(f"the tag {node.tag[:40]} is not read", "Take it out.")


def _task_list(source: Source, root: Node) -> Imported:
    path = PurePosixPath(source.place)
    role = path.parent.parent.name if path.parent.name in {"tasks", "handlers"} else ""
    words = in_words(path.stem)
    title = f"{in_words(role)}: {words}" if role and path.stem != "main" else in_words(role) or words
    procedure = Procedure(source, "", title[:1].upper() + title[1:], Platform.LINUX, tags=("ansible",))
    return _finished(procedure, steps_of(root), Variables({}))


def _name(play: Node, number: int) -> str:
    fields = play.mapping()
    return (fields["name"].text() if "name" in fields else "") or f"play {number}"


def _play(source: Source, node: Node, number: int, place: str) -> Iterator[Imported]:
    fields = node.mapping()
    tasks = [task for key in _TASKS if key in fields for task in steps_of(fields[key])]
    if not tasks and not ("roles" in fields and fields["roles"].items()):
        return
    stem = in_words(PurePosixPath(source.place).stem)
    name = fields["name"].text() if "name" in fields else ""
    first = tasks[0].mapping().get("name") if len(tasks) == 1 and isinstance(tasks[0].value, dict) else None
    title = name or (first.text() if first and first.is_text else "") or f"{stem[:1].upper()}{stem[1:]} {number}"
    procedure = Procedure(source, place, title, Platform.LINUX, tags=("ansible",))
    _account(fields, procedure)
    yield _finished(procedure, tasks, Variables(fields))


def _account(fields: Mapping[str, Node], procedure: Procedure) -> None:
    hosts = fields["hosts"]
    words = ", ".join(node.text() for node in hosts.items())
    procedure.notes.append(f"It ran on the hosts: {words[:300]}")
    for key, words in _OBSTACLES.items():
        if key in fields and fields[key].value and not fields[key].is_null and fields[key].value != "false":
            procedure.obstacles.append(f"{words} ({key}).")
    procedure.left += [f"{words}." for key, words in _NOTES.items() if key in fields and not fields[key].is_null]
    roles = fields.get("roles")
    if roles:
        named = [
            role.value.get("role", role.value.get("name")) if isinstance(role.value, dict) else role
            for role in roles.items()
        ]
        procedure.notes.append(f"Its roles: {', '.join(role.text() for role in named if role and role.is_text)[:300]}")
    user = fields["become_user"].text() if "become_user" in fields else "root"
    if user != "root":
        procedure.obstacles.append(f"It runs as {user[:60]} (become_user).")
    if "become" in fields and fields["become"].text().lower() in {"true", "yes", "on"}:
        procedure.changed.append("It ran as root (become); here it runs as the account of the target.")


def _finished(procedure: Procedure, tasks: list[Node], variables: Variables) -> Imported:
    reader = Tasks(variables)
    procedure.steps = [step for task in tasks for step in reader.read(task)]
    procedure.changed += reader.changed
    procedure.left += [*reader.left, *variables.left]
    procedure.parameters = variables.parameters(procedure.changed)
    if any(step.action.startswith("win_") for step in procedure.steps):
        procedure.platform = Platform.WINDOWS
    return procedure.build()
