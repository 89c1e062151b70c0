"""What a command on many targets costs: itops over SSH beside bare asyncssh, on a real server on loopback.

Every target is an address of its own (127.0.0.N), so each has its own connection. The account's shell starts clean.
"""

import argparse
import asyncio
import statistics
import tempfile
import time
from pathlib import Path

import asyncssh

from itops.domain.connection import Connection
from itops.domain.target import Platform, Target
from itops.execution.ssh_executor import SshExecutor
from itops.redaction import Redactor
from itops.secrets.secret_keeper import SecretKeeper
from itops.testing.approved_scripts import approved
from itops.testing.ssh_server import SshServer


def connections(server: SshServer, count: int) -> list[Connection]:
    hosts = [f"127.0.{number // 250}.{number % 250 + 2}" for number in range(count)]
    key = (server.folder / "host_key.pub").read_text()
    (server.folder / "known_hosts").write_text("".join(f"[{host}]:{server.port} {key}" for host in hosts))
    return [server.connection.model_copy(update={"host": host}) for host in hosts]


async def bare(found: list[Connection], rounds: int) -> list[float]:
    known = asyncssh.read_known_hosts(found[0].known_hosts)
    started = time.perf_counter()
    links = await asyncio.gather(
        *(
            asyncssh.connect(
                one.host, one.port, username=one.user, client_keys=[*one.key_files], known_hosts=known, config=[]
            )
            for one in found
        )
    )
    seconds = []
    for _ in range(rounds):
        ends = await asyncio.gather(*(link.run("uptime") for link in links))
        assert all(end.exit_status == 0 for end in ends)
        seconds.append(time.perf_counter() - started)
        started = time.perf_counter()
    for link in links:
        link.close()
    return seconds


async def ours(found: list[Connection], rounds: int, folder: Path) -> list[float]:
    targets = tuple(Target(name=one.host, platform=Platform.LINUX, executor="ssh") for one in found)
    by_name = dict(zip((target.name for target in targets), found, strict=True))
    executor = SshExecutor(folder, lambda target: by_name[target.name], SecretKeeper(folder), Redactor())
    script, seconds = approved("uptime", *targets), []
    for number in range(rounds):
        started, stop = time.perf_counter(), asyncio.Event()
        results = await asyncio.gather(
            *(
                executor.run(script, target, attempt=f"b{number}-{target.name}-{folder.name}", stop=stop)
                for target in targets
            )
        )
        seconds.append(time.perf_counter() - started)
        assert all(result.exit_code == 0 for result in results), results[0]
    await executor.close()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--targets", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        server = SshServer(Path(name), listen="0.0.0.0").start()  # noqa: S104 - all of loopback's addresses
        try:
            found = connections(server, given.targets)
            for repeat in range(given.repeats):
                for label, seconds in (
                    ("asyncssh", asyncio.run(bare(found, given.rounds))),
                    ("itops", asyncio.run(ours(found, given.rounds, Path(name) / f"sent{repeat}"))),
                ):
                    warm = statistics.median(seconds[1:])
                    each = 1000 * warm / given.targets
                    print(f"{label:9} cold {seconds[0]:.2f} s   warm {warm:.3f} s   {each:.1f} ms a target")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
