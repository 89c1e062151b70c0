"""The chat page: where things stand on it, and which of its buttons does what."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from itops.app import Wish
from itops.domain.instruction import Opinion
from itops.domain.task import Auto
from itops.entrypoints.chat import Chat
from itops.entrypoints.screen import About, Screen, header_html, notice_html, screen_of, secrets_html
from itops.errors import ItOpsError

if TYPE_CHECKING:
    import gradio as gr
    from gradio.themes import Base

STYLE: Final = Path(__file__).with_name("page.css")
SCRIPT: Final = Path(__file__).with_name("page.js")
_FONTS: Final = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
_CODE_FONTS: Final = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")
_AUTO: Final = [("nothing", "none"), ("what only reads", "read"), ("also exact published changes", "change")]
_OPINIONS: Final[dict[Opinion, str]] = {"helped": "Helped", "wrong": "Wrong", "outdated": "Outdated"}
_RETRY_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Ask:
    """What is to be decided, while something is; ``approval`` is its id, unseen."""

    panel: "gr.Column"
    asked: "gr.HTML"
    reason: "gr.Textbox"
    approve: "gr.Button"
    reject: "gr.Button"
    approval: "gr.Textbox"


@dataclass(frozen=True)
class Handover:
    """A generated secret, on its way to its requester; ``task`` is the id of its task, unseen."""

    panel: "gr.Column"
    show: "gr.Button"
    shown: "gr.HTML"
    task: "gr.Textbox"


@dataclass(frozen=True)
class Rating:
    """What the instructions of the latest task were worth; ``task`` is its id, unseen."""

    panel: "gr.Row"
    buttons: dict[Opinion, "gr.Button"]
    task: "gr.Textbox"


@dataclass(frozen=True)
class Composer:
    """Where words are written; ``task`` is the id of the task that works, unseen."""

    words: "gr.Textbox"
    send: "gr.Button"
    cancel: "gr.Button"
    auto: "gr.Radio"
    dry_run: "gr.Checkbox"
    task: "gr.Textbox"


@dataclass(frozen=True)
class Parts:
    """The components that change, or are read."""

    conversations: "gr.HTML"
    transcript: "gr.HTML"
    notice: "gr.HTML"
    ask: Ask
    handover: Handover
    rating: Rating
    composer: Composer

    @property
    def streamed(self) -> list[Any]:
        """What follows the conversation; the notice comes last."""
        ask, composer, handover = self.ask, self.composer, self.handover
        return [
            self.transcript,
            self.conversations,
            ask.panel,
            ask.asked,
            ask.approval,
            composer.task,
            composer.words,
            composer.send,
            composer.cancel,
            handover.panel,
            handover.task,
            self.rating.panel,
            self.rating.task,
            self.notice,
        ]


def theme() -> "Base":
    """A quiet look, in fonts that the machine has."""
    from gradio.themes import Base

    return Base(primary_hue="blue", neutral_hue="slate", font=_FONTS, font_mono=_CODE_FONTS)


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
                with gr.Column(elem_id="scroll", min_width=0):
                    transcript = _html("transcript")
                parts = Parts(conversations, transcript, _html("notice"), _ask(), _handover(), _rating(), _composer())
        _wire_stream(page, chat, parts)
        _wire_words(chat, parts)
        _wire_decisions(chat, parts)
        _wire_rating(chat, parts)
    page.queue(default_concurrency_limit=None)
    return page


def _ask() -> Ask:
    import gradio as gr

    with gr.Column(visible=False, elem_id="ask", min_width=0) as panel:
        asked = _html("asked")
        reason = gr.Textbox(
            placeholder="Reason (needed to reject)", label="Reason", show_label=False, container=False, elem_id="reason"
        )
        with gr.Row():
            approve = gr.Button("Approve and run", variant="primary", elem_id="approve", min_width=0)
            reject = gr.Button("Reject", variant="stop", elem_id="reject", min_width=0)
    return Ask(panel, asked, reason, approve, reject, gr.Textbox(visible=False))


def _handover() -> Handover:
    import gradio as gr

    with gr.Column(visible=False, elem_id="secret", min_width=0) as panel:
        show = gr.Button("Show the generated secret, once", elem_id="show")
    return Handover(panel, show, _html("shown"), gr.Textbox(visible=False))


def _rating() -> Rating:
    import gradio as gr

    with gr.Row(visible=False, elem_id="rate") as panel:
        _html("rate-question", "Was this the right instruction?")
        buttons: dict[Opinion, gr.Button] = {
            opinion: gr.Button(words, elem_id=f"rate-{opinion}", size="sm", scale=0, min_width=0)
            for opinion, words in _OPINIONS.items()
        }
    return Rating(panel, buttons, gr.Textbox(visible=False))


def _composer() -> Composer:
    import gradio as gr

    with gr.Row(elem_id="composer"):
        words = gr.Textbox(
            lines=1,
            max_lines=8,
            label="What is to be done?",
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
    return Composer(words, send, cancel, auto, dry_run, gr.Textbox(visible=False))


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

    composer = parts.composer
    gr.on(
        [composer.words.submit, composer.send.click],
        say,
        inputs=[composer.words, composer.auto, composer.dry_run],
        outputs=[parts.notice, composer.words, parts.handover.shown],
        **_quiet(),
    )
    composer.cancel.click(cancel, inputs=composer.task, outputs=parts.notice, **_quiet())


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

    ask, handover = parts.ask, parts.handover
    inputs, outputs = [ask.approval, ask.reason], [parts.notice, ask.reason]
    ask.approve.click(approve, inputs=inputs, outputs=outputs, **_quiet())
    ask.reject.click(reject, inputs=inputs, outputs=outputs, **_quiet())
    handover.show.click(show, inputs=handover.task, outputs=handover.shown, **_quiet())


def _wire_rating(chat: Chat, parts: Parts) -> None:
    def rate_as(opinion: Opinion) -> Callable[[str], Awaitable[str]]:
        async def rate(task: str) -> str:
            return await _problem(chat.rate(task, opinion))

        return rate

    for opinion, button in parts.rating.buttons.items():
        button.click(rate_as(opinion), inputs=parts.rating.task, outputs=parts.notice, **_quiet())


async def updates(chat: Chat, conversation: str) -> AsyncGenerator[list[Any]]:
    """What changes on the page, as it happens; an error is shown, and the stream tried again."""
    import gradio as gr

    before: list[Any] = []
    has_failed = False
    while not chat.is_closed:
        try:
            async with aclosing(chat.follow(conversation)) as talks:
                async for talk in talks:
                    now = _values(screen_of(talk))
                    # What is as it was is left alone, so that nobody's typing or scrolling is lost.
                    changes = [new if new != old else gr.skip() for new, old in zip_longest(now, before)]
                    yield [*changes, "" if has_failed else gr.skip()]
                    before, has_failed = now, False
        except ItOpsError as error:
            unchanged = [gr.skip() for _ in _values(Screen("", ""))]
            yield [*unchanged, notice_html(error.what, error.world, error.mend)]
            has_failed = True
            await asyncio.sleep(_RETRY_SECONDS)


def _values(screen: Screen) -> list[Any]:
    """What each streamed part should be, in the order of ``Parts.streamed``; the notice is not among them."""
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
        gr.update(visible=bool(screen.rate)),
        screen.rate,
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
