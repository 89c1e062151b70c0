"""Parameters: what each type of value looks like, and the checks a value passes before it is rendered."""

import re
from collections.abc import Mapping
from typing import Final

from itops.domain.instruction import Instruction, Parameter
from itops.domain.noun import Noun
from itops.errors import InvalidInstruction, InvalidParameter
from itops.scripts.lexical_gate import hidden_characters


class ParameterType(Noun):
    """What values of one type look like: a full-match pattern, the same in words, and an example."""

    pattern: str
    wanted: str
    example: str


_LABEL = r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62}"
_HOST = rf"(?:{_LABEL}(?:\.{_LABEL})*\.?|\[?[0-9A-Fa-f]{{0,4}}:[0-9A-Fa-f:.]{{0,40}}\]?)"
_MONTH_DAY = r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"


def _type(pattern: str, wanted: str, example: str) -> ParameterType:
    return ParameterType(pattern=pattern, wanted=wanted, example=example)


TYPES: Final[Mapping[str, ParameterType]] = {
    "path": _type(r"[^-\s][^\x00-\x1f]{0,4095}", "a path of a file or directory", "/var/log"),
    "user": _type(r"[a-z_][a-z0-9_.-]{0,31}\$?", "a login name in lower case", "alice"),
    "group": _type(r"[a-z_][a-z0-9_.-]{0,31}", "a group name in lower case", "developers"),
    "host": _type(rf"(?=.{{1,253}}$){_HOST}", "a host name or IP address", "web1.example.com"),
    "service": _type(r"[A-Za-z0-9_][A-Za-z0-9_.@:\\-]{0,254}", "the name of a service", "nginx"),
    "package": _type(r"@?[A-Za-z0-9][A-Za-z0-9+._:~=/@-]{0,199}", "the name of a package", "nginx"),
    "size": _type(r"\d+(?:\.\d+)?\s?(?:[KMGTP]i?B?|[kmgtp]b?|B|c)?", "a size", "500M"),
    "duration": _type(
        r"\d+(?:\.\d+)?\s?(?:ms|[smhdw]|sec|min|hours?|days?|weeks?|minutes?|seconds?)?", "a time", "30m"
    ),
    "port": _type(
        r"6553[0-5]|655[0-2]\d|65[0-4]\d{2}|6[0-4]\d{3}|[1-5]\d{4}|[1-9]\d{0,3}", "a port from 1 to 65535", "443"
    ),
    "count": _type(r"\d{1,9}", "a whole number", "10"),
    "url": _type(r"[A-Za-z][A-Za-z0-9+.-]{1,15}://[^\s\x00-\x1f\"'<>`\\]{1,2000}", "a URL", "https://example.com/"),
    "mode": _type(r"[0-7]{3,4}|[ugoa]*[=+][rwxXst]*(?:,[ugoa]*[-=+][rwxXst]*)*|[ugoa]+-[rwxXst]+", "a mode", "0640"),
    "pid": _type(r"[1-9]\d{0,6}", "a process id", "1234"),
    "date": _type(rf"\d{{4}}-{_MONTH_DAY}(?:[T ][0-2]\d:[0-5]\d(?::[0-5]\d)?Z?)?", "a date", "2026-01-31"),
    "text": _type(r".{1,4096}", "text on one line", "hello"),
    "name": _type(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}", "a name of letters, digits, '.', '_' and '-'", "web-1"),
    "interface": _type(r"[A-Za-z][A-Za-z0-9_.@:-]{0,14}", "the name of a network interface", "eth0"),
    "device": _type(r"/dev/[A-Za-z0-9/_.-]{1,120}", "a device", "/dev/sdb1"),
    "signal": _type(r"(?:SIG)?[A-Z]{2,6}\d?|[1-9]\d?", "a signal's name or number", "TERM"),
    "email": _type(
        r"[A-Za-z0-9_.+][A-Za-z0-9_.+-]{0,63}@[A-Za-z0-9.-]{1,253}", "an e-mail address", "alice@example.com"
    ),
    "instance_id": _type(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})", "an EC2 instance id", "i-0123456789abcdef0"),
    "region": _type(r"[a-z]{2}(?:-[a-z]{2,4})?-[a-z]{4,9}-\d", "an AWS region", "eu-west-1"),
    "account_id": _type(r"\d{12}", "an AWS account number of 12 digits", "123456789012"),
    "bucket": _type(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of an S3 bucket", "my-bucket"),
}


class Completion(Noun):
    """The values an instruction would be rendered with, and the parameters nobody has given a value for."""

    values: dict[str, str]
    missing: tuple[Parameter, ...] = ()


def example_of(parameter: Parameter) -> str:
    """An example value: the parameter's own, else its type's."""
    return parameter.example or _type_of(parameter).example


def pattern_of(parameter: Parameter) -> re.Pattern[str]:
    """The full-match pattern of the parameter: its own, else its type's.

    Raises:
        InvalidInstruction: the type is not known or the pattern is no regular expression.
    """
    try:
        return re.compile(parameter.pattern or _type_of(parameter).pattern)
    except re.error as error:
        raise InvalidInstruction(
            f"The pattern of parameter {parameter.name!r} is no regular expression: {error}.",
            mend="Correct the pattern in the instruction.",
        ) from error


def validate(parameter: Parameter, value: str) -> str:
    """The value, when it is one that the parameter may take.

    A value of any type but text never begins with ``-``, so that no program takes it for an option.

    Raises:
        InvalidParameter: names the parameter, the value and what is wanted. Nothing ran.
        InvalidInstruction: the parameter itself is off.
    """
    hidden = hidden_characters(value)
    if hidden:
        raise _refusal(parameter, value, f"holds {hidden[0]}")
    if parameter.type != "text" and value.startswith("-"):
        raise _refusal(parameter, value, "begins with '-', which a program would take for an option")
    if not pattern_of(parameter).fullmatch(value):
        raise _refusal(parameter, value, "does not fit")
    return value


def complete(instruction: Instruction, values: Mapping[str, str]) -> Completion:
    """The given values checked, defaults added, and what is still missing; never a guess.

    Values for names that the instruction does not have are left out.

    Raises:
        InvalidParameter: a given value is not one that its parameter may take. Nothing ran.
        InvalidInstruction: a parameter of the instruction is off.
    """
    found: dict[str, str] = {}
    missing: list[Parameter] = []
    for parameter in instruction.parameters:
        value = values.get(parameter.name, parameter.default)
        if value is None:
            missing.append(parameter)
        else:
            found[parameter.name] = validate(parameter, value)
    return Completion(values=found, missing=tuple(missing))


def _type_of(parameter: Parameter) -> ParameterType:
    try:
        return TYPES[parameter.type]
    except KeyError as error:
        raise InvalidInstruction(
            f"Parameter {parameter.name!r} has the unknown type {parameter.type!r}.",
            mend=f"Use one of: {', '.join(TYPES)}.",
        ) from error


def _refusal(parameter: Parameter, value: str, fault: str) -> InvalidParameter:
    shown = value if len(value) <= 80 else f"{value[:77]}..."  # noqa: PLR2004 - a line's width
    wanted = f"a value like {parameter.pattern}" if parameter.pattern else _type_of(parameter).wanted
    about = f" ({parameter.description})" if parameter.description else ""
    example = example_of(parameter)
    return InvalidParameter(
        f"The value {shown!r} of parameter {parameter.name!r}{about} {fault}: {wanted} is wanted.",
        mend=f"Give {wanted}" + (f", for example {example!r}." if example else "."),
    )
