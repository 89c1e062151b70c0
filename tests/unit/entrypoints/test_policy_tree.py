from rich.console import Console

from itops.domain.effect import Effect
from itops.domain.verdict import Decision, Reason
from itops.entrypoints.policy_tree import show_tree, tree_of
from itops.policy.explanation import Explanation, Piece
from itops.policy.undo import Undo
from itops.scripts.decoded_forms import DecodedForm

PIECE = Piece(
    argv=("rm", "a\u202eb", "[red]x[/]"),
    program="rm",
    effect=Effect.CHANGE,
    why="it deletes",
    known_from="effects/files.yaml",
    rules=("org.r",),
    idle=("org.elsewhere",),
    dynamic=True,
    wrappers=("sudo",),
    fed_by=("cat",),
    names=("/a",),
    reads=("/b",),
    writes=("/c",),
    undo=Undo(reversible=False, how="it is gone"),
    dry_run="rm -n",
)
EXPLAINED = Explanation(
    decision=Decision.ASK,
    effect=Effect.CHANGE,
    reasons=(Reason(rule="org.r", message="why", instead="Do another thing."),),
    commands=(PIECE,),
    problems=("it is odd",),
    impossible=("no such thing",),
    policy_version="v1",
)


def shown(explained, decoded=()):
    console = Console(width=200, highlight=False, no_color=True)
    with console.capture() as captured:
        console.print(tree_of(explained, decoded))
    return captured.get()


def test_all_that_is_known_is_in_the_tree():
    text = shown(EXPLAINED, [DecodedForm(written="$'\\x72'", means="r\nx")])
    for words in (
        "ask (effect: change)",
        "why [org.r]",
        "Do another thing.",
        "it is odd",
        "no such thing",
        "$'\\x72' → r\\nx",
        "effect: change, it deletes (effects/files.yaml)",
        "rules: org.r",
        "rules that do not hold here: org.elsewhere",
        "runs under: sudo",
        "is fed by: cat",
        "names: /a",
        "reads from: /b",
        "writes to: /c",
        "only known at run time",
        "can't be undone: it is gone",
        "dry run: rm -n",
        "policy: v1",
    ):
        assert words in text, words


def test_nothing_in_it_is_hidden_or_taken_for_markup():
    text = shown(EXPLAINED)
    assert "rm a\\u202eb [red]x[/]" in text
    assert "\u202e" not in text


def test_a_read_has_no_way_back_to_tell(capsys):
    read = PIECE.model_copy(update={"effect": Effect.READ, "argv": ()})
    show_tree(EXPLAINED.model_copy(update={"commands": (read,), "reasons": ()}), [])
    told = capsys.readouterr().out
    assert "undone" not in told
    assert "redirections alone" in told
    assert "reasons" not in told
