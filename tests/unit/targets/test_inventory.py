import socket
from pathlib import Path

import pytest
import yaml

from itops.domain.target import Platform
from itops.errors import TargetUnreachable, UnknownTarget
from itops.targets.inventory import Inventory

CASES = Path(__file__).parents[2] / "cases" / "targets"
NAMING = [words for words, _ in yaml.safe_load((CASES / "words_that_name_a_host.yaml").read_text())]
NAMING_NONE = yaml.safe_load((CASES / "words_that_name_none.yaml").read_text())


def test_without_names_it_is_this_machine():
    (target,) = Inventory().resolve(())
    assert (target.name, target.platform, target.executor) == ("local", Platform.LINUX, "system")
    assert Inventory().targets() == [target]


@pytest.mark.parametrize("name", ["local", "LOCALHOST", "127.0.0.1", "this machine", socket.gethostname()])
def test_this_machine_has_many_names_and_is_one_target(name):
    assert Inventory().resolve((name, "local")) == tuple(Inventory().targets())


def test_an_unknown_name_is_refused_beside_a_known_one_and_the_nearest_named():
    with pytest.raises(UnknownTarget, match=r"'lokal'; the nearest are: local") as raised:
        Inventory().resolve(("local", "lokal"))
    assert raised.value.world == "Nothing ran."


@pytest.mark.parametrize("words", NAMING)
def test_words_that_name_another_host_never_run_here(words):
    with pytest.raises(UnknownTarget):
        Inventory().resolve((), words)


@pytest.mark.parametrize("words", NAMING_NONE)
def test_words_that_name_no_host_run_here(words):
    assert Inventory().resolve((), words) == tuple(Inventory().targets())


def test_a_target_by_option_does_not_excuse_another_host_in_the_words():
    with pytest.raises(UnknownTarget):
        Inventory().resolve(("local",), "restart nginx on web-3")


def test_this_machines_own_name_may_stand_in_the_words(monkeypatch):
    monkeypatch.setattr(socket, "gethostname", lambda: "web-3")
    assert Inventory().resolve((), "restart nginx on web-3") == tuple(Inventory().targets())


def test_a_frozen_target_keeps_its_address_or_is_another(tmp_path):
    file = tmp_path / "targets.yaml"
    file.write_text("version: 1\ntargets:\n  a: {host: one}\n  d: {platform: aws, profile: p}\n")
    file.chmod(0o600)
    inventory = Inventory(file)
    (frozen,), (account,) = inventory.resolve(("a",)), inventory.resolve(("d/eu-west-1",))
    assert inventory.connection(frozen).host == "one"
    assert inventory.connection(account).options == {"profile": "p", "region": "eu-west-1"}
    file.write_text("version: 1\ntargets:\n  a: {host: other}\n")
    for gone in (frozen, account):
        with pytest.raises(TargetUnreachable, match=r"has another address now: other|not in the inventory any more"):
            inventory.connection(gone)


def test_targets_of_one_task_are_of_one_kind(tmp_path):
    file = tmp_path / "targets.yaml"
    file.write_text("version: 1\ntargets:\n  a: {}\n  w: {platform: windows}\n")
    file.chmod(0o600)
    with pytest.raises(UnknownTarget, match="a is linux, w is windows"):
        Inventory(file).resolve(("a", "w"))
