"""A model is named ``provider:model``; nothing heavy is loaded before it is asked."""

import subprocess
import sys

import pytest

from itops.errors import SettingsError
from itops.llm.providers import create_model


@pytest.mark.parametrize("spec", ["", "gpt", "openai:", ":gpt", " : "])
def test_a_name_of_another_form_is_refused(spec: str) -> None:
    with pytest.raises(SettingsError, match="provider:model"):
        create_model(spec)


@pytest.mark.parametrize("spec", ["openai:gpt-5-mini", "anthropic:claude", "ollama:qwen2.5:1.5b"])
def test_the_model_has_the_name_it_was_asked_by(spec: str) -> None:
    assert create_model(spec).name == spec


def test_making_a_model_loads_nothing_heavy() -> None:
    code = (
        "import sys; from itops.llm.providers import create_model; create_model('openai:m');"
        "print([name for name in ('pydantic_ai', 'openai', 'httpx', 'stamina') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
