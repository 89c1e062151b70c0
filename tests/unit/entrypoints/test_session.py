import getpass

import pytest

from itops.entrypoints import session
from itops.entrypoints.session import in_session, local_person
from itops.errors import SettingsError, UsageError


async def test_the_local_person_is_who_runs_the_process():
    assert local_person().id == getpass.getuser()


@pytest.fixture
def closed(monkeypatch) -> list[object]:
    """The houses that were closed, in order."""
    houses = []

    class Closing:
        def __init__(self, settings):
            self.settings = settings

        def close(self):
            houses.append(self)

    monkeypatch.setattr(session, "House", Closing)
    return houses


def test_a_house_is_opened_from_the_settings_and_closed_at_the_end(home, closed):
    async def work(house):
        assert closed == []
        return house.settings

    settings = in_session(work, agent="template")
    assert (settings.home, settings.agent) == (home, "template")
    assert len(closed) == 1


def test_a_house_is_closed_when_its_work_fails(home, closed):
    async def work(house):
        raise UsageError("off")

    with pytest.raises(UsageError):
        in_session(work)
    assert len(closed) == 1


def test_settings_that_are_off_open_nothing(home, closed, monkeypatch):
    monkeypatch.setenv("ITOPS_PORT", "many")

    async def work(house):
        raise AssertionError("it must not be opened")

    with pytest.raises(SettingsError):
        in_session(work)
    assert closed == []
