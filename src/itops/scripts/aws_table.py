"""The operations of AWS: which services, operations and parameters there are, and what an operation does by its model.

The table is made by ``tools/aws_table.py``, which also says how it is laid out. A service is read when it is first
asked for.
"""

import io
import zipfile
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final, Literal, TypeAlias, cast

EffectLetter: TypeAlias = Literal["r", "s", "c", "d", "p", "u"]
Arity: TypeAlias = Literal["one", "none", "any", "maybe"]
_ARITIES: Final[dict[str, Arity]] = {"/": "none", "*": "any", "?": "maybe"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of an operation, by the name it has on the command line."""

    name: str
    arity: Arity = "one"
    required: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation.

    ``effect``: ``r`` read, ``s`` a read whose answer holds a secret (under the fields ``secret``), ``c`` change, ``d``
    destroy, ``p`` change of permissions, ``u`` not known. ``places`` are positional words: how many it needs and takes.
    ``outfile``: the last of them is a file that the answer is written to.
    """

    name: str
    effect: EffectLetter
    secret: frozenset[str]
    parameters: dict[str, Parameter]
    places: tuple[int, int]
    outfile: bool


@dataclass(frozen=True)
class Service:
    """One service: its operations as text, each read when it is asked for."""

    name: str
    worldwide: bool
    lines: dict[str, str]

    def operation(self, name: str) -> Operation | None:
        """The operation of this name; ``wait …`` and the like are two words."""
        return _operation(self.lines[name]) if name in self.lines else None


@cache
def table_bytes() -> bytes:
    """The table as it is stored."""
    return (resources.files("itops.scripts") / "data" / "aws_operations.zip").read_bytes()


@cache
def service_names() -> tuple[str, ...]:
    """All services that the AWS CLI knows."""
    return tuple(_archive().namelist())


@cache
def service(name: str) -> Service | None:
    """The service of this name."""
    if name not in service_names():
        return None
    traits, *lines = _archive().read(name).decode().splitlines()
    return Service(name, traits == "global", {line[: _name_length(line)]: line for line in lines})


def _archive() -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(table_bytes()))


def _name_length(line: str) -> int:
    """Where the name ends: before the first word that is an effect."""
    words = line.split(" ")
    effect = next(place for place, word in enumerate(words) if word in {"r", "c", "d", "p", "u"} or word[:2] == "s:")
    return len(" ".join(words[:effect]))


@cache
def _operation(line: str) -> Operation:
    name = line[: _name_length(line)]
    effect, *words = line[len(name) + 1 :].split(" ")
    parameters = [_parameter(word) for word in words if word and word[0] not in "<>"]
    places = [word for word in words if word.startswith(("<", ">"))]
    needed = sum(_count(word) for word in places if "!" in word)
    return Operation(
        name=name,
        effect=cast("EffectLetter", effect[0]),
        secret=frozenset(effect[2:].split(",")) if effect[0] == "s" else frozenset(),
        parameters={parameter.name: parameter for parameter in parameters},
        places=(needed, needed + sum("!" not in word for word in places)),
        outfile=bool(places) and places[-1].startswith(">"),
    )


def _parameter(word: str) -> Parameter:
    arity = _ARITIES.get(word[-1], "one")
    plain = word[:-1] if word[-1] in _ARITIES else word
    return Parameter(plain.removesuffix("!"), arity, plain.endswith("!"))


def _count(place: str) -> int:
    return int(place[-1]) if place[-1].isdigit() else 1
