"""JSON for the engine's state, carrying our nouns and errors as themselves; never pickle.

Plain JSON would turn tuples into lists, integer keys into strings and nouns into dictionaries: each of these is written
as ``{"$kind": …, "value": …}`` and read back as what it was.
"""

import json
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from typing import Any, Final

from dbos import Serializer

from itops import errors
from itops.domain.noun import Noun

_KIND: Final = "$kind"
_NOUN_ROOMS: Final = ("itops.domain.", "itops.agents.base_agent:", "itops.workflow.steps:")
Json = Any


class NounSerializer(Serializer):
    """What DBOS keeps: steps' arguments and results, and the errors that ended them."""

    def name(self) -> str:
        """The name that stands beside each value."""
        return "itops_json_1"

    def serialize(self, data: Any) -> str:  # noqa: ANN401 - the engine's own signature
        """Any of our values as text."""
        return json.dumps(_pack(data), ensure_ascii=False)

    def deserialize(self, serialized_data: str) -> Any:  # noqa: ANN401 - the engine's own signature
        """The value as it was."""
        return _unpack(json.loads(serialized_data))


def _pack(value: Any) -> Json:  # noqa: ANN401, PLR0911 - one line a kind of value
    match value:
        case StrEnum():
            return {_KIND: "enum", "type": _path(type(value)), "value": value.value}
        case None | bool() | int() | float() | str():
            return value
        case Noun():
            return {_KIND: "noun", "type": _path(type(value)), "value": value.model_dump(mode="json")}
        case datetime():
            return {_KIND: "datetime", "value": value.isoformat()}
        case BaseException():
            return {_KIND: "error", "type": type(value).__name__, "value": _pack(_error_fields(value))}
        case list():
            return [_pack(item) for item in value]
        case tuple():
            return {_KIND: "tuple", "value": [_pack(item) for item in value]}
        case dict() if all(isinstance(key, str) for key in value) and _KIND not in value:
            return {key: _pack(item) for key, item in value.items()}
        case dict():
            return {_KIND: "map", "value": [[_pack(key), _pack(item)] for key, item in value.items()]}
    raise TypeError(f"{type(value).__name__} can't be kept by the engine.")


def _unpack(value: Json) -> Any:  # noqa: ANN401 - any of our values
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not isinstance(value, dict):
        return value
    if _KIND not in value:
        return {key: _unpack(item) for key, item in value.items()}
    return _READERS[value[_KIND]](value)


def _path(kind: type) -> str:
    return f"{kind.__module__}:{kind.__name__}"


def _named(path: str) -> Any:  # noqa: ANN401 - a class
    if not path.startswith(_NOUN_ROOMS):
        raise TypeError(f"{path} is not a noun.")
    module, name = path.split(":")
    return getattr(import_module(module), name)


def _error_fields(error: BaseException) -> dict[str, Any]:
    if isinstance(error, errors.ItOpsError):
        return {"what": error.what, "world": error.world, "mend": error.mend, **_extra(error)}
    return {"what": f"{type(error).__name__}: {error}"}


def _extra(error: errors.ItOpsError) -> dict[str, Any]:
    return {"transient": error.transient} if isinstance(error, errors.ProviderError) else {}


def _read_error(value: Json) -> BaseException:
    fields = _unpack(value["value"])
    kind = getattr(errors, value["type"], None)
    if kind is None:
        return errors.ItOpsUnavailable(fields["what"])
    error: BaseException = kind(fields.pop("what"), **fields)
    return error


_READERS: Final[dict[str, Callable[[Json], Any]]] = {
    "enum": lambda value: _named(value["type"])(value["value"]),
    "noun": lambda value: _named(value["type"]).model_validate(value["value"]),
    "datetime": lambda value: datetime.fromisoformat(value["value"]),
    "tuple": lambda value: tuple(_unpack(item) for item in value["value"]),
    "map": lambda value: {_unpack(key): _unpack(item) for key, item in value["value"]},
    "error": _read_error,
}
