"""Foreign errors of providers, told in our own words."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from itops.errors import ProviderError

if TYPE_CHECKING:
    from pydantic_ai.exceptions import ModelHTTPError

_DETAIL_CHARACTERS: Final = 200
_TOO_LONG: Final = ("context_length", "context length", "too long", "maximum context", "too many tokens")
_SPENT: Final = ("insufficient_quota", "billing")
_UNREACHABLE: Final = {"ConnectError", "ConnectTimeout"}
_NO_ADDRESS: Final = {"UnsupportedProtocol", "InvalidURL"}
_BROKEN: Final = {"ReadError", "WriteError", "RemoteProtocolError", "CloseError"}

# Providers whose package comes with an extra of itops, and those whose key has a name of its own.
_EXTRAS: Final = {"google": "google", "google-cloud": "google", "bedrock": "bedrock"}
_KEYS: Final = {"azure": "AZURE_OPENAI_API_KEY"}
_VARIABLE: Final = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")

_AUTH = (401, 403)
_UNKNOWN = 404
_BUSY = 429
_TRANSIENT = frozenset({408, 409, 425, _BUSY, *range(500, 600)})


@contextmanager
def set_up(name: str) -> Iterator[None]:
    """Raise what goes wrong before a model can be asked (provider, package, key) as a ``ProviderError``."""
    import httpx
    from pydantic_ai.exceptions import UserError

    variable = _key_variable(name)
    if os.environ.get(variable) == "":
        raise _not_set_up(name, f"{variable} is empty.", mend=_set_key(variable))
    try:
        yield
    except UserError as error:
        raise _not_set_up(name, *_missing(str(error), variable)) from error
    except ImportError as error:
        extra = _EXTRAS.get(_provider(name), "")
        words = f"its provider needs the extra {extra!r}." if extra else _brief(str(error), str)
        mend = f"Install itops-agent[{extra}]," if extra else "Install what is missing,"
        raise _not_set_up(name, words, mend=f"{mend} or choose another model in ITOPS_LLM.") from error
    except httpx.InvalidURL as error:
        raise ProviderError(
            f"The base URL of the provider of {name} is not an address.", mend=_CHECK_ADDRESS, billed=False
        ) from error
    except (ValueError, TypeError) as error:
        raise _not_set_up(
            name,
            _brief(str(error), str),
            mend="Set ITOPS_LLM to provider:model with a provider that is known, such as openai or anthropic.",
        ) from error


@contextmanager
def translated(name: str, redact: Callable[[str], str]) -> Iterator[None]:
    """Raise what the provider layer raises as a ``ProviderError`` that names the model."""
    import httpx
    from pydantic_ai.exceptions import AgentRunError, ModelHTTPError, UserError

    try:
        yield
    except ModelHTTPError as error:
        raise _http_error(name, error, redact) from error
    except (AgentRunError, httpx.HTTPError, httpx.InvalidURL) as error:
        raise connection_error(name, error, redact) from error
    except (UserError, ValueError, TypeError, AttributeError, LookupError) as error:
        # The client libraries hand on bodies that they did not check.
        raise _odd_answer(name, error, redact) from error


def _not_set_up(name: str, words: str, mend: str) -> ProviderError:
    return ProviderError(f"The model {name} can't be set up: {words}", mend=mend, billed=False)


def _missing(said: str, variable: str) -> tuple[str, str]:
    """What is not set, and how to mend it: the variable that the provider layer names, or the key."""
    named = _VARIABLE.search(said)
    if named is None:
        return _brief(said, str), ""
    if named[0] == variable:
        return f"it needs a key, and {variable} is not set.", _set_key(variable)
    return f"{named[0]} is not set.", f"Set {named[0]}, or unset ITOPS_LLM to work without a model."


def _http_error(name: str, error: "ModelHTTPError", redact: Callable[[str], str]) -> ProviderError:
    code, detail = error.status_code, _detail(error, redact)
    if code in _AUTH:
        return ProviderError(
            f"The provider of {name} refuses the key ({code}): {detail}",
            mend=_set_key(_key_variable(name)),
            billed=False,
        )
    if code == _UNKNOWN:
        return ProviderError(
            f"The provider does not know the model {name} ({code}): {detail}",
            mend="Correct the model in ITOPS_LLM, or the provider's base URL.",
            billed=False,
        )
    if any(mark in detail.casefold() for mark in _TOO_LONG):
        return ProviderError(
            f"The request is too long for the model {name} ({code}): {detail}",
            mend="Split the task, or choose a model with a longer context.",
        )
    if _is_transient(error):
        fails = "limits the rate" if code == _BUSY else "fails"
        return ProviderError(
            f"The provider of {name} {fails} ({code}): {detail}",
            mend=_LATER,
            transient=True,
            retry_after=error.retry_after or 0.0,
            billed=code != _BUSY,
        )
    return ProviderError(f"The provider of {name} refuses the request ({code}): {detail}", billed=False)


_CHECK_ADDRESS: Final = "Check the provider's base URL and the network, or unset ITOPS_LLM to work without a model."
_LATER: Final = "Try again later, choose another model in ITOPS_LLM, or unset it to work without a model."


def connection_error(name: str, error: Exception, redact: Callable[[str], str]) -> ProviderError:
    """What went wrong between here and the provider."""
    below = _names_below(error)
    if below & _UNREACHABLE:
        return ProviderError(
            f"The provider of {name} can't be reached{_address(error)}.",
            mend=_CHECK_ADDRESS,
            transient=True,
            billed=False,
        )
    if below & _NO_ADDRESS:
        return ProviderError(
            f"The base URL of the provider of {name} is not an address.", mend=_CHECK_ADDRESS, billed=False
        )
    if below & _BROKEN:
        return ProviderError(
            f"The connection to the provider of {name} broke.", mend=_LATER, transient=True, retry_after=0.0
        )
    if any(kind.endswith("Timeout") for kind in below):
        return ProviderError(f"The provider of {name} stopped answering.", mend=_LATER, transient=True)
    return _odd_answer(name, error, redact)


def _odd_answer(name: str, error: Exception, redact: Callable[[str], str]) -> ProviderError:
    return ProviderError(
        f"The provider of {name} gave an answer that can't be read: {_brief(str(error), redact)}",
        mend="Check that the base URL is that of the provider's API, or unset ITOPS_LLM to work without a model.",
    )


def _provider(name: str) -> str:
    return name.partition(":")[0].removesuffix("-chat").removesuffix("-responses")


def _key_variable(name: str) -> str:
    provider = _provider(name)
    return _KEYS.get(provider, f"{provider.upper().replace('-', '_')}_API_KEY")


def _set_key(variable: str) -> str:
    return f"Set {variable} to a valid key, or unset ITOPS_LLM to work without a model."


def _address(error: Exception) -> str:
    """Scheme, host and port of a request that failed; never its user, path or query."""
    for seen in _chain(error):
        with suppress(RuntimeError):  # what httpx raises for a request that it does not know
            url = getattr(getattr(seen, "request", None), "url", None)
            if url is not None:
                return f" at {url.scheme}://{url.host}{f':{url.port}' if url.port else ''}"
    return ""


def _is_transient(error: "ModelHTTPError") -> bool:
    spent = any(mark in str(error.body).casefold() for mark in _SPENT)
    return error.status_code in _TRANSIENT and not spent


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = error
    while seen is not None:
        yield seen
        seen = seen.__cause__ or seen.__context__


def _names_below(error: BaseException) -> set[str]:
    """The class names of an error and of its causes, whichever library they come from."""
    return {type(seen).__name__ for seen in _chain(error)}


def _detail(error: "ModelHTTPError", redact: Callable[[str], str]) -> str:
    body = error.body
    if isinstance(body, dict):
        inner = body.get("error", body)
        body = inner.get("message", inner) if isinstance(inner, dict) else inner
    return _brief(str(body or "no detail given"), redact)


def _brief(text: str, redact: Callable[[str], str]) -> str:
    words = " ".join(redact(text).split())
    short = words if len(words) <= _DETAIL_CHARACTERS else f"{words[:_DETAIL_CHARACTERS]} …"
    return short if short.endswith((".", "…", "!", "?")) else f"{short}."
