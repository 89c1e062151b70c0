"""The outcome in words, with a model; in our own where it fails or has nothing to add."""

from typing import Final

from itops.agents import sections
from itops.agents.base_agent import AnswerRequest, AnswerThought
from itops.agents.fencing import Section, clean
from itops.agents.prompting import ReplyShape, Unfit, Words, ask, prompt
from itops.agents.template_answer import template_answer
from itops.domain.outcome import Outcome
from itops.domain.task import TaskState
from itops.errors import ProviderError
from itops.llm.language_model import LanguageModel

_ANSWER_CHARACTERS: Final = 4000
_OUTPUTS_TOGETHER: Final = 16_000
_OUTPUT: Final = 6000
_OUTPUT_AT_LEAST: Final = 400
# The model reads outputs that may lie; how the task ended is said by code.
_ENDED: Final = {
    TaskState.FAILED: "This did not succeed.",
    TaskState.DENIED: "Policy denied this.",
    TaskState.CANCELLED: "This was cancelled.",
    TaskState.UNKNOWN: "The outcome is not known; a person must look.",
    TaskState.NO_INSTRUCTION: "No instruction covers all of this.",
}


class AnswerReply(ReplyShape):
    """What the model is to say about an outcome."""

    answer: Words


async def answer(model: LanguageModel, request: AnswerRequest) -> AnswerThought:
    """The outcome in words. What it rests on is taken from the outcome, never from the model.

    Where nothing ran there is nothing to interpret, so no model is asked.
    """
    plain = template_answer(request)
    if not any(step.results for report in request.outcome.reports for step in report.steps):
        return AnswerThought(answer=plain)
    try:
        heard = await ask(model, prompt("answer", _known(request)), AnswerReply, _checked)
    except ProviderError as error:
        said = f"{plain.text}\n\n(The model could not put this in its own words: {error.what})"
        return AnswerThought(answer=plain.model_copy(update={"text": said}))
    text = " ".join(filter(None, (_ENDED.get(request.outcome.state, ""), heard.value or plain.text)))
    written = plain.model_copy(update={"text": text, "usage": heard.usage})
    return AnswerThought(answer=written, usage=heard.usage, model=heard.model)


def _known(request: AnswerRequest) -> list[Section]:
    outcome = request.outcome
    known = sections.of_request(request.task)
    known.append(Section(label="outcome", text=f"state: {outcome.state.value}\n{outcome.because}".strip()))
    limit = _limit(outcome)
    for number, report in enumerate(outcome.reports, start=1):
        words = f"{report.subtask.words}\nstate: {report.state.value}\n{report.because}".strip()
        known.append(Section(label=f"subtask {number}", text=words))
        known += [sections.of_step(f"step of subtask {number}", step, limit=limit) for step in report.steps]
    return known


def _limit(outcome: Outcome) -> int:
    """How much of each output is shown, so that all together stay within bounds."""
    results = sum(len(step.results) for report in outcome.reports for step in report.steps)
    return min(_OUTPUT, max(_OUTPUT_AT_LEAST, _OUTPUTS_TOGETHER // max(1, 2 * results)))


def _checked(reply: AnswerReply) -> str:
    text = clean(reply.answer).strip()
    if not text:
        raise Unfit("The answer is empty.", otherwise="")
    return text[:_ANSWER_CHARACTERS]
