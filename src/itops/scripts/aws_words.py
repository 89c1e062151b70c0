"""The lines of an ``aws`` block as words, split as a POSIX shell would; what only a shell could do is a problem."""

from dataclasses import dataclass, field
from typing import Final

_OPERATORS: Final = frozenset(";&|<>()")
_EXPANDS: Final = frozenset("$`")
_ESCAPED_IN_QUOTES: Final = frozenset('$`"\\\n')


@dataclass
class Line:
    """The words of one command; ``dynamic``: one of them would need a shell to be known."""

    words: list[str] = field(default_factory=list)
    dynamic: bool = False


class AwsWords:
    """Splits one text. Read ``lines`` and ``problems`` after ``split``."""

    def __init__(self, text: str) -> None:
        self.lines: list[Line] = []
        self.problems: dict[str, None] = {}
        self._text = text
        self._at = 0
        self._line = Line()
        self._word: list[str] | None = None

    def split(self) -> None:
        """Split all of it."""
        while self._at < len(self._text):
            self._step(self._next())
        self._end_line()

    def _next(self) -> str:
        char = self._text[self._at] if self._at < len(self._text) else ""
        self._at += 1
        return char

    def _step(self, char: str) -> None:
        if char == "\n":
            self._end_line()
        elif char in " \t":
            self._end_word()
        elif char == "#" and self._word is None:
            self._at = (self._text.find("\n", self._at) + 1 or len(self._text) + 1) - 1
        elif char in _OPERATORS:
            self._problem(f"{char} means something to a shell alone, and none reads this")
            self._end_line()
        elif char == "'":
            self._add(self._single_quoted())
        elif char == '"':
            self._double_quoted()
        elif char == "\\":
            self._escape()
        else:
            self._plain(char)

    def _plain(self, char: str) -> None:
        if char in _EXPANDS:
            self._line.dynamic = True
            self._problem(f"{char} means something to a shell alone, and none reads this")
        self._add(char)

    def _single_quoted(self) -> str:
        end = self._text.find("'", self._at)
        if end < 0:
            self._problem("a quote is not closed")
            end = len(self._text)
        quoted = self._text[self._at : end]
        self._at = end + 1
        return quoted

    def _double_quoted(self) -> None:
        self._add("")
        while (char := self._next()) != '"':
            if not char:
                self._problem("a quote is not closed")
                return
            if char == "\\":
                after = self._next()
                self._add("" if after == "\n" else after if after in _ESCAPED_IN_QUOTES else char + after)
            else:
                self._plain(char)

    def _escape(self) -> None:
        after = self._next()
        if not after:
            self._problem("it ends in a backslash")
        elif after != "\n":
            self._add(after)

    def _add(self, text: str) -> None:
        self._word = [*(self._word or []), text]

    def _end_word(self) -> None:
        if self._word is not None:
            self._line.words.append("".join(self._word))
            self._word = None

    def _end_line(self) -> None:
        self._end_word()
        if self._line.words:
            self.lines.append(self._line)
        self._line = Line()

    def _problem(self, text: str) -> None:
        self.problems[text] = None
