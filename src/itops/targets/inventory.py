"""Names to frozen targets. Never a default of all; a name that is not known is an error, never a guess."""

import difflib
import platform
import socket

from itops.domain.target import Platform, Target
from itops.errors import UnknownTarget
from itops.targets.host_words import hosts_named_in

LOCAL = "local"
_ALIASES = frozenset({LOCAL, "localhost", "127.0.0.1", "::1", "this machine", "here"})


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
        for name in (*names, *hosts_named_in(words)):
            if not self._is_local(name):
                near = difflib.get_close_matches(name, self.names(), n=3, cutoff=0.3) or self.names()
                raise UnknownTarget(
                    f"There is no target {name!r}; the nearest are: {', '.join(near)}.",
                    mend="Name a target of `itops targets list`, or leave it out to run on this machine.",
                )
        return (self._local,)

    def _is_local(self, name: str) -> bool:
        return name.lower() in _ALIASES or name.lower() in (self._hostname.lower(), socket.getfqdn().lower())
