"""What a tick costs: CPU and bytes to the terminal, for each screen and size, against the budgets. Not a
test.

    PYTHONPATH=. python tests/bench_console.py [--size 120x40] [--ticks 120] [--screens flow,latency]

The console runs on a pseudo-terminal of its own and is fed canned Samples made beforehand, one after the
other as soon as the last one is painted, with ten minutes of history; the CPU time is that of its process.
"""

from __future__ import annotations

import argparse
import asyncio
import fcntl
import os
import pty
import statistics
import struct
import subprocess
import sys
import termios
import threading
import time
from pathlib import Path
from typing import ClassVar

from velox_tui import console
from velox_tui.console import themes
from velox_tui.console.app import Console
from velox_tui.session import Session
from velox_tui.settings import Settings
from velox_tui.sources.canned import CannedSource, samples
from velox_tui.telemetry.sample import Sample

ROOT = Path(__file__).resolve().parents[1]
CPU_MS, KILOBYTES = 10.0, 8.0
"""Budgets of a tick at 120 × 40."""
HISTORY = 600
SCREENS = ("flow", "latency", "rings", "cores", "events")


def unit_ms() -> float:
    """CPU time of a fixed piece of Python, so that figures of a busy or slow machine can be compared."""
    found = []
    for _ in range(5):
        before = time.process_time()
        sum(number * number for number in range(200_000))
        found.append(time.process_time() - before)
    return 1000 * statistics.median(found)


class Bench(Console):
    """The console, fed by itself; prints when it begins to measure, and CPU ms a tick, on stdout: the driver
    draws on stderr.
    """

    CSS_PATH: ClassVar = [str(Path(console.__file__).parent / path) for path in Console.CSS_PATH]

    def __init__(self, made: list[Sample], screen: str) -> None:
        session = Session(CannedSource(10), interval_ns=1_000_000_000)
        super().__init__(session, Settings(), themes.load(themes.directories()))
        self.made, self.wanted = made, screen
        for sample in made[:HISTORY]:
            session.history.append(sample)

    def on_mount(self) -> None:
        self.run_worker(self.feed_all())

    async def feed_all(self) -> None:
        await self.switch_mode(self.wanted)
        for sample in self.made[HISTORY - 5 : HISTORY]:
            await self.tick(sample)
        print("begin", file=sys.__stdout__, flush=True)
        spent = []
        for sample in self.made[HISTORY:]:
            self.session.history.append(sample)
            spent.append(await self.tick(sample))
        print(1000 * statistics.median(spent), file=sys.__stdout__, flush=True)
        self.exit(0)

    async def tick(self, sample: Sample) -> float:
        """Shows it; the CPU seconds until all is painted."""
        before = time.process_time()
        self.newest = sample
        self.present()
        await asyncio.sleep(0.03)
        return time.process_time() - before


def measure(screen: str, size: tuple[int, int], ticks: int) -> tuple[float, float]:
    """(CPU ms, kilobytes) of a tick."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    written = [0]

    def read() -> None:
        while True:
            try:
                written[0] += len(os.read(master, 65536))
            except OSError:
                return

    threading.Thread(target=read, daemon=True).start()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color"}
    environment |= {"COLUMNS": str(size[0]), "LINES": str(size[1])}
    environment.pop("COLORTERM", None)
    command = [sys.executable, __file__, "--child", screen, "--ticks", str(ticks)]
    with subprocess.Popen(command, stdin=slave, stderr=slave, stdout=subprocess.PIPE, env=environment) as run:
        assert run.stdout is not None
        run.stdout.readline()
        before = written[0]
        cpu_ms = run.stdout.readline()
        total = written[0] - before
    os.close(slave)
    if not cpu_ms:
        raise SystemExit(f"the console ended with {run.returncode}")
    return float(cpu_ms), total / ticks / 1000


def main() -> None:
    """Prints a line per screen."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--ticks", type=int, default=120)
    parser.add_argument("--screens", default=",".join(SCREENS))
    parser.add_argument("--child", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.child:
        Bench(samples(HISTORY + wanted.ticks + 1)[:-1], wanted.child).run()
        return
    width, height = (int(part) for part in wanted.size.split("x"))
    print(f"goals at 120x40: {CPU_MS:.0f} ms CPU, {KILOBYTES:.0f} KB a tick; measured at {wanted.size}")
    for screen in wanted.screens.split(","):
        cpu_ms, kilobytes = measure(screen, (width, height), wanted.ticks)
        print(f"{screen:<8} {cpu_ms:6.2f} ms  {kilobytes:6.2f} KB  (200,000 squares: {unit_ms():.1f} ms)")


if __name__ == "__main__":
    main()
