"""The error tree: what happened, what is true of the world now, what to do next.

ItOpsError
├── UsageError              exit 2   the call's words are off; nothing ran
│   ├── UnknownTarget                a target's name is in no inventory
│   ├── InvalidParameter             a value fails its parameter's pattern
│   └── InvalidInstruction           an instruction file can't be read; names file, line and mend
├── NotPermitted            exit 3   policy, a missing approval or an altered script stops it; nothing ran
│   └── PermissionExpired            the verdict or approval is too old; nothing ran
├── ItOpsUnavailable        exit 6   itops itself can't work; nothing new ran
│   ├── SettingsError                settings can't be read
│   ├── PolicyError                  the policy can't be loaded
│   ├── InventoryError               the inventory of targets can't be read; names file, line and mend
│   ├── StoreError                   a database, index or disk refuses
│   │   └── JournalError             the journal can't be written; so nothing may run
│   └── ProviderError                the model's provider fails (``transient`` says whether to try again)
│       └── BudgetExceeded           a task or a person has spent what they may on models
├── TargetUnreachable       exit 1   the target was not reached; nothing ran there
├── OutcomeUnknown          exit 5   the command may or may not have run; a person must look
└── TaskCancelled           exit 8   a person stopped the task

A command that fails is a ``Result``, not an error.
"""

from typing import ClassVar


class ItOpsError(Exception):
    """Base of every error that itops raises on purpose.

    Args:
        what: What happened, in one sentence.
        world: What is true of the world now.
        mend: What to do next.
    """

    exit_code: ClassVar[int] = 6
    default_world: ClassVar[str] = "Nothing ran."
    default_mend: ClassVar[str] = "Run `itops doctor` to see what is set up."

    def __init__(self, what: str, *, world: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.world = world or self.default_world
        self.mend = mend or self.default_mend

    def __str__(self) -> str:
        return f"{self.what} {self.world} {self.mend}"


class UsageError(ItOpsError):
    """The call's words are off; nothing ran."""

    exit_code = 2
    default_mend = "Correct the call and try again."


class UnknownTarget(UsageError):
    """A target's name is in no inventory; nothing ran."""


class InvalidParameter(UsageError):
    """A value fails its parameter's pattern; nothing ran."""


class InvalidInstruction(UsageError):
    """An instruction file can't be read; the others go on."""

    default_world = "This instruction was left out; the library is as it was."


class NotPermitted(ItOpsError):
    """Policy, a missing approval or an altered script stops it; nothing ran."""

    exit_code = 3
    default_mend = "Ask for a new approval of exactly this script."


class PermissionExpired(NotPermitted):
    """The verdict or the approval is too old; nothing ran."""


class ItOpsUnavailable(ItOpsError):
    """itops itself can't work; nothing new ran."""


class SettingsError(ItOpsUnavailable):
    """Settings can't be read; nothing ran."""

    default_mend = "Correct the setting and try again."


class PolicyError(ItOpsUnavailable):
    """The policy can't be loaded; nothing may run."""

    default_mend = "Correct the policy file and try again."


class InventoryError(ItOpsUnavailable):
    """The inventory of targets can't be read; nothing may run."""

    default_mend = "Correct the file; docs/guides/name-your-targets.md says what it may hold."


class StoreError(ItOpsUnavailable):
    """A database, index or disk refuses; what was stored before is as it was."""

    default_world = "What was stored before is as it was; nothing new ran."


class JournalError(StoreError):
    """The journal can't be written; so nothing may run."""


class ProviderError(ItOpsUnavailable):
    """The model's provider fails; nothing ran because of this call.

    ``transient`` says whether the same call may succeed later. ``retry_after`` is how many seconds to wait at least
    before it is worth trying again; ``None`` where trying again at once is not. ``billed`` is false where the provider
    can't have worked on the call.
    """

    default_mend = "Check ITOPS_LLM, the provider's key and its address, or unset ITOPS_LLM to work without a model."

    def __init__(
        self,
        what: str,
        *,
        world: str = "",
        mend: str = "",
        transient: bool = False,
        retry_after: float | None = None,
        billed: bool = True,
    ) -> None:
        super().__init__(what, world=world, mend=mend)
        self.transient = transient
        self.retry_after = retry_after
        self.billed = billed


class BudgetExceeded(ProviderError):
    """A task or a person has spent what they may on models; what ran before stands."""

    default_world = "What ran before stands; nothing new ran."
    default_mend = "Raise the budget in the settings, or split the task."


class TargetUnreachable(ItOpsError):
    """The target was not reached; nothing ran there."""

    exit_code = 1
    default_world = "Nothing ran on this target."
    default_mend = "Check that the target is up and reachable, then try again."


class OutcomeUnknown(ItOpsError):
    """The command may or may not have run; it is not run again by itself."""

    exit_code = 5
    default_world = "The command may or may not have run."
    default_mend = "Look at the target, then `itops tasks resolve ID --as done|not-done --reason TEXT`."


class TaskCancelled(ItOpsError):
    """A person stopped the task; what ran before stands."""

    exit_code = 8
    default_world = "What ran before stands; nothing new ran."
    default_mend = "Submit the task again if it is still wanted."
