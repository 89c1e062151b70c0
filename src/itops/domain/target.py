"""Where commands run."""

from enum import StrEnum

from itops.domain.noun import Noun


class Platform(StrEnum):
    """What kind of system an instruction or a target is for."""

    LINUX = "linux"
    WINDOWS = "windows"
    AWS = "aws"
    KUBERNETES = "kubernetes"
    NETWORK = "network"
    ANY = "any"


class Target(Noun):
    """One system that commands can run on, as frozen at the start of a task.

    ``executor`` names the executor that reaches it (``system`` is this machine), ``address`` says where it does: a
    target whose address has changed is another target.
    """

    name: str
    platform: Platform
    executor: str = "system"
    environment: str = ""
    tags: tuple[str, ...] = ()
    address: str = ""
