"""What an inventory says of a target and of a group, as people write it."""

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator, Field

from itops.domain.noun import Noun
from itops.domain.target import Platform

LOCAL: Final = "local"
RESERVED: Final = frozenset({LOCAL, "localhost", "127.0.0.1", "::1", "here", "all", "group", "tag", "env", "not"})
PROTECTED: Final = "protected"
_NAME: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}")
_SECRET: Final = re.compile(r"secret://[A-Za-z0-9_./#-]+")
_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]{2,4})?-[a-z]{4,9}-\d")


def _words(value: Any) -> Any:  # noqa: ANN401 - whatever the file holds
    return [value] if isinstance(value, str) else value


def _shape(pattern: re.Pattern[str], told: str) -> AfterValidator:
    def check(value: str) -> str:
        if value and not pattern.fullmatch(value):
            raise ValueError(told)
        return value

    return AfterValidator(check)


def fault_of_name(name: str) -> str:
    """Why this can't be the name of a target or a group; empty where it can."""
    if name.lower() in RESERVED:
        return f"{name!r} has a meaning of its own"
    return "" if _NAME.fullmatch(name) else f"{name!r} is no name: letters, digits, '.', '_' and '-' make one"


Words = Annotated[tuple[str, ...], BeforeValidator(_words)]
Word = Annotated[str, _shape(re.compile(r"[\w.-]+"), "it is one word of letters, digits, '.', '_' and '-'")]
Host = Annotated[
    str, _shape(re.compile(r"[A-Za-z0-9_:%][\w.:%-]*"), "it is no host: it holds a space or begins with '-'")
]
User = Annotated[str, _shape(re.compile(r"[\w.][\w.@\\$-]*"), "it is no user's name")]
SecretName = Annotated[
    str, _shape(_SECRET, "it names no secret: write where the value is (secret://env/NAME), never the value itself")
]
Region = Annotated[str, _shape(_REGION, "it is no Region of AWS, such as eu-west-1")]


class TargetEntry(Noun):
    """One target. What is left out is the transport's own, or stands under ``defaults``.

    ``via`` are bastions in their order: a target's name, or ``[user@]host[:port]``. ``regions`` are those that a task
    may name for an AWS account; none is ever taken unnamed.
    """

    host: Host = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0
    user: User = ""
    platform: Platform = Platform.LINUX
    executor: Word = ""
    environment: Word = ""
    tags: Annotated[tuple[Word, ...], BeforeValidator(_words)] = ()
    key_files: Words = ()
    certificate_files: Words = ()
    known_hosts: str = ""
    trust_first: bool = False
    via: Words = ()
    password: SecretName = ""
    sudo_password: SecretName = ""
    profile: str = ""
    account: Annotated[str, _shape(re.compile(r"\d{12}"), "it is no account of AWS: twelve digits")] = ""
    role: str = ""
    regions: Annotated[tuple[Region, ...], BeforeValidator(_words)] = ()
    context: str = ""
    namespace: Word = ""
    options: dict[str, str] = Field(default_factory=dict)


class GroupEntry(Noun):
    """Targets and other groups under one name. Its environment and tags are those of each of its targets."""

    members: Words = ()
    environment: Word = ""
    tags: Annotated[tuple[Word, ...], BeforeValidator(_words)] = ()
    aliases: Words = ()


class InventoryEntries(Noun):
    """Everything that an inventory says; ``lines`` are those on which its names stand, ``file`` is where."""

    targets: dict[str, TargetEntry] = Field(default_factory=dict)
    groups: dict[str, GroupEntry] = Field(default_factory=dict)
    protected: tuple[str, ...] = ()
    lines: dict[str, int] = Field(default_factory=dict)
    file: str = ""
