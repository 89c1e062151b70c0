"""The variables of a play: which a request brings, with which default, and which nobody can know beforehand."""

import re
from collections.abc import Mapping
from typing import Final

from itops.domain.instruction import Parameter
from itops.instructions.importers.parameter_maker import make_parameter
from itops.instructions.importers.template import Inexpressible
from itops.instructions.importers.yaml_reader import Node

JINJA: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_STATEMENT: Final = re.compile(r"\{[%#]")
_NAME: Final = re.compile(r"[A-Za-z_]\w{0,63}")
_QUOTED: Final = re.compile(r"([A-Za-z_]\w{0,63})\s*\|\s*quote")
_DEFAULT: Final = re.compile(r"([A-Za-z_]\w{0,63})\s*\|\s*default\(\s*(?:'([^'\\]*)'|\"([^\"\\]*)\"|(\d+))\s*\)")
_MAGIC: Final = re.compile(
    r"ansible_\w+|inventory_\w+|hostvars|groups|group_names|item|omit|play_hosts|playbook_dir|role_path|role_name|vars"
    r"|environment|lookup|query|true|false|none|True|False|None"
)


class Variables:
    """Resolves what stands between two curly brackets, and remembers which variables were asked for."""

    def __init__(self, play: Mapping[str, Node]) -> None:
        self.left: list[str] = []
        self._defaults: dict[str, str] = {}
        self._obstacles: dict[str, str] = {}
        self._descriptions: dict[str, str] = {}
        self._used: dict[str, None] = {}
        for name, node in self._vars(play.get("vars")).items():
            self._declare(name, node)
        for prompt in play["vars_prompt"].items() if "vars_prompt" in play else ():
            self._ask(prompt.mapping())

    def bar(self, name: str, why: str) -> None:
        """Nobody can know this variable beforehand."""
        self._obstacles[name] = why

    def check(self, text: str) -> None:
        """Refuse a text that Jinja computes.

        Raises:
            Inexpressible: it holds statements.
        """
        if _STATEMENT.search(text):
            raise Inexpressible("it is computed by Jinja")

    def ours(self, found: re.Match[str]) -> str:
        """Our placeholder for a Jinja expression.

        Raises:
            Inexpressible: it is more than a variable that a request can bring.
        """
        expression = found[1]
        name, default = _parsed(expression)
        if not name or _MAGIC.fullmatch(name):
            raise Inexpressible(f"{{{{ {expression[:60]} }}}} is computed while it runs")
        if name in self._obstacles:
            raise Inexpressible(self._obstacles[name])
        if (
            default is not None
            and self._defaults.setdefault(name, default) != default
            and name not in self._descriptions
        ):
            raise Inexpressible(f"{name} has different defaults in different places")
        self._used[name] = None
        return f"{{{{ {name} }}}}"

    @property
    def not_words(self) -> frozenset[str]:
        """The variables whose default is empty or of several words."""
        return frozenset(name for name, default in self._defaults.items() if len(default.split()) != 1)

    def parameters(self, changed: list[str]) -> list[Parameter]:
        """The variables that were asked for; what had to be changed for them is added to ``changed``."""
        made: list[Parameter] = []
        for name in self._used:
            parameter, notes = make_parameter(name, self._descriptions.get(name, ""), default=self._defaults.get(name))
            made.append(parameter)
            changed += notes
        return made

    def _vars(self, node: Node | None) -> Mapping[str, Node]:
        return node.mapping() if node else {}

    def _declare(self, name: str, node: Node) -> None:
        if not isinstance(node.value, str):
            self._obstacles[name] = f"the variable {name} is no single value"
        elif JINJA.search(node.value) or _STATEMENT.search(node.value):
            self._obstacles[name] = f"the variable {name} is computed by Jinja"
        elif not node.is_null:
            self._defaults[name] = node.text()

    def _ask(self, prompt: Mapping[str, Node]) -> None:
        name = prompt["name"].text() if "name" in prompt else ""
        if "private" not in prompt or prompt["private"].flag():
            self._obstacles[name] = (
                f"{name} is a secret, and no secret stands in a command: read it from standard input"
            )
            self.left.append(f"The prompt for {name} is private: it is a secret, and no parameter.")
            return
        self._descriptions[name] = prompt["prompt"].text() if "prompt" in prompt else ""
        if "default" in prompt and not prompt["default"].is_null:
            self._defaults[name] = prompt["default"].text()


def _parsed(expression: str) -> tuple[str, str | None]:
    """The variable in an expression and the default that it names; no variable where it is more than that."""
    if _NAME.fullmatch(expression):
        return expression, None
    if quoted := _QUOTED.fullmatch(expression):
        return quoted[1], None
    if found := _DEFAULT.fullmatch(expression):
        return found[1], next((value for value in found.groups()[1:] if value is not None), "")
    return "", None
