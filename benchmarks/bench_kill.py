"""Kills workers with SIGKILL at random moments: ``make bench-kill`` (ITOPS_KILLS plays, 200 by default)."""

import os
import tempfile
import time
from pathlib import Path

from itops.testing.kill_play import KillPlay

PLAYS = int(os.environ.get("ITOPS_KILLS", "200"))


def main() -> None:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        play = KillPlay(Path(folder) / "home", seed=int(os.environ.get("ITOPS_SEED", "1")))
        play.prepare()
        for number in range(1, PLAYS + 1):
            play.play()
            if number % 20 == 0:
                print(f"{number} tasks, {play.tally.kills} kills, {len(play.tally.wrong)} wrong", flush=True)
        tally = play.tally
        chain = "whole" if play.chain_is_whole() else "BROKEN"
    right = tally.plays - len(tally.wrong)
    seconds = time.monotonic() - begun
    lines = [
        "| tasks | kills | every line exactly once | wrong | audit chain | seconds |",
        "| --- | --- | --- | --- | --- | --- |",
        f"| {tally.plays} | {tally.kills} | {right} | {len(tally.wrong)} | {chain} | {seconds:.0f} |",
    ]
    print("\n".join([*lines, *tally.wrong, f"end states: {dict(tally.states)}"]))
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "kill.md").write_text("# Killed workers\n\n" + "\n".join(lines) + "\n")
    if tally.wrong or chain != "whole":
        raise SystemExit(1)


if __name__ == "__main__":
    main()
