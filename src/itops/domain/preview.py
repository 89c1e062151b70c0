"""What a script would do to files, seen beforehand; and the permission to try it where nothing lasts."""

from typing import Literal, Self

from itops.domain.effect import Effect
from itops.domain.noun import Noun
from itops.domain.permission import Permission
from itops.domain.script import Script
from itops.domain.target import Platform
from itops.domain.verdict import Decision, Verdict
from itops.errors import NotPermitted


class FileState(Noun):
    """A file as it is, or as it would be. ``mode`` is octal; ``leads_to`` is where a link leads."""

    kind: str
    size: int = 0
    mode: str = ""
    owner: str = ""
    leads_to: str = ""


class FileChange(Noun):
    """One file that would be added, changed or removed; ``diff`` is of small texts, without secrets."""

    path: str
    what: Literal["added", "changed", "removed"]
    before: FileState | None = None
    after: FileState | None = None
    diff: str = ""


class Preview(Noun):
    """What a script did on a throw-away copy of the files; nothing of it lasts.

    ``trouble`` says why there is none. ``total`` counts all changes, of which ``changes`` are the first.
    """

    trouble: str = ""
    exit_code: int | None = None
    output: str = ""
    changes: tuple[FileChange, ...] = ()
    total: int = 0
    seconds: float = 0.0


class PreviewScript(Permission):
    """A script that may be tried where nothing of it lasts: made only by ``permit``, which checks its verdict."""

    __slots__ = ("script", "verdict")
    named = "A script to preview"
    script: Script
    verdict: Verdict

    @classmethod
    def permit(cls, script: Script, verdict: Verdict) -> Self:
        """The script as it may be tried.

        Raises:
            NotPermitted: it is not one that may be tried. Nothing ran.
        """
        if verdict.digest != script.digest:
            raise NotPermitted("The verdict is of another script than the one to preview.")
        because = no_preview_of(script, verdict)
        if because:
            raise NotPermitted(f"There is no preview of this script: {because}.")
        return cls._made(script=script, verdict=verdict)


def no_preview_of(script: Script, verdict: Verdict) -> str:
    """Why this script may not be tried; empty where it may."""
    target = script.targets[0]
    if verdict.decision is not Decision.ASK or verdict.effect is not Effect.CHANGE:
        return "only a change that asks is tried"
    if script.language != "bash":
        return f"{script.language} scripts can't be tried"
    if len(script.targets) != 1 or target.executor != "system" or target.platform is not Platform.LINUX:
        return "only what runs on this one Linux machine can be tried here"
    if script.secrets:
        return "it is given secrets"
    if not verdict.local_files:
        return "not all that it does is known to be a change of local files"
    return ""
