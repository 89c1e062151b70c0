"""One task from words to its end, and the exit code of each end."""

import os
import re
import signal

MAIN = "Which directories under /var use the most space?"
DOCUMENT = {"task", "state", "agent", "plan", "steps", "question", "answer", "usage"}
STEP = {"subtask", "script", "verdict", "approval", "results"}
RESULT = {"target", "state", "exit_code", "stdout", "stderr", "seconds"}


def test_the_main_sentence_from_words_to_answer(itops) -> None:
    done = itops("run", MAIN, "--json")
    assert done.code == 0
    task = done.json
    assert task.keys() >= DOCUMENT
    assert (task["state"], task["agent"], task["question"]) == ("succeeded", "template", None)
    assert task["usage"].items() >= {"llm_calls": 0, "input_tokens": 0, "output_tokens": 0}.items()
    [part] = task["plan"]
    assert part.keys() == {"subtask", "instruction", "score"}
    assert (part["subtask"], part["instruction"]) == (MAIN, "linux.disk.directory-usage")
    assert 0 < part["score"] <= 1
    [step] = task["steps"]
    assert step.keys() >= STEP
    assert step["subtask"] == MAIN
    assert step["script"].keys() >= {"language", "text", "digest"}
    assert step["script"]["language"] == "bash"
    assert re.fullmatch(r"[0-9a-f]{64}", step["script"]["digest"])
    assert step["verdict"].keys() == {"verdict", "effect", "reasons"}
    assert (step["verdict"]["verdict"], step["verdict"]["effect"]) == ("allow", "read")
    assert all(reason.keys() >= {"rule", "message"} for reason in step["verdict"]["reasons"])
    assert step["approval"] is None
    [result] = step["results"]
    assert result.keys() >= RESULT
    assert (result["target"], result["state"], result["exit_code"]) == ("local", "succeeded", 0)
    assert any(line.endswith("\t/var") for line in result["stdout"].splitlines())
    assert "/var" in task["answer"]
    assert "linux.disk.directory-usage" in task["answer"]
    assert "without a model" in task["answer"]
    assert "Which directories" in done.err


def test_a_person_reads_plan_script_verdict_output_and_answer(itops) -> None:
    done = itops("run", MAIN)
    assert done.code == 0
    places = [done.out.index(word) for word in ("Plan:", "du --one", "Verdict: allow", "Output:", "Answer:", "End:")]
    assert places == sorted(places)
    task = itops("tasks", "list", "--json").json[0]
    assert (task["state"], task["words"]) == ("succeeded", MAIN)
    shown = itops("tasks", "show", task["task"])
    assert shown.code == 0
    assert "Verdict: allow" in shown.out


def test_each_part_of_a_request_has_its_own_instruction(itops) -> None:
    done = itops("run", "Show the uptime, then show memory usage and list the mounted file systems", "--json")
    assert done.code == 0
    found = [part["instruction"] for part in done.json["plan"]]
    assert found == ["linux.system.uptime", "linux.memory.usage", "linux.disk.mounts"]
    assert [step["results"][0]["state"] for step in done.json["steps"]] == ["succeeded"] * 3


def test_a_missing_value_is_asked_for_and_the_answer_goes_on(itops) -> None:
    asked = itops("run", "unlock the account", "--dry-run", "--json")
    assert asked.code == 4
    assert asked.json["state"] == "waiting"
    assert "login name" in asked.json["question"].lower()
    bad = itops("tasks", "answer", asked.json["task"], "", "--json")
    assert bad.code == 2
    answered = itops("tasks", "answer", asked.json["task"], "nobody", "--json")
    assert answered.code == 0
    assert answered.json["state"] == "planned"
    assert "nobody" in answered.json["steps"][0]["script"]["text"]
    again = itops("tasks", "answer", asked.json["task"], "root", "--json")
    assert again.code == 2


def test_a_value_that_fails_its_pattern_is_an_error_and_never_a_guess(itops) -> None:
    done = itops("run", "note the word HELLO9 in /tmp/itops-no-note", "--json")
    assert done.code == 2
    assert "HELLO9" in done.json["answer"]
    assert done.json["steps"] == []


def test_without_an_instruction_the_nearest_are_named(itops) -> None:
    done = itops("run", "translate this poem into Portuguese", "--json")
    assert done.code == 7
    assert done.json["state"] == "no_instruction"
    assert 1 <= len(done.json["nearest"]) <= 3
    for near in done.json["nearest"]:
        assert near["id"] in done.json["answer"]


def test_an_unknown_target_is_never_replaced_by_this_machine(itops) -> None:
    named = itops("run", "show uptime", "--target", "web-9", "--json")
    worded = itops("run", "show uptime on web-9", "--json")
    for done in (named, worded):
        assert done.code == 2
        assert "web-9" in done.err
        assert not done.out
    assert itops("tasks", "list", "--json").json == []


def test_what_policy_denies_is_refused_and_no_question(itops) -> None:
    done = itops("run", "Raze the home of the hermit", "--auto", "change", "--json")
    assert done.code == 3
    assert done.json["state"] == "denied"
    [step] = done.json["steps"]
    assert step["verdict"]["verdict"] == "deny"
    assert step["verdict"]["reasons"]
    assert (step["approval"], step["results"]) == (None, [])
    assert itops("approvals", "list", "--json").json == []


def test_a_failing_command_keeps_its_output_and_code(itops) -> None:
    done = itops("run", "miscount the sheep", "--json")
    assert done.code == 1
    assert done.json["state"] == "failed"
    [result] = done.json["steps"][0]["results"]
    assert (result["state"], result["exit_code"], result["stdout"]) == ("failed", 2, "two sheep\n")
    assert "/there-is-no-such-place" in result["stderr"]
    assert "/there-is-no-such-place" in done.json["answer"]


def test_a_failing_verification_is_a_failure(itops) -> None:
    done = itops("run", "light the lantern", "--json")
    assert done.code == 1
    assert [step["results"][0]["state"] for step in done.json["steps"]] == ["succeeded", "failed"]
    assert "verification" in done.json["answer"]


def test_a_dry_run_plans_and_judges_and_runs_nothing(itops, place) -> None:
    done = itops("run", f"note the word hello in {place}/notes", "--dry-run", "--auto", "change", "--json")
    assert done.code == 0
    assert done.json["state"] == "planned"
    [step] = done.json["steps"]
    assert step["verdict"]["effect"] == "change"
    assert step["results"] == []
    assert not (place / "notes").exists()


def test_with_auto_change_an_exact_instance_of_a_published_instruction_runs_unasked(itops, place) -> None:
    done = itops("run", f"note the word hello in {place}/notes", "--auto", "change", "--json")
    assert done.code == 0
    assert (place / "notes").read_text() == "hello\n"
    assert [step["verdict"]["verdict"] for step in done.json["steps"]] == ["allow", "allow"]


def test_a_task_is_cancelled_from_another_process_and_its_command_is_gone(itops, running) -> None:
    process = itops.start("run", "doze under the apple tree for 7171 seconds", "--json")
    running("sleep 7171")
    cancelled = itops("tasks", "cancel", itops.newest(), "--reason", "too long", "--json")
    ended = itops.end(process)
    assert (cancelled.code, ended.code) == (8, 8)
    assert ended.json["state"] == "cancelled"
    assert ended.json["steps"][0]["results"][0]["state"] == "cancelled"
    running("sleep 7171", is_there=False)
    assert itops("tasks", "cancel", ended.json["task"]).code == 2


def test_ctrl_c_cancels_the_task_and_waits_for_its_honest_end(itops, running) -> None:
    process = itops.start("run", "doze under the apple tree for 7272 seconds", "--json")
    running("sleep 7272")
    process.send_signal(signal.SIGINT)
    ended = itops.end(process)
    assert ended.code == 8
    assert ended.json["state"] == "cancelled"
    running("sleep 7272", is_there=False)


def test_where_the_reader_goes_away_the_task_can_be_gone_on_with(itops, place) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    left = itops("run", f"note the word hello in {place}/notes", "--auto", "change", stdout=writing)
    os.close(writing)
    resumed = itops("tasks", "resume", itops.newest(), "--json")
    assert resumed.json["state"] == "succeeded", left
    assert (place / "notes").read_text() == "hello\n"
