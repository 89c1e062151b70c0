"""What programs carry elsewhere, or run because an option says so."""

import pytest

from itops.scripts.carriers import carried
from itops.scripts.words import Word


@pytest.mark.parametrize(
    ("words", "calls", "texts"),
    [
        (["ssh", "-p", "22", "web1", "rm", "x"], [], ["rm x"]),
        (["ssh", "web1"], [], []),
        (["docker", "exec", "-it", "web", "rm", "x"], [["rm", "x"]], []),
        (["docker", "run", "alpine", "sh"], [], []),
        (["kubectl", "exec", "web", "--", "rm", "x"], [["rm", "x"]], []),
        (["kubectl", "get", "pods"], [], []),
        (["chroot", "/mnt", "rm", "x"], [["rm", "x"]], []),
        (["taskset", "-c", "0", "rm", "x"], [["rm", "x"]], []),
        (["git", "bisect", "run", "rm", "x"], [["rm", "x"]], []),
        (["git", "-c", "core.pager=rm x", "log"], [], ["rm x"]),
        (["git", "log", "--oneline"], [], []),
        (["sed", "1e rm x", "f"], [], ["rm x"]),
        (["sed", "s/a/b/", "f"], [], []),
        (["awk", '{"rm x" | getline}'], [], ["rm x"]),
        (["awk", "{print $1}"], [], []),
        (["perl", "-e", "system('rm x')"], [], ["rm x"]),
        (["tar", "xf", "a", "--to-command=rm x"], [], ["rm x"]),
        (["docker", "ps", "--filter=name=web"], [], []),
    ],
)
def test_what_is_carried_is_found_and_nothing_else(words, calls, texts):
    found_calls, found_texts = carried(words[0], tuple(Word(word) for word in words))
    assert [[word.text for word in call] for call in found_calls] == calls
    assert list(found_texts) == texts
