"""What a read may see and reach while it runs confined."""

from enum import StrEnum

from itops.domain.noun import Noun


class View(StrEnum):
    """Something that not every sandbox shows as it is outside; a command that asks about it needs one that does."""

    NETWORK = "network"
    PROCESSES = "processes"
    MOUNTS = "mounts"
    DEVICES = "devices"
    OWNERS = "owners"
    ACCOUNTS = "accounts"
    CONTROLS = "controls"


class Sandbox(Noun):
    """How a script that only reads is confined: every file is read-only, and no process outside is touched.

    ``views`` is what it must be shown: the network, what stands inside other processes, the table of mounts, devices,
    who owns files and processes; ``accounts`` means that it becomes another account, ``controls`` that it opens a
    device of the kernel for writing, which no sandbox allows. ``capabilities`` are those that root keeps. ``hidden``
    are patterns of files whose contents it may not read and of sockets that it may not reach.
    """

    views: tuple[View, ...] = ()
    capabilities: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
