"""What every ``Executor`` promises, as checks to run against one.

``for promise in EXECUTOR_PROMISES: await promise(bench)``, each with a bench of its own. ``HOST_PROMISES`` are for
executors that really run bash; a fake keeps the others, taught by ``SCENES``.
"""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from itops.domain.instruction import SecretSpec
from itops.domain.result import Result, ResultState
from itops.domain.sandbox import Sandbox
from itops.domain.script import Limits
from itops.domain.target import Target
from itops.errors import NotPermitted
from itops.execution.executor_base import Executor
from itops.testing.approved_scripts import HERE, approved
from itops.testing.fake_executor import Behaviour
from itops.testing.journal_contract import expect


@dataclass(frozen=True)
class Bench:
    """An executor to check. ``mark`` is bash that leaves one mark each time it runs; ``marks`` counts them.

    ``sandbox`` is how every script is confined; None where it is not.
    """

    executor: Executor
    mark: str
    marks: Callable[[], int]
    target: Target = HERE
    sandbox: Sandbox | None = None

    async def run(
        self,
        text: str,
        *,
        attempt: str = "t-1-1-x",
        stop: asyncio.Event | None = None,
        **fields: Any,  # noqa: ANN401 - a script's other fields
    ) -> Result:
        """The result of this text, allowed."""
        script = approved(text, self.target, sandbox=self.sandbox, **fields)
        return await self.executor.run(script, self.target, attempt=attempt, stop=stop or asyncio.Event())


Promise: TypeAlias = Callable[[Bench], Awaitable[None]]

SUCCEED: Final = "printf out; printf err >&2"
FAIL: Final = "echo no >&2; exit 7"
BIG: Final = "head -c 300000 /dev/zero | tr '\\0' a; head -c 300000 /dev/zero | tr '\\0' z"
SLEEP: Final = "sleep 60"
SHORT: Final = "sleep 0.5; printf rested"
SCENES: Final = {
    SUCCEED: Behaviour(stdout=b"out", stderr=b"err"),
    FAIL: Behaviour(stderr=b"no\n", exit_code=7),
    BIG: Behaviour(stdout=b"a" * 300_000 + b"z" * 300_000),
    SLEEP: Behaviour(seconds=60),
    SHORT: Behaviour(stdout=b"rested", seconds=0.5),
}


async def it_succeeds_with_both_streams(bench: Bench) -> None:
    """Exit code 0 is a success; the streams don't mix; length and digest are there."""
    result = await bench.run(SUCCEED)
    expect(result.state is ResultState.SUCCEEDED and result.exit_code == 0, f"a success is {result.state}")
    expect((result.stdout.text, result.stderr.text) == ("out", "err"), "the streams are mixed or lost")
    expect(result.stdout.length == len("out"), "the length is not the output's")
    expect(result.stdout.sha256 == hashlib.sha256(b"out").hexdigest(), "the digest is not the output's")
    expect((result.target, result.attempt) == (bench.target.name, "t-1-1-x"), "it is another run's result")


async def a_failure_is_a_result(bench: Bench) -> None:
    """A command that fails raises nothing."""
    result = await bench.run(FAIL)
    expect(result.state is ResultState.FAILED and result.exit_code == 7, f"a failure is {result.state}")  # noqa: PLR2004 - what FAIL exits with
    expect(result.stderr.text == "no\n", "what it said is lost")


async def a_big_output_is_capped(bench: Bench) -> None:
    """Head and tail are kept; length and digest are of the whole."""
    result = await bench.run(BIG, limits=Limits(output_limit_bytes=10_000))
    whole = b"a" * 300_000 + b"z" * 300_000
    out = result.stdout
    expect(out.truncated and len(out.text) <= 10_100, "the output is not capped")  # noqa: PLR2004 - the limit and a line
    expect(out.text.startswith("aaa") and out.text.endswith("zzz"), "head or tail is missing")
    expect(out.length == len(whole), "the length is not of the whole")
    expect(out.sha256 == hashlib.sha256(whole).hexdigest(), "the digest is not of the whole")


async def a_time_limit_holds(bench: Bench) -> None:
    """A command that takes too long is stopped."""
    result = await bench.run(SLEEP, limits=Limits(time_limit_seconds=0.3))
    expect(result.state is ResultState.TIMED_OUT, f"after its time limit it is {result.state}")


async def an_idle_limit_holds(bench: Bench) -> None:
    """A command that prints nothing for too long is stopped."""
    result = await bench.run(SLEEP, limits=Limits(idle_limit_seconds=0.3))
    expect(result.state is ResultState.TIMED_OUT, f"after its idle limit it is {result.state}")


async def a_stop_cancels(bench: Bench) -> None:
    """A command that runs is stopped; one that has not started does not start."""
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    running = await bench.run(SLEEP, stop=stop)
    expect(running.state is ResultState.CANCELLED, f"after a stop it is {running.state}")
    never = await bench.run(bench.mark, attempt="t-2-1-x", stop=stop)
    expect(never.state is ResultState.CANCELLED and bench.marks() == 0, "it started after a stop")


async def an_attempt_runs_once(bench: Bench) -> None:
    """The same attempt id gives the same result and does nothing more; another id runs."""
    first, again = await bench.run(bench.mark), await bench.run(bench.mark)
    expect(first == again, "the second result is another one")
    expect(bench.marks() == 1, f"one attempt ran {bench.marks()} times")
    await bench.run(bench.mark, attempt="t-1-2-x")
    expect(bench.marks() == 2, "another attempt did not run")  # noqa: PLR2004 - two attempts


async def many_callers_start_it_once(bench: Bench) -> None:
    """Callers at the same time all get the one result."""
    results = await asyncio.gather(*(bench.run(bench.mark) for _ in range(8)))
    expect(bench.marks() == 1, f"one attempt ran {bench.marks()} times")
    expect(len({result.model_dump_json() for result in results}) == 1, "they got different results")


async def a_caller_that_left_can_come_back(bench: Bench) -> None:
    """A caller that is cancelled does not end the command; the next one gets its result."""
    with_impatience = asyncio.wait_for(bench.run(SHORT), 0.1)
    try:
        await with_impatience
    except TimeoutError:
        result = await bench.run(SHORT)
        expect(result.state is ResultState.SUCCEEDED and result.stdout.text == "rested", f"it is {result.state}")
        return
    raise AssertionError("it ended before it could")


async def only_an_approved_script_runs(bench: Bench) -> None:
    """Neither a script, nor one approved for elsewhere."""
    script, elsewhere = approved(bench.mark, bench.target), bench.target.model_copy(update={"name": "elsewhere"})
    for what, target in ((script.script, bench.target), (script, elsewhere)):
        try:
            await bench.executor.run(what, target, attempt="t-1-1-x", stop=asyncio.Event())  # type: ignore[arg-type]  # that is the point
        except NotPermitted:
            continue
        raise AssertionError("it ran without permission")
    expect(bench.marks() == 0, "it ran without permission")


async def a_secret_arrives_and_is_hidden(bench: Bench) -> None:
    """A declared secret stands on standard input, and nowhere in the output."""
    text = 'read -r value; [ "${#value}" -ge 20 ] && echo "got $value" && printf %s "$value" | base64; [ -z "$(cat)" ]'
    result = await bench.run(text, secrets=(SecretSpec(name="pin", generate=True),))
    expect(result.state is ResultState.SUCCEEDED, f"it got no secret: {result.stderr.text}")
    expect(result.stdout.text == "got [REDACTED:pin]\n[REDACTED:pin]\n", f"it is not hidden: {result.stdout.text}")


async def any_bytes_are_text(bench: Bench) -> None:
    """Output in no known encoding, and binary output, come as text, with their true length."""
    result = await bench.run("printf 'caf\\351 \\000\\001\\377'; head -c 5000 /dev/urandom >&2")
    expect(result.stdout.text.startswith("caf\N{REPLACEMENT CHARACTER} "), f"it reads {result.stdout.text!r}")
    expect(result.stdout.length == 8 and result.stderr.length == 5000, "the lengths are not true")  # noqa: PLR2004 - as the script prints


async def the_environment_is_clean(bench: Bench) -> None:
    """No terminal, no input, no pager, no colours, and a locale that every machine has."""
    text = (
        '[ ! -t 0 ] && [ ! -t 1 ] && ! (: < /dev/tty) 2>&- && [ -z "$(cat)" ] && echo "$LC_ALL $TERM $PAGER $NO_COLOR"'
    )
    result = await bench.run(text)
    expect(result.stdout.text == "C.UTF-8 dumb cat 1\n", f"it sees {result.stdout.text!r}")


async def a_stop_ends_children_too(bench: Bench) -> None:
    """What the command started is stopped with it, also where it asks not to be."""
    stop = asyncio.Event()
    asyncio.get_running_loop().call_later(0.3, stop.set)
    text = f"(trap '' TERM; setsid bash -c 'trap \"\" TERM; sleep 2; {bench.mark}' & sleep 2; {bench.mark}) & wait"
    result = await bench.run(text, stop=stop)
    await asyncio.sleep(2.5)
    expect(result.state is ResultState.CANCELLED, f"after a stop it is {result.state}")
    expect(bench.marks() == 0, "a child went on")


EXECUTOR_PROMISES: Final[tuple[Promise, ...]] = (
    it_succeeds_with_both_streams,
    a_failure_is_a_result,
    a_big_output_is_capped,
    a_time_limit_holds,
    an_idle_limit_holds,
    a_stop_cancels,
    an_attempt_runs_once,
    many_callers_start_it_once,
    a_caller_that_left_can_come_back,
    only_an_approved_script_runs,
)
HOST_PROMISES: Final[tuple[Promise, ...]] = (
    a_secret_arrives_and_is_hidden,
    any_bytes_are_text,
    the_environment_is_clean,
    a_stop_ends_children_too,
)
