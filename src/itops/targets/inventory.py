"""Names to frozen targets. Never a default of all; a name that is not known is an error, never a guess."""

import difflib
import platform
import re
import socket

from itops.domain.target import Platform, Target
from itops.errors import UnknownTarget

LOCAL = "local"
_ALIASES = frozenset({LOCAL, "localhost", "127.0.0.1", "::1", "this machine", "here"})
# "on web-3", "on host db1": a word after "on" that is made like a host's name (letters with a digit, hyphen or dot).
_ON_HOST = re.compile(
    r"\bon\s+(?:the\s+)?(?:(?:host|server|machine|node|target|instance)\s+(?P<named>[A-Za-z][\w.-]*[A-Za-z0-9])"
    r"|(?P<bare>[A-Za-z][A-Za-z0-9]*(?:[-.][A-Za-z0-9]+)+|[A-Za-z]{2,}[0-9]+))\b"
)
_DEVICE = re.compile(r"(?:eth|ens|enp|eno|wlan|wlp|lo|br|docker|veth|bond|tun|tap|wg|sd|vd|hd|nvme|md|dm-|tty|loop)\S*")
_NO_HOST = frozenset({"it", "this", "which", "that", "port", "disk"})


class Inventory:
    """What itops knows to run on: this machine."""

    def __init__(self) -> None:
        self._hostname = socket.gethostname()
        kind = Platform.WINDOWS if platform.system() == "Windows" else Platform.LINUX
        self._local = Target(name=LOCAL, platform=kind)

    def names(self) -> list[str]:
        """Every name that ``resolve`` takes."""
        return [LOCAL]

    def targets(self) -> list[Target]:
        """Every target there is."""
        return [self._local]

    def resolve(self, names: tuple[str, ...], words: str = "") -> tuple[Target, ...]:
        """The targets of these names, and of none other; without names, this machine.

        A host that the words name ("on web-3") must be one of them: else the task would run on the wrong machine.

        Raises:
            UnknownTarget: a name is not known. Nothing ran.
        """
        for name in (*names, *_hosts_named_in(words)):
            if not self._is_local(name):
                near = difflib.get_close_matches(name, self.names(), n=3, cutoff=0.3) or self.names()
                raise UnknownTarget(
                    f"There is no target {name!r}; the nearest are: {', '.join(near)}.",
                    mend="Name a target of `itops targets list`, or leave it out to run on this machine.",
                )
        return (self._local,)

    def _is_local(self, name: str) -> bool:
        return name.lower() in _ALIASES or name.lower() in (self._hostname.lower(), socket.getfqdn().lower())


def _hosts_named_in(words: str) -> list[str]:
    named = [match["named"] or match["bare"] for match in _ON_HOST.finditer(words)]
    return [name for name in named if not _DEVICE.fullmatch(name) and name.lower() not in _NO_HOST]
