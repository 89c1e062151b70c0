"""No secret leaves, wherever in a request it stands."""

from itops.llm.language_model import Message, ModelRequest, ToolCall
from itops.llm.redacted import RedactedModel
from itops.redaction import Redactor
from itops.testing.scripted_model import ScriptedModel


async def test_every_part_of_the_messages_is_redacted() -> None:
    inner = ScriptedModel(["good"])
    call = ToolCall(
        id="c", name="search", arguments={"words": "password=hunter2secret", "more": ["token=abc123def456"], "top": 5}
    )
    request = ModelRequest(
        messages=(
            Message(role="system", text="password=hunter2secret"),
            Message(role="assistant", text="", calls=(call,)),
            Message(role="tool", text='{"api_key": "abc123def456"}', call="c"),
        ),
    )
    said = await RedactedModel(inner, Redactor().redact).say(request)
    sent = inner.requests[0]
    assert said.text == "good"
    assert "hunter2secret" not in sent.model_dump_json()
    assert "abc123def456" not in sent.model_dump_json()
    assert sent.messages[0].text == "password=[REDACTED:password]"
    assert sent.messages[1].calls[0].arguments["top"] == 5


async def test_a_request_without_secrets_is_passed_on_as_it_is() -> None:
    inner, pieces = ScriptedModel(["good"], name="m"), []
    request = ModelRequest(messages=(Message(role="user", text="how much is free?"),), versions=("a@1",))
    model = RedactedModel(inner, Redactor().redact)
    await model.say(request, pieces.append)
    assert inner.requests == [request]
    assert pieces == ["good"]
    assert model.name == "m"
