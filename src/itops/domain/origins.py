"""Where the words of a script may have come from: what people said, and what commands printed."""

from itops.domain.noun import Noun


class Printed(Noun):
    """A text that nobody vouches for, and what brought it: a command that ran, or an answer made of such texts."""

    source: str
    text: str


class Origins(Noun):
    """The texts that an agent may have taken words from; only those in ``said`` are a person's own."""

    said: tuple[str, ...] = ()
    printed: tuple[Printed, ...] = ()


NOWHERE = Origins()
