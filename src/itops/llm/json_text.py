"""JSON objects in whatever a model writes."""

import json
from collections.abc import Iterator
from typing import Any, Final

_OBJECTS_TRIED: Final = 200


def objects_in(text: str) -> Iterator[dict[str, Any]]:
    """Every whole JSON object of the text that stands in no other, in order; prose and fences are passed over."""
    decoder = json.JSONDecoder(strict=False)
    start = text.find("{")
    for _ in range(_OBJECTS_TRIED):
        if start < 0:
            return
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            yield found
        start = text.find("{", end)


def without_titles(schema: Any) -> Any:  # noqa: ANN401 - JSON of any depth
    """A JSON schema without the titles that pydantic makes up, which tell a model nothing."""
    if isinstance(schema, dict):
        kept = {key: value for key, value in schema.items() if not (key == "title" and isinstance(value, str))}
        return {key: without_titles(value) for key, value in kept.items()}
    return [without_titles(item) for item in schema] if isinstance(schema, list) else schema
