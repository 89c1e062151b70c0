"""Who asks, and who decides."""

from itops.domain.noun import Noun


class Person(Noun):
    """A person known to itops; ``id`` is unique and stands in every event."""

    id: str
    name: str = ""
    roles: tuple[str, ...] = ()
