"""Calls in PowerShell: which program a name means, its words in one spelling, and what it runs in its turn."""

import base64
import binascii
import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from itops.domain.effect import Effect
from itops.domain.script import Command
from itops.scripts.findings import Findings, Place
from itops.scripts.powershell_fed import paths_fed
from itops.scripts.powershell_hosts import hosts_of
from itops.scripts.powershell_names import DASHES, parameter, program_name, resolve
from itops.scripts.powershell_scope import commanding
from itops.scripts.powershell_words import PsWord

_SWITCH_NAMES: Final = "-LoadUserProfile -NoNewWindow -PassThru -Wait -UseNewEnvironment -AsJob -Verbose -Debug -WhatIf"
_SWITCHES: Final = frozenset(_SWITCH_NAMES.split())
_DEFINING: Final = frozenset({"Set-Alias", "New-Alias", "Import-Alias", "Update-TypeData", "Update-FormatData"})
# Parameters of ForEach-Object whose values are only data.
_DATA: Final = frozenset(
    {"-InputObject", "-ArgumentList", "-ThrottleLimit", "-TimeoutSeconds", "-ErrorAction", "-WarningAction"}
)
_SHELL_VALUED_NAMES: Final = """
    executionpolicy ep ex inputformat inp if outputformat o of version v windowstyle w workingdirectory wd
"""
_SHELL_LOADING: Final = ("configurationname", "configurationfile", "custompipename", "psconsolefile", "settingsfile")
# Versions of PowerShell that record nothing of what they run.
_OLD: Final = ("1", "2")
_SHELL_VALUED: Final = tuple(_SHELL_VALUED_NAMES.split())
_SHELL_NAMES: Final = "interactive i login l mta noexit noe nologo nol noninteractive noni noprofile nop sta"
_SHELL_SWITCHES: Final = tuple(_SHELL_NAMES.split())


@dataclass(frozen=True)
class PsCall:
    """One call: the programs its name may mean, its words, the files it writes, whose output stands in its words."""

    programs: tuple[str, ...]
    words: tuple[PsWord, ...]
    writes: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()


class PowerShellCalls:
    """Notes calls, and follows those that run others.

    Args:
        findings: Where commands and problems are noted.
        read_text: Reads a PowerShell text found within, at its own place.
        read_cmd: Reads a text for cmd.exe found within.
    """

    def __init__(
        self, findings: Findings, read_text: Callable[[str, Place], None], read_cmd: Callable[[str, Place], None]
    ) -> None:
        self._findings = findings
        self._read_text = read_text
        self._read_cmd = read_cmd

    def call(self, call: PsCall, place: Place) -> None:
        """Note one call, and all that it runs."""
        for program in call.programs:
            self._one(program, call, place)

    def _one(self, program: str, call: PsCall, place: Place) -> None:
        if not program.isascii() or not program.strip():
            self._findings.problem(f"the program's name {program!r} holds characters that look like others")
        if any(word.splat for word in call.words):
            self._findings.problem(f"the parameters of {program} are only known at run time")
        if program in _DEFINING:
            self._findings.problem(f"{program} gives names another meaning")
        follow = _FOLLOWING.get(program)
        if follow is None or follow(self, program, call, place):
            self.note(program, call, place)

    def note(self, program: str, call: PsCall, place: Place) -> None:
        """Note the command itself."""
        cmdlet = _is_cmdlet(program)
        words = canonical(program, call.words) if cmdlet else plain(call.words)
        if cmdlet and any(_sets_meaning(flag, value) for flag, value in itertools.pairwise(words)):
            self._findings.problem(f"{program} sets a variable that changes what other commands do")
        self._findings.commands.append(
            Command(
                program=program,
                argv=(program, *words),
                effect=Effect.CHANGE if call.writes else Effect.UNKNOWN,
                dynamic=any(word.dynamic for word in call.words),
                wrappers=place.wrappers,
                writes=call.writes,
                reads=paths_fed(program, call.words, place, self._findings.commands) if cmdlet else (),
                fed_by=tuple(dict.fromkeys((*place.fed_by, *call.inner))),
                hosts=hosts_of(program, call.words, cmdlet=cmdlet),
            )
        )

    def _text(self, text: str, program: str, place: Place) -> None:
        self._read_text(text, replace(place.under(program), fed_text=None))

    def _expression(self, program: str, call: PsCall, place: Place) -> bool:
        """``Invoke-Expression``: its text where that is literal."""
        values = [word for word in call.words if not word.parameter]
        if values and not any(word.dynamic or word.block for word in values):
            self._text("\n".join(word.text for word in values), program, place)
            return bool(call.writes)
        if not values and place.fed_text is not None:
            self._text(place.fed_text, program, place)
            return bool(call.writes)
        self._findings.problem("the text given to Invoke-Expression is only known at run time")
        return True

    def _shell(self, program: str, call: PsCall, place: Place) -> bool:
        """``powershell -Command …`` and ``-EncodedCommand …``."""
        words = list(_unjoined(call.words))
        for index, word in enumerate(words):
            name = _option(word)
            rest = words[index + 1 :]
            if not name:
                certain = program == "powershell.exe" and not word.block
                return self._shell_text(words[index:], program, place) or not certain or bool(call.writes)
            if "command".startswith(name) or name == "commandwithargs":
                return self._shell_text(rest, program, place) or bool(call.writes)
            if "encodedcommand".startswith(name) or name == "ec":
                return self._encoded(rest, program, place) or bool(call.writes)
            loads = _begins(name, _SHELL_LOADING) and name not in _SHELL_SWITCHES
            if loads or ("version".startswith(name) and rest and rest[0].text[:1] in _OLD):
                self.note(program, call, place)
            if loads or (_begins(name, _SHELL_VALUED) and name not in _SHELL_SWITCHES):
                words[index + 1 : index + 2] = [PsWord("-nologo", parameter=True)] if rest else []
            elif not _begins(name, _SHELL_SWITCHES):
                return True
        return True

    def _shell_text(self, words: list[PsWord], program: str, place: Place) -> bool:
        """Read what follows ``-Command``; whether the shell itself is to be noted, its text not being known."""
        if len(words) == 1 and words[0].block:
            return False
        if not words or any(word.dynamic or word.splat for word in words) or words[0].text == "-":
            self._findings.problem(f"the text given to {program} is only known at run time")
            return True
        self._text(" ".join(plain(tuple(words))), program, place)
        return False

    def _encoded(self, words: list[PsWord], program: str, place: Place) -> bool:
        if not words or words[0].dynamic:
            self._findings.problem(f"the text given to {program} is only known at run time")
            return True
        try:
            text = base64.b64decode(words[0].text, validate=True).decode("utf-16-le")
        except (binascii.Error, ValueError):
            self._findings.problem(f"the encoded text given to {program} can't be decoded")
            return True
        self._text(text.removeprefix("\ufeff"), program, place)
        return False

    def _cmd(self, program: str, call: PsCall, place: Place) -> bool:
        """``cmd /c …``."""
        words = plain(call.words)
        for index, word in enumerate(words):
            if word.lower()[:2] in {"/c", "/k", "/r"}:
                rest = (word[2:], *words[index + 1 :]) if word[2:] else words[index + 1 :]
                if any(one.dynamic for one in call.words):
                    self._findings.problem("the text given to cmd.exe is only known at run time")
                line = rest[0] if len(rest) == 1 else " ".join(_in_quotes(one) for one in rest)
                self._read_cmd(line, replace(place.under(program), fed_text=None))
                return bool(call.writes)
            if not word.startswith("/"):
                break
        return True

    def _start(self, program: str, call: PsCall, place: Place) -> bool:
        """``Start-Process``: the program it starts, beside itself."""
        bound = _bound(program, call.words, ("-FilePath", "-ArgumentList"))
        files = bound.get("-FilePath", [])
        if len(files) == 1 and not files[0].dynamic:
            arguments = tuple(
                PsWord(part, dynamic=word.dynamic)
                for word in bound.get("-ArgumentList", [])
                for part in (_split(word.text) if not word.dynamic else [word.text])
            )
            self.call(PsCall((program_name(files[0].text),), arguments), replace(place.under(program), fed_text=None))
        return True

    def _for_each(self, program: str, call: PsCall, place: Place) -> bool:
        """``ForEach-Object Name``: the member it calls or reads on each."""
        bound = _bound(program, call.words, ("-Process", "-MemberName"))
        members = [word for name, words in bound.items() if name not in _DATA for word in words if not word.block]
        if members:
            self._findings.commands.append(
                Command(
                    program=f".{members[0].text.lower()}",
                    argv=(f".{members[0].text.lower()}", *(word.text for word in members[1:])),
                    effect=Effect.UNKNOWN,
                    dynamic=any(word.dynamic for word in members),
                    wrappers=(*place.wrappers, program),
                    fed_by=place.fed_by,
                )
            )
        return True


_FOLLOWING: Final[dict[str, Callable[[PowerShellCalls, str, PsCall, Place], bool]]] = {
    "Invoke-Expression": PowerShellCalls._expression,  # noqa: SLF001 - its own methods
    "powershell.exe": PowerShellCalls._shell,  # noqa: SLF001 - as above
    "pwsh.exe": PowerShellCalls._shell,  # noqa: SLF001 - as above
    "cmd.exe": PowerShellCalls._cmd,  # noqa: SLF001 - as above
    "Start-Process": PowerShellCalls._start,  # noqa: SLF001 - as above
    "ForEach-Object": PowerShellCalls._for_each,  # noqa: SLF001 - as above
}


def canonical(cmdlet: str, words: tuple[PsWord, ...]) -> tuple[str, ...]:
    """A cmdlet's words with full parameter names; a value that begins with a dash stands in quotes."""
    found: list[str] = []
    for word in words:
        if word.parameter:
            found.append(parameter(cmdlet, word.text))
        elif word.joined and found and (word.text in {"$true", "$false"} or found[-1] == "-WhatIf"):
            found[-1] += "" if word.text == "$true" else f":{word.text}"
        else:
            dashed = word.text[:1] in DASHES and not word.text[1:2].isdigit()
            found.append(f"'{word.text}'" if dashed and word.text else word.text)
    return tuple(found)


def plain(words: tuple[PsWord, ...]) -> tuple[str, ...]:
    """A program's words as it gets them."""
    found: list[str] = []
    for word in words:
        if word.joined and found:
            found[-1] += f":{word.text}"
        else:
            found.append(word.text)
    return tuple(found)


def call_of(name: str, words: tuple[PsWord, ...], writes: tuple[str, ...], inner: tuple[str, ...]) -> PsCall:
    """The call that a name and words stand for."""
    return PsCall(resolve(name), words, writes, inner)


def _is_cmdlet(program: str) -> bool:
    verb, dash, _ = program.partition("-")
    return bool(dash) and verb.isalpha() and verb[0].isupper() and "." not in program


def _in_quotes(word: str) -> str:
    """A word as PowerShell hands it on to a program: in quotes where it holds a blank."""
    return f'"{word}"' if any(char.isspace() for char in word) and '"' not in word else word


def _sets_meaning(flag: str, value: str) -> bool:
    """Whether a parameter like ``-OutVariable`` names a variable that changes what other commands do."""
    return flag.startswith("-") and flag.lower().endswith(("variable", "v")) and commanding(value.lower().lstrip("+"))


def _option(word: PsWord) -> str:
    """A shell's option without its dash or slash, in lower case; empty where the word is none."""
    text = word.text
    if word.dynamic or word.block or text[:1] not in f"{DASHES}/" or len(text) < 2:  # noqa: PLR2004 - a dash and a name
        return ""
    return text[1:].lower()


def _begins(name: str, known: tuple[str, ...]) -> bool:
    return any(one.startswith(name) for one in known)


def _unjoined(words: tuple[PsWord, ...]) -> tuple[PsWord, ...]:
    return tuple(replace(word, joined=False) for word in words)


def _bound(cmdlet: str, words: tuple[PsWord, ...], positions: tuple[str, ...]) -> dict[str, list[PsWord]]:
    """The values by parameter; those without one go to the positions in turn."""
    found: dict[str, list[PsWord]] = {}
    name = ""
    for word in words:
        if word.parameter:
            name = parameter(cmdlet, word.text)
            found.setdefault(name, [])
            name = "" if name in _SWITCHES else name
        else:
            free = name or next((one for one in positions if one not in found), positions[-1])
            found.setdefault(free, []).append(word)
            name = "" if name != "-ArgumentList" else name
    return found


def _split(text: str) -> list[str]:
    """Words of a command line of Windows."""
    words: list[str] = []
    for index, part in enumerate(text.split('"')):
        if index % 2:
            words.append(part)
        else:
            words.extend(part.split())
    return words
