import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.instructions.importers.foreign_pattern import fault


@pytest.mark.parametrize(
    "pattern",
    [
        "^[a-z]+$",
        r"^(subnet-[a-z0-9]{8,17})?$",
        r"^arn:(aws|aws-cn):iam::\d{12}:role/[\w+=,.@-]+$",
        "[(|)*+]{2,3}",
        r"\(a+\)*",
        "",
    ],
)
def test_a_plain_pattern_is_taken(pattern):
    assert fault(pattern) == ""


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(", "no regular expression"),
        ("x" * 2000, "too long"),
        ("(a+)+b", "for ever"),
        ("(a|aa)*b", "for ever"),
        ("(?:[a-z]+,?)+!", "for ever"),
        ("((a*)b?)*c", "for ever"),
        ("(x(y(a+)z)q){2,}", "for ever"),
        (".*.*.*.*.*x", "for ever"),
    ],
)
def test_another_is_left_with_the_reason(pattern, why):
    assert why in fault(pattern)


@pytest.mark.filterwarnings("ignore::FutureWarning")
@given(st.text("ab()[]*+?{},|\\1", max_size=14))
def test_what_is_taken_fails_fast(pattern):
    if fault(pattern):
        return
    started = time.process_time()
    re.fullmatch(pattern, "ab" * 20 + "!")
    assert time.process_time() - started < 5
