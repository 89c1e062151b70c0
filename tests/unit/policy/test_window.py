from datetime import datetime
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from itops.policy.window import Window

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "policy" / "windows.yaml").read_text())
MOMENTS = [
    (row["window"], moment, holds)
    for row in CASES
    for holds, moments in ((True, row["holds"]), (False, row["not"]))
    for moment in moments
]


@pytest.mark.parametrize(("window", "moment", "holds"), MOMENTS)
def test_when_it_holds(window, moment, holds):
    assert Window.model_validate(window).holds(datetime.fromisoformat(moment)) is holds


@pytest.mark.parametrize(
    ("window", "fault"),
    [
        ({}, "zone"),
        ({"zone": "Mars/Base"}, "no time zone"),
        ({"zone": "../../etc/passwd"}, "no time zone"),
        ({"zone": ""}, "no time zone"),
        ({"zone": "UTC", "from": 1320}, "in quotes"),
        ({"zone": "UTC", "from": "8:00"}, "in quotes"),
        ({"zone": "UTC", "to": "25:00"}, "in quotes"),
        ({"zone": "UTC", "from": "08:00", "to": "08:00"}, "ends when it begins"),
        ({"zone": "UTC", "days": []}, "at least 1"),
        ({"zone": "UTC", "days": ["monday"]}, "'mon'"),
        ({"zone": "UTC", "first_day": "2026-12-02", "last_day": "2026-12-01"}, "before its first"),
        ({"zone": "UTC", "until": "x"}, "Extra"),
    ],
)
def test_what_is_no_window(window, fault):
    with pytest.raises(ValidationError, match=fault):
        Window.model_validate(window)


def test_it_is_over_when_its_last_night_is():
    window = Window.model_validate({"zone": "UTC", "last_day": "2026-12-31", "from": "20:00", "to": "02:00"})
    assert not window.is_over(datetime.fromisoformat("2027-01-01T01:00:00+00:00"))
    assert window.is_over(datetime.fromisoformat("2027-01-02T00:00:00+00:00"))
    there = window.model_copy(update={"zone": "Pacific/Kiritimati"})
    assert there.is_over(datetime.fromisoformat("2027-01-01T10:00:00+00:00"))
    assert not there.is_over(datetime.fromisoformat("2027-01-01T09:59:00+00:00"))
    assert not Window.model_validate({"zone": "UTC"}).is_over(datetime.fromisoformat("2999-01-01T00:00:00+00:00"))
