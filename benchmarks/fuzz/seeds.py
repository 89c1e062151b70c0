"""What the fuzzers begin with: every text of the tests' tables, by language."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import yaml

CASES: Final = Path(__file__).parents[2] / "tests" / "cases"
SLOWEST: Final = CASES / "policy" / "slowest.yaml"
LANGUAGES: Final = ("bash", "powershell", "aws")
_TABLES: Final = {
    "bash": [
        "scripts/bash_shapes.yaml",
        *(f"policy/commands_{kind}.yaml" for kind in ("reads", "denied", "disguised")),
    ],
    "powershell": [
        "scripts/powershell_shapes.yaml",
        *(f"policy/powershell_{kind}.yaml" for kind in ("reads", "denied")),
    ],
    "aws": ["scripts/aws_shapes.yaml", "policy/aws_calls.yaml"],
}
# What separates, opens, closes and hides, in any of the three languages.
TOKENS: Final = (
    *rb"""; |& && || | & \ ` $( ) ${ } <( >( (( )) { [[ ]] ' " $' $" << <<- EOF <<< > >> 2>&1 # $ @ @( @' '@ @" "@ % ?
    :: -c -e -enc -Command eval sudo xargs bash sh iex & . rm ls cat echo aws --query file:// cmd /c ^""".split(),
    *(b"\n", b"\\\n", b"\r\n", b"\x00", "\u200b".encode(), "\u202e".encode(), "\u00a0".encode(), b"\xff"),
)


def seeds() -> Iterator[tuple[str, str]]:
    """Language and text of each."""
    for language, tables in _TABLES.items():
        for table in tables:
            for row in yaml.safe_load((CASES / table).read_text(encoding="utf-8")):
                text = row.get("text") or row.get("command") or row.get("call")
                if text:
                    yield language, text
    for row in slowest():
        yield row["language"], row["text"]


def slowest() -> list[dict[str, str]]:
    """The slowest texts that were found so far."""
    rows = yaml.safe_load(SLOWEST.read_text(encoding="utf-8"))
    return [
        {"language": row["language"], "text": "".join(part * times for part, times in row["parts"])} for row in rows
    ]
