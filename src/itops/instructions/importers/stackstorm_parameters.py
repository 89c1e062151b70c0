"""The parameters of a StackStorm action: the runner's own, constants, and those that a request brings."""

import shlex
from collections.abc import Mapping
from typing import Final

from itops.domain.instruction import Parameter
from itops.instructions.importers.parameter_maker import make_parameter, our_name
from itops.instructions.importers.template import Inexpressible
from itops.instructions.importers.yaml_reader import Node

_LOCAL: Final = frozenset({"cmd", "cwd", "env", "sudo", "sudo_password", "timeout", "kwarg_op"})
_REMOTE: Final = frozenset(
    {"hosts", "username", "password", "private_key", "passphrase", "parallel", "dir", "port", "bastion_host"}
)
_WINDOWS: Final = frozenset({"host", "username", "password", "port", "scheme", "transport", "verify_ssl_cert"})
_NOT_FOR_US: Final = frozenset({"hosts", "host", "username", "private_key", "parallel", "port", "bastion_host"})
_COMPUTED: Final = ("{{", "{%")
_KINDS: Final = {"integer": "count"}


class Parameters:
    """What an action declares, sorted by what becomes of it."""

    def __init__(self, node: Node | None, runner: str) -> None:
        more = _WINDOWS if "win" in runner else _REMOTE if "remote" in runner else frozenset()
        self._runners_own = _LOCAL | more
        self.ours: list[Parameter] = []
        self.fixed: dict[str, str] = {}
        self.maybe_empty: set[str] = set()
        self.not_words: set[str] = set()
        self.changed: list[str] = []
        self.left: list[str] = []
        self.notes: list[str] = []
        self._names: dict[str, str] = {}
        self._obstacles: dict[str, str] = {}
        self._declared = {name: entry.mapping() for name, entry in node.mapping().items()} if node else {}
        for name, fields in self._declared.items():
            if name in self._runners_own:
                self._tell(name, fields)
            else:
                self._take(name, fields)

    @property
    def time_limit_seconds(self) -> int | None:
        """The runner's time limit, when the action sets one."""
        word = self.constant("timeout")
        return int(word) if word.isascii() and word.isdigit() and len(word) < 9 and int(word) else None  # noqa: PLR2004 - digits of a limit

    def constant(self, name: str) -> str:
        """The default of one of the runner's own parameters, else nothing."""
        fields = self._declared.get(name, {})
        return fields["default"].text() if "default" in fields and name in self._runners_own else ""

    def refuse_surroundings(self) -> None:
        """Accept an action that runs as any command does.

        Raises:
            Inexpressible: it sets the folder or the environment that it runs in.
        """
        for name, words in (("cwd", "it runs in a folder of its own"), ("dir", "it copies to a folder of its own")):
            if name in self._runners_own and self.constant(name):
                raise Inexpressible(f"{words} ({name})")
        environment = self._declared.get("env", {}).get("default")
        if environment and environment.value and not environment.is_null:
            raise Inexpressible("it sets environment variables (env)")

    def placeholder(self, expression: str) -> str:
        """Our placeholder for what stands between two curly brackets.

        Raises:
            Inexpressible: it is computed, secret or unknown.
        """
        name = expression.removeprefix("action_parameters.")
        if name in self._obstacles:
            raise Inexpressible(self._obstacles[name])
        if name not in self._names:
            raise Inexpressible(f"{{{{ {expression[:60]} }}}} is known only to StackStorm")
        if self._kind(name) in {"array", "object"}:
            raise Inexpressible(f"{name} is an {self._kind(name)}, which is no single text")
        return f"{{{{ {self._names[name]} }}}}"

    def arguments(self) -> list[str]:
        """A script's arguments in StackStorm's order: named ones by name, then those with a position.

        Raises:
            Inexpressible: an argument may be there or not, is secret or computed.
        """
        own = {name: fields for name, fields in self._declared.items() if name not in self._runners_own}
        named = sorted(name for name, fields in own.items() if "position" not in fields)
        operator = self.constant("kwarg_op") or "--"
        words = [word for name in named if (word := self._named(name, operator))]
        placed = sorted((name for name in own if "position" in own[name]), key=lambda name: _position(own[name]))
        return [*words, *(self._value(name) for name in placed)]

    def _named(self, name: str, operator: str) -> str:
        option = shlex.quote(f"{operator}{name}")
        if self._kind(name) == "boolean":
            if name not in self.fixed:
                raise Inexpressible(f"the option {option} is there or not, as {name} says")
            return option if self.fixed[name].lower() == "true" else ""
        if self._names.get(name) in self.maybe_empty:
            raise Inexpressible(f"the option {option} is left out where {name} is empty")
        return f"{option}={self._value(name)}" if self.fixed.get(name) != "" else ""

    def _value(self, name: str) -> str:
        if name in self.fixed:
            value = self.fixed[name]
            truth = {"true": "1", "false": "0"} if self._kind(name) == "boolean" else {}
            return shlex.quote(truth.get(value.lower(), value))
        if self._kind(name) == "boolean":
            raise Inexpressible(f"{name} is given to the script as 1 or 0")
        return self.placeholder(name)

    def _kind(self, name: str) -> str:
        fields = self._declared.get(name, {})
        return fields["type"].text() if "type" in fields else "string"

    def _tell(self, name: str, fields: Mapping[str, Node]) -> None:
        if name == "sudo" and "default" in fields and fields["default"].text().lower() == "true":
            self.changed.append("It ran with sudo; here it runs as the account of the target.")
        elif name in _NOT_FOR_US:
            self.left.append(f"{name}: the target says where and as whom it runs.")

    def _take(self, name: str, fields: Mapping[str, Node]) -> None:
        default = fields["default"] if "default" in fields and not fields["default"].is_null else None
        simple = default is None or isinstance(default.value, str)
        text = default.text() if default and simple else ""
        if "secret" in fields and fields["secret"].flag():
            self._obstacles[name] = f"{name} is a secret, and no secret stands in a command"
            self.left.append(f"The parameter {name} is a secret: it is no parameter here.")
            return
        if any(sign in text for sign in _COMPUTED):
            self._obstacles[name] = f"{name} is computed by Jinja"
            self.left.append(f"The parameter {name}: its default is computed by Jinja.")
            return
        if default is not None and simple and "immutable" in fields and fields["immutable"].flag():
            self.fixed[name] = _truth(text) if self._kind(name) == "boolean" else text
            return
        self._parameter(name, fields, text if default is not None else None)

    def _parameter(self, name: str, fields: Mapping[str, Node], default: str | None) -> None:
        required = "required" in fields and fields["required"].flag()
        boolean = self._kind(name) == "boolean"
        value = "" if default is None and not required else default
        value = value.strip() if value else value
        choices = tuple(node.text() for node in fields["enum"].items()) if "enum" in fields else ()
        ours = our_name(name, self._names.values())
        parameter, notes = make_parameter(
            ours,
            fields["description"].text() if "description" in fields else "",
            kind=_KINDS.get(self._kind(name), "text") if value != "" else "text",
            choices=("True", "False") if boolean else choices,
            pattern=fields["pattern"].text() if "pattern" in fields else "",
            default=_truth(value) if boolean and value else value,
        )
        if value == "":
            self.maybe_empty.add(ours)
        if value is not None and len(value.split()) != 1:
            self.not_words.add(ours)
        self._names[name] = ours
        self.ours.append(parameter)
        self.changed += notes


def _truth(text: str) -> str:
    """As Jinja writes a boolean."""
    return {"true": "True", "yes": "True", "false": "False", "no": "False"}.get(text.lower(), text)


def _position(fields: Mapping[str, Node]) -> tuple[int, str]:
    word = fields["position"].text()
    return (int(word), "") if word.isascii() and word.isdigit() and len(word) < 9 else (10**9, word)  # noqa: PLR2004 - digits
