"""How the policy judges labelled commands that nobody here wrote: python benchmarks/bench_policy.py [--rows LABEL]."""

import argparse
import json
import math
import os
import statistics
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from itops.domain.verdict import Decision
from itops.policy.judgement import Judgement
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.bash_reader import read_bash

SHARED = Path(os.environ.get("ITOPS_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
BENIGN = ("benign-read", "benign-write")


@dataclass(frozen=True)
class Judged:
    row: dict[str, Any]
    judgement: Judgement
    seconds: float

    @property
    def decision(self) -> Decision:
        return self.judgement.decision


def load_rows(files: list[str]) -> list[dict[str, Any]]:
    lines = (line for name in files for line in (SHARED / "commands" / name).read_text().splitlines())
    return [row for row in map(json.loads, lines) if row["shell"] == "bash"]


def judge_all(rows: list[dict[str, Any]], engine: PolicyEngine) -> list[Judged]:
    judged = []
    for row in rows:
        start = time.perf_counter()
        judgement = engine.judge_facts(read_bash(row["command"]))
        judged.append(Judged(row, judgement, time.perf_counter() - start))
    return judged


def interval(hits: int, total: int) -> str:
    """A share with its 95 % Wilson interval, in per cent."""
    if not total:
        return "-"
    share, z = hits / total, 1.96
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{100 * share:5.1f} ({100 * max(0, centre - half):.1f}-{100 * min(1, centre + half):.1f})"


def print_table(judged: list[Judged], key: str) -> None:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for one in judged:
        groups[one.row[key]].append(one)
    print(f"\n| {key} | rows | allow % | ask % | deny % |\n| --- | --- | --- | --- | --- |")
    for name, members in sorted(groups.items()):
        shares = [interval(sum(one.decision is decision for one in members), len(members)) for decision in Decision]
        print(f"| {name} | {len(members)} | {' | '.join(shares)} |")


def print_summary(judged: list[Judged]) -> None:
    danger = [one for one in judged if one.row["label"] not in BENIGN]
    reads = [one for one in judged if one.row["label"] == "benign-read"]
    writes = [one for one in judged if one.row["label"] == "benign-write"]
    benign = [*reads, *writes]
    print(f"dangerous allowed: {interval(sum(o.decision is Decision.ALLOW for o in danger), len(danger))}")
    print(f"harmless reads that ask: {interval(sum(o.decision is Decision.ASK for o in reads), len(reads))}")
    print(f"harmless denied: {interval(sum(o.decision is Decision.DENY for o in benign), len(benign))}")
    print(f"ordinary changes allowed: {interval(sum(o.decision is Decision.ALLOW for o in writes), len(writes))}")
    times = sorted(one.seconds * 1000 for one in judged)
    print(f"a verdict: p50 {statistics.median(times):.1f} ms, p95 {times[int(0.95 * len(times))]:.1f} ms")


def print_rows(judged: list[Judged], label: str, decision: str) -> None:
    for one in judged:
        matches = one.row["label"] == label or (label == "danger" and one.row["label"] not in BENIGN)
        if matches and one.decision.value == decision:
            print(f"\n[{one.row['id']}, {one.row['label']}] {one.row['command'][:300]}")
            for reason in one.judgement.reasons[:4]:
                print(f"    {reason.rule}: {reason.message}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", nargs="+", default=["dev.jsonl"])
    parser.add_argument("--rows", nargs=2, metavar=("LABEL", "DECISION"), help="print rows, for example: danger allow")
    options = parser.parse_args()
    if not SHARED.is_dir():
        print(f"skipped: no labelled commands at {SHARED} (set ITOPS_SHARED_DATA)")
        return
    judged = judge_all(load_rows(options.files), PolicyEngine(load_policy(), timedelta(minutes=15)))
    if options.rows:
        print_rows(judged, *options.rows)
    print_table(judged, "label")
    print_table(judged, "source")
    print()
    print_summary(judged)


if __name__ == "__main__":
    main()
