"""Rundeck job definitions in YAML (a list of jobs), one instruction a job."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from itops.domain.instruction import Language, Parameter
from itops.domain.target import Platform
from itops.instructions.importers.automation import Procedure, Step, distinct, steps_of
from itops.instructions.importers.importer import Imported, Importer, Source
from itops.instructions.importers.parameter_maker import make_parameter, our_name
from itops.instructions.importers.template import Inexpressible, Template
from itops.instructions.importers.templating import fit, placed
from itops.instructions.importers.yaml_reader import Node, read_tree

_OPTION: Final = re.compile(
    r"\$\{(?:unquoted)?option\.([\w.-]+?)(?:\.value|\.quoted)?\}|@(?:unquoted)?option\.([\w.-]+?)(?:\.value)?@"
)
_CONTEXT: Final = re.compile(
    r"\$\{(?:job|node|globals|data|export|execution|file|[\w-]*option)\b[^}]*\}"
    r"|@(?:job|node|globals|data|file|[\w-]*option)\.[\w.-]+@|\bRD_(?!OPTION_)[A-Z_]+"
)
_ENVIRONMENT: Final = re.compile(r"\bRD_OPTION_(\w+)")
_SHELLS: Final = re.compile(r"(?:/usr)?(?:/bin/)?(?:env )?(?:ba|da|k)?sh")
_POWERSHELLS: Final = re.compile(r"(?:power|pw)sh(?:ell)?(?:\.exe)?", re.IGNORECASE)
_LIMIT: Final = re.compile(r"(?:(\d{1,4})d)?\s*(?:(\d{1,5})h)?\s*(?:(\d{1,6})m)?\s*(?:(\d{1,7})s?)?")
_NOT_TAKEN: Final = {
    "schedule": "it ran by itself at set times; a schedule is made of it separately",
    "schedules": "it ran by itself at set times; a schedule is made of it separately",
    "notification": "nobody is told by itself",
    "retry": "nothing is tried again by itself",
    "orchestrator": "targets are taken in the order of the request",
}


@dataclass
class Options:
    """A job's options: what ours are called, which are secret, and which may be empty or several words."""

    names: dict[str, str] = field(default_factory=dict)
    secret: set[str] = field(default_factory=set)
    not_words: set[str] = field(default_factory=set)

    def template(self, text: str, language: Language = "bash") -> Template:
        """A script or command with our placeholders."""
        ours = placed(text, _OPTION, lambda found: self._ours(found[1] or found[2]))
        if unknown := _CONTEXT.search(ours):
            raise Inexpressible(f"{unknown[0][:60]} is known only to Rundeck while the job runs")
        if language == "bash":
            ours = _after_shebang(ours, self._environment(ours))
        return fit(ours, language, not_words=frozenset(self.not_words))

    def _environment(self, text: str) -> str:
        """Lines that set the variables which Rundeck sets for options."""
        known = {re.sub(r"[^A-Za-z0-9]", "_", name).upper(): name for name in self.names}
        found = tuple(dict.fromkeys(_ENVIRONMENT.findall(text)))
        if missing := [name for name in found if name not in known]:
            raise Inexpressible(f"RD_OPTION_{missing[0][:40]} is no option of the job")
        return "".join(f"export RD_OPTION_{name}={self._ours(known[name])}\n" for name in found)

    def _ours(self, name: str) -> str:
        if name in self.secret:
            raise Inexpressible(f"{name} is a secret, and no secret stands in a command: read it from standard input")
        if name not in self.names:
            raise Inexpressible(f"{name[:60]} is no option of the job")
        return f"{{{{ {self.names[name]} }}}}"


class RundeckImporter:
    """Jobs that Rundeck has exported as YAML."""

    name = "rundeck"
    suffixes = frozenset({".yaml", ".yml"})

    def read(self, source: Source) -> Iterator[Imported]:
        """Every job of the file."""
        root = read_tree(source)
        if not isinstance(root.value, list):
            root.fail("this is no list of Rundeck jobs", "Export the jobs as YAML, or import another format.")
        for node in root.walk():
            if node.tag:
                node.fail(f"the tag {node.tag[:40]} is none of this format", "Take it out.")
        jobs = root.items()
        for node, name in zip(jobs, distinct([_name(node) for node in jobs]), strict=True):
            yield _job(source, node, name)


def create() -> Importer:
    """The importer, for the registry."""
    return RundeckImporter()


def _name(node: Node) -> str:
    fields = node.mapping()
    return " ".join(word for key in ("group", "name") if (word := _text(fields, key)))


def _job(source: Source, node: Node, place: str) -> Imported:
    fields = node.mapping()
    name = _text(fields, "name")
    if not name or "sequence" not in fields:
        node.fail("this is no Rundeck job: it has no name or no sequence", "Import another format.")
    group = _text(fields, "group")
    procedure = Procedure(
        source,
        place,
        name.replace("_", " "),
        Platform.LINUX,
        description=_text(fields, "description"),
        tags=("rundeck", *(part for part in group.split("/") if part.strip()))[:8],
        time_limit_seconds=_seconds(_text(fields, "timeout")),
    )
    options = _options(fields.get("options"), procedure)
    _sequence(fields["sequence"].mapping(), options, procedure)
    _account(fields, procedure)
    if any(step.template and step.template.language == "powershell" for step in procedure.steps):
        procedure.platform = Platform.WINDOWS
    return procedure.build()


def _sequence(sequence: Mapping[str, Node], options: Options, procedure: Procedure) -> None:
    commands = steps_of(sequence["commands"]) if "commands" in sequence else []
    procedure.steps = [_step(command.mapping(), options) for command in commands]
    procedure.keep_going = "keepgoing" in sequence and sequence["keepgoing"].flag() and len(commands) > 1
    if procedure.keep_going:
        procedure.notes.append("Its steps go on when one fails; it fails at the end.")
    strategy = _text(sequence, "strategy")
    if strategy not in {"", "node-first", "sequential"}:
        procedure.left.append(f"strategy {strategy[:40]}: each target runs all steps in turn.")
    elif strategy == "sequential" and len(commands) > 1:
        procedure.left.append("strategy sequential: each target runs all steps in turn, not every target each step.")


def _account(fields: Mapping[str, Node], procedure: Procedure) -> None:
    """Whatever else the job says, for people."""
    for key, why in _NOT_TAKEN.items():
        if key in fields and not fields[key].is_null and fields[key].value not in ("", "0", [], {}):
            procedure.left.append(f"{key}: {why}.")
    filters = fields.get("nodefilters")
    if filters and isinstance(filters.value, dict) and (words := filters.value.get("filter")):
        procedure.notes.append(f"It ran on the nodes: {words.text()[:300]}")
        procedure.left.append("nodefilters: the request names the targets.")
    if "executionEnabled" in fields and not fields["executionEnabled"].flag():
        procedure.left.append("executionEnabled: it was switched off in Rundeck.")


def _step(fields: Mapping[str, Node], options: Options) -> Step:
    kind = next((key for key in ("exec", "script", "scriptfile", "scripturl", "jobref", "type") if key in fields), "")
    node = fields.get(kind)
    shown = node.value if node and isinstance(node.value, str) else ""
    if node and kind == "jobref":
        shown = " ".join(_text(node.mapping(), key) for key in ("group", "name", "args")).strip()
    title = _text(fields, "description") or {"exec": "Command", "script": "Script"}.get(kind, kind or "Step")
    try:
        _refuse_more(fields)
        return Step(title, kind, shown=shown, template=_template(kind, fields, options))
    except Inexpressible as reason:
        return Step(title, kind, shown=shown, why=str(reason))


def _refuse_more(fields: Mapping[str, Node]) -> None:
    if "errorhandler" in fields and not fields["errorhandler"].is_null:
        raise Inexpressible("something else is done when it fails (errorhandler)")
    if "plugins" in fields and not fields["plugins"].is_null and _filters(fields["plugins"]):
        raise Inexpressible("plugins work on its output")


def _filters(node: Node) -> bool:
    return not isinstance(node.value, dict) or any(not entry.is_null and entry.value for entry in node.value.values())


def _template(kind: str, fields: Mapping[str, Node], options: Options) -> Template:
    if kind == "exec":
        return options.template(_text(fields, kind))
    if kind != "script":
        words = {"jobref": "it runs another job", "type": "it is a step of a Rundeck plugin"}
        raise Inexpressible(words.get(kind, "its script does not stand in the job"))
    interpreter = _text(fields, "scriptInterpreter") or _text(fields, "interpreter")
    arguments = _text(fields, "args")
    if _POWERSHELLS.fullmatch(interpreter.strip()) and not arguments:
        return options.template(_text(fields, kind), "powershell")
    if interpreter and not _SHELLS.fullmatch(interpreter.strip()):
        raise Inexpressible(f"it is run by {interpreter[:60]}")
    script = _text(fields, kind)
    return options.template(_after_shebang(script, f"set -- {arguments}\n") if arguments else script)


def _after_shebang(script: str, line: str) -> str:
    first, newline, rest = script.partition("\n")
    return f"{first}{newline}{line}{rest}" if first.startswith("#!") else line + script


def _options(node: Node | None, procedure: Procedure) -> Options:
    options = Options()
    if node is None:
        return options
    entries = node.value.items() if isinstance(node.value, dict) else [("", each) for each in node.items()]
    for key, entry in entries:
        fields = entry.mapping()
        name = _text(fields, "name") or key
        if not name:
            entry.fail("an option has no name", "Name it.")
        ours = our_name(name, options.names.values())
        options.names[name] = ours
        if "secure" in fields and fields["secure"].flag():
            options.secret.add(name)
            procedure.left.append(f"The option {name} is a secret: it is no parameter.")
            continue
        parameter, notes = _parameter(ours, fields)
        if parameter.default is not None and not _is_one_word(fields, parameter):
            options.not_words.add(ours)
        procedure.parameters.append(parameter)
        procedure.changed += notes
    return options


def _parameter(name: str, fields: Mapping[str, Node]) -> tuple[Parameter, tuple[str, ...]]:
    enforced = "enforced" in fields and fields["enforced"].flag()
    many = "multivalued" in fields and fields["multivalued"].flag()
    required = "required" in fields and fields["required"].flag()
    default, unwrapped = _unwrapped(_text(fields, "value"))
    values = [node.text() for node in fields["values"].items()] if "values" in fields and enforced else []
    choices = values[0].split(",") if len(values) == 1 else values
    parameter, changed = make_parameter(
        name,
        _text(fields, "description") or _text(fields, "label"),
        choices=tuple(choice.strip() for choice in choices if choice.strip()),
        pattern=_text(fields, "regex"),
        default=default if default or not required else None,
    )
    notes = [f"The quotes around the default of {name} are taken off: every value is quoted."] if unwrapped else []
    notes += [f"{name} took several values; here it takes one."] if many else []
    return parameter, (*changed, *notes)


def _is_one_word(fields: Mapping[str, Node], parameter: Parameter) -> bool:
    """Whether the default was one word for the shell: it has no space, or quotes stood around it."""
    return len((parameter.default or "").split()) == 1 or (
        bool(parameter.default) and _unwrapped(_text(fields, "value"))[1]
    )


def _unwrapped(value: str) -> tuple[str, bool]:
    """A default without the quotes that its author put around it because nobody else did."""
    found = re.fullmatch(r"\"([^\"$`\\]*)\"|'([^']*)'", value)
    return (found[1] or found[2] or "", True) if found else (value, False)


def _text(fields: Mapping[str, Node], key: str) -> str:
    return fields[key].text() if key in fields else ""


def _seconds(text: str) -> int | None:
    """A time limit such as ``1h30m``, in seconds."""
    found = _LIMIT.fullmatch(text.strip())
    if not found or not found[0]:
        return None
    parts = [int(part or 0) for part in found.groups()]
    seconds = sum(part * unit for part, unit in zip(parts, (86400, 3600, 60, 1), strict=True))
    return seconds if 0 < seconds < 10**9 else None
