"""``itops doctor``: what is set up, what is missing, and how to mend it."""

import shutil
import sys
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Literal

from itops.bootstrap import House
from itops.entrypoints.session import in_session
from itops.entrypoints.terminal import print_json, say
from itops.errors import ItOpsError

_LEAST_MEGABYTES = 50
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
        ("bash reader", _reader),
        ("shells", _shells),
        ("model", _model),
    ]
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


async def _model(house: House) -> Finding:
    if house.model is None:
        mend = "Optional: ITOPS_LLM=provider:model, for example openai:gpt-5-mini, and the provider's key."
        return Finding("model", "missing", "none is set; the template agent works from instructions alone", mend)
    return Finding("model", "ok", f"{house.settings.llm}; the default agent is {house.default_agent}")
