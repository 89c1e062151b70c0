"""What ``ssh HOST 'commands'`` runs, and where: read as a script of that host, where nothing about the way is odd."""

import re
from typing import Final

from itops.scripts.words import Word

_PLAIN: Final = re.compile(r"-[46aknqTtvx]+")
_VALUES: Final = {
    "-l": re.compile(r"[a-z_][\w-]*"),
    "-p": re.compile(r"\d{1,5}"),
    "-o": re.compile(
        r"(?:BatchMode=yes|ConnectTimeout=\d+|ConnectionAttempts=\d+|StrictHostKeyChecking=(?:yes|accept-new)"
        r"|ServerAlive(?:Interval|CountMax)=\d+|LogLevel=[A-Z]+\d?|NumberOfPasswordPrompts=\d|RequestTTY=\w+)"
    ),
}
_HOST: Final = re.compile(r"(?:[a-z_][\w-]*@)?(?P<host>[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)")


def over_ssh(words: tuple[Word, ...]) -> tuple[str, str] | None:
    """The host, and the text that its shell is given; nothing where an option or a word is not wholly known.

    What may run a program here, open a tunnel or trust a stranger is left out: such a call is judged as a whole.
    """
    index = 1
    while index < len(words) and words[index].text.startswith("-"):
        if _PLAIN.fullmatch(words[index].text):
            index += 1
            continue
        value = words[index + 1].text if index + 1 < len(words) else ""
        known = _VALUES.get(words[index].text)
        if known is None or not known.fullmatch(value):
            return None
        index += 2
    behind = words[index:]
    host = _HOST.fullmatch(behind[0].text) if behind else None
    # ssh takes options behind the host, too.
    if host is None or len(behind) == 1 or behind[1].text.startswith("-"):
        return None
    text = " ".join(word.text for word in behind[1:])
    if not text.strip() or any(word.dynamic or word.glob for word in words):
        return None
    return host["host"], text
