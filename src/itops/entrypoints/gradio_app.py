"""The chat page: where things stand on it, and which of its buttons does what."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable
from contextlib import aclosing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from itops.app import Wish
from itops.domain.task import Auto
from itops.entrypoints.chat import Chat
from itops.entrypoints.screen import About, Screen, header_html, notice_html, screen_of, secrets_html
from itops.errors import ItOpsError

if TYPE_CHECKING:
    import gradio as gr

STYLE: Final = Path(__file__).with_name("page.css")
SCRIPT: Final = Path(__file__).with_name("page.js")
_FONTS: Final = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
_CODE_FONTS: Final = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")
_AUTO: Final = [("nothing", "none"), ("what only reads", "read"), ("also exact published changes", "change")]
_RETRY_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Parts:
    """The components that change, or are read."""

    conversations: "gr.HTML"
    transcript: "gr.HTML"
    notice: "gr.HTML"
    ask: "gr.Column"
    asked: "gr.HTML"
    reason: "gr.Textbox"
    approve: "gr.Button"
    reject: "gr.Button"
    secret: "gr.Column"
    shown: "gr.HTML"
    show: "gr.Button"
    words: "gr.Textbox"
    send: "gr.Button"
    cancel: "gr.Button"
    auto: "gr.Radio"
    dry_run: "gr.Checkbox"
    approval: "gr.Textbox"
    task: "gr.Textbox"
    secret_task: "gr.Textbox"

    @property
    def streamed(self) -> list[Any]:
        """What follows the conversation; the notice comes last."""
        return [
            self.transcript,
            self.conversations,
            self.ask,
            self.asked,
            self.approval,
            self.task,
            self.words,
            self.send,
            self.cancel,
            self.secret,
            self.secret_task,
            self.notice,
        ]


def theme() -> "gr.themes.Base":
    """A quiet look, in fonts that the machine has."""
    import gradio as gr

    return gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=_FONTS, font_mono=_CODE_FONTS)


def create_page(chat: Chat, about: About) -> "gr.Blocks":
    """The page over a chat."""
    import gradio as gr

    page: gr.Blocks
    with gr.Blocks(title="itops", analytics_enabled=False, fill_width=True, fill_height=True) as page:
        _html("head", header_html(about))
        with gr.Row(elem_id="frame"):
            with gr.Column(elem_id="side", scale=0, min_width=0):
                conversations = _html("talks")
            with gr.Column(elem_id="talk", min_width=0):
                parts = _talk(conversations)
        _wire_stream(page, chat, parts)
        _wire_words(chat, parts)
        _wire_decisions(chat, parts)
    page.queue(default_concurrency_limit=None)
    return page


def _talk(conversations: "gr.HTML") -> Parts:
    import gradio as gr

    with gr.Column(elem_id="scroll", min_width=0):
        transcript = _html("transcript")
    notice = _html("notice")
    with gr.Column(visible=False, elem_id="ask", min_width=0) as ask:
        asked = _html("asked")
        reason = gr.Textbox(
            placeholder="Reason (needed to reject)", show_label=False, container=False, elem_id="reason"
        )
        with gr.Row():
            approve = gr.Button("Approve and run", variant="primary", elem_id="approve", min_width=0)
            reject = gr.Button("Reject", variant="stop", elem_id="reject", min_width=0)
    with gr.Column(visible=False, elem_id="secret", min_width=0) as secret:
        show = gr.Button("Show the generated secret, once", elem_id="show")
    shown = _html("shown")
    with gr.Row(elem_id="composer"):
        words = gr.Textbox(
            lines=1,
            max_lines=8,
            show_label=False,
            container=False,
            elem_id="words",
            autofocus=True,
            scale=1,
            min_width=0,
        )
        send = gr.Button("Send", variant="primary", elem_id="send", scale=0, min_width=80)
        cancel = gr.Button("Cancel", visible=False, elem_id="cancel", scale=0, min_width=80)
    with gr.Accordion("Options", open=False, elem_id="options"):
        auto = gr.Radio(_AUTO, value="read", label="May run without asking", elem_id="auto")
        dry_run = gr.Checkbox(label="Dry run: plan and judge, run nothing", elem_id="dry-run")
    return Parts(
        conversations=conversations,
        transcript=transcript,
        notice=notice,
        ask=ask,
        asked=asked,
        reason=reason,
        approve=approve,
        reject=reject,
        secret=secret,
        shown=shown,
        show=show,
        words=words,
        send=send,
        cancel=cancel,
        auto=auto,
        dry_run=dry_run,
        approval=gr.Textbox(visible=False),
        task=gr.Textbox(visible=False),
        secret_task=gr.Textbox(visible=False),
    )


def _html(name: str, value: str = "") -> "gr.HTML":
    import gradio as gr

    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=None)


def _wire_stream(page: "gr.Blocks", chat: Chat, parts: Parts) -> None:
    import gradio as gr

    async def follow(request: gr.Request) -> AsyncGenerator[list[Any]]:
        async with aclosing(updates(chat, _conversation(request))) as stream:
            async for update in stream:
                yield update

    page.load(follow, outputs=parts.streamed, **_quiet())


def _wire_words(chat: Chat, parts: Parts) -> None:
    import gradio as gr

    async def say(words: str, auto: Auto, dry_run: bool, request: gr.Request) -> tuple[str, str, str]:  # noqa: FBT001 - Gradio gives values by their place
        wish = Wish(words=words, requester=chat.person, auto=auto, dry_run=dry_run, conversation=_conversation(request))
        problem = await _problem(chat.say(wish))
        return problem, words if problem else "", ""

    async def cancel(task: str) -> str:
        return await _problem(chat.cancel(task))

    gr.on(
        [parts.words.submit, parts.send.click],
        say,
        inputs=[parts.words, parts.auto, parts.dry_run],
        outputs=[parts.notice, parts.words, parts.shown],
        **_quiet(),
    )
    parts.cancel.click(cancel, inputs=parts.task, outputs=parts.notice, **_quiet())


def _wire_decisions(chat: Chat, parts: Parts) -> None:
    async def approve(approval: str, reason: str) -> tuple[str, str]:
        problem = await _problem(chat.decide(approval, approve=True, reason=reason))
        return problem, reason if problem else ""

    async def reject(approval: str, reason: str) -> tuple[str, str]:
        problem = await _problem(chat.decide(approval, approve=False, reason=reason))
        return problem, reason if problem else ""

    async def show(task: str) -> str:
        try:
            return secrets_html(await chat.reveal(task))
        except ItOpsError as error:
            return notice_html(error.what, error.world, error.mend)

    inputs, outputs = [parts.approval, parts.reason], [parts.notice, parts.reason]
    parts.approve.click(approve, inputs=inputs, outputs=outputs, **_quiet())
    parts.reject.click(reject, inputs=inputs, outputs=outputs, **_quiet())
    parts.show.click(show, inputs=parts.secret_task, outputs=parts.shown, **_quiet())


async def updates(chat: Chat, conversation: str) -> AsyncGenerator[list[Any]]:
    """What changes on the page, as it happens; an error is shown, and the stream tried again."""
    import gradio as gr

    before: list[Any] = []
    while not chat.is_closed:
        try:
            async with aclosing(chat.follow(conversation)) as talks:
                async for talk in talks:
                    now = _values(screen_of(talk))
                    # What is as it was is left alone, so that nobody's typing or scrolling is lost.
                    yield [new if new != old else gr.skip() for new, old in zip_longest(now, before)]
                    before = now
        except ItOpsError as error:
            yield [*([gr.skip()] * (len(before) - 1)), notice_html(error.what, error.world, error.mend)]
            before = []
            await asyncio.sleep(_RETRY_SECONDS)


def _values(screen: Screen) -> list[Any]:
    """What each streamed part should be; in the order of ``Parts.streamed``."""
    import gradio as gr

    is_free = not screen.task or bool(screen.question)
    return [
        screen.transcript,
        screen.conversations,
        gr.update(visible=bool(screen.approval)),
        screen.asked,
        screen.approval,
        screen.task,
        gr.update(placeholder="Your answer" if screen.question else "What is to be done?"),
        gr.update(value="Answer" if screen.question else "Send", interactive=is_free),
        gr.update(visible=bool(screen.task)),
        gr.update(visible=bool(screen.secret)),
        screen.secret,
        gr.skip(),
    ]


async def _problem(work: Awaitable[None]) -> str:
    """Do it; the error in plain words, empty where there is none."""
    try:
        await work
    except ItOpsError as error:
        return notice_html(error.what, error.world, error.mend)
    return ""


def _conversation(request: "gr.Request") -> str:
    return str(request.query_params.get("conversation", ""))


def _quiet() -> dict[str, Any]:
    """For every event: nothing flickers, nothing queues behind another, nothing is an API."""
    return {"show_progress": "hidden", "concurrency_limit": None, "api_visibility": "private"}
