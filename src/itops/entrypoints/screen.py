"""What the page shows of a conversation: pure text, every word of it escaped."""

import html
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from itops.conversation.event_view import Kind, Message, visible
from itops.conversation.preview_view import preview_words
from itops.domain.task import TaskState
from itops.entrypoints.chat import Conversation, Talk, Told
from itops.workflow.task_view import ActionView

_SHOWN: Final = 20_000
_STATE_WORDS: Final = {
    TaskState.RUNNING: ("Running", "plain"),
    TaskState.WAITING: ("Waiting for you", "warn"),
    TaskState.UNKNOWN: ("Outcome unknown", "bad"),
    TaskState.SUCCEEDED: ("Succeeded", "good"),
    TaskState.FAILED: ("Failed", "bad"),
    TaskState.DENIED: ("Denied by policy", "bad"),
    TaskState.CANCELLED: ("Cancelled", "warn"),
    TaskState.NO_INSTRUCTION: ("No instruction", "warn"),
    TaskState.PLANNED: ("Planned, nothing ran", "good"),
    TaskState.ANSWERED: ("Answered", "good"),
}
_EMPTY: Final = """<div class="welcome"><h2>What is to be done on this machine?</h2>
<p>Say it in plain words. You see the plan, the exact script, where it would run and what policy says of it. What only
reads runs by itself; whatever changes something waits for your approval.</p>
<p class="hint">For example: <q>Which directories under /var use the most space?</q> or <q>Show failed services</q></p>
</div>"""


@dataclass(frozen=True)
class About:
    """Who answers here, and where."""

    agent: str
    model: str
    person: str
    machine: str


@dataclass(frozen=True)
class Screen:
    """All that changes on the page. ``approval``, ``task``, ``secret`` and ``rate`` are ids; empty where there is none.

    ``rate`` is the task whose instructions the person may speak of: the latest, once it has ended.
    """

    transcript: str
    conversations: str
    approval: str = ""
    asked: str = ""
    task: str = ""
    question: str = ""
    secret: str = ""
    rate: str = ""


def screen_of(talk: Talk) -> Screen:
    """The conversation as it is to be seen."""
    live = next((told for told in reversed(talk.tasks) if not told.view.state.ended), None)
    secret = next((told.view.id for told in reversed(talk.tasks) if told.has_secret), "")
    approval = live.view.approval if live else None
    tasks = "".join(task_html(told) for told in talk.tasks)
    return Screen(
        transcript=f'<div role="log">{tasks or _EMPTY}</div>',
        conversations=conversations_html(talk.conversations, talk.id),
        approval=approval.id if approval else "",
        asked=_asked(live) if live else "",
        task=live.view.id if live else "",
        question=live.view.question.text if live and live.view.question else "",
        secret=secret,
        rate=talk.tasks[-1].view.id if talk.tasks and talk.tasks[-1].may_be_rated_by(talk.person) else "",
    )


def header_html(about: About) -> str:
    """The page's head: the name, what answers, and for whom."""
    model = about.model or "no model, from instructions alone"
    return (
        '<div class="head"><h1>itops</h1>'
        f'<p><span class="tag">agent {text(about.agent)}</span> <span class="tag">{text(model)}</span></p>'
        f'<p class="who">{text(about.person)} on {text(about.machine)}</p></div>'
    )


def conversations_html(conversations: list[Conversation], current: str) -> str:
    """Links to a new conversation and to the earlier ones."""
    rows = [
        f'<li><a href="?conversation={quote(each.id)}"{_current(each.id == current)}>'
        f"<span>{text(_shortened(each.title))}</span><time>{_time(each.at, '%d %b, %H:%M')}</time></a></li>"
        for each in conversations
    ]
    earlier = f"<h2>Conversations</h2><ul>{''.join(rows)}</ul>" if rows else ""
    return f'<nav class="talks"><a class="new" href="../new">New conversation</a>{earlier}</nav>'


def task_html(told: Told) -> str:
    """One task: the words, then all that was told of it."""
    view = told.view
    words, tone = _STATE_WORDS[view.state]
    parts = [_PARTS.get(message.kind, _line)(message) for message in told.messages]
    if view.state is TaskState.RUNNING:
        parts.append('<p class="working">Stopping…</p>' if view.cancelling else '<p class="working">Working…</p>')
    if view.ended and view.ended.because and not view.answer:
        parts.append(f'<p class="line {tone}">{text(view.ended.because)}</p>')
    if told.is_revealed:
        parts.append('<p class="line">The generated secret was shown, once. It is kept nowhere.</p>')
    meta = " · ".join(filter(None, [view.agent, _time(view.task.submitted_at) if view.task else "", view.id]))
    request = text(view.task.words) if view.task else ""
    return (
        f'<section class="task" data-state="{view.state.value}"><div class="said">{request}</div><article>'
        f'<header><span class="badge {tone}">{words}</span><span class="meta">{text(meta)}</span></header>'
        f"{''.join(parts)}</article></section>"
    )


def secrets_html(secrets: dict[str, str]) -> str:
    """Generated secrets, for the one time they are shown."""
    if not secrets:
        return notice_html("There is no secret left to show.", "It was shown before, and is kept nowhere.")
    rows = "".join(f"<dt>{text(name)}</dt><dd><code>{text(value)}</code></dd>" for name, value in secrets.items())
    return f'<div class="secret"><p>Shown once. Note it now: it is kept nowhere.</p><dl>{rows}</dl></div>'


def notice_html(*sentences: str) -> str:
    """An error in its sentences: what happened, what is true now, what to do."""
    told = "".join(f"<p>{text(sentence)}</p>" for sentence in sentences if sentence)
    return f'<div class="notice" role="alert">{told}</div>'


def text(value: str) -> str:
    """Text that is shown as it is; letters that can't be seen, or that turn the others around, are made visible."""
    return "".join(_letter(letter) for letter in html.escape(value))


def _letter(letter: str) -> str:
    if letter in "\n\t" or unicodedata.category(letter) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return letter
    return f'<span class="unseen">U+{ord(letter):04X}</span>'


def _line(message: Message) -> str:
    return f'<p class="line {message.tone}">{text(message.text)}</p>'


def _script(message: Message) -> str:
    return f'<div class="script"><h3>{text(message.text)}</h3>{_code(message.code)}</div>'


def _output(message: Message) -> str:
    shown = _code(message.code) if message.code else '<p class="line">No output.</p>'
    return (
        f'<details class="output" open><summary class="{message.tone}">{text(message.text)}</summary>{shown}</details>'
    )


def _plan(message: Message) -> str:
    rows = "".join(f"<li>{text(line)}</li>" for line in message.text.splitlines())
    return f'<div class="plan"><h3>Plan</h3><ul>{rows}</ul></div>'


def _verdict(message: Message) -> str:
    first, _, rest = message.text.partition("\n")
    decision, _, effect = first.partition(" ")
    reasons = f'<div class="reasons">{text(rest)}</div>' if rest else ""
    return (
        f'<div class="verdict"><span class="badge {message.tone}">{text(decision)}</span> {text(effect)}{reasons}</div>'
    )


def _boxed(name: str) -> Callable[[Message], str]:
    def boxed(message: Message) -> str:
        return f'<div class="{name} {message.tone}">{text(message.text)}</div>'

    return boxed


def _nothing(message: Message) -> str:
    del message
    return ""


_PARTS: Final[dict[Kind, Callable[[Message], str]]] = {
    "request": _nothing,
    "plan": _plan,
    "script": _script,
    "verdict": _verdict,
    "approval": _boxed("approval"),
    "output": _output,
    "question": _boxed("question"),
    "reply": _boxed("said"),
    "answer": _boxed("answer"),
    "end": _nothing,
}


def _asked(told: Told) -> str:
    """What the buttons are about, in words: nobody should have to scroll up to know what they approve."""
    approval = told.view.approval
    if approval is None:
        return ""
    action = told.view.actions[approval.action]
    where = ", ".join(target.name for target in action.script.targets)
    effect = action.verdict.effect.value if action.verdict else "unknown"
    until = _time(approval.expires_at)
    return (
        f'<div class="asked"><h3>Run exactly this on {text(where)}?</h3>'
        f"<p>{text(action.title or action.script.purpose or 'Script')} · effect: {effect} · until {until}</p>"
        f"{_code(action.script.text)}{_beforehand(action)}</div>"
    )


def _beforehand(action: ActionView) -> str:
    """What can be seen before it runs: harmless forms, and what it would change."""
    forms = action.verdict.dry_runs if action.verdict else ()
    rows = [
        f"<li>Dry run{'' if form.is_read else ' (which asks itself)'}: <code>{text(form.form)}</code></li>"
        for form in forms
    ]
    shown = f'<ul class="dry-runs">{"".join(rows)}</ul>' if rows else ""
    if action.preview is None:
        return shown
    headline, _, rest = visible(preview_words(action.preview)).partition("\n")
    details = f"<details open><summary>{text(headline)}</summary>{_code(rest)}</details>" if rest else ""
    return f'{shown}<div class="preview">{details or f"<p>{text(headline)}</p>"}</div>'


def _code(code: str) -> str:
    if len(code) > _SHOWN:
        left_out = len(code) - _SHOWN
        code = f"{code[: _SHOWN // 2]}\n… {left_out:,} characters are not shown here …\n{code[-_SHOWN // 2 :]}"
    return f"<pre><code>{text(code)}</code></pre>"


def _shortened(words: str, limit: int = 60) -> str:
    line = " ".join(words.split())
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _current(is_current: bool) -> str:  # noqa: FBT001 - one truth, one word
    return ' aria-current="page"' if is_current else ""


def _time(at: datetime, shape: str = "%H:%M:%S") -> str:
    return at.astimezone().strftime(shape)
