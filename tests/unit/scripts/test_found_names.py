"""Names of files that a pipe finds."""

import pytest

from itops.domain.effect import Effect
from itops.domain.script import Command
from itops.scripts.found_names import found_names


def commands(*texts):
    return [Command(program=text.split()[0], argv=tuple(text.split()), effect=Effect.UNKNOWN) for text in texts]


@pytest.mark.parametrize(
    ("pipe", "pattern"),
    [
        (["find /etc -name *.conf"], "/etc/*.conf"),
        (["find"], "./*"),
        (["find . -print0", "sort -z"], "./*"),
        (["find . -type f", "grep -v x", "head -n5"], "./*"),
        (["find /a /b"], ""),
        (["find . -printf %p.key"], ""),
        (["find . -exec echo {} ;"], ""),
        (["find .", "grep -o key"], ""),
        (["find .", "sed s/x/shadow/"], ""),
        (["find .", "cat f"], ""),
        (["git ls-files"], "./*"),
        (["git ls-files ../x"], ""),
        (["ls"], ""),
        ([], ""),
    ],
)
def test_a_pattern_stands_for_the_names_only_where_nothing_else_is_printed(pipe, pattern):
    assert found_names(commands(*pipe)) == pattern
