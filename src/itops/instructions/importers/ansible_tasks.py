"""One task of Ansible → a step: its module as a command where there is one that always does the same."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from itops.domain.instruction import Language
from itops.instructions.importers.ansible_variables import JINJA, Variables
from itops.instructions.importers.automation import Step, shown
from itops.instructions.importers.module_table import command, language_of, short_name
from itops.instructions.importers.template import Inexpressible, Template
from itops.instructions.importers.templating import fit, placed, shell_word
from itops.instructions.importers.yaml_reader import Node

_OBSTACLES: Final = {
    "when": "it depends on a condition",
    "until": "it is repeated until something is so",
    "notify": "it may call a handler",
    "delegate_to": "it runs on another host",
    "local_action": "it runs where Ansible runs",
    "failed_when": "what counts as failed is computed",
    "environment": "it sets environment variables",
    "async": "it runs in the background",
    "run_once": "it runs on one of the hosts alone",
    "check_mode": "it only looks what it would do",
    "vars": "it has variables of its own",
    "module_defaults": "it sets defaults of modules",
    "rescue": "something else is done when it fails",
    "always": "something is done also when it fails",
}
_HARMLESS: Final = frozenset(
    [
        "name",
        "tags",
        "register",
        "changed_when",
        "no_log",
        "become",
        "become_method",
        "become_flags",
        "become_exe",
        "become_user",
        "diff",
        "any_errors_fatal",
        "throttle",
        "retries",
        "delay",
        "poll",
        "listen",
        "args",
        "ignore_errors",
        "ignore_unreachable",
        "debugger",
        "collections",
        "connection",
        "port",
        "remote_user",
        "delegate_facts",
        "timeout",
        "loop_control",
    ]
)
_SILENT: Final = frozenset({"debug", "ping", "setup", "gather_facts"})
_FREE: Final = frozenset({"command", "shell", "raw", "win_shell"})
_FREE_ARGUMENTS: Final = ("creates", "removes", "chdir", "executable", "warn", "stdin")
_TRAILING: Final = re.compile(r"(?:^|\s)(creates|removes|chdir|executable|warn)=(\S+)")
_PAIR: Final = re.compile(r"([\w-]+)=((?:\"[^\"]*\"|'[^']*'|\{\{.*?\}\}|[^\s\"'{]|\{(?!\{))*)\s*")
_SHELLS: Final = frozenset({"/bin/bash", "/bin/sh", "/usr/bin/bash", "bash", "sh"})
_ITEM: Final = re.compile(r"\{\{\s*item\s*\}\}")
_MOST_ITEMS: Final = 30
_GLOB: Final = re.compile(r"[*?\[]")


class Tasks:
    """Reads the tasks of one procedure; ``changed`` and ``left`` are the account of all of them."""

    def __init__(self, variables: Variables) -> None:
        self._variables = variables
        self.changed: list[str] = []
        self.left: list[str] = []

    def read(self, node: Node) -> Iterator[Step]:
        """The steps of a task: none where it does nothing to the host, several where it is a block.

        Raises:
            InvalidInstruction: it is no task.
        """
        fields = node.mapping()
        if "block" in fields and not fields.keys() & _OBSTACLES.keys() and not _ignores(fields):
            for task in fields["block"].items():
                yield from self.read(task)
            return
        if items := _literal_items(fields):
            for item in items:
                yield from self.read(_for_item(node, item))
            return
        modules = [key for key in fields if key not in _HARMLESS | _OBSTACLES.keys() and not _is_loop(key)]
        module = short_name(modules[0]) if len(modules) == 1 else ""
        title = fields["name"].text() if "name" in fields else module or "A task"
        if module in _SILENT and not fields.keys() & _OBSTACLES.keys():
            self.left.append(f"line {node.line}, {module}: it does nothing to the host.")
            return
        if "register" in fields:
            self._variables.bar(fields["register"].text(), f"{fields['register'].text()} is the result of another task")
        yield self._step(title, module, fields, fields[modules[0]] if module else None)

    def _step(self, title: str, module: str, fields: Mapping[str, Node], value: Node | None) -> Step:
        words = shown(value.mapping()) if value and isinstance(value.value, dict) else ""
        words = words or (value.text() if value and isinstance(value.value, str) else "")
        try:
            template = self._taken(module, fields, value)
        except Inexpressible as reason:
            return Step(title, module, shown=words, why=str(reason))
        return Step(title, module, shown=words, template=template)

    def _taken(self, module: str, fields: Mapping[str, Node], value: Node | None) -> Template:
        self._refuse(fields)
        if value is None:
            raise Inexpressible("it names no module, or several")
        if module not in _FREE:
            language_of(module)
        template = self._template(module, self._arguments(module, fields, value))
        if not _ignores(fields):
            return template
        if template.language == "powershell":
            raise Inexpressible("it goes on when it fails (ignore_errors)")
        return Template(f"(\n{template.text}\n)\ntrue", template.language, template.changed)

    def _refuse(self, fields: Mapping[str, Node]) -> None:
        for key in fields:
            if key in _OBSTACLES and not (key == "run_once" and not fields[key].flag()):
                raise Inexpressible(f"{_OBSTACLES[key]} ({key})")
            if _is_loop(key):
                raise Inexpressible(f"it is repeated for several values ({key})")
        user = fields["become_user"].text() if "become_user" in fields else "root"
        if user != "root":
            raise Inexpressible(f"it runs as {user[:60]} (become_user)")
        if "become" in fields and fields["become"].text().lower() in {"true", "yes", "on"}:
            self.changed.append("It ran as root (become); here it runs as the account of the target.")

    def _arguments(self, module: str, fields: Mapping[str, Node], value: Node) -> dict[str, Node]:
        if isinstance(value.value, list):
            raise Inexpressible("its arguments are a list")
        arguments = dict(value.mapping()) if isinstance(value.value, dict) else _free_form(module, value)
        more = fields["args"].mapping() if "args" in fields else {}
        if twice := arguments.keys() & more.keys():
            raise Inexpressible(f"the argument {min(twice)} is given twice")
        return {**arguments, **more}

    def _template(self, module: str, arguments: dict[str, Node]) -> Template:
        for node in arguments.values():
            for member in node.walk():
                self._variables.check(member.value if isinstance(member.value, str) else "")
        if module in _FREE:
            return self._free(module, arguments)
        language = language_of(module)
        word = self._powershell_word if language == "powershell" else self._word
        stops = "$ErrorActionPreference = 'Stop'\n" if language == "powershell" else ""
        return fit(stops + command(module, arguments, word), language)

    def _free(self, module: str, arguments: dict[str, Node]) -> Template:
        if others := sorted(arguments.keys() - {"cmd", "argv", *_FREE_ARGUMENTS} | arguments.keys() & {"stdin"}):
            raise Inexpressible(f"the module {module} has the argument {others[0][:60]}")
        text = arguments["cmd"].text() if "cmd" in arguments else ""
        if module == "win_shell":
            if arguments.keys() != {"cmd"}:
                raise Inexpressible("win_shell has more arguments than its text")
            return self._fit(placed(text, JINJA, self._variables.ours), "powershell")
        if "executable" in arguments and arguments["executable"].text() not in _SHELLS:
            raise Inexpressible(f"it is run by {arguments['executable'].text()[:60]}")
        words = arguments["argv"].items() if "argv" in arguments else None
        script = self._argv(text, words) if module == "command" else placed(text, JINJA, self._variables.ours)
        return self._fit(self._guarded(script.strip("\n"), arguments), "bash")

    def _argv(self, text: str, words: list[Node] | None) -> str:
        """A command that no shell reads: every word literally."""
        if words is not None:
            return " ".join(self._word(node.text()) for node in words)
        expressions = [found[0] for found in JINJA.finditer(text)]
        numbers = iter(range(len(expressions)))
        marked = JINJA.sub(lambda _: f"\ue000{next(numbers)}\ue001", text)
        try:
            split = shlex.split(marked)
        except ValueError as error:
            raise Inexpressible(f"its words can't be told apart: {error}") from error
        for word in split:
            if "$" in word or word.startswith("~"):
                raise Inexpressible(f"Ansible expands {word[:40]!r} where it runs")
        restored = (re.sub(r"\ue000(\d+)\ue001", lambda found: expressions[int(found[1])], word) for word in split)
        return " ".join(self._word(word) for word in restored)

    def _guarded(self, script: str, arguments: Mapping[str, Node]) -> str:
        for key, test in (("removes", "-e"), ("creates", "! -e")):
            if key in arguments:
                path = arguments[key].text()
                if _GLOB.search(path):
                    raise Inexpressible(f"{key} is a pattern of paths")
                script = f"if [ {test} {self._word(path)} ]; then\n{script}\nfi"
        folder = arguments["chdir"].text() if "chdir" in arguments else ""
        return f"cd -- {self._word(folder)} || exit 1\n{script}" if folder else script

    def _word(self, text: str) -> str:
        return shell_word(text, JINJA, self._variables.ours)

    def _powershell_word(self, text: str) -> str:
        if whole := JINJA.fullmatch(text):
            return self._variables.ours(whole)
        if "{{" in text:
            raise Inexpressible("a value is a part of a text")
        return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", text) + "'"

    def _fit(self, text: str, language: Language) -> Template:
        return fit(text, language, not_words=self._variables.not_words)


def _is_loop(key: str) -> bool:
    return key == "loop" or key.startswith("with_")


def _literal_items(fields: Mapping[str, Node]) -> list[str]:
    """The values that a task is repeated for, where they stand there and nothing but the task depends on them."""
    loops = [key for key in fields if _is_loop(key)]
    if loops not in (["loop"], ["with_items"]) or fields.keys() & {"register", "loop_control", *_OBSTACLES}:
        return []
    members = fields[loops[0]].items()
    plain = all(member.is_text and "{" not in member.text() for member in members)
    return [member.text() for member in members] if plain and len(members) <= _MOST_ITEMS else []


def _for_item(node: Node, item: str) -> Node:
    """The task without its loop, for one value."""
    fields = {key: value for key, value in node.mapping().items() if not _is_loop(key)}
    if "name" in fields and fields["name"].is_text:
        fields["name"] = replace(fields["name"], value=f"{fields['name'].text()}: {item}")
    return replace(node, value={key: _with_item(value, item) for key, value in fields.items()})


def _with_item(node: Node, item: str) -> Node:
    if isinstance(node.value, dict):
        return replace(node, value={key: _with_item(value, item) for key, value in node.value.items()})
    if isinstance(node.value, list):
        return replace(node, value=[_with_item(value, item) for value in node.value])
    return replace(node, value=_ITEM.sub(lambda _: item, node.value))


def _ignores(fields: Mapping[str, Node]) -> bool:
    return "ignore_errors" in fields and fields["ignore_errors"].text().lower() not in {"false", "no", ""}


def _free_form(module: str, value: Node) -> dict[str, Node]:
    """Arguments written as one text: ``name=nginx state=started``, or a command with a few of them behind it."""
    text = value.text()

    def node(word: str) -> Node:
        return Node(word, value.line, value.origin, quoted=True)

    if module in _FREE:
        trailing = {found[1]: node(found[2]) for found in _TRAILING.finditer(text)} if module != "raw" else {}
        return {"cmd": node(_TRAILING.sub("", text) if trailing else text), **trailing}
    found: dict[str, Node] = {}
    end = 0
    for pair in _PAIR.finditer(text):
        if pair.start() != end or pair[1] in found:
            break
        bare = pair[2][1:-1] if pair[2][:1] in {"'", '"'} and pair[2][:1] == pair[2][-1:] else pair[2]
        found[pair[1]], end = node(bare), pair.end()
    if end != len(text):
        raise Inexpressible("its arguments can't be told apart")
    return found
