"""Fuzzes the parsers in Python; those in C are fuzzed by native/fuzz/run, with coverage.

    tests/fuzz/fuzz.py --runs 1000000            that many inputs for every parser
    tests/fuzz/fuzz.py --seconds 5 theme frame   as many as come in that time, for these
    tests/fuzz/fuzz.py theme --input FILE        one input again

An input breaks a parser when it raises anything but the parser's own error, says so in more than a line, or
takes longer than ten seconds. It is then kept, and the command that repeats it is said.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from mutation import Mutator
from parsers import PARSERS, Parser

HANG_S = 10


class HangError(Exception):
    """A parser did not come to an end."""


def _hang(number: int, frame: FrameType | None) -> None:
    raise HangError(f"more than {HANG_S} s")


def broken(parser: Parser, data: bytes, folder: Path) -> str | None:
    """What is wrong with how the parser took it; None: nothing."""
    signal.setitimer(signal.ITIMER_REAL, HANG_S)
    try:
        parser.run(data, folder)
    except parser.errors as error:
        return None if str(error) and "\n" not in str(error) else f"no line: {str(error)!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return None


def fuzz(name: str, *, runs: int | None, seconds: float, seed: int) -> str | None:
    """Says how many inputs it took; what broke, and how to see it again."""
    begin = time.monotonic()
    parser, count = PARSERS[name], 0
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as place:
        folder = Path(place)
        mutator = Mutator(seed, parser.corpus(folder))
        while count < runs if runs is not None else time.monotonic() - begin < seconds:
            data = mutator.next()
            wrong = broken(parser, data, folder)
            if wrong is not None:
                kept = Path(tempfile.gettempdir()) / f"velox-fuzz-{name}-{count}"
                kept.write_bytes(data)
                return f"{name}: input {count}: {wrong}; again: {sys.argv[0]} {name} --input {kept}"
            count += 1
    print(f"{name:14} {count:>9,} inputs, nothing broke ({time.monotonic() - begin:.0f} s)", flush=True)
    return None


def main() -> int:
    """0 when nothing broke."""
    parse = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parse.add_argument("parsers", nargs="*", metavar="PARSER", help=", ".join(PARSERS))
    parse.add_argument("--runs", type=int, help="inputs for each parser")
    parse.add_argument("--seconds", type=float, default=5.0, help="where --runs is not given")
    parse.add_argument("--seed", type=int, default=1)
    parse.add_argument("--input", type=Path, help="this one only")
    given = parse.parse_args()
    signal.signal(signal.SIGALRM, _hang)
    names = given.parsers or list(PARSERS)
    if given.input is not None:
        with tempfile.TemporaryDirectory() as place:
            PARSERS[names[0]].corpus(Path(place))
            print(wrong := broken(PARSERS[names[0]], given.input.read_bytes(), Path(place)))
        return 0 if wrong is None else 1
    found = [fuzz(name, runs=given.runs, seconds=given.seconds, seed=given.seed) for name in names]
    for text in filter(None, found):
        print(text)
    return 1 if any(found) else 0


if __name__ == "__main__":
    sys.exit(main())
