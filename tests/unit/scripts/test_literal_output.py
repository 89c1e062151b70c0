import base64

import pytest

from itops.domain.effect import Effect
from itops.domain.script import Command
from itops.scripts.literal_output import literal_output

ENCODED = base64.b64encode(b"rm x").decode()


@pytest.mark.parametrize(
    ("argv", "fed", "printed"),
    [
        (("echo", "-n", "a", "b"), None, "a b\n"),
        (("echo", "-e", r"a\nb"), None, "a\nb\n"),
        (("echo", r"a\nb"), None, None),
        (("echo", "-e", r"a\0012b"), None, "a\nb\n"),
        (("echo", "-e", r"a\xab"), None, "a\xab\n"),
        (("echo", "-e", r"a\xar"), None, None),
        (("echo", "-e", r"a\uar"), None, None),
        (("echo", "-e", r"a\u000ar"), None, "a\nr\n"),
        (("echo", "-e", r"a\101"), None, None),
        (("echo", "-e", r"a\cb"), None, None),
        (("echo", "-e", r"a\0b"), None, None),
        (("echo", "-e", "a\\"), None, None),
        (("printf", r"a\012b"), None, "a\nb"),
        (("printf", r"a\0012"), None, "a\x012"),
        (("printf", "a%%b"), None, "a%b"),
        (("printf", "a%(%n)T"), None, None),
        (("printf", "%b", r"a\nb"), None, "a\nb\n"),
        (("printf", r"r\x6d"), None, "rm"),
        (("printf", "%s", "a"), None, "a\n"),
        (("printf", "r%s", "m"), None, None),
        (("printf",), None, None),
        (("base64", "-d"), ENCODED, "rm x"),
        (("base64",), ENCODED, None),
        (("base64", "-d"), "abc", None),
        (("base64", "-d"), None, None),
        (("xxd", "-r", "-p"), "726d", "rm"),
        (("xxd", "-r", "-p"), "zz", None),
        (("xxd",), "726d", None),
        (("rev",), "x mr", "rm x"),
        (("cat",), "a", "a"),
        (("cat", "f"), "a", None),
        (("tr", "a", "b"), "a", None),
    ],
)
def test_what_words_alone_decide(argv, fed, printed):
    assert literal_output(Command(program=argv[0], argv=argv, effect=Effect.UNKNOWN), fed) == printed


def test_what_run_time_decides_is_not_guessed():
    assert (
        literal_output(Command(program="echo", argv=("echo", "$x"), effect=Effect.UNKNOWN, dynamic=True), None) is None
    )
    assert literal_output(Command(program="cat", argv=("cat",), effect=Effect.UNKNOWN, reads=("f",)), "a") is None
