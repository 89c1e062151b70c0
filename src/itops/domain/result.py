"""What a script did on one target."""

from enum import StrEnum

from itops.domain.noun import Noun


class ResultState(StrEnum):
    """How a run ended. ``unreachable``: nothing ran. ``unknown``: it may or may not have run."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    CANCELLED = "cancelled"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"


class Output(Noun):
    """One stream, redacted and capped: ``text`` is its head and tail where ``truncated``.

    ``length`` is the true length in bytes and ``sha256`` the digest of the true bytes.
    """

    text: str = ""
    length: int = 0
    sha256: str = ""
    truncated: bool = False


class Result(Noun):
    """One attempt on one target. ``exit_code`` is None where there was none to see; ``note`` says why.

    ``sandbox`` is what it ran confined by; empty where it was not confined.
    """

    target: str
    state: ResultState
    attempt: str
    exit_code: int | None = None
    stdout: Output = Output()
    stderr: Output = Output()
    seconds: float = 0.0
    note: str = ""
    sandbox: str = ""
