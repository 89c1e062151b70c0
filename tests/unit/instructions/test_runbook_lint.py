"""What an author should mend before publishing."""

import pytest

from itops.instructions.runbook_lint import lint
from itops.instructions.runbook_text import parse

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
