import pytest

from itops import plugins
from itops.execution.executor_factory import ExecutorParts, Executors
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper


@pytest.fixture
def parts(tmp_path) -> ExecutorParts:
    return ExecutorParts(tmp_path, SecretKeeper(tmp_path), Redactor())


def test_this_machines_executor_is_there_and_made_once(parts):
    executors = Executors(parts)
    assert "system" in executors
    assert executors["system"] is executors["system"]


def test_an_unknown_name_is_a_missing_key(parts):
    executors = Executors(parts)
    assert executors.get("carrier-pigeon") is None
    with pytest.raises(KeyError):
        executors["carrier-pigeon"]


def test_each_is_made_of_the_parts_when_it_is_first_needed(parts, monkeypatch):
    made = []
    monkeypatch.setattr(plugins, "names", lambda group: ("one", "two"))
    monkeypatch.setattr(plugins, "load", lambda group, name: lambda given: made.append((name, given)) or name)
    executors = Executors(parts)
    assert (list(executors), len(executors), made) == (["one", "two"], 2, [])
    assert executors["two"] == "two"
    assert made == [("two", parts)]
