"""AWS Systems Manager documents: Automation (schema 0.3) and Command (2.x), YAML or JSON."""

from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from itops.domain.instruction import Parameter
from itops.domain.target import Platform
from itops.instructions.importers.automation import Procedure, steps_of
from itops.instructions.importers.aws_lines import REGION
from itops.instructions.importers.importer import Imported, Importer, Source
from itops.instructions.importers.parameter_maker import in_words, make_parameter, our_name
from itops.instructions.importers.ssm_steps import Declared, read_step
from itops.instructions.importers.yaml_reader import Node, read_tree

_COMMAND_VERSIONS: Final = ("2.0", "2.2")
_ENDS: Final = ("isEnd", "nextStep", "onCancel", "onFailure", "onSuccess", "finallyStep")
_KINDS: Final = {
    "AWS::EC2::Instance::Id": "instance_id",
    "List<AWS::EC2::Instance::Id>": "instance_id",
    "AWS::S3::Bucket::Name": "bucket",
    "Integer": "count",
}
_REGION: Final = f"{{{{ {REGION} }}}}"
_LISTS: Final = ("StringList", "List<")


class SsmImporter:
    """Documents of AWS Systems Manager; a Command document gives one instruction a platform."""

    name = "ssm"
    suffixes = frozenset({".yaml", ".yml", ".json"})

    def read(self, source: Source) -> Iterator[Imported]:
        """The document's procedure."""
        root = read_tree(source)
        fields = root.mapping()
        version = fields["schemaVersion"].text() if "schemaVersion" in fields else ""
        if "mainSteps" not in fields or version not in {"0.3", *_COMMAND_VERSIONS}:
            known = ", ".join(("0.3", *_COMMAND_VERSIONS))
            root.fail(
                f"this is no Systems Manager document of schemaVersion {known} with mainSteps",
                "Import another format, or write the document in a newer schema.",
            )
        _refuse_tags(root)
        declared, parameters, changed = _parameters(fields.get("parameters"))
        steps = [node.mapping() for node in steps_of(fields["mainSteps"])]
        if version == "0.3":
            yield _automation(source, fields, steps, declared, parameters, changed)
        else:
            yield from _commands(source, fields, steps, declared, parameters, changed)


def create() -> Importer:
    """The importer, for the registry."""
    return SsmImporter()


def _refuse_tags(root: Node) -> None:
    for node in root.walk():
        if node.tag:
            node.fail(
                f"the tag {node.tag[:40]} is none of this format", "Import the finished document, not a template."
            )


def _automation(
    source: Source,
    fields: Mapping[str, Node],
    steps: list[Mapping[str, Node]],
    declared: Declared,
    parameters: list[Parameter],
    changed: list[str],
) -> Imported:
    procedure = _procedure(source, fields, "", parameters, changed)
    for number, step in enumerate(steps):
        procedure.steps += read_step(step, declared)
        following = steps[number + 1].get("name") if number + 1 < len(steps) else None
        procedure.obstacles += _detours(step, following.text() if following else "")
        procedure.left += _notes(step)
    scripts = {step.template.language for step in procedure.steps if step.template}
    if scripts == {"bash"}:
        procedure.platform = Platform.LINUX
    elif scripts == {"powershell"}:
        procedure.platform = Platform.WINDOWS
    procedure.time_limit_seconds = _time_limit(steps)
    if "assumeRole" in fields:
        procedure.left.append("assumeRole: commands run as the account and role of the target.")
    if any(step.template and _REGION in step.template.text for step in procedure.steps):
        procedure.parameters.append(Parameter(name=REGION, description="AWS region", type="region", phrases=("in {}",)))
        procedure.changed.append("The Region, which was where the document ran, is a parameter.")
    return procedure.build()


def _commands(
    source: Source,
    fields: Mapping[str, Node],
    steps: list[Mapping[str, Node]],
    declared: Declared,
    parameters: list[Parameter],
    changed: list[str],
) -> Iterator[Imported]:
    """Steps that are for different platforms are different instructions."""
    groups: dict[Platform, list[Mapping[str, Node]]] = {}
    for step in steps:
        groups.setdefault(_platform(step), []).append(step)
    for platform, members in groups.items():
        name = platform.value if len(groups) > 1 else ""
        procedure = _procedure(source, fields, name, parameters, changed)
        procedure.platform = platform
        for step in members:
            procedure.steps += read_step(step, declared)
            procedure.obstacles += [*_detours(step, ""), *_condition(step)]
            procedure.left += _notes(step)
        procedure.time_limit_seconds = _time_limit(members)
        if len(members) > 1:
            procedure.changed.append("A step that fails ends it here; there, the steps behind it may still have run.")
        yield procedure.build()


def _procedure(
    source: Source, fields: Mapping[str, Node], name: str, parameters: list[Parameter], changed: list[str]
) -> Procedure:
    stem = PurePosixPath(source.place).stem
    words = in_words(stem[4:] if stem.lower().startswith("aws-") else stem)
    return Procedure(
        source,
        name,
        words[:1].upper() + words[1:] + (f" on {name.capitalize()}" if name else ""),
        Platform.AWS,
        description=fields["description"].text() if "description" in fields else "",
        parameters=list(parameters),
        changed=list(changed),
        tags=("ssm",),
    )


def _platform(step: Mapping[str, Node]) -> Platform:
    wanted = ""
    for values in step["precondition"].mapping().values() if "precondition" in step else ():
        words = [node.text() for node in values.items()]
        wanted = words[1].lower() if len(words) > 1 and words[0] == "platformType" else wanted
    if wanted:
        return Platform.WINDOWS if wanted == "windows" else Platform.LINUX
    action = step["action"].text() if "action" in step else ""
    return Platform.WINDOWS if "PowerShell" in action else Platform.LINUX


def _parameters(node: Node | None) -> tuple[Declared, list[Parameter], list[str]]:
    names: dict[str, str] = {}
    kinds: dict[str, str] = {}
    maybe_empty: set[str] = set()
    not_words: set[str] = set()
    parameters: list[Parameter] = []
    changed: list[str] = []
    for name, entry in node.mapping().items() if node else ():
        fields = entry.mapping()
        kind = fields["type"].text() if "type" in fields else "String"
        ours = our_name(name, (REGION, *names.values()))
        parameter, notes = _parameter(ours, kind, fields)
        if parameter.default == "":
            maybe_empty.add(ours)
        if len((parameter.default or "").split()) > 1:
            not_words.add(ours)
        if kind.startswith(_LISTS):
            changed.append(f"{ours} was a list; here it takes one value.")
        names[name], kinds[name] = ours, kind
        parameters.append(parameter)
        changed += notes
    return Declared(names, kinds, frozenset(maybe_empty), frozenset(not_words)), parameters, changed


def _parameter(name: str, kind: str, fields: Mapping[str, Node]) -> tuple[Parameter, tuple[str, ...]]:
    choices = tuple(node.text() for node in fields["allowedValues"].items()) if "allowedValues" in fields else ()
    return make_parameter(
        name,
        fields["description"].text() if "description" in fields else "",
        kind=_KINDS.get(kind, "text"),
        choices=choices or (("true", "false") if kind == "Boolean" else ()),
        pattern=fields["allowedPattern"].text() if "allowedPattern" in fields else "",
        default=_default(fields.get("default")),
    )


def _default(node: Node | None) -> str | None:
    """A single value; of a list its one member."""
    if node is None or node.is_null or isinstance(node.value, dict):
        return None
    members = node.items()
    if isinstance(node.value, list) and len(members) != 1:
        return None
    text = members[0].text()
    plain = members[0].plain()
    return text.lower() if isinstance(plain, bool) else text


def _detours(step: Mapping[str, Node], following: str) -> Iterator[str]:
    """What leads away from one step after the other."""
    name = step["name"].text() if "name" in step else "a step"
    for key in _ENDS:
        value = step[key].text() if key in step else ""
        usual = {"isEnd": "false" if following else "true", "nextStep": following}.get(key, "Abort")
        if key == "onFailure" and value == "exit":
            continue
        if value and value.lower() != usual.lower() and value.lower() != "false":
            yield f"After the step {name} it does not simply go on: {key} is {value[:80]}."


def _condition(step: Mapping[str, Node]) -> Iterator[str]:
    """A precondition that is about more than the platform."""
    conditions = step["precondition"].mapping() if "precondition" in step else {}
    for operator, node in conditions.items():
        words = [each.text() for each in node.items()]
        if operator != "StringEquals" or len(words) != 2 or words[0] != "platformType":  # noqa: PLR2004 - a pair
            name = step["name"].text() if "name" in step else "a step"
            yield f"The step {name} depends on a condition: {operator} {', '.join(words)[:80]}."


def _notes(step: Mapping[str, Node]) -> Iterator[str]:
    name = step["name"].text() if "name" in step else "a step"
    if "isCritical" in step:
        yield f"isCritical of the step {name}: every step is critical here."
    if "maxAttempts" in step and step["maxAttempts"].text() not in {"", "1"}:
        yield f"maxAttempts of the step {name}: nothing is tried again by itself."


def _time_limit(steps: list[Mapping[str, Node]]) -> int | None:
    limits = [_seconds(step) for step in steps]
    return sum(limits) if limits and all(limits) and sum(limits) < 10**9 else None


def _seconds(step: Mapping[str, Node]) -> int:
    inputs = step.get("inputs")
    inner = inputs.value.get("timeoutSeconds") if inputs and isinstance(inputs.value, dict) else None
    node = step.get("timeoutSeconds") or inner
    word = node.text() if node else ""
    return int(word) if word.isascii() and word.isdigit() and len(word) < 9 else 0  # noqa: PLR2004 - digits of a limit
