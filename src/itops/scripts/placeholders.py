"""What somebody forgot to fill in: placeholders that stand in a script as if they were values."""

import re
from typing import Final

from itops.domain.instruction import Language

_NOUNS: Final = """
    account address argument bucket command container count database date day device dir directory domain duration email
    environment file filename folder group host hostname id image instance interface ip job key language level limit
    line log message mode mount name namespace network node number option package parameter partition password path
    pattern pid pod port process project query region repository resource role secret server service size source string
    subscription table tag target text time timezone token unit url user username value version volume word
"""
_NOUN: Final = "|".join(_NOUNS.split())
_WORDS: Final = rf"(?:[A-Za-z0-9]+[ _.-]){{0,4}}(?:{_NOUN})s?\d*(?:[ _.-][A-Za-z0-9]+){{0,4}}"
_QUOTED: Final = re.compile(r"'[^']*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)
_TEMPLATE: Final = re.compile(
    r"\{\{ *(?!(?:end|else|range|if|with|json|define|template|block|break|continue)\b)[A-Za-z_][\w-]* *\}\}"
)
_MARKED: Final = re.compile(
    r"(?<![$\w{])(?:YOUR[_-][A-Za-z0-9_-]+|your-[a-z]+(?:-[a-z]+)*|<YOUR[^>\n]*>|REPLACE[_-]?(?:ME|THIS)|CHANGE[_-]?ME|PLACEHOLDER)\b>?"
)
# Plain text: any name in angle or curly brackets; a redirection has no bracket that closes right behind its file.
_ANGLE: Final = re.compile(r"(?<![<$&\d])<[A-Za-z](?:[\w/.-]{0,60}|[\w /.-]{0,60}[A-Za-z_])>(?=[\s/:@.,]|$)")
_CURLY: Final = re.compile(r"(?<![$\d{%@^\w])\{[A-Za-z_]\w{0,40}\}(?![<>\w])")
# Quoted text may hold markup and code, so there the name must be a word for a value.
_IN_QUOTES: Final = re.compile(rf"(?<![<$&{{%@^\w])(?:<{_WORDS}>|\{{{_WORDS}\}})", re.IGNORECASE)


def unfilled(text: str, language: Language = "bash") -> tuple[str, ...]:
    """Placeholders left in a script: ``{{ x }}``, ``<user>``, ``{user}``, ``YOUR_TOKEN``; each once, in order.

    Expansions, brace lists, redirections and code in quotes (``awk '{print $1}'``) are none.
    """
    quoted = [found.span() for found in _QUOTED.finditer(text)]
    outside = _QUOTED.sub(lambda found: " " * len(found[0]), _without_comments(text)) if language != "aws" else text
    found = [(at.start(), at[0]) for at in (*_TEMPLATE.finditer(text), *_MARKED.finditer(text))]
    if language != "powershell":
        found += [(at.start(), at[0]) for at in (*_ANGLE.finditer(outside), *_CURLY.finditer(outside))]
    found += [(start + at.start(), at[0]) for start, end in quoted for at in _IN_QUOTES.finditer(text[start:end])]
    return tuple(dict.fromkeys(text for _, text in sorted(found)))


def _without_comments(text: str) -> str:
    return re.sub(r"(?m)(?:^|(?<=\s))#.*$", lambda found: " " * len(found[0]), text)
