"""Shapes and tools in plain words, so that any model that writes text will do.

Small and local models often can't call tools, and some servers take no schema; what every model can do is to write a
JSON object that it was shown the form of.
"""

import json
from collections.abc import Iterable
from typing import Final

from itops.llm.json_text import objects_in
from itops.llm.language_model import Message, ModelRequest, Tool, ToolCall

REMINDER: Final = "\n\nReply with one JSON object of the shape above and nothing else."
_TOOLS: Final = (
    'You may look things up before you reply. To do so, reply with {"tool": NAME, "arguments": {…}} and nothing else; '
    "the result comes in the next message. The tools, with the JSON schema of their arguments:\n"
)


def plain_messages(request: ModelRequest) -> tuple[Message, ...]:
    """The messages with the shape and the tools in the first one, which so stays the same from call to call."""
    messages = [_plain(message) for message in request.messages]
    added = "".join(f"\n\n{text}" for text in (_tools(request.tools), _shape(request)) if text)
    if added:
        messages[0] = messages[0].model_copy(update={"text": messages[0].text + added})
    if request.shape is not None and not messages[-1].text.endswith(REMINDER):
        messages[-1] = messages[-1].model_copy(update={"text": messages[-1].text + REMINDER})
    return tuple(messages)


def calls_in(text: str, request: ModelRequest) -> tuple[ToolCall, ...]:
    """The calls of the request's tools that a reply holds, each with an id of its own in the conversation."""
    known = {tool.name for tool in request.tools}
    earlier = sum(len(message.calls) for message in request.messages)
    found = [one for one in objects_in(text) if _is_call(one, known)] if known else []
    return tuple(
        ToolCall(id=f"call-{earlier + number}", name=one["tool"], arguments=one.get("arguments") or {})
        for number, one in enumerate(found, start=1)
    )


def _is_call(found: dict[str, object], known: set[str]) -> bool:
    name = found.get("tool")
    return isinstance(name, str) and name in known and isinstance(found.get("arguments", {}), dict | None)


def _plain(message: Message) -> Message:
    if message.role == "tool":
        return Message(role="user", text=f"The result of {message.call or 'the tool'}:\n{message.text}")
    written = "\n".join(json.dumps({"tool": call.name, "arguments": call.arguments}) for call in message.calls)
    if not written or list(objects_in(message.text)):
        return Message(role=message.role, text=message.text)
    return Message(role=message.role, text=f"{message.text}\n{written}".strip())


def _shape(request: ModelRequest) -> str:
    if request.shape is None:
        return ""
    final = "When you need none, reply" if request.tools else "Reply"
    schema = json.dumps(request.shape, ensure_ascii=False)
    return f"{final} with one JSON object that fits this JSON schema:\n{schema}"


def _tools(tools: Iterable[Tool]) -> str:
    listed = "\n".join(
        f"- {tool.name}: {tool.about} {json.dumps(tool.parameters, ensure_ascii=False)}" for tool in tools
    )
    return _TOOLS + listed if listed else ""
