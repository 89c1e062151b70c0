"""JSON is found in whatever a model writes."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.llm.json_text import objects_in, without_titles


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("no {json} here", []),
        ("[1]", []),
        ('[{"a": 1}, {"b": 2}]', [{"a": 1}, {"b": 2}]),
        ('```json\n{"a": {"b": 2}}\n```', [{"a": {"b": 2}}]),
        ('{"a": 1', []),
        ('{broken {"a": "x\ny"}', [{"a": "x\ny"}]),
    ],
)
def test_whole_objects_are_found(text: str, found: list[object]) -> None:
    assert list(objects_in(text)) == found


@given(before=st.text(alphabet=st.characters(exclude_characters="{}")), value=st.dictionaries(st.text(), st.integers()))
def test_prose_before_an_object_never_hides_it(before: str, value: dict[str, int]) -> None:
    assert list(objects_in(before + json.dumps(value))) == [value]


@pytest.mark.parametrize("text", ["{" * 200_000, '{"a":' * 100_000])
def test_a_hostile_text_takes_no_time(text: str) -> None:
    began = time.monotonic()
    assert list(objects_in(text)) == []
    assert time.monotonic() - began < 30


def test_titles_go_and_a_property_of_that_name_stays() -> None:
    schema = {"title": "T", "properties": {"title": {"title": "Title", "type": "string"}}, "anyOf": [{"title": "x"}]}
    assert without_titles(schema) == {"properties": {"title": {"type": "string"}}, "anyOf": [{}]}
