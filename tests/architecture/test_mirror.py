"""tests/unit mirrors src/itops: every module that does something has a test file of its own."""

import ast
from pathlib import Path


def does_something(source: str) -> bool:
    """Whether a function in it has a body: nouns without methods and bare ports have nothing to test."""
    return any(
        not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Constant)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for statement in node.body
    )


def modules(checkout: Path) -> dict[str, Path]:
    """Source modules by the path of their test. Migrations are tested as a whole, up and down, in storage's tests."""
    package = checkout / "src" / "itops"
    found = {}
    for path in sorted(package.rglob("*.py")):
        inside = path.relative_to(package)
        if path.name != "__init__.py" and "migrations" not in inside.parts:
            found[f"tests/unit/{inside.parent.as_posix()}/test_{path.name}".replace("/./", "/")] = path
    return found


def test_every_module_has_its_test(checkout: Path, exceptions: dict[str, dict[str, object]]) -> None:
    """Those of the testing room may do without: they are run by the tests of what they stand in for."""
    without = {
        str(path.relative_to(checkout))
        for test, path in modules(checkout).items()
        if "testing" not in path.parts
        and not (checkout / test).is_file()
        and does_something(path.read_text(encoding="utf-8"))
    }
    excepted = set(exceptions["unmirrored"])
    assert not without - excepted, "no unit test: " + ", ".join(sorted(without - excepted))
    assert not excepted - without, "no exception any more: " + ", ".join(sorted(excepted - without))


def test_every_unit_test_has_its_module(checkout: Path) -> None:
    """A second file about the same module starts with its name: test_bash_reader_wrappers.py."""
    stems = {test.removesuffix(".py") for test in modules(checkout)}
    unit = (checkout / "tests" / "unit").rglob("test_*.py")
    names = [str(path.relative_to(checkout).with_suffix("")) for path in unit]
    orphans = [name for name in names if not any(name == stem or name.startswith(f"{stem}_") for stem in stems)]
    assert not orphans, "no module for: " + ", ".join(sorted(orphans))


def test_packages_hold_no_code(checkout: Path) -> None:
    inits = (checkout / "src" / "itops").rglob("__init__.py")
    assert [str(path) for path in inits if does_something(path.read_text(encoding="utf-8"))] == []


def test_a_port_needs_no_test_and_a_function_does() -> None:
    assert not does_something("class P:\n    def f(self) -> None:\n        '''Promise.'''\n        ...\n")
    assert does_something("def f():\n    return 1\n")
