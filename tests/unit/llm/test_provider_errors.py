"""What may be tried again, and for how long."""

import time

import httpx
import pytest
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, UserError

from itops.errors import ProviderError
from itops.llm.provider_errors import seconds_before_retry, set_up, translated


def http_error(status: int, body: object = None, **headers: str) -> ModelHTTPError:
    return ModelHTTPError(status, "m", body, headers=headers)


def in_seconds(seconds: float) -> float:
    return time.monotonic() + seconds


@pytest.mark.parametrize(("status", "again"), [(400, False), (401, False), (404, False), (500, True), (503, True)])
def test_only_what_may_pass_is_tried_again(status: int, again: bool) -> None:
    assert seconds_before_retry(http_error(status), deadline=in_seconds(60)) is again


@pytest.mark.parametrize(
    ("asked_for", "left", "wait"), [("2", 60, 2.0), ("0", 60, 0.0), ("30", 60, False), ("10", 5, False)]
)
def test_retry_after_is_honoured_within_reason(asked_for: str, left: float, wait: float | bool) -> None:
    answer = seconds_before_retry(http_error(429, **{"Retry-After": asked_for}), deadline=in_seconds(left))
    assert (answer, type(answer)) == (wait, type(wait))


def test_a_spent_quota_does_not_pass_by_itself() -> None:
    error = http_error(429, {"code": "insufficient_quota"})
    assert seconds_before_retry(error, deadline=in_seconds(60)) is False
    with pytest.raises(ProviderError) as caught, translated("openai:m", str):
        raise error
    assert not caught.value.transient


def test_a_broken_connection_is_tried_again_and_an_unreachable_one_is_not() -> None:
    broken, unreachable = ModelAPIError("m", "x"), ModelAPIError("m", "x")
    broken.__cause__ = httpx.RemoteProtocolError("gone")
    unreachable.__cause__ = httpx.ConnectError("refused")
    assert seconds_before_retry(broken, deadline=in_seconds(60)) is True
    assert seconds_before_retry(unreachable, deadline=in_seconds(60)) is False


def test_an_address_is_named_without_what_is_secret_in_it() -> None:
    error = ModelAPIError("m", "x")
    error.__cause__ = httpx.ConnectError("x", request=httpx.Request("POST", "http://me:pw@llm.example:8080/v1?key=k"))
    with pytest.raises(ProviderError) as caught, translated("openai:m", str):
        raise error
    assert caught.value.what == "The provider of openai:m can't be reached at http://llm.example:8080."


def test_details_are_redacted_and_short() -> None:
    error = http_error(400, {"message": "hunter2 " + "long " * 500})
    with pytest.raises(ProviderError) as caught, translated("openai:m", lambda text: text.replace("hunter2", "[x]")):
        raise error
    assert "hunter2" not in str(caught.value)
    assert len(caught.value.what) < 400


@pytest.mark.parametrize(
    ("raised", "says"),
    [
        (UserError("Set the `ODD_API_KEY` environment variable"), "needs a key, and ODD_API_KEY is not set"),
        (UserError("odd"), "can't be set up: odd"),
        (ImportError("Please install x"), "can't be set up: Please install x"),
        (ValueError("Unknown provider: odd"), "can't be set up: Unknown provider: odd"),
        (httpx.InvalidURL("odd"), "base URL of the provider of odd:m is not an address"),
    ],
)
def test_what_goes_wrong_before_a_call_is_told(raised: Exception, says: str) -> None:
    with pytest.raises(ProviderError, match=says) as caught, set_up("odd:m"):
        raise raised
    assert not caught.value.transient


def test_an_empty_key_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ODD_API_KEY", "")
    with pytest.raises(ProviderError, match="ODD_API_KEY is empty"), set_up("odd:m"):
        pass
