"""What watching costs the watched: a pipeline with and without the console, in interleaved pairs. Not a test.

    python tests/bench_observer.py [--pairs 12] [--window 4] [--size 120x40] [--json]

A process keeps a pipeline going; the console (`velox-tui attach`, 1 Hz) looks at it from a pseudo-terminal
during one window of each pair and not during the other, which comes first in turn. Two pipelines are
watched: a flood that loses nothing, for its throughput, and 100,000/s, for the end-to-end 99th percentile. Of
each pair the ratio with over without; of the pairs the median with its 95 % interval (sign test). CPU time
and bytes are those of the console's own process and terminal.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import comb
from pathlib import Path

import psutil

from velox_tui.sources.attached import AttachedSource
from velox_tui.telemetry import histogram
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.topology import Role

VELOX = (sys.executable, "-P", "-m", "velox_tui")
FLOWS = {
    "flood, throughput": ("--pattern", "max", "--on-full", "block"),
    "100k/s, p99": ("--rate", "100k"),
}
SETTLE_S = 5.0
"""For the console to start and to draw its first screens; they are in no window."""
WITHIN, CPU_PERCENT, KILOBYTES = 0.02, 1.0, 8.0
"""Goals: the ratios' interval around 1, CPU of one core at 1 Hz, bytes a tick."""


@contextmanager
def pipeline(flags: Sequence[str]) -> Iterator[AttachedSource]:
    """A pipeline in a process of its own."""
    command = [*VELOX, "--headless", *flags]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        while not (found := list(Path("/dev/shm").glob(f"velox-{os.geteuid()}-{run.pid}-*.seg"))):
            if run.poll() is not None:
                raise SystemExit(f"the pipeline ended with {run.returncode}")
            time.sleep(0.05)
        time.sleep(1)
        source = AttachedSource(found[0])
        try:
            yield source
        finally:
            source.release()
            run.terminate()


class Watcher:
    """The console on a pseudo-terminal that is read all the time."""

    def __init__(self, pid: int, size: tuple[int, int]) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color"}
        self.written = 0
        self._run = subprocess.Popen(
            [*VELOX, "attach", str(pid), "--interval", "1s"],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
        )
        os.close(slave)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        try:
            while data := os.read(self._master, 65536):
                self.written += len(data)
        except OSError:
            return

    def spent(self) -> tuple[float, int]:
        """(CPU seconds, bytes) so far."""
        used = psutil.Process(self._run.pid).cpu_times()
        return used.user + used.system, self.written

    def close(self) -> None:
        """Ends it."""
        self._run.kill()
        self._run.wait()


@dataclass(frozen=True, slots=True)
class Window:
    """What was seen of the pipeline; `cpu_s` and `bytes` of the console, where there was one."""

    per_s: float
    p99_ns: float
    cpu_s: float
    bytes: int


def seen(source: AttachedSource, seconds: float, watcher: Watcher | None) -> Window:
    """One window."""
    spent = watcher.spent() if watcher else (0.0, 0)
    before = source.read()
    time.sleep(seconds)
    after = source.read()
    then = watcher.spent() if watcher else (0.0, 0)
    took_s = (after.mono_ns - before.mono_ns) / 1e9
    delivered = _delivered(after) - _delivered(before)
    return Window(delivered / took_s, _p99(before, after), then[0] - spent[0], then[1] - spent[1])


def _last(reading: Reading) -> int:
    return reading.run.topology.stages[-1].index


def _delivered(reading: Reading) -> int:
    word = reading.run.topology.first(Role.OUT, stage=_last(reading))
    return int(reading.words[word.index]) if word else 0


def _p99(before: Reading, after: Reading) -> float:
    one = before.run.topology.histogram(Role.LATENCY_EXIT, stage=_last(before))
    if one is None or before.histograms is None or after.histograms is None:
        return 0.0
    recorded = histogram.differences(before.histograms, after.histograms)[one.index]
    found = histogram.quantiles(recorded)
    return float(found.p99) if found else 0.0


def pairs(flags: Sequence[str], wanted: argparse.Namespace) -> list[tuple[Window, Window]]:
    """(with, without) of each pair."""
    size = tuple(int(part) for part in wanted.size.split("x"))
    found = []
    with pipeline(flags) as source:
        pid = source.run.pid
        for number in range(wanted.pairs):
            windows: dict[bool, Window] = {}
            for watched in (True, False) if number % 2 else (False, True):
                watcher = Watcher(pid, (size[0], size[1])) if watched else None
                time.sleep(SETTLE_S if watched else 0.5)
                windows[watched] = seen(source, wanted.window, watcher)
                if watcher:
                    watcher.close()
            found.append((windows[True], windows[False]))
    return found


def interval(values: Sequence[float]) -> tuple[float, float, float]:
    """(median, low, high): the values whose ranks bound the median with 95 % confidence."""
    ordered = sorted(values)
    n, rank, below = len(ordered), 1, 1.0
    for k in range(1, n // 2):
        below += comb(n, k)
        if below / 2**n > 0.025:
            break
        rank = k + 1
    return statistics.median(ordered), ordered[rank - 1], ordered[n - rank]


def report(name: str, found: list[tuple[Window, Window]], wanted: argparse.Namespace) -> None:
    """One flow's ratio, and what the console took meanwhile."""
    value = (lambda one: one.p99_ns) if "p99" in name else (lambda one: one.per_s)
    ratios = [value(watched) / value(alone) for watched, alone in found if value(alone)]
    median, low, high = interval(ratios)
    cpu = statistics.median(watched.cpu_s / wanted.window for watched, _ in found)
    kilobytes = statistics.median(watched.bytes / wanted.window / 1000 for watched, _ in found)
    met = low >= 1 - WITHIN and high <= 1 + WITHIN
    if wanted.json:
        fields = {"flow": name, "ratio": median, "low": low, "high": high, "pairs": len(ratios), "met": met}
        fields |= {"console_cpu_percent": 100 * cpu, "console_kilobytes_a_tick": kilobytes, "ratios": ratios}
        print(json.dumps(fields), flush=True)
        return
    print(
        f"{name}: with / without {median:.3f} ({low:.3f} to {high:.3f}, half-width {(high - low) / 2:.3f}, "
        f"{len(ratios)} pairs): {'within' if met else 'NOT within'} 1 ± {WITHIN}"
    )
    print(
        f"  console: {100 * cpu:.2f} % of a core (goal {CPU_PERCENT:g}), "
        f"{kilobytes:.2f} KB a tick (goal {KILOBYTES:g})",
        flush=True,
    )


def main() -> None:
    """Prints two lines per flow."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pairs", type=int, default=12)
    parser.add_argument("--window", type=float, default=4.0, help="seconds")
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    for name, flags in FLOWS.items():
        report(name, pairs(flags, wanted), wanted)


if __name__ == "__main__":
    main()
