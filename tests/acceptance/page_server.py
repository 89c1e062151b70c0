"""``itops serve`` in a process of its own, with a small library of deterministic instructions, for the page's tests."""

import os
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path
from queue import Empty, Queue

_LINK = re.compile(r"http://127\.0\.0\.1:\d+/\?token=\S+")
_WAIT_SECONDS = 120

HOSTILE = """<img src=x onerror="window.pwned=1"><script>window.pwned=2</script>
![picture](http://evil.invalid/a.png) [link](http://evil.invalid/)
```
</code></pre><b id="broken-out">out</b>
{{constructor.constructor('window.pwned=3')()}} ${window.pwned=4} \u202egnorw
"""


def library(folder: Path, work: Path) -> None:
    """Write instructions whose effects stay inside ``work``."""
    folder.mkdir()
    work.mkdir()
    (work / "hostile.txt").write_text(HOSTILE)
    title = 'Show the zebra report <img src=x onerror="window.pwned=5"> ![x](http://evil.invalid/t.png)'
    _write(folder, "zebra", title, "read", f"cat {work}/hostile.txt")
    _write(folder, "giraffe", "Count the giraffes slowly", "read", "sleep 5\necho 'there are 3 giraffes'")
    _write(folder, "okapi", "Make the okapi folder", "change", f"mkdir -- {work}/okapi")
    _write(folder, "tapir", "Make the tapir folder", "change", f"mkdir -- {work}/tapir")
    _write(folder, "unicorn", "Look for the unicorn", "read", f"cat {work}/unicorn.txt")
    _write(folder, "falcon", "Silence the falcon watch", "change", "pkill falco")
    _write(
        folder,
        "llama",
        "Make a new llama key",
        "change",
        f"cat > {work}/llama.txt",
        "secrets: {password: {generate: true, deliver: stdin}}\n",
    )
    _write(
        folder,
        "walrus",
        "Feed the walrus",
        "read",
        "printf 'fed with %s\\n' {{ food }}",
        "parameters:\n  food: {description: What it eats, type: text, pattern: '[a-z]{3,12}', phrases: ['with {}']}\n",
    )


def _write(folder: Path, name: str, title: str, effect: str, run: str, more: str = "") -> None:
    text = (
        f"---\nid: demo.{name}\ntitle: '{title}'\nplatform: linux\neffect: {effect}\n{more}"
        f"phrases: ['{title.partition(' <')[0]}']\n---\nFor the tests of the page.\n\n```bash run\n{run}\n```\n"
    )
    (folder / f"{name}.md").write_text(text)


class PageServer:
    """A running ``itops serve``; ``link`` is its newest one-time link."""

    def __init__(self, home: Path, cwd: Path) -> None:
        self._cwd = cwd
        self._environment = {**os.environ, "ITOPS_HOME": str(home)}
        self._lines: Queue[str] = Queue()
        self.port = 0
        self.link = ""

    def itops(self, *words: str) -> None:
        """Another call of the command line on the same home."""
        subprocess.run(
            [sys.executable, "-m", "itops.entrypoints.cli", *words],
            env=self._environment,
            cwd=self._cwd,
            check=True,
            capture_output=True,
            timeout=_WAIT_SECONDS,
        )

    def start(self) -> None:
        """Start it, on the port it had before if it had one, and wait for its link."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "itops.entrypoints.cli", "serve", "--port", str(self.port)],
            env=self._environment,
            cwd=self._cwd,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()
        self.link = self.next_link()
        self.port = int(self.link.split(":")[2].partition("/")[0])

    def next_link(self) -> str:
        """The next one-time link that it prints."""
        seen = []
        while True:
            try:
                seen.append(self._lines.get(timeout=_WAIT_SECONDS))
            except Empty:
                raise AssertionError("itops serve printed no link:\n" + "".join(seen)) from None
            found = _LINK.search(seen[-1])
            if found:
                return found.group()

    def stop(self) -> int:
        """End it as a service manager does; its exit code."""
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(timeout=30)

    def _read(self, process: subprocess.Popen[str]) -> None:
        for line in process.stdout or ():
            self._lines.put(line)
