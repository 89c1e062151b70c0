"""How long ``itops --help`` takes beside the help of a minimal two-command typer app, in the same run."""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MINIMAL = """
import typer

app = typer.Typer()


@app.command()
def one() -> None:
    "One."


@app.command()
def two() -> None:
    "Two."


app()
"""
ROUNDS = 25


def seconds(*command: str) -> float:
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - begun


def main() -> None:
    itops = str(Path(sys.executable).with_name("itops"))
    with tempfile.TemporaryDirectory() as folder:
        minimal = Path(folder) / "minimal.py"
        minimal.write_text(MINIMAL)
        pairs = [(seconds(itops, "--help"), seconds(sys.executable, str(minimal), "--help")) for _ in range(ROUNDS)]
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    text = (
        "| | median ms |\n| --- | --- |\n"
        f"| itops --help | {ours * 1000:.0f} |\n| minimal typer app --help | {theirs * 1000:.0f} |\n"
        f"| ratio (to reach: at most 1.5) | {ours / theirs:.2f} |\n"
    )
    print(text)
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "startup.md").write_text("# Start-up of the command line\n\n" + text)


if __name__ == "__main__":
    main()
