import pytest

from itops.scripts.second_opinion import disagreement
from itops.scripts.shfmt import parse


@pytest.mark.parametrize(
    "text", ["ls | sort", "x=1 a; (b)", "time ls", "[ -f x ] && unset y", "f() { g; }; f", "a $(b `c`)"]
)
def test_two_parsers_agree(text):
    assert disagreement(text, parse(text)) == ""


@pytest.mark.parametrize(
    ("text", "seen"), [("coproc rm x", "rm"), ("{rm,-rf,/}", "sense"), ("echo `echo \\`rm\\``", "rm")]
)
def test_where_they_do_not_it_is_said(text, seen):
    assert seen in disagreement(text, parse(text))


def test_a_pipe_at_the_end_of_a_line_is_no_disagreement():
    text = "ls 2>/dev/null |\n  sort |\n wc"
    assert disagreement(text, parse(text)) == ""


def test_a_program_that_only_the_second_sees_is_named():
    assert "rm" in disagreement("ls; rm", parse("ls"))


def test_a_program_that_only_the_first_sees_is_named():
    assert "rm" in disagreement("ls;#rm", parse("ls; rm"))
