"""Where a placeholder may stand in a template: as an argument or part of one, never where it could become code."""

import functools
import re
from typing import Final

from itops.domain.instruction import Language
from itops.errors import InvalidInstruction
from itops.scripts.bash_reader import read_bash
from itops.scripts.shfmt import Node, Unparsable, parse

PLACEHOLDER: Final = re.compile(r"\{\{ *([A-Za-z_][A-Za-z0-9_-]*) *\}\}")
_STAND_IN: Final = "Qz{}zQ"
_STAND_INS: Final = re.compile(r"Qz\d+zQ")
_CODE_PROGRAMS: Final = frozenset({"eval", "source", ".", "trap", "alias", "awk", "gawk", "mawk", "nawk", "sed", "let"})
_SHELLS: Final = r"(?:ba|da|k|z|a)?sh|python[\d.]*|perl|ruby|node|php|lua|su|runuser|watch|ssh|parallel|flock"
_INTERPRETERS: Final = re.compile(_SHELLS)
# Programs whose option names a login shell and starts none.
_ACCOUNT_PROGRAMS: Final = frozenset({"useradd", "usermod", "adduser", "chsh"})
_DATA_OPTIONS: Final = frozenset({"-v", "-F", "--assign", "--field-separator"})
# Node fields whose words bash evaluates, expands or takes for a name.
_UNSAFE_FIELDS: Final = frozenset({"Index", "Exp", "Slice", "Repl", "Hdoc", "Exprs", "Init", "Cond", "Post", "Name"})
_UNSAFE_TYPES: Final = frozenset({"DblQuoted", "ArithmExp", "ArithmCmd", "LetClause", "CStyleLoop", "ParamExp"})
_POWERSHELL_UNITS: Final = re.compile(
    r"<#.*?(?:#>|\Z)|@'.*?(?:\n'@|\Z)|@\".*?(?:\n\"@|\Z)|'[^']*(?:'|\Z)|\"(?:`.|[^\"`])*(?:\"|\Z)|#[^\n]*|`."
    r"|[&.] *\{\{",
    re.DOTALL,
)
_POWERSHELL_WORD: Final = re.compile(r"(?<![^\s=(,:])\{\{[^}]*\}\}(?![^\s),;|}\]])")
_POWERSHELL_CODE: Final = re.compile(
    r"\b(?:iex|invoke-expression|invoke-command|icm|-c|-command)\b[^\n;|]*\{\{", re.IGNORECASE
)


@functools.lru_cache(maxsize=1024)
def check_template(template: str, language: Language) -> None:
    """Accept a template whose placeholders all stand where a quoted value is one argument or part of one.

    Raises:
        InvalidInstruction: one does not, or the template is no script of its language.
    """
    if not PLACEHOLDER.search(template):
        return
    if language == "powershell":
        _check_powershell(template)
    else:
        _check_bash(template)


def _check_bash(template: str) -> None:
    names: list[str] = []

    def stand_in(found: re.Match[str]) -> str:
        if found.start() and template[found.start() - 1] == "\\":
            raise _refusal(found[1])
        names.append(found[1])
        return _STAND_IN.format(len(names) - 1)

    if _STAND_INS.search(template):
        raise _refusal("of the form Qz0zQ")
    try:
        text = PLACEHOLDER.sub(stand_in, template)
        safe = _safe_stand_ins(parse(text)) - _programs(text)
    except (Unparsable, RecursionError) as error:
        raise InvalidInstruction(
            f"The template is no bash script: {error}.", mend="Correct the block; `bash -n` helps."
        ) from error
    for number, name in enumerate(names):
        if _STAND_IN.format(number) not in safe:
            raise _refusal(name)


def _programs(text: str) -> set[str]:
    """Stand-ins that a wrapper (sudo, xargs, …) would run as the program."""
    return {found for command in read_bash(text).commands for found in _STAND_INS.findall(command.program)}


def _safe_stand_ins(node: object, *, field: str = "") -> set[str]:
    """The stand-ins found as plain text of words that bash takes as they are."""
    if isinstance(node, list):
        return {found for child in node for found in _safe_stand_ins(child, field=field)}
    if not isinstance(node, dict):
        return set()
    if node.get("Type") == "Lit":
        return set(_STAND_INS.findall(node["Value"]))
    if node.get("Type") == "CallExpr":
        return _safe_in_call(node)
    if node.get("Type") == "TestClause" and _is_arithmetic_test(node):
        return set()
    barred = field in _UNSAFE_FIELDS and "Cmd" not in node
    inner = _commands_within(node) if barred or node.get("Type") in _UNSAFE_TYPES else node
    skipped = {"Word"} if str(node.get("Op", "")).startswith("<<") and "Hdoc" in node else set()
    parts = [inner] if isinstance(inner, dict) else inner
    children = [(key, child) for part in parts for key, child in part.items() if key not in skipped]
    return {found for key, child in children for found in _safe_stand_ins(child, field=key)}


def _safe_in_call(node: Node) -> set[str]:
    """A call's stand-ins, but for those in its program or in words that the program takes for code."""
    found = {name for assign in node.get("Assigns", ()) for name in _safe_stand_ins(assign)}
    words = node.get("Args", [])
    texts = ["".join(str(part.get("Value", "")) for part in word.get("Parts", ())) for word in words]
    for index, word in enumerate(words):
        if index and not _takes_for_code(texts, index):
            found |= _safe_stand_ins(word)
    return found


def _takes_for_code(texts: list[str], index: int) -> bool:
    names_shell = texts[0] in _ACCOUNT_PROGRAMS
    words = [text for at, text in enumerate(texts[:index]) if not (names_shell and texts[at - 1] in {"-s", "--shell"})]
    before = {text.rsplit("/", 1)[-1] for text in words}
    if before & _CODE_PROGRAMS:
        return texts[index - 1] not in _DATA_OPTIONS and not _follows_a_script(texts, index)
    return any(_INTERPRETERS.fullmatch(text) for text in before)


def _follows_a_script(texts: list[str], index: int) -> bool:
    """Whether a word of awk or sed stands after the literal program text, and so is a file."""
    if texts[0] not in {"awk", "gawk", "mawk", "nawk", "sed"}:
        return False
    plain = [
        at for at, text in enumerate(texts[1:], 1) if not text.startswith("-") and texts[at - 1] not in _DATA_OPTIONS
    ]
    return bool(plain) and plain[0] < index and "-f" not in texts and "-e" not in texts


def _is_arithmetic_test(node: Node) -> bool:
    text = str(node)
    return any(f"'Op': '{op}'" in text for op in ("-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v"))


def _commands_within(node: object) -> list[Node]:
    """The command substitutions inside a node whose own text is not safe: within them quoting begins anew."""
    if isinstance(node, list):
        return [found for child in node for found in _commands_within(child)]
    if not isinstance(node, dict):
        return []
    if node.get("Type") in {"CmdSubst", "ProcSubst"}:
        return [node]
    return [found for child in node.values() for found in _commands_within(child)]


def _check_powershell(template: str) -> None:
    for unit in _POWERSHELL_UNITS.finditer(template):
        name = PLACEHOLDER.search(template, unit.start(), unit.end() + 1)
        if name or unit[0].endswith("{{") or unit[0] == "`{":
            raise _refusal(name[1] if name else "after '&', '.' or '`'")
    if _POWERSHELL_CODE.search(template):
        raise _refusal("in code that is built from text")
    whole = {found.start() for found in _POWERSHELL_WORD.finditer(template)}
    for found in PLACEHOLDER.finditer(template):
        if found.start() not in whole:
            raise _refusal(found[1])


def _refusal(name: str) -> InvalidInstruction:
    return InvalidInstruction(
        f"The placeholder {name!r} stands where its value could become code.",
        mend="Let it be an argument or part of one, outside quotes, comments, here-documents, arithmetic and code.",
    )
