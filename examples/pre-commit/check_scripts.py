#!/usr/bin/env python3
"""Judge scripts and the code blocks of runbooks with `itops check`. Nothing is run.

Usage: check_scripts.py [--fail-on deny|ask] FILE...

Exit codes: 0 nothing that matters, 1 something was judged as --fail-on says or worse, and whatever `itops check`
leaves where it can't judge (2 or 6).
"""

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

ENDINGS = {".sh": "bash", ".bash": "bash", ".ps1": "powershell"}
FENCES = {"bash": "bash", "sh": "bash", "shell": "bash", "powershell": "powershell", "ps1": "powershell"}
FENCE = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHEBANG = re.compile(r"#!.*\b(?:ba)?sh\b")
WEIGHT = {"allow": 0, "ask": 1, "deny": 2}


def rows_of(path: Path) -> list[dict[str, str]]:
    """What is to be judged in a file: the whole script, or each code block of a Markdown file."""
    text = path.read_text(encoding="utf-8", errors="replace")
    if path.suffix == ".md":
        blocks = [(found, FENCES.get(found[1].lower())) for found in FENCE.finditer(text)]
        return [
            {"id": f"{path}:{text.count(chr(10), 0, found.start()) + 2}", "shell": shell, "command": found[2]}
            for found, shell in blocks
            if shell and found[2].strip()
        ]
    shell = ENDINGS.get(path.suffix) or ("bash" if SHEBANG.match(text) else "")
    return [{"id": f"{path}:1", "shell": shell, "command": text}] if shell and text.strip() else []


def main() -> int:
    """Judge the files that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--fail-on", choices=["ask", "deny"], default="deny")
    parser.add_argument("files", nargs="*", type=Path)
    given = parser.parse_args()
    rows = [row for path in given.files for row in rows_of(path)]
    if not rows:
        return 0
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    # The command line is a constant; what is judged goes to standard input and is never run.
    judged = subprocess.run(
        ["itops", "check", "--jsonl", "-"],
        input=lines,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if judged.returncode not in {0, 1, 3}:
        return judged.returncode
    worst = 0
    for one in map(json.loads, judged.stdout.splitlines()):
        worst = max(worst, WEIGHT[one["verdict"]])
        if one["verdict"] != "allow":
            reasons = "; ".join(f"{reason['message']} [{reason['rule']}]" for reason in one["reasons"])
            sys.stdout.write(f"{one['id']}: {one['verdict']}: {reasons}\n")
    return 1 if worst >= WEIGHT[given.fail_on] else 0


if __name__ == "__main__":
    sys.exit(main())
