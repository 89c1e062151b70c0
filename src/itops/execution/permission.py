"""The check that every executor makes before anything else."""

from itops.domain.approval import ApprovedScript
from itops.domain.script import Script
from itops.domain.target import Target
from itops.errors import NotPermitted


def permitted_script(approved: object, target: Target) -> Script:
    """The script that may run on this target.

    Raises:
        NotPermitted: it is not an approved script, or is approved for other targets. Nothing ran.
    """
    if not isinstance(approved, ApprovedScript):
        raise NotPermitted(f"Only an approved script may run, not a {type(approved).__name__}.")
    script = approved.script
    if target not in script.targets:
        raise NotPermitted(f"This script is not approved for the target {target.name}.")
    if script.digest != approved.verdict.digest:
        raise NotPermitted("The script was altered after it was judged.")
    return script
