"""Tells a provider that thinks from an address where nothing speaks.

A model may be silent for a minute before its first word, and an address that takes connections and never answers is as
silent. So where the silence lasts, the address is asked something that any web server answers at once.
"""

import asyncio
import os
import ssl
from collections.abc import Awaitable
from typing import Final, TypeVar

T = TypeVar("T")

SILENCE_SECONDS: Final = 0.75
ANSWER_SECONDS: Final = 1.5


def address_in_environment(provider: str) -> str:
    """Where a provider stands, if a variable says so; empty for its own public address."""
    names = (f"{provider.upper().replace('-', '_')}_BASE_URL", f"{provider.upper()}_OPENAI_ENDPOINT")
    return next(filter(None, map(os.environ.get, names)), "")


async def while_alive(work: Awaitable[T], url: str, trust: ssl.SSLContext) -> T:
    """What the work gives, unless it is silent and nothing at the address speaks HTTP.

    Raises:
        httpx.TimeoutException: the address took the connection and never answered; the work was given up.
    """
    working = asyncio.ensure_future(work)
    try:
        await asyncio.wait({working}, timeout=SILENCE_SECONDS)
        if not working.done():
            looking = asyncio.create_task(_answers(url, trust))
            await asyncio.wait({working, looking}, return_when=asyncio.FIRST_COMPLETED)
            if looking.done():
                looking.result()
            looking.cancel()
        return await working
    finally:
        working.cancel()


async def look(url: str, trust: ssl.SSLContext) -> None:
    """Return when anything at all comes back from the address.

    Raises:
        httpx.HTTPError: nothing does; where it is for want of an answer, a ``ConnectTimeout``.
    """
    import httpx

    async with httpx.AsyncClient(verify=trust, timeout=ANSWER_SECONDS) as client:
        try:
            async with client.stream("GET", url):
                return
        except httpx.TimeoutException as error:
            raise httpx.ConnectTimeout(str(error), request=httpx.Request("GET", url)) from error


async def _answers(url: str, trust: ssl.SSLContext) -> None:
    """The same, but an address that is not there is for the work itself to find out."""
    import httpx

    try:
        await look(url, trust)
    except httpx.ConnectTimeout:
        raise
    except httpx.HTTPError:
        return
