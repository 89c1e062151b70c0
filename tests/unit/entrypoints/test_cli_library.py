"""``itops instructions stats`` over a whole house."""

import pytest

TEXT = """---
id: test.{name}
title: Show the number {name}
platform: linux
effect: read
phrases: [show the number {name}]
---
Prints it.

```bash run
echo {name}
```
"""


@pytest.fixture
def added(call, filled, tmp_path) -> None:
    """Forty drafts beside the starter library."""
    folder = tmp_path / "numbers"
    folder.mkdir()
    for number in range(40):
        (folder / f"{number}.md").write_text(TEXT.format(name=f"n{number:02}"))
    assert call("instructions", "sync", str(folder)).code == 0


def test_a_library_that_nobody_used_has_statistics(call, filled):
    found = call("instructions", "stats", "--json").json
    assert (found["days"], found["tasks"], found["review"], found["missing_words"]) == (90, 0, [], [])
    assert found["library"]["linux"]["published"] >= 40
    assert len(found["instructions"]) == sum(sum(states.values()) for states in found["library"].values())


def test_statistics_are_tables_for_people_and_long_ones_are_cut(call, added):
    told = call("instructions", "stats", "--days", "7")
    assert told.code == 0
    assert "Used in the last 7 days:\nThere are none." in told.out
    assert "a draft that waits for its review, for 0 days" in told.out
    assert "and 10 more; --json has them all" in told.out
    assert len(call("instructions", "stats", "--json").json["review"]) == 40


def test_days_that_are_none_are_refused(call, filled):
    assert call("instructions", "stats", "--days", "0").code == 2
