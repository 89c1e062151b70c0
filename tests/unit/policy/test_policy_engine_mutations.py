"""Dangerous commands in other clothes: written another way, in any of the three languages, none becomes allowed."""

import base64
import json
import os
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from itops.domain.verdict import Decision
from itops.policy.judgement import Judgement
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.aws_reader import read_aws
from itops.scripts.bash_reader import read_bash
from itops.scripts.powershell_reader import read_powershell_facts

CASES = Path(__file__).parents[2] / "cases" / "policy"
SHARED = Path(os.environ.get("ITOPS_SHARED_DATA", Path(__file__).parents[4] / "shared" / "data")) / "commands"
ENGINE = PolicyEngine(load_policy(), timedelta(minutes=5))
READERS = {"bash": read_bash, "powershell": read_powershell_facts, "aws": read_aws}
TABLES = {"bash": "commands_*.yaml", "powershell": "powershell_*.yaml", "aws": "aws_calls.yaml"}
READS = {"bash": "ls -l /var", "powershell": "Get-Process", "aws": "aws s3 ls"}


@cache
def judge(language: str, text: str) -> Judgement:
    return ENGINE.judge_facts(READERS[language](text))


def allowed(language: str, text: str) -> bool:
    return judge(language, text).decision is Decision.ALLOW


def of_tables(language: str) -> list[str]:
    rows = [row for table in CASES.glob(TABLES[language]) for row in yaml.safe_load(table.read_text(encoding="utf-8"))]
    return [row.get("command") or row["call"] for row in rows if row["decision"] != "allow"]


def of_others(language: str) -> list[str]:
    """Commands that others labelled dangerous, where they are at hand."""
    files = [file for name in ("dev.jsonl", "dev_gpl.jsonl") if (file := SHARED / name).is_file()]
    rows = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return [row["command"] for row in rows if row["shell"] == language and not row["label"].startswith("benign")]


DANGERS = {language: [*of_tables(language), *of_others(language)] for language in READERS}


def in_quotes(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def in_powershell_quotes(text: str) -> str:
    for quote in "'\u2018\u2019\u201a\u201b":
        text = text.replace(quote, quote * 2)
    return f"'{text}'"


def encoded(text: str) -> str:
    return base64.b64encode(text.encode("utf-16-le", errors="surrogatepass")).decode()


def in_first_gap(mark: str) -> Callable[[str], str]:
    """Puts something in place of the first space, where that stands between a plain word and the next."""

    def changed(text: str) -> str:
        head, space, rest = text.partition(" ")
        return f"{head}{mark}{rest}" if space and head.isalnum() else text

    return changed


def first_word(change: Callable[[str], str]) -> Callable[[str], str]:
    """Changes the first word, where it is a plain one."""

    def changed(text: str) -> str:
        head, space, rest = text.partition(" ")
        return f"{change(head)}{space}{rest}" if head.replace("-", "").isalnum() else text

    return changed


PREFIXES = [
    "sudo",
    "sudo -n -u root --",
    "env",
    "env -i A=b",
    "A=b",
    "timeout 5",
    "timeout -k 1 5s",
    "nice -n 5",
    "nohup",
    "setsid",
    "command",
    "exec",
    "builtin",
    "time",
    "!",
    "ionice -c3",
    "stdbuf -oL",
    "xargs -r",
    "watch -n1",
    "flock /tmp/l",
]
SHELLS = [
    "bash -c {}",
    "sh -ec {}",
    "/bin/bash -lc {}",
    "env -S bash -c {}",
    "sudo -u root sh -c {}",
    "eval {}",
    "su - -c {}",
    "echo {} | bash",
    "printf %s {} | sh",
    "bash <<< {}",
    "xargs -I% sh -c {}",
    "find . -exec sh -c {} \\;",
    "timeout 9 bash -c {}",
    "ssh web1 {}",
    "source <(echo {})",
    "trap {} EXIT",
]
BASH: dict[str, Callable[[str], str]] = {
    **{f"behind {words}": (lambda text, words=words: f"{words} {text}") for words in PREFIXES},
    **{f"within {form}": (lambda text, form=form: form.format(in_quotes(text))) for form in SHELLS},
    "wide": in_first_gap(" \t  "),
    "continued": in_first_gap(" \\\n "),
    "cut in two": first_word(lambda word: f"{word[:1]}\\\n{word[1:]}"),
    "quoted": first_word(lambda word: f"'{word}'"),
    "half quoted": first_word(lambda word: f'{word[:1]}""{word[1:]}'),
    "escaped": first_word(lambda word: f"\\{word}"),
    "as numbers": first_word(lambda word: "$'" + "".join(f"\\x{ord(letter):02x}" for letter in word) + "'"),
    "in capitals": first_word(str.upper),
    "commented": lambda text: f"# harmless\n{text}\n# harmless",
    "with a remark": lambda text: f"{text} # harmless",
    "braced": lambda text: f"{{ {text}\n}}",
    "in a subshell": lambda text: f"( {text}\n)",
    "substituted": lambda text: f'echo "$({text}\n)"',
    "in a branch": lambda text: f"if true; then {text}\nfi",
    "in a function": lambda text: f"f() {{ {text}\n}}; f",
    "in a variable": lambda text: f"x={in_quotes(text)}; eval $x",
    "indented": lambda text: f"\n\t  {text}",
    "with returns": lambda text: text.replace("\n", "\r\n") + "\r\n",
}
POWERSHELL: dict[str, Callable[[str], str]] = {
    "in capitals": lambda text: text if "-e" in text.lower() else text.upper(),
    "in small letters": lambda text: text if "-e" in text.lower() else text.lower(),
    "first word in capitals": first_word(str.upper),
    "swapped": first_word(str.swapcase),
    "escaped": first_word(lambda word: f"{word[:1]}`{word[1:]}" if word[1:2] not in "0abefnrtuv-" else word),
    "called": first_word(lambda word: f"& '{word}'"),
    "sourced": first_word(lambda word: f'. "{word}"'),
    "wide": in_first_gap("   "),
    "continued": in_first_gap(" `\n "),
    "commented": lambda text: f"<# harmless #>\n# harmless\n{text}\n# harmless",
    "in a block": lambda text: f"& {{ {text}\n}}",
    "in a branch": lambda text: f"if (1) {{ {text}\n}}",
    "in a loop": lambda text: f"1..2 | ForEach-Object {{ {text}\n}}",
    "in a function": lambda text: f"function f {{ {text}\n}}; f",
    "in a string": lambda text: f"Invoke-Expression {in_powershell_quotes(text)}",
    "piped": lambda text: f"{in_powershell_quotes(text)} | iex",
    "in another shell": lambda text: f"powershell -NoProfile -Command {in_powershell_quotes(text)}",
    "encoded": lambda text: f"powershell -enc {encoded(text)}",
    "in a job": lambda text: f"Start-Job -ScriptBlock {{ {text}\n}}",
    "as a block of text": lambda text: f"[scriptblock]::Create({in_powershell_quotes(text)}).Invoke()",
    "assigned": lambda text: f"$null = $( {text}\n)",
    "with returns": lambda text: text.replace("\n", "\r\n") + "\r\n",
}
AWS: dict[str, Callable[[str], str]] = {
    "wide": in_first_gap("  \t "),
    "continued": in_first_gap(" \\\n "),
    "quoted": lambda text: " ".join(
        word if set(word) & set("'\"\\`$") or "'" in text or '"' in text else f"'{word}'" for word in text.split(" ")
    ),
    "half quoted": first_word(lambda word: f'{word[:1]}""{word[1:]}'),
    "commented": lambda text: f"# harmless\n{text}",
    "in capitals": first_word(str.upper),
    "with options": lambda text: text.replace("aws ", "aws --output json --no-cli-pager ", 1),
    "in an environment": lambda text: f"AWS_PROFILE=x {text}",
}
MUTATIONS = {"bash": BASH, "powershell": POWERSHELL, "aws": AWS}
KINDS = [(language, name) for language, mutations in MUTATIONS.items() for name in mutations]


def test_there_are_rows_of_every_language() -> None:
    assert {language: len(rows) >= 60 for language, rows in DANGERS.items()} == dict.fromkeys(READERS, True)


@given(st.data())
@settings(max_examples=400)
@pytest.mark.parametrize("language", READERS)
def test_in_other_clothes_it_is_not_allowed(language: str, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(DANGERS[language]))
    name = data.draw(st.sampled_from(list(MUTATIONS[language])))
    changed = MUTATIONS[language][name](text)
    assume(not allowed(language, text))
    assert not allowed(language, changed), (name, changed)


@given(st.data())
@settings(max_examples=150)
@pytest.mark.parametrize("language", READERS)
def test_in_clothes_upon_clothes_it_is_not_allowed(language: str, data: st.DataObject) -> None:
    text = changed = data.draw(st.sampled_from(DANGERS[language]))
    for name in data.draw(st.lists(st.sampled_from(list(MUTATIONS[language])), min_size=2, max_size=3)):
        changed = MUTATIONS[language][name](changed)
    assume(not allowed(language, text))
    assert not allowed(language, changed), changed


@given(st.data())
@settings(max_examples=150)
@pytest.mark.parametrize("language", READERS)
def test_among_reads_it_is_judged_as_strictly_as_alone(language: str, data: st.DataObject) -> None:
    text, read = data.draw(st.sampled_from(DANGERS[language])), READS[language]
    alone = judge(language, text)
    assume(not alone.facts.problems)
    for together in (f"{read}\n{text}", f"{text}\n{read}", f"{read}\n{text}\n{read}"):
        assert judge(language, together).decision.strictness >= alone.decision.strictness


@given(st.data())
@settings(max_examples=150)
@pytest.mark.parametrize("language", READERS)
def test_cut_short_it_is_allowed_only_if_it_was_read_for_certain(language: str, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(DANGERS[language]))
    judgement = judge(language, text[: data.draw(st.integers(0, len(text)))] + data.draw(st.sampled_from(["", "\n"])))
    assert judgement.reasons
    assert judgement.decision is not Decision.ALLOW or not judgement.facts.problems


@given(data=st.data(), raw=st.binary(max_size=60), errors=st.sampled_from(["replace", "surrogateescape", "ignore"]))
@settings(max_examples=150)
@pytest.mark.parametrize("language", READERS)
def test_random_bytes_are_judged(language: str, data: st.DataObject, raw: bytes, errors: str) -> None:
    text = data.draw(st.sampled_from(["", READS[language], *DANGERS[language][:20]]))
    at = data.draw(st.integers(0, len(text)))
    judgement = judge(language, text[:at] + raw.decode(errors=errors) + text[at:])
    assert judgement.reasons
    assert judgement.decision is not Decision.ALLOW or not judgement.facts.problems
