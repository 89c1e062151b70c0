import asyncio
import re
import stat
import string
from pathlib import Path

import pytest

from itops.domain.instruction import SecretSpec
from itops.domain.secret import Secret
from itops.errors import StoreError, UsageError
from itops.secrets.secret_keeper import LENGTH, SecretKeeper, new_password

PIN = SecretSpec(name="pin", generate=True)


def test_passwords_are_long_mixed_and_harmless_to_a_shell() -> None:
    made = {new_password() for _ in range(200)}
    assert len(made) == 200
    for password in made:
        assert re.fullmatch(rf"[a-z][A-Za-z0-9_.+-]{{{LENGTH - 1}}}", password)
        for some in (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.+"):
            assert set(password) & set(some)
        assert not set(password) & set("lIO01o"[:5])


async def test_a_generated_secret_is_on_disk_for_its_owner_alone(tmp_path: Path) -> None:
    value = await SecretKeeper(tmp_path).resolve(PIN, key="t-a-1")
    (file,) = (tmp_path / "handover").iterdir()
    assert file.read_text() == value.reveal()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert value.reveal() not in file.name


async def test_the_same_action_gets_the_same_value_also_after_a_restart(tmp_path: Path) -> None:
    first = await SecretKeeper(tmp_path).resolve(PIN, key="t-a-1")
    assert await SecretKeeper(tmp_path).resolve(PIN, key="t-a-1") == first
    assert await SecretKeeper(tmp_path).resolve(PIN, key="t-a-2") != first


async def test_many_at_once_agree(tmp_path: Path) -> None:
    keepers = [SecretKeeper(tmp_path) for _ in range(20)]
    values = await asyncio.gather(*(keeper.resolve(PIN, key="t-a-1") for keeper in keepers))
    assert len({value.reveal() for value in values}) == 1


async def test_it_is_handed_over_once_to_its_task_alone(tmp_path: Path) -> None:
    keeper = SecretKeeper(tmp_path)
    mine, other = await keeper.resolve(PIN, key="t-a-1"), await keeper.resolve(PIN, key="t-a-b-1")
    assert await keeper.reveal("t") == {}
    assert await keeper.reveal("t-a") == {"pin": mine}
    assert await keeper.reveal("t-a") == {}
    assert await SecretKeeper(tmp_path).reveal("t-a-b") == {"pin": other}
    assert list((tmp_path / "handover").iterdir()) == []


async def test_of_many_who_ask_one_gets_it(tmp_path: Path) -> None:
    await SecretKeeper(tmp_path).resolve(PIN, key="t-a-1")
    answers = await asyncio.gather(*(SecretKeeper(tmp_path).reveal("t-a") for _ in range(20)))
    assert sorted(len(answer) for answer in answers) == [0] * 19 + [1]


async def test_two_actions_with_one_name_are_told_apart(tmp_path: Path) -> None:
    keeper = SecretKeeper(tmp_path)
    values = [await keeper.resolve(PIN, key=f"t-a-{number}") for number in (1, 2)]
    extra = await keeper.resolve(SecretSpec(name="key", generate=True), key="t-a-1")
    assert await keeper.reveal("t-a") == {"pin (t-a-1)": values[0], "pin (t-a-2)": values[1], "key": extra}


async def test_discard_leaves_nothing(tmp_path: Path) -> None:
    keeper = SecretKeeper(tmp_path)
    await keeper.discard("t-a")
    await keeper.resolve(PIN, key="t-a-1")
    await keeper.discard("t-a")
    assert await keeper.reveal("t-a") == {}
    assert list((tmp_path / "handover").iterdir()) == []


@pytest.mark.parametrize(
    ("key", "name"), [("../x", "pin"), ("a.b", "pin"), ("", "pin"), ("t-1", "../pin"), ("t-1", "")]
)
async def test_names_can_not_leave_the_directory(tmp_path: Path, key: str, name: str) -> None:
    with pytest.raises(UsageError):
        await SecretKeeper(tmp_path).resolve(SecretSpec(name=name, generate=True), key=key)


async def test_a_disk_that_refuses(tmp_path: Path) -> None:
    (tmp_path / "handover").write_text("in the way")
    with pytest.raises(StoreError):
        await SecretKeeper(tmp_path).resolve(PIN, key="t-a-1")


async def test_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper, spec = SecretKeeper(tmp_path), SecretSpec(name="pin", source="secret://env/MY_PIN")
    with pytest.raises(UsageError, match="MY_PIN is not set"):
        await keeper.resolve(spec, key="t-a-1")
    monkeypatch.setenv("MY_PIN", "hunter2")
    assert await keeper.resolve(spec, key="t-a-1") == Secret("hunter2")
    assert not (tmp_path / "handover").exists()


async def test_from_a_file_that_is_closed_to_others(tmp_path: Path) -> None:
    path = tmp_path / "pin"
    keeper, spec = SecretKeeper(tmp_path), SecretSpec(name="pin", source=f"secret://file{path}")
    with pytest.raises(UsageError, match="can't be read"):
        await keeper.resolve(spec, key="t-a-1")
    path.write_text("hunter2\n")
    path.chmod(0o640)
    with pytest.raises(UsageError, match="open to others"):
        await keeper.resolve(spec, key="t-a-1")
    path.chmod(0o600)
    assert await keeper.resolve(spec, key="t-a-1") == Secret("hunter2")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="can't be read"):
        await keeper.resolve(spec, key="t-a-1")
    path.write_text("\n")
    with pytest.raises(UsageError, match="empty"):
        await keeper.resolve(spec, key="t-a-1")


@pytest.mark.parametrize("source", ["", "hunter2", "secret://", "secret://vault/x", "secret://env/", "env/HOME"])
async def test_another_source_is_refused_without_repeating_it(tmp_path: Path, source: str) -> None:
    with pytest.raises(UsageError, match="no known source") as caught:
        await SecretKeeper(tmp_path).resolve(SecretSpec(name="pin", source=source), key="t-a-1")
    assert "hunter2" not in str(caught.value)
