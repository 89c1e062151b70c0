"""Generations are numbered, and who knows one can catch up."""

import threading

from itops.instructions import change_log
from itops.instructions.change_log import Logged
from itops.storage.database import Database

ONE, TWO = Logged("a", "", "1"), Logged("b", "1", "")


def test_changes_since_a_generation(database: Database) -> None:
    def work(connection) -> None:
        first = change_log.begin_generation(connection, [ONE])
        assert change_log.generation(connection) == first
        assert change_log.changed_since(connection, first) == []
        second = change_log.begin_generation(connection, [TWO, Logged("c", "1", "2")])
        assert change_log.changed_since(connection, first) == [TWO, Logged("c", "1", "2")]
        assert change_log.changed_since(connection, second) == []

    database.run_here(work)


def test_a_generation_that_never_was_is_not_known(database: Database) -> None:
    def work(connection) -> None:
        name = change_log.begin_generation(connection, [ONE])
        for other in ("", "1", "1-00000000", "7-" + name[2:], "garbage", name + "0", "99999999999-00000000"):
            assert change_log.changed_since(connection, other) is None

    database.run_here(work)


def test_writers_at_once_never_share_a_number(database: Database) -> None:
    names: list[str] = []

    def write(letter: str) -> None:
        change = [Logged(letter, "", "1")]
        names.extend(database.run_here(lambda one: change_log.begin_generation(one, change)) for _ in range(10))

    threads = [threading.Thread(target=write, args=(letter,)) for letter in "abc"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(int(name.partition("-")[0]) for name in names) == list(range(1, 31))


def test_values_are_remembered(database: Database) -> None:
    def work(connection) -> None:
        assert change_log.state_value(connection, "key") == ""
        change_log.put_state(connection, "key", "one")
        change_log.put_state(connection, "key", "two")
        assert change_log.state_value(connection, "key") == "two"

    database.run_here(work)
