"""A worker that runs one attempt over SSH and can be killed at any moment: ``ssh_worker_to_kill.py FOLDER ATTEMPT``."""

import asyncio
import sys
from pathlib import Path

from itops.domain.connection import Connection
from itops.domain.target import Target
from itops.execution.ssh_executor import SshExecutor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import approved


async def main(folder: Path, attempt: str) -> None:
    connection = Connection.model_validate_json((folder / "connection").read_text())
    target = Target.model_validate_json((folder / "target").read_text())
    executor = SshExecutor(folder / "sent", lambda _: connection, SecretKeeper(folder), Redactor())
    script = approved((folder / "text").read_text(), target)
    result = await executor.run(script, target, attempt=attempt, stop=asyncio.Event())
    sys.stdout.write(f"{result.state.value} {result.stdout.text.strip()}\n")


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
