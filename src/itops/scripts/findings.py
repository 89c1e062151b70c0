"""What a reading has found so far: commands and problems, in order."""

from dataclasses import dataclass, field, replace
from typing import Final

from itops.domain.effect import Effect
from itops.domain.script import Command, Facts
from itops.scripts.words import Word

DEPTH_LIMIT: Final = 12
TEXT_LIMIT: Final = 32
_STANDARD: Final = ("/bin/", "/sbin/", "/usr/bin/", "/usr/sbin/", "/usr/local/bin/", "/usr/local/sbin/")


@dataclass(frozen=True)
class Place:
    """Where a command stands: under which programs, fed by which programs or files, and with which literal text.

    ``fed_names`` is a pattern of the names of files that it is fed, where it is fed nothing else; ``hosts`` are the
    computers over which it is reached, none for this one.
    """

    wrappers: tuple[str, ...] = ()
    fed_by: tuple[str, ...] = ()
    fed_text: str | None = None
    reads: tuple[str, ...] = ()
    fed_names: str = ""
    hosts: tuple[str, ...] = ()
    depth: int = 0

    def under(self, wrapper: str, host: str = "") -> "Place":
        """The same place, one wrapper deeper, and on another host where one is named."""
        hosts = (*self.hosts, host) if host else self.hosts
        return replace(self, wrappers=(*self.wrappers, wrapper), hosts=hosts, depth=self.depth + 1)


@dataclass(frozen=True)
class Redirections:
    """Files that a command's redirections write and read, and the text they feed it, where that is literal."""

    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    text: str | None = None

    def __bool__(self) -> bool:
        return bool(self.writes or self.reads)


NO_REDIRECTIONS: Final = Redirections()


@dataclass
class Findings:
    """Gathers commands and problems of one script, whatever texts it holds within."""

    commands: list[Command] = field(default_factory=list)
    problems: dict[str, None] = field(default_factory=dict)
    texts: int = 0

    def problem(self, text: str) -> None:
        """Note why the reading is not to be relied on."""
        if text:
            self.problems[text] = None

    def command(
        self, words: tuple[Word, ...], redirections: Redirections, place: Place, inner: tuple[str, ...]
    ) -> None:
        """Note one simple command; ``inner`` are the programs whose output stands in its words."""
        self.commands.append(
            Command(
                program=program_name(words[0].text),
                argv=tuple(word.text for word in words),
                effect=Effect.CHANGE if redirections.writes else Effect.UNKNOWN,
                dynamic=any(word.dynamic for word in words),
                wrappers=place.wrappers,
                writes=redirections.writes,
                reads=redirections.reads or place.reads,
                fed_by=tuple(dict.fromkeys((*place.fed_by, *inner))),
                hosts=place.hosts,
            )
        )

    def fork_bomb(self, name: str) -> None:
        """Note a function that starts itself more than once, without end."""
        why = "it starts itself again and again, without end"
        self.commands.append(Command(program="fork-bomb", argv=(name,), effect=Effect.DESTROY, why=why))

    def redirection(self, redirections: Redirections, place: Place) -> None:
        """Note files that are written or read by no command of their own."""
        if redirections:
            marks = [part for path in redirections.writes for part in (">", path)]
            marks += [part for path in redirections.reads for part in ("<", path)]
            self.commands.append(
                Command(
                    program="",
                    argv=tuple(marks),
                    effect=Effect.CHANGE if redirections.writes else Effect.READ,
                    wrappers=place.wrappers,
                    writes=redirections.writes,
                    reads=redirections.reads,
                    fed_by=place.fed_by,
                    hosts=place.hosts,
                )
            )

    def facts(self) -> Facts:
        """All that was found."""
        return Facts(commands=tuple(self.commands), problems=tuple(self.problems))


def program_name(text: str) -> str:
    """The program a word names: without its folder where that is one of the system's own."""
    folder, slash, name = text.rpartition("/")
    return name if folder + slash in _STANDARD else text
