"""Programs that carry commands elsewhere or to later: hosts, containers, sessions, and options that name a command.

They do something by themselves too, so what they carry is read besides: it can make a verdict stricter, never milder.
"""

import itertools
import re
from collections.abc import Mapping
from typing import Final

from itops.scripts.words import Word

Words = tuple[Word, ...]
Carried = tuple[tuple[Words, ...], tuple[str, ...]]
_SSH_VALUED: Final = frozenset("BbcDEeFIiJLlmOopQRSWw")
# Programs before a command: letters of options that take a value, and how many words stand before the command.
_BEFORE: Final[Mapping[str, tuple[str, int]]] = {
    "bwrap": ("", 0), "caffeinate": ("tw", 0), "catchsegv": ("", 0), "cgexec": ("g", 0), "chpst": ("ueUbnPmdoptcfr", 0),
    "chroot": ("", 1), "chrt": ("TPD", 1), "chronic": ("", 0), "dbus-run-session": ("", 0), "dzdo": ("u", 0),
    "eatmydata": ("", 0), "fakeroot": ("lfsib", 0), "faketime": ("", 1), "firejail": ("", 0), "gosu": ("", 1),
    "ifne": ("", 0), "linux32": ("", 0), "linux64": ("", 0), "lxc-attach": ("nfPaesv", 0),
    "ltrace": ("aAbDeFlnopsuwxX", 0),
    "mosh": ("p", 1), "nsenter": ("tSGC", 0), "numactl": ("NmCipl", 0), "pkexec": ("", 0), "prlimit": ("p", 0),
    "proxychains": ("f", 0), "proxychains4": ("f", 0), "rlwrap": ("", 0), "setarch": ("", 1), "setpriv": ("", 0),
    "strace": ("aeopsuEbIOPSX", 0), "su-exec": ("", 1), "systemd-inhibit": ("", 0), "systemd-run": ("upEtHMdG", 0),
    "taskset": ("", 1), "torify": ("", 0), "torsocks": ("uapi", 0), "unbuffer": ("", 0), "unshare": ("SGwR", 0),
    "valgrind": ("", 0), "xvfb-run": ("nsefpw", 0),
}  # fmt: skip
_INSIDE: Final = frozenset({"exec", "rsh", "shell", "enter", "debug", "ssh"})
_HOLDER_NAMES: Final = """
    kubectl oc docker podman nerdctl crictl lxc incus pct multipass distrobox toolbox machinectl docker-compose vagrant
    flatpak-spawn ctr minikube k3s microk8s.kubectl limactl colima
"""
_HOLDERS: Final = frozenset(_HOLDER_NAMES.split())
_HOLDER_VALUED: Final = frozenset("ncuewlf")
_CODE: Final = re.compile(
    r"""\b(?:system|popen\w*|exec\w*|spawn\w*|call|run|check_output|check_call|Popen|shell_exec|passthru|getoutput)"""
    r"""\s*\(?\s*\[?\s*(["'`])((?:(?!\1)[^\\]|\\.)+)\1|`([^`]+)`"""
)
_AWK_PIPE: Final = re.compile(r'"((?:[^"\\]|\\.)+)"\s*\|\s*(?:&\s*)?getline|\|&?\s*"((?:[^"\\]|\\.)+)"')
_INTERPRETERS: Final = re.compile(
    r"python[\d.]*|perl[\d.]*|ruby|node|nodejs|php\d*|lua|g?awk|mawk|nawk|tclsh|deno|bun|osascript"
)
_GIT_VALUES: Final = re.compile(
    r"(?:core\.(?:sshcommand|pager|editor|fsmonitor|askpass|hookspath)|pager\.\w+|sequence\.editor|diff\.external"
    r"|\w+\.[\w.-]*(?:textconv|cmd|helper|smudge|clean|process|command|driver))=(.+)",
    re.IGNORECASE | re.DOTALL,
)
_OPTIONS: Final = re.compile(
    r"(?:--(?:checkpoint-action=exec|to-command|use-compress-program|rsh-command|info-script|new-volume-script|rsh"
    r"|rsync-path|upload-pack|receive-pack|pager|compress-program|preprocessor|split-string|unzip-command|eval-command)="
    r"|(?:ProxyCommand|LocalCommand|KnownHostsCommand)=)(.+)",
    re.DOTALL,
)
_NEXT: Final[Mapping[str, frozenset[str]]] = {
    "env": frozenset({"-S", "--split-string"}),
    "tar": frozenset({"-I", "-F", "--to-command", "--use-compress-program"}),
    "rsync": frozenset({"-e", "--rsh"}), "script": frozenset({"-c", "--command"}), "man": frozenset({"-P", "--pager"}),
    "sg": frozenset({"-c"}), "mapfile": frozenset({"-C"}), "readarray": frozenset({"-C"}), "compgen": frozenset({"-C"}),
    "complete": frozenset({"-C"}), "vagrant": frozenset({"-c", "--command"}), "zip": frozenset({"-TT"}),
    "git": frozenset({"-x", "--exec", "--tree-filter", "--index-filter", "--msg-filter", "--upload-pack"}),
    "split": frozenset({"--filter"}), "pidstat": frozenset({"-e"}), "capsh": frozenset({"-c"}),
    "vim": frozenset({"-c", "--cmd"}), "vi": frozenset({"-c"}), "nvim": frozenset({"-c"}), "ex": frozenset({"-c"}),
    "gdb": frozenset({"-ex", "-eval-command", "--eval-command"}),
    "fd": frozenset({"-x", "-X", "--exec"}), "jobs": frozenset({"-x"}),
    "ncat": frozenset({"-c", "-e", "--sh-exec", "--exec"}),
    "nc": frozenset({"-c", "-e"}),
    "rg": frozenset({"--pre"}), "sort": frozenset({"--compress-program"}),
}  # fmt: skip
_BANG: Final = re.compile(r"^[+:]*(?:!|:!|shell\s+|r!|term\s+)\s*(.+)", re.DOTALL)
_SED: Final = re.compile(r"(?:^|[;{}\n])\s*(?:\d+|\$|/(?:[^/\\]|\\.)*/)?\s*e\s+([^\n]+)")


def carried(program: str, words: Words) -> Carried:
    """The calls and texts that a program would carry elsewhere or run because an option says so."""
    calls: list[Words] = []
    texts = [found[1] for word in words[1:] if (found := _OPTIONS.search(word.text))]
    following = _NEXT.get(program, frozenset())
    texts += [after.text for word, after in itertools.pairwise(words) if word.text in following]
    if program == "ssh":
        texts.append(" ".join(word.text for word in _after_options(words, _SSH_VALUED, 1)))
    elif program in _BEFORE:
        valued, operands = _BEFORE[program]
        calls.append(_after_options(words, frozenset(valued), operands))
    elif program in _HOLDERS:
        calls.append(_inside(words))
    elif program == "git":
        calls.append(_behind(words, ("bisect", "run")))
        texts += [" ".join(word.text for word in _behind(words, ("submodule", "foreach")))]
        texts += [found[1].lstrip("!") for word in words[1:] if (found := _GIT_VALUES.fullmatch(word.text))]
        texts += [word.text.partition("=!")[2] for word in words[1:] if word.text.startswith("alias.")]
    elif program == "alias":
        texts += [word.text.partition("=")[2] for word in words[1:]]
    elif program in {"less", "zless", "more", "vim", "vi", "view"}:
        texts += [word.text for word in words[1:] if word.text.startswith(("+!", "+:!"))]
    elif program == "ip":
        calls.append(_behind(words, ("netns", "exec"))[1:])
    elif program in {"tmux", "screen", "byobu"}:
        texts += [word.text for word in words[2:] if " " in word.text]
        calls.append(_after_options(words, frozenset("Sshtcpn"), 0) if program == "screen" else ())
    else:
        texts += _from_code(program, words)
    return tuple(call for call in calls if call), tuple(text for text in map(_unbanged, texts) if text.strip())


def _from_code(program: str, words: Words) -> list[str]:
    """Commands that stand in the words as text of another language."""
    if program in {"sed", "gsed"}:
        return [found for word in words[1:] for found in _SED.findall(word.text)]
    if not _INTERPRETERS.fullmatch(program):
        return []
    code = [found for word in words[1:] for found in _CODE.findall(word.text)]
    piped = [found for word in words[1:] for found in _AWK_PIPE.findall(word.text)] if "awk" in program else []
    return [one[1] or one[2] for one in code] + [one[0] or one[1] for one in piped]


def _after_options(words: Words, valued: frozenset[str], operands: int) -> Words:
    """The words behind the options and a number of operands; an option that is not known is taken to have no value."""
    index = 1
    while index < len(words) and words[index].text.startswith("-") and words[index].text not in {"-", "--"}:
        text = words[index].text
        index += 2 if not text.startswith("--") and text[-1] in valued and len(text) == len("-x") else 1
    rest = words[index:]
    rest = rest[1:] if rest and rest[0].text == "--" else rest
    rest = rest[operands:]
    return rest[1:] if rest and rest[0].text == "--" else rest


def _inside(words: Words) -> Words:
    """What a command that enters a container runs there: behind ``--``, or behind the container's name."""
    places = [at for at, word in enumerate(words) if word.text in _INSIDE]
    if not places:
        return ()
    ends = [at for at, word in enumerate(words) if word.text == "--" and at > places[0]]
    return words[ends[0] + 1 :] if ends else _after_options(words[places[0] :], _HOLDER_VALUED, 1)


def _behind(words: Words, marks: tuple[str, ...]) -> Words:
    for at in range(1, len(words) - len(marks) + 1):
        if tuple(word.text for word in words[at : at + len(marks)]) == marks:
            return words[at + len(marks) :]
    return ()


def _unbanged(text: str) -> str:
    found = _BANG.match(text)
    return found[1] if found else text
