"""Options that several commands share."""

from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="JSON on standard output; the rest goes to standard error.")]
Reason = Annotated[str, typer.Option(help="Why.")]
