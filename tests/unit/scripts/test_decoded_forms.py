import base64

import pytest

from itops.scripts.decoded_forms import decoded_forms

HIDDEN = base64.b64encode("Remove-Item C:\\x -Recurse".encode("utf-16-le")).decode()
PLAIN = base64.b64encode(b"rm -rf /srv/x").decode()


@pytest.mark.parametrize(
    ("text", "language", "told"),
    [
        ("ls -l /etc", "bash", []),
        (r"$'\x72\x6d' -rf x", "bash", [(r"$'\x72\x6d'", "rm")]),
        ("echo $'plain'", "bash", []),
        (r"Write-Output $'\x72'", "powershell", []),
        (f"powershell -EncodedCommand {HIDDEN}", "bash", [(f"-EncodedCommand {HIDDEN}", "Remove-Item C:\\x -Recurse")]),
        (f"pwsh.exe -e '{HIDDEN}'", "powershell", [(f"-e '{HIDDEN}", "Remove-Item C:\\x -Recurse")]),
        (f"echo {PLAIN} | base64 -d | sh", "bash", [(PLAIN, "rm -rf /srv/x")]),
        (f"[Convert]::FromBase64String('{HIDDEN}')", "powershell", [(HIDDEN, "Remove-Item C:\\x -Recurse")]),
        ("cat /usr/share/applications/mimeinfo.cache", "bash", []),
        ("powershell -enc AAAA", "bash", []),
        ("ls \u202e", "bash", [("the character U+202E (right-to-left override)", "it can't be seen")]),
        ("ls\n\tx\r\n", "bash", []),
    ],
)
def test_what_is_not_what_it_looks_like_is_told(text, language, told):
    assert [(one.written, one.means) for one in decoded_forms(text, language)] == told


def test_it_says_each_once_and_no_more_than_fits():
    assert len(decoded_forms(r"$'\x41' $'\x41'", "bash")) == 1
    assert len(decoded_forms(" ".join(rf"$'\x{code:02x}'" for code in range(33, 120)), "bash")) == 20
