"""How the policy judges labelled commands that nobody here wrote: python benchmarks/bench_policy.py [--rows LABEL]."""

import argparse
import json
import math
import os
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from itops.domain.verdict import Decision
from itops.policy.judgement import Judgement
from itops.policy.policy_engine import PolicyEngine
from itops.policy.policy_file import load_policy
from itops.scripts.aws_reader import read_aws
from itops.scripts.bash_reader import read_bash
from itops.scripts.powershell_reader import read_powershell_facts

SHARED = Path(os.environ.get("ITOPS_SHARED_DATA", Path(__file__).parents[2] / "shared" / "data"))
SLOWEST = Path(__file__).parents[1] / "tests" / "cases" / "policy" / "slowest.yaml"
DISPUTED = Path(__file__).parent / "disputed_labels.yaml"
BENIGN = ("benign-read", "benign-write")
PEERS = (
    ("seatbelt-guard", 43.3, 2.7),
    ("cmd-risk", 22.4, 2.3),
    ("bashboy strict", 99.6, 87.7),
    ("Codex-style safe list", 99.6, 86.0),
)
READERS = {"bash": read_bash, "powershell": read_powershell_facts, "aws": read_aws}


@dataclass(frozen=True)
class Judged:
    row: dict[str, Any]
    judgement: Judgement
    seconds: float

    @property
    def decision(self) -> Decision:
        return self.judgement.decision


def print_slowest(engine: PolicyEngine) -> None:
    """What the slowest texts that fuzzing has found take."""
    print("\n| slowest found | bytes | ms |\n| --- | --- | --- |")
    for row in yaml.safe_load(SLOWEST.read_text(encoding="utf-8")):
        text = "".join(part * times for part, times in row["parts"])
        start = time.perf_counter()
        engine.judge_facts(READERS[row["language"]](text))
        print(f"| {row['language']} | {len(text.encode())} | {(time.perf_counter() - start) * 1000:.0f} |")


def load_rows(files: list[str], shells: list[str]) -> list[dict[str, Any]]:
    lines = (line for name in files for line in (SHARED / "commands" / name).read_text().splitlines())
    return [row for row in map(json.loads, lines) if row["shell"] in shells]


def judge_all(rows: list[dict[str, Any]], engine: PolicyEngine) -> list[Judged]:
    for shell, read in READERS.items():
        read("ls" if shell != "aws" else "aws s3 ls")  # loads what it reads with, once
    judged = []
    for row in rows:
        start = time.perf_counter()
        judgement = engine.judge_facts(READERS[row["shell"]](row["command"]))
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
    """What the policy promises, one column a shell."""
    shells = sorted({one.row["shell"] for one in judged})
    print(f"\n| | {' | '.join(shells)} |\n| --- |{' --- |' * len(shells)}")
    for name, measure in MEASURES.items():
        members = [[one for one in judged if one.row["shell"] == shell] for shell in shells]
        print(f"| {name} | {' | '.join(measure(group) for group in members)} |")


def share(judged: list[Judged], chosen: Callable[[dict[str, Any]], bool], decision: Decision) -> str:
    group = [one for one in judged if chosen(one.row)]
    return interval(sum(one.decision is decision for one in group), len(group))


def percentile(judged: list[Judged], part: float) -> str:
    times = sorted(one.seconds * 1000 for one in judged)
    return f"{times[min(int(part * len(times)), len(times) - 1)]:.1f}"


def is_danger(row: dict[str, Any]) -> bool:
    return row["label"] not in BENIGN


def is_certain_danger(row: dict[str, Any]) -> bool:
    return row["label"] == "destructive" or "evasion" in row["category"] or "bypass" in row["category"].lower()


MEASURES: dict[str, Callable[[list[Judged]], str]] = {
    "rows": lambda judged: str(len(judged)),
    "dangerous allowed %": lambda judged: share(judged, is_danger, Decision.ALLOW),
    "dangerous denied %": lambda judged: share(judged, is_danger, Decision.DENY),
    "destructive or evasion allowed %": lambda judged: share(judged, is_certain_danger, Decision.ALLOW),
    "harmless reads that ask %": lambda judged: share(judged, lambda row: row["label"] == BENIGN[0], Decision.ASK),
    "harmless denied %": lambda judged: share(judged, lambda row: row["label"] in BENIGN, Decision.DENY),
    "ordinary changes allowed %": lambda judged: share(judged, lambda row: row["label"] == BENIGN[1], Decision.ALLOW),
    "a verdict, p50 ms": lambda judged: percentile(judged, 0.5),
    "a verdict, p95 ms": lambda judged: percentile(judged, 0.95),
}


def print_disputed(judged: list[Judged]) -> None:
    """The figures once more without rows whose label is disputed, and those rows with the reason."""
    reasons = {row: group["reason"] for group in yaml.safe_load(DISPUTED.read_text()) for row in group["rows"]}
    print(f"\nWithout the {sum(one.row['id'] in reasons for one in judged)} rows whose label is disputed:")
    print_summary([one for one in judged if one.row["id"] not in reasons])
    print("\n| disputed | label | decision | why |\n| --- | --- | --- | --- |")
    for one in judged:
        if one.row["id"] in reasons:
            row = (one.row["id"], one.row["label"], one.decision.value, reasons[one.row["id"]])
            print(f"| {' | '.join(row)} |")


def print_peers() -> None:
    """What other tools were measured to do on rows of the same kind."""
    print("\n| peer | danger flagged % | harmless reads flagged % |\n| --- | --- | --- |")
    for name, danger, reads in PEERS:
        print(f"| {name} | {danger} | {reads} |")


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
    parser.add_argument("--shells", nargs="+", choices=READERS, default=list(READERS))
    parser.add_argument("--rows", nargs=2, metavar=("LABEL", "DECISION"), help="print rows, for example: danger allow")
    options = parser.parse_args()
    if not SHARED.is_dir():
        print(f"skipped: no labelled commands at {SHARED} (set ITOPS_SHARED_DATA)")
        return
    judged = judge_all(load_rows(options.files, options.shells), PolicyEngine(load_policy(), timedelta(minutes=15)))
    if options.rows:
        print_rows(judged, *options.rows)
    print_table(judged, "label")
    print_table(judged, "source")
    print_table(judged, "shell")
    print_summary(judged)
    print_disputed(judged)
    print_peers()
    print_slowest(PolicyEngine(load_policy(), timedelta(minutes=15)))


if __name__ == "__main__":
    main()
