"""Hosts that words name: "on web-3", "on host alpha", "on localhost and web-2"."""

import re
from typing import Final

_NOUN: Final = r"(?:hosts?|servers?|machines?|nodes?|targets?|instances?|box(?:es)?|vms?)"
# A word made like a host's name: a dot or hyphen between letters, letters with a number behind, or an IPv4 address.
_HOST: Final = (
    r"(?:[\w.-]+@)?(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[a-z][a-z0-9]*(?:[-.][a-z0-9]+)+|[a-z]{2,}[0-9]+)(?![\w/@:=-]|\.\w)"
)
_HERE: Final = r"(?:localhost|local|this\s+machine|this\s+host|here)\b"
_AND: Final = r"\s*(?:,\s*(?:and\s+|or\s+)?|\band\s+|\bor\s+|&\s*)(?:on\s+)?"
_QUOTE: Final = r"[\"'`]?"
_LIST: Final = re.compile(
    rf"\bon\s+(?:the\s+)?(?:{_NOUN}\s+)?"
    rf"(?P<all>{_QUOTE}(?:{_HERE}|{_HOST}){_QUOTE}(?:{_AND}{_QUOTE}(?:{_HERE}|{_HOST}){_QUOTE})*)",
    re.IGNORECASE,
)
# "on host alpha" needs no special make; "on the server alpha" only where the words end there ("on the server use …").
_NAMED: Final = re.compile(
    rf"\bon\s+(?:{_NOUN}\s+(?P<bare>[a-z][\w-]*)|the\s+{_NOUN}\s+(?P<last>[a-z][\w-]*)\s*(?:$|[,.;!?]))", re.IGNORECASE
)
_ITEM: Final = re.compile(_HOST, re.IGNORECASE)
# Devices, protocols and versions, files and units, and common words with a hyphen.
_NO_HOST: Final = re.compile(
    r"(?:eth|en[sop]|wlan|wlp|br|veth|bond|tun|tap|wg|[svh]d|nvme|md|tty|loop|lo|raid|ext|ipv|http|sha|utf|python|php|port)"
    r"[a-z]{0,2}[0-9][\w.]*|docker0|dm-[0-9]+|br-[0-9a-f]{12}|utf-[0-9]+|sha-[0-9]+|0\.0\.0\.0"
    r"|[^.]+\.(?:conf|cfg|ini|toml|ya?ml|json|xml|txt|log|md|csv|sql|db|py|sh|rb|js|html?|gz|zip|tar|xz|pem|crt|key|deb|rpm|"
    r"iso|img|service|socket|timer|mount|target|path|slice|lock|pid)"
    r"|(?:read|write)-only|start-up|boot-up|log-in|real-time|(?:non|per|re)-.*",
    re.IGNORECASE,
)
# "depends on libc-bin": what follows is no place to run.
_NO_PLACE: Final = re.compile(r"\b(?:depend(?:s|ing|ent)?|based|rel(?:y|ies)|info(?:rmation)?)\s*$", re.IGNORECASE)
_NO_NAME: Final = re.compile(
    r"and|or|for|to|is|are|was|were|ha[sd]|have|in|with|since|that|which|who|where|while|if|when|then|from|at|by|of|as|"
    r"after|before|now|today|tonight|tomorrow|again|using|uses?|it|this|but|so|please|side|level|names?",
    re.IGNORECASE,
)


def hosts_named_in(words: str) -> list[str]:
    """The hosts that the words say to work on; a word that may as well be something else is left out."""
    named = [
        item[0].rpartition("@")[2]
        for match in _LIST.finditer(words)
        if not _NO_PLACE.search(words[max(match.start() - 20, 0) : match.start()])
        for item in _ITEM.finditer(match["all"])
    ]
    named += [match["bare"] or match["last"] for match in _NAMED.finditer(words)]
    return [name for name in dict.fromkeys(named) if not _NO_HOST.fullmatch(name) and not _NO_NAME.fullmatch(name)]


def looks_like_host(word: str) -> bool:
    """Whether a word is made like a host's name, and like nothing else."""
    return bool(_ITEM.fullmatch(word)) and not _NO_HOST.fullmatch(word)
