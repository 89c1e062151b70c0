"""How well the right instruction is found in a large library that nobody in this project wrote.

The queries run through ``InstructionManager.find``, with Chroma, MiniLM and the tables as they are in use. A hit is an
id that the data calls relevant. Linux and Windows queries search their platform and ``common``, those of AWS their own.
``--size 100000`` adds made-up variants of the rows and measures itops alone. Latency includes the embedding.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import retrieval_data as data
from itops.instructions.index.embeddings import MiniLmEmbeddings
from itops.instructions.instruction_manager import library_dir
from itops.instructions.search.ranking import THRESHOLD
from retrieval_baselines import TOP, Answer, Baselines, ask_chroma, chroma_alone
from retrieval_data import PLATFORMS, Query, Row

RESULTS = data.HERE / "results"
RESAMPLES = 4000
THRESHOLDS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)
WANTED = {"hit@1": 0.48, "hit@5": 0.74, "MRR@10": 0.58}
Numbers = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Run:
    """``figures`` has a row a query: hit@1, hit@5, hit@10, reciprocal rank; ``ms`` its latency."""

    figures: Numbers
    ms: Numbers


class Large:
    """All rows in one library."""

    def __init__(self, home: Path, threshold: float | None = None) -> None:
        self._library = data.open_library(home / "large", threshold=threshold)
        self._tools = data.host_tools()
        self._loop = asyncio.Runner()

    def build(self, rows: Sequence[Row]) -> float:
        begun = time.perf_counter()
        self._loop.run(data.fill(self._library, rows))
        return time.perf_counter() - begun

    def answer(self, query: Query) -> list[str]:
        return [one.instruction.id for one in self._find(query, TOP)]

    def trusts(self, query: Query) -> bool:
        return any(one.confident for one in self._find(query, 1))

    def _find(self, query: Query, top: int) -> list[Any]:
        tools = self._tools if query.platform == "linux" else None
        platform = PLATFORMS[query.platform]
        return self._loop.run(self._library.find(query.words, platform=platform, tools=tools, top=top))


def run(answer: Answer, queries: Sequence[Query]) -> Run:
    answer(Query("warm up", "linux", frozenset()))
    answer(Query("warm up", "aws", frozenset()))
    figures, ms = [], []
    for query in queries:
        begun = time.perf_counter()
        found = answer(query)
        ms.append(1000 * (time.perf_counter() - begun))
        rank = next((place for place, name in enumerate(found, 1) if name in query.relevant), 1000)
        figures.append([rank == 1, rank <= 5, rank <= 10, 1 / rank if rank <= 10 else 0])
    return Run(np.array(figures, dtype=np.float64), np.array(ms))


def interval(differences: Numbers) -> str:
    chance = np.random.default_rng(7)
    picks = chance.integers(0, len(differences), (RESAMPLES, len(differences)))
    low, high = np.percentile(differences[picks].mean(axis=1), [2.5, 97.5])
    return f"{low:+.3f} … {high:+.3f}"


def table(ours: Run, others: dict[str, Run]) -> list[str]:
    lines = [
        "| | hit@1 | hit@5 | hit@10 | MRR@10 | ms p50 | ms p95 |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, one in {**others, "**itops**": ours}.items():
        figures = " | ".join(f"{each:.3f}" for each in one.figures.mean(axis=0))
        p50, p95 = np.percentile(one.ms, [50, 95])
        lines.append(f"| {name} | {figures} | {p50:.1f} | {p95:.1f} |")
    return lines


def differences(ours: Run, others: dict[str, Run]) -> list[str]:
    lines = [
        "itops less …, 95 % paired bootstrap:",
        "",
        "| | hit@1 | hit@5 | MRR@10 |",
        "| --- | --- | --- | --- |",
    ]
    for name, one in others.items():
        gains = [interval(ours.figures[:, column] - one.figures[:, column]) for column in (0, 1, 3)]
        lines.append(f"| {name} | {' | '.join(gains)} |")
    return lines


def curve(home: Path, queries: Sequence[Query]) -> list[str]:
    """For each threshold: who is trusted wrongly, and who is refused wrongly."""
    lines = [
        f"Trust: the default threshold is {THRESHOLD}. The starter library is the one that comes with the package.",
        "",
        "| threshold | queries refused | outside accepted | outside accepted, starter | inside refused, starter |",
        "| --- | --- | --- | --- | --- |",
    ]
    strangers = [Query(words, "linux", frozenset()) for words in data.outside()]
    covered = [Query(words, "linux", frozenset()) for words in data.inside()]
    for threshold in THRESHOLDS:
        large, small = Large(home, threshold), Starter(home / "starter", threshold)
        shares = (
            1 - share(large, queries),
            share(large, strangers),
            share(small, strangers),
            1 - share(small, covered),
        )
        lines.append(f"| {threshold} | {' | '.join(f'{100 * each:.1f} %' for each in shares)} |")
    return lines


class Starter:
    """The starter library alone."""

    def __init__(self, home: Path, threshold: float) -> None:
        self._library = data.open_library(home, threshold=threshold)
        self._loop = asyncio.Runner()
        self._loop.run(self._library.ensure_library(library_dir()))

    def trusts(self, query: Query) -> bool:
        found = self._loop.run(self._library.find(query.words, platform=PLATFORMS[query.platform], top=1))
        return any(one.confident for one in found)


def share(library: Large | Starter, queries: Sequence[Query]) -> float:
    return sum(library.trusts(query) for query in queries) / len(queries)


def memory(what: str, home: Path) -> float:
    """The memory, in MB, of a process of its own that has opened what is built and answered twenty queries."""
    command = [sys.executable, __file__, "--memory-of", what, "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(json.loads(done.stdout.splitlines()[-1]))


def answer_a_few(what: str, home: Path) -> None:
    queries = data.load_queries()[:20]
    if what == "itops":
        libraries = Large(home)
        for query in queries:
            libraries.answer(query)
    else:
        collection, embeddings = chroma_alone(home / "chroma"), MiniLmEmbeddings()
        for query in queries:
            ask_chroma(collection, embeddings, query)
    resident = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    print(json.dumps(resident * resource.getpagesize() / 1e6))


def disk(*folders: Path) -> float:
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*") if file.is_file()) / 1e6


def space(home: Path) -> list[str]:
    index, tables = disk(home / "large" / "index"), disk(home / "large")
    return [
        "| | memory MB | disk MB |",
        "| --- | --- | --- |",
        f"| Chroma alone | {memory('chroma', home):.0f} | {disk(home / 'chroma'):.0f} |",
        f"| itops | {memory('itops', home):.0f} | {tables:.0f}, of it {index:.0f} the index |",
    ]


def measure(home: Path, rows: list[Row], *, alone: bool) -> tuple[list[str], Run]:
    queries = data.load_queries()
    large = Large(home)
    seconds = large.build(rows)
    ours = run(large.answer, queries)
    built = f"Build, tables and index: {len(rows) / seconds:.0f} documents a second ({seconds:.0f} s)."
    if alone:
        held = (
            f"Memory of a process that searches: {memory('itops', home):.0f} MB; disk: {disk(home / 'large'):.0f} MB."
        )
        return [*table(ours, {}), "", built, "", held, ""], ours
    baselines = Baselines(rows, home / "chroma")
    others = {name: run(answer, queries) for name, answer in baselines.answers().items()}
    report = [*table(ours, others), "", *differences(ours, others), "", built, "", *space(home), ""]
    return [*report, *curve(home, queries), ""], ours


def main() -> int:
    options = argparse.ArgumentParser()
    options.add_argument("--size", type=int, default=0)
    options.add_argument("--memory-of", choices=["itops", "chroma"])
    options.add_argument("--home", type=Path)
    chosen = options.parse_args()
    if not data.DATA.is_dir():
        print(f"Skipped: the benchmark data is not at {data.DATA}; set ITOPS_SHARED_DATA.")
        return 0
    if chosen.memory_of:
        answer_a_few(chosen.memory_of, chosen.home)
        return 0
    rows = data.grown(data.load_rows(), chosen.size)
    with tempfile.TemporaryDirectory() as folder:
        report, ours = measure(Path(folder), rows, alone=bool(chosen.size))
    title = f"# Finding the right instruction among {len(rows):,}"
    about = "`make bench-retrieval`; what is measured is described in `benchmarks/bench_retrieval.py`."
    text = "\n".join([title, "", about, "", *report])
    RESULTS.mkdir(exist_ok=True)
    name = f"retrieval_{chosen.size}.md" if chosen.size else "retrieval.md"
    (RESULTS / name).write_text(text, encoding="utf-8")
    print(text)
    hits: dict[str, float] = dict(zip(("hit@1", "hit@5", "hit@10", "MRR@10"), ours.figures.mean(axis=0), strict=True))
    return 0 if chosen.size or all(hits[figure] >= least for figure, least in WANTED.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
