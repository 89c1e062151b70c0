"""The pages say what the code says."""

import contextlib
import importlib.util
import inspect
import io
import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from itops import errors
from itops.domain.event import TaskEvent

LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)\s#]+)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"^```[^\n]*\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|\| )(?:\$ )?(?:[A-Z_]+=\S+ )*(itops|make) ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", re.MULTILINE)


def pages(texts: dict[str, str]) -> dict[str, str]:
    """The pages for people; the instructions of the library are data."""
    data = ("src/", "tests/")
    return {name: text for name, text in texts.items() if name.endswith(".md") and not name.startswith(data)}


def calls(text: str) -> set[tuple[str, str]]:
    """The program and its first words, wherever a page's code calls itops or make."""
    return {call for code in CODE.findall(text) for call in CALL.findall("".join(code))}


def itops_takes(words: list[str], monkeypatch: pytest.MonkeyPatch) -> bool:
    from itops.entrypoints.cli import main

    monkeypatch.setattr("sys.argv", ["itops", *words, "--help"])
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            main()
        except SystemExit as end:
            return not end.code
    return True


def domain_modules(checkout: Path) -> list[ModuleType]:
    return [
        import_module(f"itops.domain.{path.stem}")
        for path in sorted((checkout / "src" / "itops" / "domain").glob("[a-z]*.py"))
    ]


def glossary_rows(texts: dict[str, str]) -> list[tuple[str, str, str]]:
    rows = re.findall(r"^\| (.+?) \| (.+?) \| ?(.*?) ?\|$", texts["docs/glossary.md"], re.MULTILINE)
    return [(word, meaning, code) for word, meaning, code in rows if word not in ("word", "---")]


def test_relative_links_lead_somewhere(checkout: Path, texts: dict[str, str]) -> None:
    lost = [
        f"{name}: {link}"
        for name, text in pages(texts).items()
        for link in LINK.findall(FENCE.sub("", text))
        if not (checkout / name).parent.joinpath(link).exists()
    ]
    assert not lost, "lost links: " + ", ".join(lost)


def test_the_error_tree_is_drawn_as_it_is() -> None:
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"([│ ]*[├└]── |(?=ItOpsError$))([A-Z]\w+)(?:\s+exit (\d))?", line)
        if not match:
            continue
        depth = len(match[1]) // 4
        path[depth:] = [match[2]]
        drawn[match[2]] = path[depth - 1] if depth else "Exception"
        if match[3]:
            assert getattr(errors, match[2]).exit_code == int(match[3]), line
    real = {
        name: error.__base__.__name__
        for name, error in vars(errors).items()
        if inspect.isclass(error) and issubclass(error, Exception) and error.__base__
    }
    assert drawn == real


def test_the_glossary_covers_the_domain(checkout: Path, texts: dict[str, str]) -> None:
    carried = set(re.findall(r"`(\w+)`", " ".join(code for _, _, code in glossary_rows(texts))))
    modules = domain_modules(checkout)
    classes = {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__ == module.__name__ and not issubclass(value, TaskEvent)
    }
    missing = classes - {"Noun"} - carried
    assert not missing, "not in docs/glossary.md: " + ", ".join(sorted(missing))
    lost = {name for name in carried if not any(hasattr(module, name) for module in modules)}
    assert not lost, "no such noun: " + ", ".join(sorted(lost))


def test_each_word_has_one_meaning(texts: dict[str, str]) -> None:
    words = [word for word, _, _ in glossary_rows(texts)]
    assert len(words) > 40
    assert sorted(set(words)) == sorted(words)


def test_the_architecture_names_every_room(checkout: Path, texts: dict[str, str]) -> None:
    if "ARCHITECTURE.md" not in texts:
        pytest.skip("there is no ARCHITECTURE.md yet")
    package = checkout / "src" / "itops"
    rooms = {path.parent.name for path in package.glob("*/__init__.py")} | {
        path.stem for path in package.glob("[a-z]*.py")
    }
    code = re.findall(r"`(?:src/itops/)?([a-z_]+)(?:\.py|/)`", texts["ARCHITECTURE.md"])
    assert not rooms - set(code), "not in ARCHITECTURE.md: " + ", ".join(sorted(rooms - set(code)))
    elsewhere = {path.name for path in checkout.iterdir()} | {path.name for path in package.iterdir()}
    lost = set(code) - rooms - elsewhere
    assert not lost, "ARCHITECTURE.md names what is not there: " + ", ".join(sorted(lost))


def test_pages_call_only_what_exists(checkout: Path, texts: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    if not (checkout / "src" / "itops" / "entrypoints" / "cli.py").is_file():
        pytest.skip("there is no command line yet")
    targets = set(re.findall(r"^([a-z][a-z-]*):", texts["Makefile"], re.MULTILINE))
    targets |= {name.replace("_", "-") for name in re.findall(r"benchmarks/(bench_\w+)\.py", "\n".join(texts))}
    said = {(name, *call) for name, text in pages(texts).items() for call in calls(text)}
    lost = [
        f"{name}: {program} {words}"
        for name, program, words in sorted(said)
        if not (words.split()[0] in targets if program == "make" else itops_takes(words.split(), monkeypatch))
    ]
    assert not lost, "no such command: " + ", ".join(lost)


def test_a_call_is_seen_in_code_alone() -> None:
    page = "itops runs.\n```console\n$ itops tasks show 7\n$ A=b make run TASK=x\n```\nSee `echo x | itops check -`.\n"
    assert calls(page) == {("itops", "tasks show"), ("make", "run"), ("itops", "check")}


def test_the_page_of_the_library_is_as_the_library_is(checkout: Path) -> None:
    spec = importlib.util.spec_from_file_location("library_page", checkout / "tools" / "library_page.py")
    assert spec
    assert spec.loader
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    assert (checkout / "docs" / "library.md").read_text(encoding="utf-8") == tool.page(), "run `make library-page`"
