"""``itops doctor``: what is set up, what is missing, and how to mend it."""

import asyncio
import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Literal

from itops.bootstrap import House
from itops.domain.instruction import InstructionState
from itops.entrypoints.session import in_session, local_person
from itops.entrypoints.terminal import print_json, say
from itops.errors import ItOpsError
from itops.llm.layers import day_account
from itops.llm.model_size import SMALL_BILLIONS, billions

_LEAST_MEGABYTES = 50
_SANDBOXES = {
    "bubblewrap": "Install bubblewrap (apt-get install bubblewrap), and let users have namespaces.",
    "Landlock": "Use a kernel from 5.13 on with Landlock among its security modules (lsm=…,landlock).",
}
_SIGNS = {"ok": "ok     ", "missing": "missing", "broken": "BROKEN "}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. ``missing`` is something optional; ``broken`` stops work."""

    what: str
    state: Literal["ok", "missing", "broken"]
    detail: str
    mend: str = ""


def examine(*, as_json: bool) -> int:
    """Look at everything; 6 where anything is broken."""
    findings = in_session(_examine)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    else:
        for finding in findings:
            say(f"{_SIGNS[finding.state]}  {finding.what}: {finding.detail}")
            if finding.mend:
                say(f"         {finding.mend}")
    return 6 if any(finding.state == "broken" for finding in findings) else 0


async def _examine(house: House) -> list[Finding]:
    looks: list[tuple[str, Callable[[House], Awaitable[Finding]]]] = [
        ("program", _program),
        ("state", _state),
        ("journal", _journal),
        ("policy", _policy),
        ("workflow", _workflow),
        ("library", _library),
        ("embeddings", _embeddings),
        ("index", _index),
        ("bash reader", _reader),
        ("shells", _shells),
        ("sandbox", _sandbox),
        ("model", _model),
    ]
    if house.settings.llm:
        looks += [("fall-back", _fallback), ("model cache", _model_cache), ("model budget", _model_budget)]
    findings = []
    for what, look in looks:
        try:
            findings.append(await look(house))
        except ItOpsError as error:
            findings.append(Finding(what, "broken", f"{error.what} {error.world}", error.mend))
    return findings


async def _program(house: House) -> Finding:
    del house
    python = ".".join(map(str, sys.version_info[:3]))
    return Finding("program", "ok", f"itops-agent {version('itops-agent')} on Python {python}")


async def _state(house: House) -> Finding:
    free = shutil.disk_usage(house.home).free // 2**20
    await house.journal.read(newest=1)
    if free < _LEAST_MEGABYTES:
        return Finding("state", "broken", f"{house.home} has {free} MB left", "Make room: a full disk stops all work.")
    return Finding("state", "ok", f"{house.home}, database {house.database.engine.dialect.name}, {free} MB free")


async def _journal(house: House) -> Finding:
    seen = await house.verify_journal()
    if not seen.ok:
        mend = "Keep the files as they are, and find out who could write them; `itops audit export` saves the rest."
        return Finding("journal", "broken", f"broken at record {seen.broken_at}: {seen.problem}", mend)
    return Finding("journal", "ok", f"{seen.checked} records, the chain is whole")


async def _policy(house: House) -> Finding:
    return Finding("policy", "ok", f"version {house.policy.version[:12]}")


async def _workflow(house: House) -> Finding:
    house.engine.launch()
    return Finding("workflow", "ok", "its engine starts")


async def _library(house: House) -> Finding:
    count = len(await (await house.filled_library()).list())
    found = await house.search("how much free space is on the disk", platform=house.app.targets()[0].platform, top=1)
    if not found:
        return Finding("library", "missing", "no instruction is published", "itops instructions sync DIR --publish")
    return Finding("library", "ok", f"{count} instructions; a search finds {found[0].instruction.id}")


async def _embeddings(house: House) -> Finding:
    (vector,) = await asyncio.to_thread(house.embeddings.embed, ["ok"])
    which = house.settings.embeddings or "MiniLM, which is built in"
    return Finding("embeddings", "ok", f"{which}; {len(vector)} numbers a text, space {house.embeddings.name}")


async def _index(house: House) -> Finding:
    """After the library was searched, which brings the index up to it."""
    where = f"on the server {house.settings.chroma_url}" if house.settings.chroma_url else f"in {house.home / 'index'}"
    held = (await asyncio.to_thread(house.index.generation)).rpartition("@")[2]
    if not held:
        return Finding("index", "missing", f"Chroma {where} holds none yet", "The next search builds it.")
    count = len(await house.library.list(state=InstructionState.PUBLISHED))
    return Finding("index", "ok", f"Chroma {where}, generation {held} with {count} published instructions")


async def _reader(house: House) -> Finding:
    judged = await house.check("bash", "echo ok")
    return Finding("bash reader", "ok", f"`echo ok` is judged: {judged.decision.value}")


async def _shells(house: House) -> Finding:
    del house
    if not shutil.which("bash"):
        return Finding("shells", "broken", "there is no bash", "Install bash.")
    if not shutil.which("pwsh"):
        return Finding("shells", "ok", "bash (PowerShell scripts can't run here: there is no pwsh)")
    return Finding("shells", "ok", "bash, pwsh")


async def _sandbox(house: House) -> Finding:
    if house.settings.sandbox == "off":
        mend = "Unset ITOPS_SANDBOX, and reads that nobody approves run confined."
        return Finding("sandbox", "missing", "switched off: reads run unconfined", mend)
    found = await asyncio.to_thread(house.sandboxes)
    mend = "" if len(found) == len(_SANDBOXES) else _SANDBOXES["Landlock" if "bubblewrap" in found else "bubblewrap"]
    if not found:
        detail = "none works here, so reads ask unless a published instruction vouches for them"
        return Finding("sandbox", "missing", detail, f"{mend} {_SANDBOXES['Landlock']}")
    others = f", and by {found[1]} where {found[0]} would show them something else" if found[1:] else ""
    return Finding("sandbox", "ok", f"reads are confined by {found[0]}{others}", mend)


async def _model(house: House) -> Finding:
    if house.models is None:
        mend = "Optional: ITOPS_LLM=provider:model, for example openai:gpt-5-mini, and the provider's key."
        return Finding("model", "missing", "none is set; the template agent works from instructions alone", mend)
    model = house.settings.llm
    await house.models.check(model)
    detail = f"{model} can be reached; the default agent is {house.default_agent}"
    size = billions(model)
    if size is None and house.models.has_price(model):
        return Finding("model", "ok", detail)
    if size is None or size < SMALL_BILLIONS:
        better = f"Below about {SMALL_BILLIONS:g}B parameters the template agent is the better default"
        return Finding("model", "ok", detail, f"{better}: ITOPS_AGENT=template.")
    return Finding("model", "ok", detail)


async def _fallback(house: House) -> Finding:
    fallback = house.settings.llm_fallback
    if house.models is None or not fallback:
        return Finding("fall-back", "missing", "none is set", "Optional: ITOPS_LLM_FALLBACK=provider:model.")
    await house.models.check(fallback)
    return Finding("fall-back", "ok", f"{fallback} can be reached")


async def _model_cache(house: House) -> Finding:
    if house.models is None or house.models.cache is None:
        return Finding(
            "model cache", "missing", "switched off", "Unset ITOPS_LLM_CACHE, and no reply is paid for twice."
        )
    return Finding("model cache", "ok", f"replies are kept for a day in {house.models.cache}")


async def _model_budget(house: House) -> Finding:
    settings = house.settings
    spent = await house.ledger.spent(day_account(local_person().id, datetime.now(UTC)))
    today = f"today you spent {spent.usage.llm_calls} calls, {spent.tokens} tokens, {spent.usage.cost_usd:.4f} USD"
    return Finding(
        "model budget", "ok", f"a task: {settings.task_budget}; a person's day: {settings.day_budget}; {today}"
    )
