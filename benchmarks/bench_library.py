"""How the library does with an organisation's amount of instructions: import, sync of one change, news to others.

The pages are tldr pages of ../shared/data/retrieval, written out as they are published; all of them are imported,
judged, published and indexed. Then 10,000 instruction files are synced, one of them is changed, and a second process
that goes on searching is timed until it sees the change.
"""

import argparse
import asyncio
import gzip
import json
import logging
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Iterator
from pathlib import Path

from itops.bootstrap import House
from itops.domain.identity import Person
from itops.domain.target import Platform
from itops.instructions.importers.import_service import ImportOrder
from itops.instructions.runbooks.runbook_loader import load_file, to_markdown
from itops.settings import load_settings

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("ITOPS_SHARED_DATA", HERE.parent.parent / "shared" / "data")) / "retrieval"
BENCH = Person(id="bench")
FILES = 10_000
ROUNDS = 7
Row = tuple[str, str]

READER = """
import asyncio, sys, time
from itops.bootstrap import House
from itops.domain.target import Platform
from itops.settings import load_settings

async def main():
    house = House(load_settings())
    library = house.library
    await library.find("warm up", platform=Platform.LINUX)
    print("ready", flush=True)
    for line in sys.stdin:
        wanted = line.strip()
        while True:
            found = await library.find(wanted, platform=Platform.LINUX, top=1)
            if found and found[0].instruction.title == wanted:
                break
            await asyncio.sleep(0.005)
        print(time.time(), flush=True)
    house.close()

asyncio.run(main())
"""


def write_pages(folder: Path) -> int:
    """The pages as tldr publishes them."""
    pages: dict[str, list[dict[str, str]]] = defaultdict(list)
    with gzip.open(DATA / "instructions.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            pages[row["page"]].append(row)
    for page, rows in pages.items():
        file = folder / "pages" / f"{page}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        examples = (f"- {row['description']}:\n\n`{row['command_raw']}`\n" for row in rows)
        file.write_text("\n".join((f"# {rows[0]['title']}\n", f"> {rows[0]['about']}\n", *examples)), encoding="utf-8")
    return len(pages)


async def import_pages(house: House, folder: Path) -> Iterator[Row]:
    number = write_pages(folder)
    order = ImportOrder(form="tldr", path=folder / "pages", publish=True)
    begun = time.perf_counter()
    await house.imports.plan(order)
    read = time.perf_counter() - begun
    begun = time.perf_counter()
    report = await house.imports.take(order, by=BENCH)
    took = time.perf_counter() - begun
    begun = time.perf_counter()
    again = await house.imports.take(order, by=BENCH)
    twice = time.perf_counter() - begun
    assert again.counts.added == again.counts.edited == 0, "the second import changes something"
    rate = report.counts.added / took
    return iter(
        [
            ("tldr pages imported", f"{number:,}"),
            ("instructions out of them", f"{report.counts.added:,}; {len(report.problems)} files left out"),
            ("read and judged alone (dry run)", f"{read:.0f} s"),
            ("read, judged, published and indexed", f"{took:.0f} s ({rate:.0f} instructions a second)"),
            ("the same import again (changes nothing)", f"{twice:.0f} s"),
        ]
    )


async def sync_files(house: House, folder: Path) -> Iterator[Row]:
    library = house.library
    files = folder / "files"
    files.mkdir()
    found = await library.list()
    for one in found[:FILES]:
        (files / f"{one.id}.md").write_text(to_markdown(one), encoding="utf-8")
    first = await timed(library.sync(files, by=BENCH, publish=True))
    nothing = await timed(library.sync(files, by=BENCH, publish=True))
    changes = []
    for number, file in enumerate(sorted(files.iterdir())[:ROUNDS]):
        changed = load_file(file).model_copy(update={"title": f"A changed title, number {number}"})
        file.write_text(to_markdown(changed), encoding="utf-8")
        changes.append(await timed(library.sync(files, by=BENCH, publish=True)))
    command = [str(Path(sys.executable).with_name("itops")), "instructions", "sync", str(files), "--publish"]
    file = max(files.iterdir())
    file.write_text(to_markdown(load_file(file).model_copy(update={"title": "Changed"})), encoding="utf-8")
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    whole = time.perf_counter() - begun
    return iter(
        [
            (f"first sync of {FILES:,} files (all are in the library already)", f"{first:.1f} s"),
            ("sync where nothing changed", f"{nothing * 1000:.0f} ms"),
            ("sync of one changed file, index included (to reach: under 1 s)", spread(changes)),
            ("`itops instructions sync` of one changed file, the whole command", f"{whole:.1f} s"),
        ]
    )


async def tell_another_process(house: House) -> Iterator[Row]:
    library = house.library
    instruction = next(one for one in await library.list() if one.platform is Platform.LINUX)
    with subprocess.Popen(
        [sys.executable, "-c", READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdin
        assert reader.stdout
        assert reader.stdout.readline() == "ready\n"
        edits, visible = [], []
        for number in range(ROUNDS):
            title = f"Polish the brass plate of entrance {number}"
            changed = instruction.model_copy(update={"title": title, "phrases": ()})
            reader.stdin.write(f"{title}\n")
            reader.stdin.flush()
            begun = time.time()
            edits.append(await timed(library.edit(changed, by=BENCH, publish=True)))
            visible.append(await asyncio.to_thread(lambda: float(reader.stdout.readline())) - begun)
        reader.stdin.close()
    return iter(
        [
            ("an edit, index included", spread(edits)),
            ("from the edit's begin until another process finds it", spread(visible)),
        ]
    )


async def timed(work: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


def spread(seconds: list[float]) -> str:
    return f"median {statistics.median(seconds) * 1000:.0f} ms, worst {max(seconds) * 1000:.0f} ms"


def start(words: str) -> float:
    """A whole command in a new process."""
    begun = time.perf_counter()
    subprocess.run([str(Path(sys.executable).with_name("itops")), "search", words], check=True, capture_output=True)
    return time.perf_counter() - begun


def size_of(folder: Path) -> str:
    return f"{sum(file.stat().st_size for file in folder.rglob('*') if file.is_file()) / 1e6:.0f} MB"


async def measure(folder: Path) -> str:
    house = House(load_settings())
    await house.filled_library()
    rows = [*await import_pages(house, folder)]
    rows += [*await sync_files(house, folder), *await tell_another_process(house)]
    house.close()
    starts = [start(f"list the open files of process {number}") for number in range(3)]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    home = Path(os.environ["ITOPS_HOME"])
    rows += [
        ("`itops search` in a new process on this library", f"{statistics.median(starts):.1f} s"),
        ("memory of the process that did all this, at most", f"{memory:.0f} MB"),
        ("disk: the database with every version and the journal", size_of(home) + " in all"),
        ("disk: the search index of it", size_of(home / "index")),
    ]
    return "| | |\n| --- | --- |\n" + "".join(f"| {name} | {value} |\n" for name, value in rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.parse_args()
    if not DATA.is_dir():
        print(f"Skipped: there is no benchmark data in {DATA} (set ITOPS_SHARED_DATA).")
        return
    logging.disable(logging.INFO)
    with tempfile.TemporaryDirectory() as name:
        os.environ["ITOPS_HOME"] = str(Path(name) / "home")
        text = asyncio.run(measure(Path(name)))
    print(text)
    (HERE / "results" / "library.md").write_text(f"# The library at an organisation's size\n\n{text}", encoding="utf-8")


if __name__ == "__main__":
    main()
