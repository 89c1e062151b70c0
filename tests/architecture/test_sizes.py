"""Files and functions stay small; see exceptions.toml for those that don't yet."""

import ast
from collections.abc import Iterator
from pathlib import Path

LONGEST_FILE = 400
LONGEST_FUNCTION = 40
FOLDERS = ("src", "tests", "benchmarks")


def python_files(checkout: Path) -> Iterator[Path]:
    for folder in FOLDERS:
        yield from sorted((checkout / folder).rglob("*.py"))


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        inner = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{prefix}{node.name}."
            if not isinstance(node, ast.ClassDef):
                yield f"{prefix}{node.name}", node
        yield from functions(node, inner)


def agree(too_long: dict[str, int], excepted: dict[str, object]) -> None:
    surplus = sorted(too_long.items() - excepted.items())
    assert not surplus, "too long: " + ", ".join(f"{name} ({lines} lines)" for name, lines in surplus)
    stale = sorted(excepted.keys() - too_long.keys())
    assert not stale, "no exception any more: " + ", ".join(stale)


def test_files_are_short(checkout: Path, exceptions: dict[str, dict[str, object]]) -> None:
    lengths = {
        str(path.relative_to(checkout)): len(path.read_text(encoding="utf-8").splitlines())
        for path in python_files(checkout)
    }
    agree({name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}, exceptions["file_lines"])


def test_functions_are_short(checkout: Path, exceptions: dict[str, dict[str, object]]) -> None:
    lengths = {
        f"{path.relative_to(checkout)}::{name}": body_lines(function)
        for path in python_files(checkout)
        for name, function in functions(ast.parse(path.read_text(encoding="utf-8")))
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION}
    agree(too_long, exceptions["function_lines"])


def test_a_long_function_is_seen() -> None:
    source = "class A:\n    def f(self):\n        '''Says what.'''\n" + "        x = 1\n" * (LONGEST_FUNCTION + 1)
    assert {name: body_lines(node) for name, node in functions(ast.parse(source))} == {"A.f": LONGEST_FUNCTION + 1}
