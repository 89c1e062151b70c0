"""Words, flags, settings and files that are off: a clear error, its exit code, nothing lost and nothing run."""

import os
import shutil
from pathlib import Path

import pytest

FINE = "show uptime"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
INSTRUCTION = """---
id: {id}
title: Look at the {id}
platform: linux
effect: read
---
```bash run
uptime
```
"""


@pytest.fixture
def as_anybody(need) -> tuple[str, ...]:
    """Starts a program as a user whom permissions stop: root without the power to pass them over."""
    return (str(need("setpriv")), "--bounding-set=-dac_override,-dac_read_search,-fowner", "--")


def is_one_clear_error(done, code: int, *words: str) -> None:
    """What happened, what is true now, what to do next: three short lines, on standard error alone."""
    assert done.code == code, done
    assert done.out == ""
    assert done.err.startswith("Error: "), done.err
    assert len(done.err.splitlines()) == 3, done.err
    assert len(done.err) < 1000
    for word in words:
        assert word in done.err


@pytest.mark.parametrize("words", ["", "   ", "\n\t\n"])
def test_a_task_without_words(itops, words) -> None:
    is_one_clear_error(itops("run", words, "--json"), 2, "no words")


def test_a_task_of_100_kilobytes(itops) -> None:
    is_one_clear_error(itops("run", "show uptime " * 8500, "--json"), 2, "limit")


@pytest.mark.parametrize("words", [b"show \xff\xfe uptime", b"\x01\x02\x03", "show \ufffd uptime".encode()])
def test_a_task_that_is_binary(itops, words) -> None:
    is_one_clear_error(itops("run", words, "--json"), 2, "binary")


def test_an_unknown_agent(itops) -> None:
    is_one_clear_error(itops("run", FINE, "--agent", "oracle", "--json"), 2, "oracle", "native", "template")


def test_an_unknown_auto(itops) -> None:
    is_one_clear_error(itops("run", FINE, "--auto", "everything", "--json"), 2, "everything")


def test_the_native_agent_without_a_model(itops) -> None:
    done = itops("run", FINE, "--agent", "native", "--json")
    assert done.code == 2
    assert "ITOPS_LLM" in done.json["because"]
    assert done.json["steps"] == []


@pytest.mark.parametrize("spec", ["gpt", "openai:", "nobody:model"])
def test_a_model_that_is_none(itops, spec) -> None:
    done = itops("run", FINE, "--json", env={"ITOPS_LLM": spec, "OPENAI_API_KEY": "x"})
    assert done.code == 6
    assert spec in done.err
    assert not done.out or done.json["steps"] == []


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"OPENAI_API_KEY": ""}, "OPENAI_API_KEY is empty"),
        ({"OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "can't be reached at http://127.0.0.1:9"),
        ({"OPENAI_BASE_URL": "nowhere"}, "is not an address"),
    ],
)
def test_a_provider_that_can_not_be_had(itops, env, says) -> None:
    done = itops("run", FINE, "--json", env={"ITOPS_LLM": "openai:m", "OPENAI_API_KEY": "x", **env})
    assert done.code == 6
    assert says in done.json["because"]
    assert done.json["steps"] == []


@pytest.mark.parametrize("budget", ["5 apples", "many"])
def test_a_budget_that_is_none(itops, budget) -> None:
    is_one_clear_error(itops("run", FINE, "--json", env={"ITOPS_TASK_BUDGET": budget}), 6, budget, "200000 tokens")


def test_an_unknown_task_and_an_option_that_is_none(itops) -> None:
    is_one_clear_error(itops("tasks", "show", "t000", "--json"), 2, "t000")
    is_one_clear_error(itops("tasks", "answer", "t000", "yes"), 2, "t000")
    is_one_clear_error(itops("tasks", "resolve", "t000", "--as", "maybe", "--reason", "x"), 2, "maybe")
    assert itops("run", FINE, "--frobnicate").code == 2
    assert itops("run").code == 2


def test_nothing_of_all_that_was_wrong_is_left_as_a_task(itops) -> None:
    itops("run", "", "--json")
    itops("run", FINE, "--agent", "oracle")
    itops("run", FINE, "--target", "web-9")
    assert itops("tasks", "list", "--json").json == []


def test_broken_instructions_are_named_and_the_others_go_on(itops, tmp_path) -> None:
    folder = tmp_path / "runbooks"
    folder.mkdir()
    for name in ("first", "second"):
        (folder / f"{name}.md").write_text(INSTRUCTION.format(id=f"my.{name}"))
    (folder / "again.md").write_text(INSTRUCTION.format(id="my.first"))
    (folder / "broken.md").write_text("---\nid: my.broken\ntitle: [\n---\n```bash run\nuptime\n```\n")
    (folder / "latin.md").write_bytes(b"---\nid: my.latin\ntitle: caf\xe9\n---\n")
    (folder / "field.md").write_text(INSTRUCTION.format(id="my.field").replace("effect: read", "effect: explode"))
    done = itops("instructions", "sync", str(folder), "--publish", "--json")
    assert done.code == 1
    report = done.json
    assert report["added"] == 2
    problems = "\n".join(report["problems"])
    for name in ("broken.md, line 4", "latin.md, line 3", "field.md, line 5", "again.md has the same id"):
        assert name in problems, problems
    assert len(report["problems"]) == 4
    assert itops("instructions", "show", "my.second").code == 0
    again = itops("instructions", "sync", str(folder), "--publish", "--json")
    assert (again.code, again.json["added"], again.json["unchanged"]) == (1, 0, 2)


def test_a_folder_that_is_none(itops, tmp_path) -> None:
    done = itops("instructions", "sync", str(tmp_path / "nowhere"))
    assert done.code == 2
    assert "nowhere" in done.err


@pytest.mark.parametrize(
    ("text", "word"),
    [("lease_seconds = [", "itops.toml"), ('poll_seconds = "soon"', "poll_seconds"), ("nonsense = 1", "nonsense")],
)
def test_settings_that_are_off(itops, text, word) -> None:
    (itops.folder / "itops.toml").write_text(text)
    is_one_clear_error(itops("run", FINE, "--json"), 6, word, "itops.toml")


def test_settings_that_are_binary(itops) -> None:
    (itops.folder / "itops.toml").write_bytes(b"\xff\xfe\x00")
    is_one_clear_error(itops("run", FINE, "--json"), 6, "itops.toml")


@needs_root
def test_settings_that_may_not_be_read(itops, as_anybody) -> None:
    settings = itops.folder / "itops.toml"
    settings.touch(mode=0o600)
    shutil.chown(settings, "nobody")
    is_one_clear_error(itops("run", FINE, "--json", through=as_anybody), 6, "itops.toml")


def test_a_setting_of_the_environment_that_is_off(itops) -> None:
    done = itops("run", FINE, "--json", env={"ITOPS_APPROVAL_MINUTES": "soon"})
    is_one_clear_error(done, 6, "ITOPS_APPROVAL_MINUTES")


def test_a_policy_that_does_not_load_stops_everything(itops, home, tmp_path) -> None:
    policy = tmp_path / "policy"
    policy.mkdir()
    for text in ("version: 1\nrules: [", "version: 1\nrules:\n  - id: x\n    decision: shrug\n", "x"):
        (policy / "own.yaml").write_text(text)
        done = itops("run", FINE, "--json", env={"ITOPS_POLICY_DIR": str(policy)})
        assert done.code == 6, done
        assert "own.yaml" in done.err + done.out
        assert not done.out or done.json["steps"] == []
    missing = itops("run", FINE, "--json", env={"ITOPS_POLICY_DIR": str(tmp_path / "nowhere")})
    assert missing.code == 6
    assert itops("check", "ls /", env={"ITOPS_POLICY_DIR": str(policy)}).code == 6
    assert itops("tasks", "list", "--json").json == []
    assert not (home / "attempts").exists()


def test_a_home_that_can_not_be_written(itops, home, tmp_path) -> None:
    file = tmp_path / "file"
    file.touch()
    is_one_clear_error(itops("run", FINE, "--json", env={"ITOPS_HOME": str(file / "home")}), 6, "ITOPS_HOME")
    is_one_clear_error(itops("run", FINE, "--json", env={"ITOPS_HOME": str(file)}), 6, "ITOPS_HOME")


@needs_root
def test_a_home_of_somebody_else(itops, home, as_anybody) -> None:
    shutil.chown(home, "nobody")
    home.chmod(0o700)
    is_one_clear_error(itops("run", FINE, "--json", through=as_anybody), 6, str(home))
    home.chmod(0o555)
    is_one_clear_error(itops("run", FINE, "--json", through=as_anybody), 6, str(home))


def test_standard_input_that_is_closed(itops) -> None:
    done = itops("run", FINE, "--json", preexec_fn=lambda: os.close(0))
    assert done.code == 0
    assert done.json["state"] == "succeeded"


def test_a_folder_to_work_in_that_is_gone(itops) -> None:
    place = Path(itops.folder)
    done = itops("run", FINE, "--json", preexec_fn=lambda: shutil.rmtree(place))
    assert done.code == 0, done
    place.mkdir()
