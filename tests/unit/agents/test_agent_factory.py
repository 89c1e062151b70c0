import pytest

from itops import plugins
from itops.agents.agent_factory import AgentTools, create_agent, list_agents
from itops.domain.instruction import RankedInstruction
from itops.domain.target import Platform
from itops.errors import UsageError


async def nothing(words: str, *, platform: Platform, top: int = 5) -> list[RankedInstruction]:
    return []


def test_an_agent_is_made_by_name() -> None:
    assert create_agent("template", AgentTools(search=nothing)).name == "template"


def test_an_unknown_agent_is_an_error_of_the_call() -> None:
    with pytest.raises(UsageError, match="no agent named"):
        create_agent("templat", AgentTools(search=nothing))


def test_a_list_says_what_each_agent_is() -> None:
    listed = {listing.name: listing for listing in list_agents()}
    assert listed["template"].available
    assert "no model" in listed["template"].about


def test_an_agent_that_cannot_be_loaded_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(group: str, name: str) -> object:
        raise UsageError(f"The plugin {name!r} can't be loaded.", mend="pip install 'itops-agent[crewai]'")

    monkeypatch.setattr(plugins, "names", lambda group: ("crewai",))
    monkeypatch.setattr(plugins, "load", missing)
    (listing,) = list_agents()
    assert not listing.available
    assert listing.about == "The plugin 'crewai' can't be loaded. pip install 'itops-agent[crewai]'"
