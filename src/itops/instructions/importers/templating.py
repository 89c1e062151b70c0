"""Scripts with other people's placeholders, rewritten so that each stands where our renderer can quote its value."""

import re
import shlex
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

from itops.domain.instruction import Language
from itops.errors import InvalidInstruction
from itops.instructions.importers.powershell_templating import fit_powershell
from itops.instructions.importers.template import Inexpressible, Template, apart, free_name
from itops.scripts.bash_reader import read_bash
from itops.scripts.lexical_gate import gate
from itops.scripts.shfmt import Node, Unparsable, parse
from itops.scripts.template_check import PLACEHOLDER, check_template

_TOKEN: Final = re.compile(r"Qz(\d+)zQ")
_SHEBANG: Final = re.compile(r"#!\s*(?:/usr)?(?:/local)?/bin/(?:env\s+)?(\w+)[ \t]*(-[a-z]+)?[ \t]*(?:\n|\Z)")
_SHELLS: Final = frozenset({"sh", "bash", "dash", "ksh"})
_RUNS_TEXT: Final = frozenset({"eval", "source", "."})
_PASSES_TEXT_ON: Final = frozenset({"cat", "tee"})
_RESETS: Final = frozenset({"CmdSubst", "ProcSubst"})
_EXPANSIONS: Final = frozenset({"ParamExp", "ArithmExp", "ArithmCmd", "ExtGlob", "BraceExp"})

Place: TypeAlias = tuple[int, str]
"""Number of a placeholder and where it stands: bare, word, loop, double, single, heredoc, comment or elsewhere."""


def placed(text: str, foreign: re.Pattern[str], ours: Callable[[re.Match[str]], str]) -> str:
    """The text with foreign placeholders replaced by ours.

    Raises:
        Inexpressible: ``ours`` says so, or what stands between them looks like a placeholder of ours already.
    """
    parts: list[str] = []
    end = 0
    for found in foreign.finditer(text):
        parts += [text[end : found.start()], ours(found)]
        end = found.end()
    for literal in (*parts[::2], text[end:]):
        if stray := PLACEHOLDER.search(literal):
            raise Inexpressible(f"{stray[0]} stands in it as plain text, and would be taken for a parameter")
    return "".join([*parts, text[end:]])


def shell_word(text: str, foreign: re.Pattern[str], ours: Callable[[re.Match[str]], str]) -> str:
    """A literal value with foreign placeholders as one word of a command, quoted where that is needed.

    Raises:
        Inexpressible: as ``placed`` does.
    """
    placed(text, foreign, ours)
    parts: list[str] = []
    end = 0
    for found in foreign.finditer(text):
        parts += [text[end : found.start()], ours(found)]
        end = found.end()
    parts.append(text[end:])
    words = (part if number % 2 else part and shlex.quote(part) for number, part in enumerate(parts))
    return "".join(words) or "''"


def fit(text: str, language: Language, *, not_words: frozenset[str] = frozenset()) -> Template:
    """The template with every placeholder outside of quotes, and nothing else changed in what it means.

    ``not_words`` are parameters whose value may be empty or several words: these can't be words of their own.

    Raises:
        Inexpressible: a value would stand where it could become code, or the text is no script of its language.
    """
    text = text.strip("\n").rstrip()
    for problem in gate(text):
        raise Inexpressible(problem)
    if not text.strip():
        raise Inexpressible("it is empty")
    template = fit_powershell(text) if language == "powershell" else _fit_bash(text, not_words)
    try:
        check_template(template.text, language)
    except InvalidInstruction as error:
        raise Inexpressible(apart(error.what)) from error
    return template


def _fit_bash(text: str, not_words: frozenset[str]) -> Template:
    names: list[str] = []

    def token(found: re.Match[str]) -> str:
        names.append(found[1])
        return f"Qz{len(names) - 1}zQ"

    if _TOKEN.search(text):
        raise Inexpressible("it holds Qz0zQ")
    marked = PLACEHOLDER.sub(token, _without_shebang(text))
    try:
        places = dict(_places(parse(marked), ""))
    except (Unparsable, RecursionError) as error:
        raise Inexpressible(f"it is no bash script: {apart(str(error))}") from error
    if names:
        _refuse_built_code(marked)
    for number, name in enumerate(names):
        if places.get(number) == "word" and name in not_words:
            raise Inexpressible(f"{name} may be empty or several words, and so is no argument of its own")
        if places.get(number) == "loop":
            raise Inexpressible(f"it does something for each word of {name}, and a value is one word")
    return _rewritten(marked, names, places)


def _rewritten(marked: str, names: list[str], places: dict[int, str]) -> Template:
    quoted: dict[str, None] = {}
    variables: dict[str, str] = {}
    for number, name in enumerate(names):
        place = places.get(number, "elsewhere")
        if place == "elsewhere":
            raise Inexpressible(f"the value of {name} would stand where it could become code")
        if place == "comment":
            marked = marked.replace(f"Qz{number}zQ", name)
        elif place == "heredoc":
            variables.setdefault(name, free_name(name, marked))
            marked = marked.replace(f"Qz{number}zQ", "${" + variables[name] + "}")
        elif place in {"double", "single"}:
            quoted[name] = None
            marked = _out_of_quotes(marked, number, '"' if place == "double" else "'")
    text = _TOKEN.sub(lambda found: f"{{{{ {names[int(found[1])]} }}}}", marked)
    top = "".join(f"{variable}={{{{ {name} }}}}\n" for name, variable in variables.items())
    return Template(top + text, "bash", tuple(_account(names, quoted, variables)))


def _account(names: list[str], quoted: dict[str, None], variables: dict[str, str]) -> Iterator[str]:
    if names:
        yield "Each value is quoted by itself now: one of several words is one argument, and no value is code."
    if quoted:
        yield f"Quotes around {', '.join(quoted)} were closed before the value and opened again behind it."
    if variables:
        yield f"The values of {', '.join(variables)} are put into shell variables first."


def _out_of_quotes(marked: str, number: int, quote: str) -> str:
    """The token after a closed quote and before a newly opened one; an empty pair of quotes is not left behind."""
    token = f"Qz{number}zQ"
    before, _, after = marked.partition(token)
    if quote == '"' and before.endswith("\\"):
        raise Inexpressible("a backslash stands before a value")
    opening = before.endswith(quote) and not (quote == '"' and before.endswith('\\"'))
    left = before[:-1] if opening else before + quote
    right = after[1:] if after.startswith(quote) else quote + after
    return left + token + right


def _without_shebang(text: str) -> str:
    if not text.startswith("#!"):
        return text
    found = _SHEBANG.match(text)
    if not found or found[1] not in _SHELLS:
        raise Inexpressible(f"it is a script for another program: {text.splitlines()[0][:60]}")
    rest = text[found.end() :]
    return f"set {found[2]}\n{rest}" if found[2] else rest.lstrip("\n")


def _refuse_built_code(marked: str) -> None:
    """A value in a text that a shell reads once more is code, however well it was quoted the first time."""
    for command in read_bash(marked).commands:
        shell = command.program.rsplit("/", 1)[-1] in _SHELLS and "-c" in command.argv
        if command.dynamic and (command.program in _RUNS_TEXT or shell):
            raise Inexpressible(f"it runs a text that it builds ({command.program}), and a value could become code")


def _places(node: object, inside: str, *, piped: bool = False) -> Iterator[Place]:
    """Where each token stands; ``inside`` is the quotes around, or ``elsewhere`` where a value could become code."""
    if isinstance(node, list):
        for child in node:
            yield from _places(child, inside, piped=piped)
    if not isinstance(node, dict):
        return
    kind = node.get("Type")
    piped = piped or (kind == "BinaryCmd" and node.get("Op") in {"|", "|&"})
    if "Hash" in node and "Text" in node:
        yield from _tokens(node["Text"], "comment")
    elif kind == "Lit":
        yield from _tokens(node.get("Value", ""), inside or "bare")
    elif kind == "SglQuoted":
        yield from _tokens(node.get("Value", ""), "elsewhere" if node.get("Dollar") or inside else "single")
    else:
        for key, child in node.items():
            yield from _places_below(node, key, child, inside, piped=piped)


def _places_below(node: Node, key: str, child: object, inside: str, *, piped: bool) -> Iterator[Place]:
    kind = node.get("Type")
    if kind in _RESETS:
        inside = ""
    elif kind == "DblQuoted":
        inside = "elsewhere" if node.get("Dollar") or inside else "double"
    elif kind in _EXPANSIONS:
        inside = "elsewhere"
    if key == "Redirs":
        program = _program(node.get("Cmd"))
        for redirection in child if isinstance(child, list) else ():
            safe = program in _PASSES_TEXT_ON and not piped and _expands(redirection)
            yield from _places(redirection.pop("Hdoc", None), "heredoc" if safe else "elsewhere")
    yield from _places(child, inside, piped=piped)
    words = {("CallExpr", "Args"): "word", ("WordIter", "Items"): "loop"}.get((str(kind), key))
    if words and isinstance(child, list):
        for word in child:
            parts = word.get("Parts", ())
            if len(parts) == 1 and parts[0].get("Type") == "Lit" and _TOKEN.fullmatch(parts[0].get("Value", "")):
                yield from _tokens(parts[0]["Value"], words)


def _tokens(text: str, place: str) -> Iterator[Place]:
    return ((int(found[1]), place) for found in _TOKEN.finditer(text))


def _program(command: object) -> str:
    words = command.get("Args") if isinstance(command, dict) and command.get("Type") == "CallExpr" else None
    parts = words[0].get("Parts", []) if words else []
    return str(parts[0].get("Value", "")) if len(parts) == 1 else ""


def _expands(redirection: Node) -> bool:
    """Whether variables are expanded in a here-document: its delimiter is not quoted."""
    parts = redirection.get("Word", {}).get("Parts", ())
    return all(part.get("Type") == "Lit" and "\\" not in part.get("Value", "") for part in parts)
