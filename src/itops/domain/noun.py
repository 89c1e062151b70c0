"""The base of every noun: frozen, typed, and refusing what it does not know."""

from pydantic import BaseModel, ConfigDict


class Noun(BaseModel):
    """A value that never changes after it is made, and travels as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_enum_values=False)
