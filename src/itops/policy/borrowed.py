"""Words that a script borrowed from an output: nobody said them, so whatever is not a plain read with them asks."""

import re
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Final

from itops.domain.effect import Effect
from itops.domain.instruction import Instruction, InstructionState
from itops.domain.origins import Origins
from itops.domain.script import Command, Facts
from itops.domain.verdict import Reason
from itops.policy.plain_text import forms_of, plain, quoted

RULE: Final = "trust.from-output"
# Programs that only read, and send their words to other hosts: as a question, a name to look up or a page to fetch.
# fmt: off
_SENDERS: Final = frozenset({
    "aria2c", "curl", "delv", "dig", "drill", "fetch", "fping", "ftp", "geoiplookup", "getent", "git", "host",
    "http", "https", "kdig", "links", "lynx", "mongosh", "mtr", "mysql", "mysqladmin", "nc", "ncat", "netcat",
    "nmap", "nping", "nslookup", "openssl", "ping", "ping6", "psql", "rdate", "redis-cli", "rpcinfo", "rsync",
    "showmount", "smbclient", "snmpget", "snmpwalk", "socat", "ssh", "ssh-keyscan", "sslscan", "tcptraceroute",
    "telnet", "testssl.sh", "tftp", "tracepath", "tracepath6", "traceroute", "traceroute6", "w3m", "wget", "whois",
    "adig", "ahost", "ansible", "avahi-resolve", "avahi-resolve-host-name", "crane", "dnstracer", "dog", "doggo",
    "etcdctl", "hg", "influx", "kafkacat", "kcat", "keydb-cli", "mariadb", "mariadb-admin", "memcached-tool", "mongo",
    "mysqlshow", "nats", "nodetool", "ntpdate", "oras", "pg_isready", "regctl", "rclone", "skopeo", "snmpbulkwalk",
    "snmpgetnext", "snmpstatus", "snmptable", "svn", "unbound-host", "valkey-cli", "zabbix_get",
    "Invoke-RestMethod", "Invoke-WebRequest", "Resolve-DnsName", "Test-Connection", "Test-DnsServer",
    "Test-NetConnection", "Test-WSMan",
})
# fmt: on
_ELSEWHERE: Final = re.compile(
    r"(?!file:|s3:)[a-z][a-z0-9+.-]*://|^(?:\\\\|//)[^\\/]|^-(?:ComputerName|CimSession)$", re.IGNORECASE
)
_FLAG: Final = re.compile(r"--[a-z][a-z-]*|-[A-Za-z]{1,3}|-(?:[A-Z]+[a-z]+)+")
# What is given a name (``host=db1``, ``--host=db1``), or glued to a flag (``-hdb1``; a number there is no word).
_GIVEN: Final = re.compile(r"-{0,2}[A-Za-z_][\w.-]*=(.+)|-[A-Za-z](?!\d+$)(.+)", re.DOTALL)
_PART: Final = re.compile(r"[^\W_]{4,}")
_AHEAD: Final = r"(?<![^\s'\"`(\[{<,;=])"
_BEHIND: Final = r"(?=[.,;:!?]*(?:[\s'\"`)\]}>]|$))"


def borrowed(
    facts: Facts, origins: Origins, instance_of: Instruction | None, parameters: Mapping[str, str]
) -> tuple[Reason, ...]:
    """Why words of the script ask: they came out of an output, and no person said them.

    Of an exact instance of a published instruction only the parameters' values can have come from anywhere else.
    """
    touched = [command for command in facts.commands if _reaches_out(command)]
    if not origins.printed or not (touched or facts.problems):
        return ()
    if instance_of is not None and instance_of.state is InstructionState.PUBLISHED:
        candidates = [(value, f"the value of {name}") for name, value in _chosen(instance_of, parameters)]
    else:
        candidates = [(word, f"a word of `{command.program}`") for command in touched for word in _words(command)]
    texts = _Texts(origins)
    found = {word: (place, source) for word, place in candidates if (source := texts.source_of(word))}
    return tuple(
        Reason(rule=RULE, message=f"{quoted(word)} ({place}) comes from {source}, and no person said it.")
        for word, (place, source) in found.items()
    )


class _Texts:
    """What was said and what was printed, prepared for looking words up."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins

    def source_of(self, word: str) -> str:
        """Where the word, or a substantial part of it, comes from; empty where from nowhere, or a person said it."""
        wanted = plain(word).strip()
        if not wanted or self._was_said(word, wanted):
            return ""
        parts = [part for part in _PART.findall(wanted) if part not in self._said_parts]
        for source, text in self._printed:
            if any(_stands_in(one, text) for one in (wanted, *parts)):
                return source
        return ""

    def _was_said(self, word: str, wanted: str) -> bool:
        """Whether a person said just this; of paths, in just these letters."""
        name = wanted.strip("/")
        if "/" in name or "\\" in name:
            return any(re.search(_AHEAD + re.escape(word) + _BEHIND, text) for text in self._origins.said)
        said = _AHEAD + f"(?:{re.escape(wanted)}|{re.escape(name)})" + _BEHIND
        return bool(name) and any(re.search(said, text) for text in self._said)

    @cached_property
    def _said(self) -> tuple[str, ...]:
        return tuple(plain(text) for text in self._origins.said)

    @cached_property
    def _said_parts(self) -> frozenset[str]:
        return frozenset(part for text in self._said for part in _PART.findall(text))

    @cached_property
    def _printed(self) -> tuple[tuple[str, str], ...]:
        return tuple((one.source, form) for one in self._origins.printed for form in forms_of(one.text))


def _reaches_out(command: Command) -> bool:
    """Whether a command does more than read what is here."""
    if command.effect is not Effect.READ or command.program in _SENDERS:
        return True
    return any(_ELSEWHERE.search(word) for word in command.argv[1:])


def _chosen(instruction: Instruction, parameters: Mapping[str, str]) -> list[tuple[str, str]]:
    """The values that are not the published instruction's own."""
    defaults = {parameter.name: parameter.default for parameter in instruction.parameters}
    return [(name, value) for name, value in parameters.items() if defaults.get(name) != value]


def _words(command: Command) -> Iterable[str]:
    """The literal words of a command and what is given a name or glued to a flag in them, without plain flags."""
    for word in (*command.argv[1:], *command.writes, *command.reads):
        if _FLAG.fullmatch(word):
            continue
        given = _GIVEN.fullmatch(word)
        if given:
            yield given[1] or given[2]
        if not given or not word.startswith("--"):
            yield word.lstrip("-")


def _stands_in(word: str, text: str) -> bool:
    """Whether the word stands in the text, not only as a piece of a longer one."""
    if word not in text:
        return False
    ahead = r"(?<![^\W_])" if word[0].isalnum() else ""
    behind = r"(?![^\W_])" if word[-1].isalnum() else ""
    return re.search(ahead + re.escape(word) + behind, text) is not None
