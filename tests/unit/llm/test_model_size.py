"""How large a model is stands in many names."""

import pytest

from itops.llm.model_size import billions


@pytest.mark.parametrize(
    ("spec", "size"),
    [
        ("openai:qwen2.5-coder:1.5b", 1.5),
        ("ollama:llama3.2:3b-instruct-q4", 3.0),
        ("openai:SmolLM2-135M-Instruct", 0.135),
        ("openai:mixtral-8x7b", 56.0),
        ("openai:Qwen2.5-Coder-0.5B.gguf", 0.5),
        ("openai:gpt-5-mini", None),
        ("anthropic:claude-4b2", None),
        ("bedrock:meta.llama3-70b-instruct-v1:0", 70.0),
    ],
)
def test_the_name_tells(spec: str, size: float | None) -> None:
    assert billions(spec) == size
