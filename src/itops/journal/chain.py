"""The hash chain: every record carries the hash of the one before it."""

import hashlib
import json
from datetime import datetime
from typing import Final

from pydantic import ConfigDict

from itops.domain.event import EVENT, Event, Record
from itops.domain.noun import Noun
from itops.errors import JournalError

START: Final = "0" * 64
_DOMAIN: Final = b"itops.journal.v1\n"


class Entry(Noun):
    """A record exactly as it is stored; ``body`` is the event's JSON text, which the hash covers byte for byte."""

    model_config = ConfigDict(strict=True)

    seq: int
    at: str
    task: str
    key: str
    kind: str
    body: str
    previous: str
    hash: str

    @property
    def expected_hash(self) -> str:
        """SHA-256 over the domain, the previous hash and the canonical JSON of the rest."""
        covered = self.model_dump(exclude={"previous", "hash"})
        text = json.dumps(covered, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(_DOMAIN + self.previous.encode() + text.encode()).hexdigest()

    @property
    def record(self) -> Record:
        """The record that this stores.

        Raises:
            JournalError: the stored event can't be read.
        """
        try:
            event, at = EVENT.validate_json(self.body), datetime.fromisoformat(self.at)
        except ValueError as error:
            raise JournalError(
                f"Record {self.seq} of the journal can't be read.", mend="Run `itops audit verify`."
            ) from error
        return Record(seq=self.seq, at=at, event=event, previous=self.previous, hash=self.hash)


def link(event: Event, *, seq: int, at: datetime, previous: str) -> Entry:
    """The entry that puts an event at place ``seq``, after the record whose hash is ``previous``.

    Raises:
        JournalError: the event can't be written as JSON text.
    """
    try:
        body = event.model_dump_json()
    except ValueError as error:
        raise JournalError(f"The event {event.kind!r} holds text that is not valid Unicode.") from error
    bare = Entry(
        seq=seq,
        at=at.isoformat(),
        task=event.task,
        key=event.key,
        kind=event.kind,
        body=body,
        previous=previous,
        hash="",
    )
    return bare.model_copy(update={"hash": bare.expected_hash})
