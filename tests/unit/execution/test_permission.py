import pytest

from itops.domain.target import Platform, Target
from itops.errors import NotPermitted
from itops.execution.permission import permitted_script
from itops.testing.approved_scripts import HERE, approved

OTHER = Target(name="other", platform=Platform.LINUX)


def test_an_approved_script_on_its_target() -> None:
    script = approved("true")
    assert permitted_script(script, HERE) is script.script


@pytest.mark.parametrize("thing", ["true", None, approved("true").script])
def test_nothing_else(thing: object) -> None:
    with pytest.raises(NotPermitted):
        permitted_script(thing, HERE)


def test_not_elsewhere() -> None:
    with pytest.raises(NotPermitted, match="other"):
        permitted_script(approved("true"), OTHER)


def test_a_target_that_was_changed_is_elsewhere() -> None:
    with pytest.raises(NotPermitted):
        permitted_script(approved("true"), HERE.model_copy(update={"executor": "ssh"}))


def test_not_after_it_was_altered() -> None:
    script = approved("true")
    object.__setattr__(script, "script", script.script.model_copy(update={"text": "reboot"}))
    with pytest.raises(NotPermitted, match="altered"):
        permitted_script(script, HERE)
