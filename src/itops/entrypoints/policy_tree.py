"""An explanation as a tree, with nothing in it that a person can't see."""

from collections.abc import Iterator, Sequence
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.tree import Tree

from itops.conversation.event_view import visible
from itops.domain.effect import Effect
from itops.domain.verdict import Decision
from itops.policy.explanation import Explanation, Piece
from itops.scripts.decoded_forms import DecodedForm

_TONES: Final = {Decision.ALLOW: "green", Decision.ASK: "yellow", Decision.DENY: "red"}
_EFFECT_TONES: Final = {
    Effect.READ: "green",
    Effect.CHANGE: "yellow",
    Effect.UNKNOWN: "yellow",
    Effect.DESTROY: "red",
}
_UNDONE: Final = {True: "can be undone", False: "can't be undone", None: "may not be undone"}
_WIDE: Final = 500


def show_tree(explained: Explanation, decoded: Sequence[DecodedForm]) -> None:
    """Print the explanation."""
    console = Console(highlight=False)
    # What goes to a file or a pipe has no width of its own: nothing there is wrapped.
    console.width = console.width if console.is_terminal else _WIDE
    console.print(tree_of(explained, decoded))


def tree_of(explained: Explanation, decoded: Sequence[DecodedForm]) -> Tree:
    """The tree: the verdict, its reasons, then each command with what is known of it."""
    tone = _TONES[explained.decision]
    tree = Tree(f"[bold {tone}]{explained.decision.value}[/] (effect: {explained.effect.value})")
    _branch(tree, "reasons", [f"{one.message} [{one.rule}]" for one in explained.reasons])
    _branch(tree, "instead", [one.instead for one in explained.reasons if one.instead])
    _branch(tree, "can't be read for certain", explained.problems)
    _branch(tree, "can't run", explained.impossible)
    _branch(tree, "stands for something else", [f"{one.written} → {one.means}" for one in decoded])
    for piece in explained.commands:
        branch = tree.add(f"[bold]{_shown(' '.join(piece.argv) or 'redirections alone')}[/]")
        for line in _facts_of(piece):
            branch.add(line)
    tree.add(f"policy: {explained.policy_version}")
    return tree


def _facts_of(piece: Piece) -> Iterator[str]:
    effect = f"[{_EFFECT_TONES[piece.effect]}]{piece.effect.value}[/]"
    known = f" [dim]({_shown(piece.known_from)})[/]" if piece.known_from else ""
    yield f"effect: {effect}, {_shown(piece.why or 'nothing is known of it')}{known}"
    lists = {
        "rules": piece.rules,
        "rules that do not hold here": piece.idle,
        "runs under": piece.wrappers,
        "is fed by": piece.fed_by,
        "names": piece.names,
        "reads from": piece.reads,
        "writes to": piece.writes,
    }
    yield from (f"{label}: {_shown(', '.join(words))}" for label, words in lists.items() if words)
    if piece.dynamic:
        yield "some of its words are only known at run time"
    if piece.effect is not Effect.READ:
        yield f"{_UNDONE[piece.undo.reversible]}: {_shown(piece.undo.how)}"
    if piece.dry_run:
        yield f"dry run: {_shown(piece.dry_run)}"


def _branch(tree: Tree, label: str, lines: Sequence[str]) -> None:
    if lines:
        branch = tree.add(label)
        for line in lines:
            branch.add(_shown(line))


def _shown(text: str) -> str:
    return escape(visible(text).replace("\n", "\\n").replace("\t", "\\t"))
