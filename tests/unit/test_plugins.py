from collections.abc import Callable
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import pytest

from itops import plugins
from itops.agents.template_agent import create
from itops.errors import UsageError

Bring = Callable[[str], None]


@pytest.fixture
def entry(monkeypatch: pytest.MonkeyPatch) -> Bring:
    """Another distribution brings a plugin of this value."""

    def bring(value: str) -> None:
        made = EntryPoint(name="mine", value=value, group="itops.agents")
        requires = ["httpx>=0.28", 'langchain<2,>=1.4; extra == "langchain"', 'langchain; extra == "all"']
        vars(made)["dist"] = SimpleNamespace(name="my-plugins", requires=requires)

        def found(*, group: str, name: str = "mine") -> list[EntryPoint]:
            return [made] if (group, name) == ("itops.agents", "mine") else []

        monkeypatch.setattr(plugins, "entry_points", found)

    return bring


def test_built_ins_come_in_by_name() -> None:
    assert {"native", "template"} <= set(plugins.names("itops.agents"))
    assert plugins.load("itops.agents", "template") is create


def test_an_unknown_name_says_which_are_near() -> None:
    with pytest.raises(UsageError) as caught:
        plugins.load("itops.agents", "tempalte")
    assert "no agent named 'tempalte'" in caught.value.what
    assert caught.value.mend == "Choose one of: template."


def test_a_name_like_none_says_which_there_are() -> None:
    with pytest.raises(UsageError) as caught:
        plugins.load("itops.agents", "zzzz")
    assert "native" in caught.value.mend
    assert "template" in caught.value.mend


def test_a_group_without_plugins_says_so() -> None:
    with pytest.raises(UsageError, match="Install a distribution"):
        plugins.load("itops.nothing", "x")


def test_a_missing_extra_is_named(entry: Bring, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_: EntryPoint) -> None:
        raise ModuleNotFoundError("No module named 'langchain.agents'", name="langchain.agents")

    entry("anything:create")
    monkeypatch.setattr(EntryPoint, "load", missing)
    with pytest.raises(UsageError) as caught:
        plugins.load("itops.agents", "mine")
    assert caught.value.mend == "Install it with: pip install 'my-plugins[langchain]'."


def test_a_missing_module_of_no_extra_is_named(entry: Bring) -> None:
    entry("not_there_at_all.agent:create")
    with pytest.raises(UsageError, match="not_there_at_all"):
        plugins.load("itops.agents", "mine")


def test_a_broken_entry_point_says_so(entry: Bring) -> None:
    entry("itops.errors:not_there")
    with pytest.raises(UsageError, match="is broken"):
        plugins.load("itops.agents", "mine")
