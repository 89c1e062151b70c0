"""What tells two libraries apart that keep their indexes on one server."""

import secrets

from sqlalchemy import Connection, insert
from sqlalchemy.exc import IntegrityError

from itops.instructions.change_log import state_value
from itops.storage.database import Database
from itops.storage.tables import library_state

_KEY = "identity"


def library_identity(database: Database) -> str:
    """A name that this library has for good; drawn when it is first asked for, the same for every process."""
    return database.read_here(lambda one: state_value(one, _KEY)) or database.run_here(_drawn)


def _drawn(connection: Connection) -> str:
    try:
        with connection.begin_nested():
            connection.execute(insert(library_state).values(key=_KEY, value=secrets.token_hex(6)))
    except IntegrityError:
        pass
    return state_value(connection, _KEY)
