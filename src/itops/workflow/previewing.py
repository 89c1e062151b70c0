"""What a person sees beforehand of a script that they are asked about."""

from itops.domain.preview import Preview, PreviewScript, no_preview_of
from itops.domain.script import Script
from itops.domain.verdict import Verdict
from itops.workflow.ports import Previews


async def preview_of(previews: Previews | None, script: Script, verdict: Verdict) -> Preview | None:
    """What the script would change, where it may be tried. That it can't be seen is told, and stops nothing."""
    if previews is None or no_preview_of(script, verdict):
        return None
    return await previews.preview(PreviewScript.permit(script, verdict))
