"""What may be tried again, and for how long."""

import httpx
import pytest
from pydantic_ai.exceptions import ModelAPIError, ModelHTTPError, UserError

from itops.errors import ProviderError
from itops.llm.provider_errors import set_up, translated


def http_error(status: int, body: object = None, **headers: str) -> ModelHTTPError:
    return ModelHTTPError(status, "m", body, headers=headers)


def told(error: Exception) -> ProviderError:
    with pytest.raises(ProviderError) as caught, translated("openai:m", str):
        raise error
    return caught.value


@pytest.mark.parametrize(
    ("status", "again", "billed"),
    [(400, None, False), (401, None, False), (404, None, False), (429, 0.0, False), (500, 0.0, True), (503, 0.0, True)],
)
def test_only_what_may_pass_is_worth_trying_again(status: int, again: float | None, billed: bool) -> None:
    error = told(http_error(status))
    assert (error.retry_after, error.transient, error.billed) == (again, again is not None, billed)


def test_how_long_the_provider_wants_to_be_left_alone_is_told() -> None:
    assert told(http_error(429, **{"Retry-After": "30"})).retry_after == 30


def test_a_spent_quota_does_not_pass_by_itself() -> None:
    error = told(http_error(429, {"code": "insufficient_quota"}))
    assert (error.retry_after, error.transient) == (None, False)


def test_a_broken_connection_is_worth_trying_again_and_an_unreachable_one_is_not() -> None:
    broken, unreachable = ModelAPIError("m", "x"), ModelAPIError("m", "x")
    broken.__cause__ = httpx.RemoteProtocolError("gone")
    unreachable.__cause__ = httpx.ConnectError("refused")
    assert (told(broken).retry_after, told(broken).billed) == (0.0, True)
    assert (told(unreachable).retry_after, told(unreachable).billed) == (None, False)


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
        (UserError("Set the `ODD_ENDPOINT` environment variable"), r"can't be set up: ODD_ENDPOINT is not set\."),
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


@pytest.mark.parametrize(("model", "extra"), [("google:gemini", "google"), ("bedrock:nova", "bedrock")])
def test_the_extra_that_is_missing_is_named(model: str, extra: str) -> None:
    with pytest.raises(ProviderError) as caught, set_up(model):
        raise ImportError("pip install something else")
    assert caught.value.what == f"The model {model} can't be set up: its provider needs the extra {extra!r}."
    assert f"itops-agent[{extra}]" in caught.value.mend


def test_the_key_of_azure_has_a_name_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AZURE_OPENAI_API_KEY", "")
    with pytest.raises(ProviderError, match="AZURE_OPENAI_API_KEY is empty"), set_up("azure:m"):
        pass
