"""What an author should mend before publishing."""

import pytest

from itops.instructions.runbooks import shell_lint
from itops.instructions.runbooks.runbook_lint import lint, lint_all
from itops.instructions.runbooks.runbook_text import parse

GOOD = """---
id: a.b
title: Restart a service
platform: linux
effect: change
parameters:
  service: {description: Its name, type: service, example: nginx}
---
```bash run
systemctl restart {{ service }}
```
```bash verify
systemctl is-active {{ service }}
```
"""


def test_nothing_is_said_of_a_good_one() -> None:
    assert lint(parse(GOOD, origin="a.md")) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("bash verify", "bash rollback", "No verify block shows that its change worked."),
        ("effect: change", "effect: destroy\ntags: []", ""),
        ("example: nginx", "example: '-x y'", "The example of service"),
        ("example: nginx", "default: 'a b'", "The default of service"),
        ("description: Its name, ", "", "The parameter service has no description."),
        ("{{ service }}", "x", "The parameter service is declared but never used."),
        ("restart {{ service }}", "$(eval {{ service }})", "The run block: "),
    ],
)
def test_what_is_off_is_said(old: str, new: str, said: str) -> None:
    assert old in GOOD
    findings = lint(parse(GOOD.replace(old, new), origin="a.md"))
    assert [finding for finding in findings if finding.startswith(said)] == findings
    assert bool(findings) is bool(said)


def test_a_read_needs_no_verify() -> None:
    text = GOOD.replace("effect: change", "effect: read").replace("bash verify", "bash rollback")
    assert lint(parse(text, origin="a.md")) == []


def test_two_values_of_one_type_are_told_apart() -> None:
    second = "  service: {description: Its name, type: service, example: nginx}\n"
    other = "  other: {description: Another, type: service, example: redis}\n"
    text = GOOD.replace(second, second + other).replace("restart {{ service }}", "restart {{ service }} {{ other }}")
    assert lint(parse(text, origin="a.md")) == [
        f"The parameter {name} is not the only service: say in `phrases` how it is told."
        for name in ("service", "other")
    ]


def test_blocks_are_read_in_their_language() -> None:
    others = {
        "bash": GOOD.replace("systemctl restart", "true\ncd /srv\nsystemctl restart").replace("a.b", "a.bash"),
        "aws": GOOD.replace("a.b", "a.aws").replace("bash run\nsystemctl restart", "aws run\necho"),
        "powershell": GOOD.replace("a.b", "a.powershell").replace("bash run\nsystemctl", "powershell run\nfoo ) {"),
    }
    told = lint_all([parse(text, origin="a.md") for text in (GOOD, *others.values())])
    assert set(told) == {f"a.{language}" for language in others}
    assert len(told["a.bash"]) == 1
    assert told["a.bash"][0].startswith("The run block, line 2: Use 'cd")
    assert told["a.bash"][0].endswith("(SC2164: shellcheck.net/wiki/SC2164)")
    assert all(finding.startswith("The run block: ") for name in ("a.aws", "a.powershell") for finding in told[name])


def test_a_missing_shellcheck_is_said_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_lint, "_program", lambda: None)
    good = parse(GOOD, origin="a.md")
    assert lint_all([good, good.model_copy(update={"id": "a.c"})]) == {"shellcheck": [shell_lint.MISSING]}
