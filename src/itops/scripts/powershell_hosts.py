"""Which other computers a command of Windows reaches: by parameter, by option, or by a path that begins with a host."""

import re
from collections.abc import Sequence
from typing import Final

from itops.scripts.powershell_words import PsWord

_PARAMETER_NAMES: Final = """
    -cimsession -computername -connectionuri -containerid -domaincontroller -hostname -pssession -server
    -serverinstance -session -sshconnection -vmid -vmname
"""
_PARAMETERS: Final = tuple(_PARAMETER_NAMES.split())
_LEAST: Final = len("-com")
# These only ask whether a host answers, or what a name stands for.
_ASKING: Final = ("Test-Connection", "Test-NetConnection", "Resolve-DnsName", "Test-WSMan", "Test-DnsServer")
_SPELT_S: Final = (
    "dcdiag driverquery dsget dsquery getmac gpresult logman openfiles schtasks sqlcmd systeminfo tasklist typeperf"
)
_SPELT_SERVER: Final = "nltest qprocess query quser qwinsta"
_OPTIONS: Final = {
    **{f"{name}.exe": ("s",) for name in _SPELT_S.split()},
    **{f"{name}.exe": ("server",) for name in _SPELT_SERVER.split()},
    "netsh.exe": ("r",),
    "shutdown.exe": ("m",),
    "w32tm.exe": ("computer",),
    "wevtutil.exe": ("r", "remote"),
    "winrm.exe": ("r", "remote"),
    "winrs.exe": ("r", "remote"),
    "wmic.exe": ("node",),
}
_SHARE: Final = re.compile(r"[\\/]{2}(?![.?][\\/])([^\\/\s]+)")
_OPTION: Final = re.compile(r"[-/](\w+)(?:[:=](.*))?", re.DOTALL)
_HERE: Final = frozenset({".", "(local)", "localhost", "127.0.0.1", "::1", "%computername%"})


def hosts_of(program: str, words: Sequence[PsWord], *, cmdlet: bool) -> tuple[str, ...]:
    """The computers that the words name besides the one that it runs on; what only run time knows stands as its source.

    A list may go on behind its last host: any word more is taken for a host, never one less.
    """
    if program in _ASKING:
        return ()
    found = [share[1] for word in words if not word.block and (share := _SHARE.match(word.text))]
    found += _by_parameter(program, words) if cmdlet else _by_option(program, words)
    return tuple(host for host in dict.fromkeys(found) if host.lower() not in _HERE)


def _by_parameter(program: str, words: Sequence[PsWord]) -> list[str]:
    found: list[str] = []
    reaching = program == "Invoke-Command"
    for word in words:
        if word.parameter:
            given = word.text.lower()
            reaching = given == "-cn" or (len(given) >= _LEAST and any(name.startswith(given) for name in _PARAMETERS))
        elif word.block:
            reaching = False
        elif reaching:
            found.append(word.text.strip("\\"))
    return found


def _by_option(program: str, words: Sequence[PsWord]) -> list[str]:
    wanted = _OPTIONS.get(program, ())
    found: list[str] = []
    waiting = False
    for word in words:
        option = _OPTION.fullmatch(word.text)
        if waiting:
            found.append(word.text.strip("\\"))
            waiting = False
        elif option and option[1].lower() in wanted:
            waiting = not option[2]
            found += [option[2].strip("\\")] if option[2] else []
    return found
