from pathlib import Path

import pytest

from itops.domain.sandbox import Sandbox, View
from itops.execution import sandbox
from itops.execution.sandbox import Sandboxes, available, existing, make_room

ROOT, USER = 0, 1000


@pytest.mark.parametrize(
    ("user", "there", "views", "name"),
    [
        (ROOT, {"bubblewrap", "Landlock"}, (), "bubblewrap"),
        (ROOT, {"bubblewrap", "Landlock"}, (View.NETWORK, View.PROCESSES), "bubblewrap"),
        (ROOT, {"bubblewrap", "Landlock"}, (View.NETWORK, View.MOUNTS), "Landlock"),
        (ROOT, {"bubblewrap", "Landlock"}, (View.PROCESSES, View.MOUNTS), ""),
        (ROOT, {"bubblewrap", "Landlock"}, (View.CONTROLS,), ""),
        (ROOT, {"bubblewrap"}, (View.DEVICES,), ""),
        (ROOT, {"Landlock"}, (View.OWNERS, View.ACCOUNTS), "Landlock"),
        (ROOT, {"Landlock"}, (View.PROCESSES,), ""),
        (ROOT, set(), (), ""),
        (USER, {"bubblewrap", "Landlock"}, (View.OWNERS,), "Landlock"),
        (USER, {"bubblewrap", "Landlock"}, (View.ACCOUNTS,), ""),
        (USER, {"bubblewrap"}, (View.NETWORK,), "bubblewrap"),
        (USER, {"bubblewrap"}, (View.OWNERS,), ""),
    ],
)
def test_the_choice(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int, there: set[str], views: tuple[View, ...], name: str
) -> None:
    monkeypatch.setattr(sandbox.os, "geteuid", lambda: user)
    monkeypatch.setattr(sandbox, "is_there", there.__contains__)
    assert Sandboxes(tmp_path).name_for(Sandbox(views=views)) == name
    assert set(available()) == there
    confinement = Sandboxes(tmp_path).confine(Sandbox(views=views), tmp_path / "t-1", "/root")
    assert (confinement.name if confinement else "") == name


@pytest.mark.parametrize(("named", "wanted"), [(None, "bubblewrap"), (["Landlock"], "Landlock"), ([], "")])
def test_only_what_is_named_is_considered(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: list[str] | None, wanted: str
) -> None:
    monkeypatch.setattr(sandbox.os, "geteuid", lambda: ROOT)
    monkeypatch.setattr(sandbox, "is_there", lambda _: True)
    assert Sandboxes(tmp_path, named).name_for(Sandbox()) == wanted


@pytest.mark.parametrize("user", [ROOT, USER])
def test_bubblewrap_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, user: int) -> None:
    monkeypatch.setattr(sandbox.os, "geteuid", lambda: user)
    monkeypatch.setattr(sandbox, "is_there", lambda name: name == "bubblewrap")
    (tmp_path / "home").mkdir()
    for name in ("journal.key", "itops.db"):
        (tmp_path / "home" / name).touch()
    (tmp_path / "keys").mkdir()
    attempts = tmp_path / "home" / "attempts"
    wanted = Sandbox(capabilities=("dac_read_search",), hidden=("~/keys", "~/none"))
    confinement = Sandboxes(attempts).confine(wanted, attempts / "t-1", str(tmp_path))
    assert confinement is not None
    words = " ".join(confinement.prefix)
    assert "--ro-bind / / " in words
    assert " --unshare-net " in words
    assert f" --ro-bind {attempts}/t-1/empty {tmp_path}/keys " in words
    assert f" --ro-bind /dev/null {tmp_path}/home/journal.key " in words
    assert f" --ro-bind {attempts}/t-1 {attempts} --bind {attempts}/t-1/tmp {attempts}/tmp -- " in words
    assert (" --cap-drop ALL --cap-add CAP_DAC_READ_SEARCH " in words) is (user == ROOT)
    assert not {"--unshare-pid", "--unshare-all", "--die-with-parent", "--new-session"} & {*confinement.prefix}
    assert (confinement.script_dir, confinement.temporary) == (attempts, attempts / "tmp")
    open_to_all = Sandboxes(attempts).confine(Sandbox(views=(View.NETWORK,)), attempts / "t-1", "/root")
    assert open_to_all is not None
    assert "--unshare-net" not in open_to_all.prefix


def test_what_is_hidden_is_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "key").touch()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    (tmp_path / "a.key").touch()
    assert existing(["~/link", "~/real/key", "~/*.key", "/no/such"], str(tmp_path)) == [
        str(tmp_path / "a.key"),
        str(tmp_path / "real"),
    ]


def test_room_is_for_its_owner_alone(tmp_path: Path) -> None:
    make_room(tmp_path)
    assert {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {"tmp": 0o700, "empty": 0o700}
