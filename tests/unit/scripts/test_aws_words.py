import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.scripts.aws_words import AwsWords


def split(text):
    words = AwsWords(text)
    words.split()
    return [line.words for line in words.lines], list(words.problems)


@given(st.lists(st.text(alphabet="ab '\"\\#$`;|{}[]*", max_size=8), min_size=1, max_size=6))
def test_what_python_quotes_is_read_back(words):
    assert split(shlex.join(["aws", *words])) == ([["aws", *words]], [])


@given(st.text(alphabet="ab '\"\\ \n", max_size=20))
def test_plain_text_is_split_as_python_splits_it(text):
    lines, problems = split(text)
    if problems or "\\\n" in text:
        return
    assert [word for line in lines for word in line] == shlex.split(text)


@pytest.mark.parametrize(
    "text", ["a 'b", 'a "b', "a \\", "a; b", "a | b", "a & b", "a > b", "$a", '"$a"', "`a`", "(a)"]
)
def test_what_only_a_shell_could_do_is_a_problem(text):
    assert split(text)[1]


@pytest.mark.parametrize("text", ["'$a'", "\\$a", "'a;b'", '"a|b"', "a#b", "'`a`'", '"\\`"'])
def test_quoted_it_is_plain_text(text):
    assert split(text)[1] == []
