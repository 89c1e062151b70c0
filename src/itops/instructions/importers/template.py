"""What rewriting a foreign script gives: a template of ours, or the reason why there is none."""

import re
from dataclasses import dataclass

from itops.domain.instruction import Language


class Inexpressible(Exception):
    """It can't be written as an instruction's block; the message says why, without a full stop. Never leaves here."""


@dataclass(frozen=True)
class Template:
    """A block's text; ``changed`` says what was written differently."""

    text: str
    language: Language
    changed: tuple[str, ...] = ()


def apart(sentence: str) -> str:
    """A sentence as part of another one."""
    plain = " ".join(sentence.split()).rstrip(".")
    return plain[:1].lower() + plain[1:200]


def free_name(name: str, script: str) -> str:
    """A variable for the value of a parameter that the script does not use for something else."""
    plain = name.replace("-", "_").lower()
    taken = script.lower()
    while re.search(rf"\b{plain}\b", taken):
        plain += "_value"
    return plain
