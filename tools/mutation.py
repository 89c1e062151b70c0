"""Mutation testing of what decides and what runs once: ``make mutation`` runs it, for minutes to hours.

mutmut changes one thing after the other in a copy of the modules named in ``[tool.mutmut]`` and lets the tests that
reach it run. A survivor is a change that no test notices. It is counted as wording where it only touches words that
people read in an error; any other must stand in ``tests/mutation.toml`` with the reason why it does no harm, else this
ends with 1.

    tools/mutation.py             run what is left to run, then report
    tools/mutation.py --report    report what was run
    tools/mutation.py --all       name the explained ones and the wording too
"""

import argparse
import ast
import copy
import difflib
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORK = ROOT / "artifacts" / "mutation"
EXPLAINED = ROOT / "tests" / "mutation.toml"
KILLED = {1, 3, 37, -9}
TIMED_OUT = {24, 36, 152, 255, -24}
COPIED = ("src", "tests", "tools", "pyproject.toml", "README.md")
SAID_TO_PEOPLE = {"world", "mend", "instead", "message", "note", "why", "fault", "how"}


@dataclass(frozen=True)
class Mutant:
    """A change in a function: its name, what became of it, and the lines that differ."""

    module: str
    function: str
    fate: str
    change: str


def run() -> None:
    """Run mutmut in a copy; what it found there before is kept for functions that are as they were."""
    WORK.mkdir(parents=True, exist_ok=True)
    for name in COPIED:
        source, copied = ROOT / name, WORK / name
        if source.is_dir():
            shutil.rmtree(copied, ignore_errors=True)
            shutil.copytree(source, copied, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, copied)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    subprocess.run([sys.executable, "-m", "mutmut", "run"], cwd=WORK, check=True, env={**os.environ, "PATH": path})


def mutants() -> Iterator[Mutant]:
    """Every mutant of the last run."""
    explained = tomllib.loads(EXPLAINED.read_text(encoding="utf-8")) if EXPLAINED.exists() else {}
    for meta in sorted((WORK / "mutants" / "src").rglob("*.py.meta")):
        fates = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
        source = meta.with_suffix("").read_text(encoding="utf-8")
        functions = _functions(source) if fates else {}
        for key, code in fates.items():
            module, _, name = key.rpartition(".")
            function, _, _ = name.partition("__mutmut_")
            one, other = functions.get(f"{function}__mutmut_orig"), functions.get(name)
            if one is None or other is None:
                continue
            change = _change(one, other)
            yield Mutant(module, _plain(function), _fate(code, one, other, change, explained.get(module, {})), change)


def _functions(source: str) -> dict[str, ast.AST]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, kinds)}


def _plain(name: str) -> str:
    return name.removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")


def _fate(code: int | None, one: ast.AST, other: ast.AST, change: str, explained: dict[str, str]) -> str:
    if code in KILLED:
        return "killed"
    if code in TIMED_OUT:
        return "timed out"
    if code is None:
        return "not run"
    if _without_wording(one) == _without_wording(other):
        return "wording"
    return "explained" if change in explained else "survived"


class _Wording(ast.NodeTransformer):
    """Blanks what a person reads: the texts of what is raised, and the arguments that are words to people."""

    def visit_Raise(self, node: ast.Raise) -> ast.Raise:
        call = node.exc
        return ast.Raise(_blank(call), node.cause) if isinstance(call, ast.Call) else node

    def visit_Return(self, node: ast.Return) -> ast.AST:
        self.generic_visit(node)
        said = node.value.value if isinstance(node.value, ast.Constant) else None
        return ast.Return(ast.Constant("")) if isinstance(said, str) and said.count(" ") > 1 else node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        self.generic_visit(node)
        is_text = isinstance(node.value, ast.Constant | ast.JoinedStr)
        names = {each.id for each in node.targets if isinstance(each, ast.Name)}
        return ast.Assign(node.targets, ast.Constant("")) if is_text and names <= SAID_TO_PEOPLE else node

    def visit_Dict(self, node: ast.Dict) -> ast.AST:
        self.generic_visit(node)
        for place, key in enumerate(node.keys):
            if isinstance(key, ast.Constant) and key.value in SAID_TO_PEOPLE:
                node.values[place] = ast.Constant("")
        return node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        is_error = name.endswith(("Error", "Permitted", "Expired"))
        return _blank(node) if is_error or any(one.arg in SAID_TO_PEOPLE for one in node.keywords) else node


def _blank(call: ast.Call) -> ast.Call:
    kept = [one for one in call.keywords if one.arg not in SAID_TO_PEOPLE]
    words = [ast.Constant("") if isinstance(one, ast.Constant | ast.JoinedStr) else one for one in call.args]
    return ast.Call(call.func, words, kept)


def _without_wording(function: ast.AST) -> str:
    blanked = _Wording().visit(copy.deepcopy(function))
    blanked.name = ""
    return ast.dump(blanked)


def _change(one: ast.AST, other: ast.AST) -> str:
    lines = [ast.unparse(each).splitlines()[1:] for each in (one, other)]
    signatures = [ast.unparse(each.args) for each in (one, other) if hasattr(each, "args")]
    differing = [
        line for line in difflib.unified_diff(*lines, n=0, lineterm="") if not line.startswith(("---", "+++", "@@"))
    ]
    if len(set(signatures)) > 1:
        differing = [f"-({signatures[0]})", f"+({signatures[1]})", *differing]
    return " ".join(f"{line[0]} {line[1:].strip()}" for line in differing)


def report(found: list[Mutant], *, everything: bool) -> int:
    """Print a row a module, then what survived; how many survivors nothing explains."""
    fates = ("killed", "timed out", "wording", "explained", "survived", "not run")
    print("| module | mutants | " + " | ".join(fates) + " |\n| --- |" + " --- |" * (len(fates) + 1))
    for module in sorted({one.module for one in found}):
        counts = Counter(one.fate for one in found if one.module == module)
        print(f"| {module} | {counts.total()} | " + " | ".join(str(counts[fate]) for fate in fates) + " |")
    shown = {"survived", "explained", "wording", "not run"} if everything else {"survived"}
    for one in found:
        if one.fate in shown:
            print(f"\n{one.fate}: {one.module}.{one.function}\n    {one.change}")
    return sum(one.fate == "survived" for one in found)


def main() -> None:
    """Run and report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", action="store_true", help="run nothing")
    parser.add_argument("--all", action="store_true", help="name all that no test noticed")
    asked = parser.parse_args()
    if not asked.report:
        run()
    sys.exit(1 if report(list(mutants()), everything=asked.all) else 0)


if __name__ == "__main__":
    main()
