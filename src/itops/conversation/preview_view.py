"""A preview in words, for every door alike."""

from itops.domain.preview import FileChange, FileState, Preview

_MARKS = {"added": "+", "changed": "~", "removed": "-"}
_KILO = 1000
_OUTPUT_LINES = 10


def preview_words(preview: Preview) -> str:
    """What would change: one line first, then each file, with what is other in small texts."""
    if preview.trouble:
        return f"No preview: {preview.trouble}."
    lines = [_headline(preview)]
    for change in preview.changes:
        lines.append(f"{_MARKS[change.what]} {change.path}{_details(change)}")
        lines += [f"    {line}" for line in change.diff.splitlines()[2:]]
    if preview.total > len(preview.changes):
        lines.append(f"… and {preview.total - len(preview.changes)} more")
    if preview.exit_code:
        lines += [f"  {line}" for line in preview.output.splitlines()[-_OUTPUT_LINES:]]
    return "\n".join(lines)


def _headline(preview: Preview) -> str:
    counts = {what: sum(change.what == what for change in preview.changes) for what in _MARKS}
    parts = [f"{count} {what}" for what, count in counts.items() if count]
    listed = f" ({', '.join(parts)})" if parts else ""
    told = f"{preview.total} files and folders{listed}" if preview.total else "no files"
    ending = f" before it failed with exit code {preview.exit_code}" if preview.exit_code else ""
    return f"Preview: tried on a copy, it changed {told}{ending}."


def _details(change: FileChange) -> str:
    before, after = change.before, change.after
    if before is None or after is None:
        return _standing(after or before, is_new=after is not None)
    parts = []
    if before.kind != after.kind or before.leads_to != after.leads_to:
        parts.append(f"{_kind(before)} ->{_kind(after)}")
    elif before.size != after.size:
        parts.append(f" {_size(before.size)} -> {_size(after.size)}")
    if before.mode != after.mode:
        parts.append(f" mode {before.mode} -> {after.mode}")
    if before.owner != after.owner:
        parts.append(f" owner {before.owner} -> {after.owner}")
    return ",".join(parts) or " other contents"


def _standing(state: FileState | None, *, is_new: bool) -> str:
    if state is None:
        return ""
    rights = f", mode {state.mode}, {state.owner}" if is_new and not state.leads_to else ""
    return f"{_kind(state)}{rights}"


def _kind(state: FileState) -> str:
    if state.leads_to:
        return f" (link to {state.leads_to})"
    return f" ({state.kind})" if state.kind != "file" else f" ({_size(state.size)})"


def _size(count: int) -> str:
    return f"{count} bytes" if count < _KILO else f"{count / _KILO:,.0f} kB"
