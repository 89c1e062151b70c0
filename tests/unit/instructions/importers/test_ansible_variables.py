from pathlib import Path

import pytest

from itops.instructions.importers.ansible_variables import JINJA, Variables
from itops.instructions.importers.importer import Source
from itops.instructions.importers.template import Inexpressible
from itops.instructions.importers.yaml_reader import read_tree


def variables(text="x: 1"):
    return Variables(read_tree(Source(Path("/in/a.yaml"), Path("/in"), text.encode(), "x")).mapping())


def ours(known, text):
    return known.ours(JINJA.fullmatch(text))


@pytest.mark.parametrize("text", ["{{ who }}", "{{who}}", "{{- who -}}", "{{ who | quote }}", "{{ who|default('x') }}"])
def test_a_variable_is_a_parameter(text):
    known = variables()
    assert ours(known, text) == "{{ who }}"
    assert [each.name for each in known.parameters([])] == ["who"]


@pytest.mark.parametrize(
    "text",
    [
        "{{ a.b }}",
        "{{ a[0] }}",
        "{{ a | upper }}",
        "{{ a + b }}",
        "{{ item }}",
        "{{ ansible_host }}",
        "{{ lookup('x') }}",
        "{{ }}",
        "{{ inventory_hostname }}",
    ],
)
def test_more_than_a_variable_is_refused(text):
    with pytest.raises(Inexpressible, match="computed"):
        ours(variables(), text)


def test_values_of_the_play_are_defaults():
    known = variables("vars: {who: bob, xs: [a], y: '{{ who }}', z: ~}")
    ours(known, "{{ who }}")
    ours(known, "{{ z }}")
    assert [each.default for each in known.parameters([])] == ["bob", None]
    for name, why in (("xs", "no single value"), ("y", "computed by Jinja")):
        with pytest.raises(Inexpressible, match=why):
            ours(known, f"{{{{ {name} }}}}")


def test_two_defaults_are_no_default():
    known = variables()
    ours(known, "{{ a | default('x') }}")
    with pytest.raises(Inexpressible, match="different defaults"):
        ours(known, "{{ a | default('y') }}")


def test_a_private_prompt_is_a_secret():
    known = variables("vars_prompt: [{name: pw}, {name: who, prompt: Who is it, private: no, default: bob}]")
    with pytest.raises(Inexpressible, match="is a secret"):
        ours(known, "{{ pw }}")
    ours(known, "{{ who }}")
    (found,) = known.parameters([])
    assert (found.description, found.default) == ("Who is it", "bob")
    assert "pw" in known.left[0]


def test_a_text_that_jinja_computes_is_refused():
    with pytest.raises(Inexpressible):
        variables().check("{% if a %}")


def test_defaults_of_no_word_or_several_are_known():
    assert variables("vars: {a: '', b: x y, c: z}").not_words == {"a", "b"}
