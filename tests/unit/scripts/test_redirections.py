import pytest

from itops.scripts.redirections import redirections_of
from itops.scripts.shfmt import parse


@pytest.mark.parametrize(
    ("text", "writes", "reads", "fed"),
    [
        ("ls > a 2>> b", ("a", "b"), (), None),
        ("ls &> a >| b <> c", ("a", "b", "c"), (), None),
        ("ls >& a", ("a",), (), None),
        ("ls 2>&1 >&2 2>&- <&3", (), (), None),
        ("ls > /dev/null 2> /dev/stderr < /dev/stdin", (), (), None),
        ("ls < a", (), ("a",), None),
        ('ls > "$x"', ("$x",), (), None),
        ("ls > >(tee x)", (), (), None),
        ("ls > {a,b}", ("a", "b"), (), None),
        ("cat <<E\nx\\$y\nE\n", (), (), "x$y\n"),
        ("cat <<'E'\n$x\nE\n", (), (), "$x\n"),
        ("cat <<\\E\n$x\nE\n", (), (), "$x\n"),
        ("cat <<E\na $x $(b)\nE\n", (), ("$x", "$(b)"), None),
        ("cat <<E\nE\n", (), (), ""),
        ("cat <<< 'a b'", (), (), "a b\n"),
        ("cat <<< $x", (), ("$x",), None),
    ],
)
def test_what_is_written_read_and_fed(text, writes, reads, fed):
    found = redirections_of(parse(text)["Stmts"][0], text.encode())
    assert (found.writes, found.reads, found.text) == (writes, reads, fed)
