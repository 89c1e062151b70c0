"""A worker that runs attempts and can be killed at any moment: ``worker_to_kill.py HOME COUNT``."""

import asyncio
import sys
from pathlib import Path

from itops.execution.system_executor import SystemExecutor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import HERE, approved


async def main(home: Path, count: int) -> None:
    executor = SystemExecutor(home / "attempts", SecretKeeper(home), Redactor())
    for number in range(count):
        text = f"echo start {number} >> {home}/lines; sleep 0.02; echo end {number} >> {home}/lines; echo {number}"
        result = await executor.run(approved(text), HERE, attempt=f"t-a-{number}-1-x", stop=asyncio.Event())
        sys.stdout.write(f"{number} {result.state.value} {result.stdout.text.strip()}\n")
        sys.stdout.flush()


asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
