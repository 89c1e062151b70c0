"""Shapes and tools are put in words, and calls read out of text."""

import json

from itops.llm.language_model import Message, ModelRequest, Tool, ToolCall
from itops.llm.plain_request import REMINDER, calls_in, plain_messages

SEARCH = Tool(name="search", about="Finds instructions.", parameters={"type": "object"})
ASKED = (Message(role="system", text="rules"), Message(role="user", text="data"))
SHAPE = {"properties": {"count": {"type": "integer"}}}


def test_a_plain_request_stays_as_it_is() -> None:
    assert plain_messages(ModelRequest(messages=ASKED)) == ASKED


def test_the_shape_is_asked_for_in_the_first_message_and_reminded_in_the_last() -> None:
    first, last = plain_messages(ModelRequest(messages=ASKED, shape=SHAPE))
    assert first.text == f"rules\n\nReply with one JSON object that fits this JSON schema:\n{json.dumps(SHAPE)}"
    assert last.text == "data" + REMINDER


def test_one_message_takes_both_and_is_reminded_once() -> None:
    (only,) = plain_messages(ModelRequest(messages=ASKED[:1], shape=SHAPE))
    assert only.text.count(REMINDER) == 1
    assert only.text.endswith(REMINDER)


def test_tools_are_described_with_the_form_of_a_call() -> None:
    first, _ = plain_messages(ModelRequest(messages=ASKED, tools=(SEARCH,), shape=SHAPE))
    assert '{"tool": NAME, "arguments": {…}}' in first.text
    assert '- search: Finds instructions. {"type": "object"}' in first.text
    assert first.text.index("search") < first.text.index("When you need none, reply with one JSON object")


def test_calls_are_read_and_numbered_through_the_conversation() -> None:
    request = ModelRequest(messages=ASKED, tools=(SEARCH,))
    text = 'I look: {"tool": "search", "arguments": {"words": "disk"}} {"tool": "rm"} {"tool": "search"}'
    calls = calls_in(text, request)
    assert calls == (
        ToolCall(id="call-1", name="search", arguments={"words": "disk"}),
        ToolCall(id="call-2", name="search"),
    )
    later = request.model_copy(update={"messages": (*ASKED, Message(role="assistant", text="", calls=calls))})
    assert calls_in('{"tool": "search"}', later)[0].id == "call-3"


def test_what_is_no_call_of_a_tool_that_is_offered_is_none() -> None:
    request = ModelRequest(messages=ASKED, tools=(SEARCH,))
    for text in (
        "",
        "search",
        '{"tool": "shell", "arguments": {}}',
        '{"tool": "search", "arguments": "disk"}',
        '{"tool": ["search"]}',
    ):
        assert calls_in(text, request) == ()
    assert calls_in('{"tool": "search"}', ModelRequest(messages=ASKED)) == ()


def test_calls_and_results_are_told_in_words() -> None:
    call = ToolCall(id="call-1", name="search", arguments={"words": "disk"})
    messages = (
        *ASKED,
        Message(role="assistant", text="", calls=(call,)),
        Message(role="tool", text="none", call="call-1"),
    )
    asked, told = plain_messages(ModelRequest(messages=messages, tools=(SEARCH,)))[2:]
    assert asked == Message(role="assistant", text='{"tool": "search", "arguments": {"words": "disk"}}')
    assert told == Message(role="user", text="The result of call-1:\nnone")


def test_a_call_that_the_text_holds_is_not_written_twice() -> None:
    call = ToolCall(id="call-1", name="search")
    message = Message(role="assistant", text='{"tool": "search"}', calls=(call,))
    assert plain_messages(ModelRequest(messages=(message,)))[0].text == '{"tool": "search"}'
