import pytest

from itops.domain.effect import Effect
from itops.policy.example import command_of
from itops.policy.undo import Way, WaysBack, undo_of


@pytest.mark.parametrize(
    ("text", "effect", "reversible", "how"),
    [
        ("ls", Effect.READ, True, "it changes nothing"),
        ("systemctl stop nginx", Effect.CHANGE, True, "start it again"),
        ("kubectl -n web rollout restart deployment/x", Effect.CHANGE, True, "kubectl rollout undo"),
        ("Stop-Service -Name Spooler", Effect.CHANGE, True, "start it again"),
        ("rm -rf /srv/x", Effect.DESTROY, False, "what it deletes or overwrites is gone"),
        ("apt-get purge nginx", Effect.CHANGE, False, "settings"),
        ("mytool wipe", Effect.DESTROY, False, "what it destroys is gone"),
        ("mytool go", Effect.UNKNOWN, None, "no way back is known"),
        ("echo x > /etc/motd", Effect.CHANGE, None, "keep copies"),
    ],
)
def test_whether_it_can_be_undone(text, effect, reversible, how):
    undo = undo_of(command_of(text).model_copy(update={"effect": effect}))
    assert undo.reversible is reversible
    assert how in undo.how


@pytest.mark.parametrize("examples", [{"match": ["b x"]}, {"match": ["a x"], "not_match": ["a y"]}])
def test_examples_are_checked(examples):
    with pytest.raises(ValueError, match="judged the other way"):
        WaysBack(program=("a",), ways=(Way(back="x", **examples),))
