"""Heavy packages are imported when first needed, so that `itops --help` stays instant."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# Nothing of these stands at the top of a module; whatever a module needs of them it imports in the function that does.
NEVER_AT_THE_TOP = {
    "autogen_agentchat", "bm25s", "boto3", "chromadb", "crewai", "dbos", "gradio", "langchain", "langgraph", "numpy",
    "onnxruntime", "pydantic_ai", "tokenizers", "tree_sitter", "tree_sitter_bash",
    "tree_sitter_powershell",
}  # fmt: skip
NOT_FOR_HELP = NEVER_AT_THE_TOP | {
    "alembic", "anthropic", "fastapi", "grpc", "httpx", "kubernetes", "openai", "pandas", "psycopg", "sqlalchemy",
    "starlette", "uvicorn",
}  # fmt: skip


def top_imports(node: ast.AST) -> Iterator[str]:
    """Packages imported when the module is: not those in a function, nor those for type checkers alone."""
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (alias.name.partition(".")[0] for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module.partition(".")[0]
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                continue
            case _:
                yield from top_imports(child)


def test_nothing_heavy_at_the_top_of_a_module(checkout: Path, exceptions: dict[str, dict[str, object]]) -> None:
    found = {
        str(path.relative_to(checkout)): package
        for path in sorted((checkout / "src").rglob("*.py"))
        for package in top_imports(ast.parse(path.read_text(encoding="utf-8")))
        if package in NEVER_AT_THE_TOP
    }
    surplus = sorted(found.items() - exceptions["heavy_at_the_top"].items())
    assert not surplus, f"import it where it is first needed: {surplus}"
    stale = sorted(exceptions["heavy_at_the_top"].keys() - found.keys())
    assert not stale, "no exception any more: " + ", ".join(stale)


def test_a_heavy_import_is_seen() -> None:
    source = "if TYPE_CHECKING:\n import numpy\ntry:\n import a\nexcept E:\n import chromadb.api\ndef f():\n import b\n"
    assert list(top_imports(ast.parse(source))) == ["a", "chromadb"]


def test_help_loads_nothing_heavy(checkout: Path) -> None:
    if not (checkout / "src" / "itops" / "entrypoints" / "cli.py").is_file():
        pytest.skip("there is no command line yet")
    script = (
        "import contextlib, io, sys\n"
        "from itops.entrypoints.cli import main\n"
        "sys.argv = ['itops', '--help']\n"
        "with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as help:\n"
        "    main()\n"
        "assert 'run' in help.getvalue(), help.getvalue()\n"
        "print(*sys.modules)\n"
    )
    finished = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr
    assert NOT_FOR_HELP.intersection(finished.stdout.split()) == set()
