"""Entry points, loaded lazily by name: built-in parts and other people's come in through the same door."""

import difflib
import re
from importlib.metadata import EntryPoint, entry_points

from itops.errors import UsageError


def names(group: str) -> tuple[str, ...]:
    """The names that installed distributions bring to a group, in alphabetical order."""
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))


def load(group: str, name: str) -> object:
    """What stands behind one name of a group.

    Raises:
        UsageError: the name is unknown, or what it needs is not installed. Nothing ran.
    """
    found = list(entry_points(group=group, name=name))
    if not found:
        raise _unknown(group, name)
    try:
        return found[0].load()
    except ImportError as error:
        raise _not_installed(found[0], error) from error
    except AttributeError as error:
        raise UsageError(
            f"The plugin {name!r} ({found[0].value}) is broken: {error}.",
            mend="Reinstall the distribution that brings it, or tell its author.",
        ) from error


def _unknown(group: str, name: str) -> UsageError:
    known = names(group)
    kind = group.rpartition(".")[2].removesuffix("s")
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5) or list(known)
    mend = f"Choose one of: {', '.join(near)}." if near else "Install a distribution that brings one."
    return UsageError(f"There is no {kind} named {name!r}.", mend=mend)


def _not_installed(entry: EntryPoint, error: ImportError) -> UsageError:
    module = (error.name or "").partition(".")[0]
    extra = _extra_for(entry, module)
    if extra:
        distribution = entry.dist.name if entry.dist else "itops-agent"
        mend = f"Install it with: pip install '{distribution}[{extra}]'."
    else:
        mend = "Install what is missing, or reinstall the distribution that brings this plugin."
    return UsageError(f"The plugin {entry.name!r} can't be loaded: {error}.", mend=mend)


def _extra_for(entry: EntryPoint, module: str) -> str:
    """The extra whose requirements name the missing module; ``all`` is too much to ask for."""
    for requirement in (entry.dist.requires or []) if entry.dist else []:
        name = re.match(r"[A-Za-z0-9._-]+", requirement)
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)['\"]", requirement)
        if name and extra and extra[1] != "all" and _plain(name[0]) == _plain(module):
            return extra[1]
    return ""


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
