"""How well requests are split into steps without a model, on real runbooks that nobody in this project wrote.

From a task and its description the steps are predicted. A predicted step and a step of the runbook are the same where
the MiniLM cosine of their words (the step's title or its detail, the better) is at least .45; each is used once.
Coverage is the share of the runbook's steps that are predicted, precision the share of predicted steps that are the
runbook's, both as means over tasks. Titles like ``stopInstances`` are read as words.
"""

import json
import os
import random
import re
import statistics
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from itops.agents.task_splitter import outline
from itops.instructions.index.embeddings import MiniLmEmbeddings

HERE = Path(__file__).resolve().parent
DATA = Path(os.environ.get("ITOPS_SHARED_DATA", HERE.parent.parent / "shared" / "data"))
SAME = 0.45
WANTED = 0.70
RESAMPLES = 2000
DESCRIBED = ("unskript", "ssm")


@dataclass(frozen=True)
class Runbook:
    source: str
    task: str
    description: str
    steps: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Score:
    coverage: float
    precision: float


Splitter = Callable[[Runbook], Sequence[str]]


def load() -> list[Runbook]:
    rows = map(json.loads, (DATA / "decomposition" / "tasks_dev.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        Runbook(
            source=row["id"].partition("/")[0],
            task=row["task"],
            description=row.get("description") or "",
            steps=tuple(tuple(filter(None, (_words(s.get("title")), s.get("detail")))) for s in row["steps"]),
        )
        for row in rows
    ]


def whole(runbook: Runbook) -> list[str]:
    return [f"{runbook.task}. {runbook.description}".strip()]


def sentences(runbook: Runbook) -> list[str]:
    said = re.split(r"(?<=[.!?;])\s+|\n", runbook.description)
    return [runbook.task, *(sentence.strip() for sentence in said if sentence.strip(" ."))]


def ours(runbook: Runbook) -> Sequence[str]:
    return outline(f"{runbook.task}\n{runbook.description}")


class Measure:
    def __init__(self) -> None:
        self._embeddings = MiniLmEmbeddings()
        self._known: dict[str, list[float]] = {}

    def score(self, runbook: Runbook, steps: Sequence[str]) -> Score:
        self._learn([*steps, *(words for step in runbook.steps for words in step)])
        same = [[any(self._cosine(said, words) >= SAME for words in step) for step in runbook.steps] for said in steps]
        found = matched(same)
        return Score(found / len(runbook.steps), found / len(steps))

    def _learn(self, texts: list[str]) -> None:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known.update(zip(new, self._embeddings.embed(new), strict=True))

    def _cosine(self, one: str, other: str) -> float:
        return sum(a * b for a, b in zip(self._known[one], self._known[other], strict=True))


def matched(same: list[list[bool]]) -> int:
    """The size of the largest one-to-one match."""
    partner: dict[int, int] = {}

    def place(row: int, seen: set[int]) -> bool:
        for column, alike in enumerate(same[row]):
            if alike and column not in seen:
                seen.add(column)
                if column not in partner or place(partner[column], seen):
                    partner[column] = row
                    return True
        return False

    return sum(place(row, set()) for row in range(len(same)))


def interval(differences: list[float]) -> str:
    chance = random.Random(7)
    means = sorted(statistics.fmean(chance.choices(differences, k=len(differences))) for _ in range(RESAMPLES))
    return f"{means[RESAMPLES // 40]:+.3f} … {means[-RESAMPLES // 40]:+.3f}"


def table(runbooks: list[Runbook], measure: Measure) -> tuple[list[str], Score]:
    splitters: dict[str, Splitter] = {"whole task as one step": whole, "sentences": sentences, "itops, no model": ours}
    scores = {name: [measure.score(book, split(book)) for book in runbooks] for name, split in splitters.items()}
    lines = ["| split by | steps a task | coverage | precision |", "| --- | --- | --- | --- |"]
    for name, split in splitters.items():
        each = statistics.fmean(len(split(book)) for book in runbooks)
        lines.append(
            f"| {name} | {each:.1f} | {_mean(scores[name]).coverage:.3f} | {_mean(scores[name]).precision:.3f} |"
        )
    pairs = list(zip(scores["itops, no model"], scores["sentences"], strict=True))
    coverage = interval([mine.coverage - base.coverage for mine, base in pairs])
    precision = interval([mine.precision - base.precision for mine, base in pairs])
    lines += ["", f"itops less sentences, 95 % paired bootstrap: coverage {coverage}, precision {precision}."]
    return lines, _mean(scores["itops, no model"])


def main() -> int:
    if not DATA.is_dir():
        print(f"Skipped: the benchmark data is not at {DATA}; set ITOPS_SHARED_DATA.")
        return 0
    runbooks, measure = load(), Measure()
    described = [runbook for runbook in runbooks if runbook.source in DESCRIBED]
    rows, reached = table(described, measure)
    steps = sum(len(runbook.steps) for runbook in runbooks)
    report = [
        "# Splitting a request into steps, without a model",
        "",
        "`make bench-decomposition`; what is measured is described in `benchmarks/bench_decomposition.py`.",
        "",
        f"## Runbooks whose words describe their steps ({len(described)}; {' and '.join(DESCRIBED)})",
        "",
        *rows,
        "",
        f"## All {len(runbooks)} runbooks ({steps} steps)",
        "",
        "The others can't be read out of their words: incident scenarios name the fault and not the mending (itbench),",
        "and the steps of pipelines are bare program names such as `cut` (nl2bash-pipe).",
        "",
        *table(runbooks, measure)[0],
        "",
    ]
    (HERE / "results").mkdir(exist_ok=True)
    (HERE / "results" / "decomposition.md").write_text("\n".join(report), encoding="utf-8")
    print("\n".join(report))
    return 0 if reached.coverage >= WANTED and reached.precision >= WANTED else 1


def _words(name: str | None) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name or "")


def _mean(scores: list[Score]) -> Score:
    return Score(
        statistics.fmean(score.coverage for score in scores), statistics.fmean(score.precision for score in scores)
    )


if __name__ == "__main__":
    sys.exit(main())
