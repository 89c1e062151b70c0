"""Throws texts at the readers and the policy for a while: python benchmarks/fuzz/fuzz_policy.py [--seconds 60].

With atheris (`pip install atheris`) coverage guides it; without, texts of the tests are mutated at random. It ends by
itself; a text for which something does not hold ends it at once, with the text in ``--found``. The slowest texts are
written there too.
"""

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from seeds import TOKENS, seeds

atheris: Any
try:
    import atheris  # pyright: ignore[reportMissingModuleSource] - it is optional
except ImportError:
    atheris = None

if atheris:
    with atheris.instrument_imports(include=["itops.scripts", "itops.policy"]):
        from target import LANGUAGES, Target, encoded
else:
    from target import LANGUAGES, Target, encoded

LONGEST = 2048


class Recorder:
    """Calls the target, and leaves what matters in a folder."""

    def __init__(self, folder: Path) -> None:
        self.target, self._folder = Target(), folder
        self._written: dict[str, float] = {}
        folder.mkdir(parents=True, exist_ok=True)

    def __call__(self, data: bytes) -> None:
        try:
            self.target(data)
        except BaseException as error:
            (self._folder / "failing.bin").write_bytes(data)
            print(f"\nFOUND {error!r}\n{data!r}")
            raise
        if self.target.calls % 200 == 0:
            self.write()

    def write(self) -> None:
        slowest = [
            {"language": name, "ms": round(seconds * 1000, 1), "text": text}
            for name, (seconds, text) in self.target.slowest.items()
        ]
        (self._folder / "slowest.json").write_text(json.dumps(slowest, indent=1))
        (self._folder / "count.txt").write_text(f"{self.target.calls} calls, {self.target.allowed} allowed\n")


def with_coverage(recorder: Recorder, corpus: list[bytes], seconds: int) -> None:
    folder = tempfile.mkdtemp(prefix="seeds-")
    for number, data in enumerate(corpus):
        Path(folder, str(number)).write_bytes(data)
    words = Path(tempfile.mkdtemp(prefix="tokens-"), "tokens.dict")
    lines = ("".join(rf"\x{byte:02x}" for byte in token) for token in TOKENS)
    words.write_text("".join(f'"{line}"\n' for line in lines))
    limits = [
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        f"-dict={words}",
        "-timeout=30",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup([sys.argv[0], *limits, "-print_final_stats=1", folder], recorder)
    atheris.Fuzz()


def at_random(recorder: Recorder, corpus: list[bytes], seconds: int, seed: int) -> None:
    chance, end, started = random.Random(seed), time.monotonic() + seconds, time.monotonic()
    while time.monotonic() < end:
        recorder(mutated(chance, corpus)[:LONGEST])
    recorder.write()
    calls = recorder.target.calls
    print(f"{calls} calls, {calls / (time.monotonic() - started):.0f} a second, {recorder.target.allowed} allowed")


def mutated(chance: random.Random, corpus: list[bytes]) -> bytes:
    """One text of the corpus, changed a few times: cut, joined with another, a token put in, a byte changed."""
    data = bytearray(chance.choice(corpus))
    for _ in range(chance.choice((1, 1, 2, 3, 5, 8))):
        at = chance.randint(1, len(data))
        change = chance.randrange(6)
        if change == 0:
            del data[at:]
        elif change == 1:
            data[at:at] = chance.choice(TOKENS)
        elif change == 2:
            data[at:] = b" " + chance.choice(corpus)[1:]
        elif change == 3:
            data[at:at] = bytes([chance.randrange(256)])
        elif change == 4:
            del data[at : at + chance.randint(1, 4)]
        else:
            data[at:at] = data[1:at] * chance.randint(1, 3)
    return bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0, help="of the random mutations")
    parser.add_argument("--languages", nargs="+", choices=LANGUAGES, default=list(LANGUAGES))
    parser.add_argument("--random", action="store_true", help="random mutations even where atheris is there")
    parser.add_argument("--found", type=Path, default=Path("fuzz-found"), help="a folder for what is found")
    options = parser.parse_args()
    recorder = Recorder(options.found)
    corpus = [encoded(language, text) for language, text in seeds() if language in options.languages]
    for data in corpus:
        recorder(data)
    print(f"{len(corpus)} seeds hold")
    if atheris and not options.random:
        with_coverage(recorder, corpus, options.seconds)
    else:
        at_random(recorder, corpus, options.seconds, options.seed)


if __name__ == "__main__":
    main()
