"""Profiles of the AWS CLI (``~/.aws/config``) as accounts. Keys and tokens are never taken."""

import configparser
import re
from typing import Final

from itops.errors import UsageError
from itops.targets.importers.found import Found, Note

_ROLE: Final = re.compile(r"arn:aws[\w-]*:iam::(\d{12}):role/[\w+=,.@/-]+")
_SECRETS: Final = frozenset({"aws_access_key_id", "aws_secret_access_key", "aws_session_token"})
_USED: Final = frozenset({"region", "role_arn", "sso_account_id", "source_profile", "output"})


def read_aws(text: str, source: str) -> Found:
    """The accounts of a text: one for each profile.

    Raises:
        UsageError: it is no such file. Nothing was taken.
    """
    parser = configparser.RawConfigParser(default_section="")
    try:
        parser.read_string(text, source)
    except configparser.Error as error:
        told = " ".join(str(error).split("\n", maxsplit=1)[0].split())
        raise UsageError(f"{source}: {told}.", world="Nothing was imported.") from error
    found = Found()
    for section in parser.sections():
        kind, _, name = section.partition(" ")
        named = name.strip().strip("\"'") if kind == "profile" else ""
        profile = "default" if section == "default" else named
        if not profile:
            found.left.append(Note(f"[{section}]", "it is no profile"))
            continue
        _profile(profile, dict(parser.items(section)), found)
    return found


def _profile(profile: str, values: dict[str, str], found: Found) -> None:
    role = _ROLE.fullmatch(values.get("role_arn", ""))
    account = values.get("sso_account_id", "") or (role[1] if role else "")
    region = values.get("region", "")
    if region:
        found.changed.append(Note(f"region of {profile}", f"tasks may name {region}; it is no default"))
    # The profile assumes its role itself.
    entry = {"platform": "aws", "profile": profile, "account": account, "regions": [region] if region else []}
    found.add_target(profile, entry)
    for key in sorted(values.keys() - _USED):
        why = "a secret is not taken: the AWS CLI reads it itself" if key in _SECRETS else "itops has no use for it"
        found.left.append(Note(f"{key} of {profile}", why))
