import subprocess

import pytest

from itops.errors import ItOpsUnavailable
from itops.scripts import shfmt
from itops.scripts.shfmt import Unparsable, parse, shape


def test_texts_of_one_meaning_have_one_shape():
    assert shape(parse("ls -l   /var # why\n\n")) == shape(parse("ls -l /var"))
    assert shape(parse("a;\nb")) == shape(parse("a\nb"))


@pytest.mark.parametrize("other", ["ls -l /var -a", "ls -l '/var'", "ls -l /var &", "ls -l /var; ls", "! ls -l /var"])
def test_texts_of_different_meaning_have_different_shapes(other):
    assert shape(parse("ls -l /var")) != shape(parse(other))


@pytest.mark.parametrize("text", ["ls 'x", "if", "a )", "echo ${"])
def test_what_is_no_bash_says_where(text):
    with pytest.raises(Unparsable, match=r"\d:\d"):
        parse(text)


def test_a_parser_that_hangs_is_given_up(monkeypatch):
    def hang(*_args, **_kwargs):
        raise subprocess.TimeoutExpired("shfmt", 1)

    monkeypatch.setattr(subprocess, "run", hang)
    with pytest.raises(Unparsable, match="too long"):
        parse("ls")


def test_a_parser_that_is_gone_is_said_so(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise OSError("no such file")

    monkeypatch.setattr(subprocess, "run", refuse)
    with pytest.raises(ItOpsUnavailable, match="no such file"):
        parse("ls")


def test_the_parser_is_found_through_its_package_where_it_is_not_beside(monkeypatch, tmp_path):
    monkeypatch.setattr(shfmt.sysconfig, "get_path", lambda _name: str(tmp_path))
    shfmt._binary.cache_clear()
    try:
        assert shfmt._binary().name == "shfmt"
        monkeypatch.setattr(shfmt.metadata, "files", lambda _name: [])
        shfmt._binary.cache_clear()
        with pytest.raises(ItOpsUnavailable, match="brought no program"):
            shfmt._binary()
    finally:
        shfmt._binary.cache_clear()
