"""What the console costs while it lives: first frame, memory and its slope, CPU, lateness of its readings,
bytes to the terminal, against the budgets. Not a test.

    .venv/bin/python tests/bench_console_life.py [--minutes 2] [--interval 1] [--size 120x40] [--starts 5]

The real program runs on a pseudo-terminal of its own and records itself; CPU is that of the threads that are
not the engine's. An hour at `--interval 1` and ten minutes at `--interval 0.1` are what the budgets are of;
memory is compared with an interpreter that has imported numpy.
"""

from __future__ import annotations

import argparse
import csv
import fcntl
import os
import pty
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from pathlib import Path

import numpy as np
from soak_machine import slope_per_hour

FIRST_FRAME_MS, RSS_MB, LATE_MS, KILOBYTES = 600.0, 45.0, 5.0, 8.0
"""Goals: at 120x40 and a reading a second."""
ENGINE = ("velox-",)
"""How the engine's threads are named."""


class Running:
    """velox-tui on a terminal of this process; what it draws is counted."""

    def __init__(self, folder: Path, size: tuple[int, int], *flags: str) -> None:
        self.begin = time.monotonic()
        self.first_frame_s: float | None = None
        self.bytes = 0
        self._seen = b""
        self._terminal, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "XDG_CONFIG_HOME": str(folder)}
        environment.pop("COLORTERM", None)
        command = [sys.executable, "-m", "velox_tui", "--wait", "backoff", *flags]
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=side, stdout=side, stderr=side, env=environment, start_new_session=True
        )
        os.close(side)
        threading.Thread(target=self._draw, daemon=True).start()

    def _draw(self) -> None:
        while True:
            try:
                drawn = os.read(self._terminal, 65536)
            except OSError:
                return
            self.bytes += len(drawn)
            if self.first_frame_s is None:
                self._seen += drawn
                if b"LIVE" in self._seen:
                    self.first_frame_s = time.monotonic() - self.begin

    def leave(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)


def console_cpu_s(pid: int) -> float:
    """CPU of the threads that are not the engine's."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        name = (task / "comm").read_text().strip()
        if not name.startswith(ENGINE):
            total += int((task / "schedstat").read_text().split()[0])
    return total / 1e9


def rss_mb(pid: int) -> float:
    """Resident memory without what it shares with others as files."""
    words = Path(f"/proc/{pid}/status").read_text().split()
    return int(words[words.index("VmRSS:") + 1]) / 1024


def bare_mb() -> float:
    """Resident memory of an interpreter with numpy."""
    script = "import numpy, sys; print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as bare:
        assert bare.stdout is not None
        bare.stdout.readline()
        return rss_mb(bare.pid)


def first_frames(folder: Path, size: tuple[int, int], starts: int) -> list[float]:
    """Milliseconds from the start of the process to the first drawn reading."""
    found = []
    for _ in range(starts):
        run = Running(folder, size)
        while run.first_frame_s is None and run.process.poll() is None:
            time.sleep(0.01)
        if run.first_frame_s is None:
            raise SystemExit(f"the console ended with {run.process.returncode}")
        found.append(1000 * run.first_frame_s)
        run.leave()
    return found


def late_ms(path: Path) -> np.ndarray:
    """Of every recorded reading but the first two."""
    with path.open(encoding="utf-8") as file:
        return np.array([int(row["late_ns"]) for row in csv.DictReader(file) if row["late_ns"]][2:]) / 1e6


def live(folder: Path, asked: argparse.Namespace, size: tuple[int, int]) -> None:
    """Runs for as long as asked and prints its figures."""
    flags = ("--record", "life.csv", "--console", "--interval", f"{round(asked.interval * 1000)}ms")
    run = Running(folder, size, *flags)
    time.sleep(5)
    cpu_s, begin, drawn = console_cpu_s(run.process.pid), time.monotonic(), run.bytes
    seen: list[tuple[float, float]] = []
    while time.monotonic() - begin < asked.minutes * 60:
        seen.append((time.monotonic(), rss_mb(run.process.pid)))
        time.sleep(1)
    seconds = time.monotonic() - begin
    share = (console_cpu_s(run.process.pid) - cpu_s) / seconds
    ticks = seconds / asked.interval
    run.leave()
    times, memory = np.array(seen).T
    above = memory - bare_mb()
    half = len(times) // 2
    late = late_ms(folder / "life.csv")
    goal = "" if asked.interval == 1 else " at a reading a second"
    print(f"CPU {share:.2%} of a core, {1000 * share * asked.interval:.1f} ms a tick (goal 1%, 10 ms{goal})")
    print(f"memory above numpy {above[0]:.1f} MB, at the end {above[-1]:.1f} (goal {RSS_MB:.0f})")
    print(f"  slope of the second half {slope_per_hour(times[half:], memory[half:]):+.1f} MB an hour")
    print(
        f"readings late p50 {np.percentile(late, 50):.2f} ms, p99 {np.percentile(late, 99):.2f}"
        f", worst {late.max():.1f} (goal p99 {LATE_MS:.0f})"
    )
    print(f"to the terminal {(run.bytes - drawn) / ticks / 1000:.1f} KB a tick (goal {KILOBYTES:.0f})")


def main() -> None:
    """Prints goal and result."""
    parser = argparse.ArgumentParser(description="what the console costs while it lives")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--interval", type=float, default=1.0, metavar="SECONDS")
    parser.add_argument("--size", default="120x40")
    parser.add_argument("--starts", type=int, default=5)
    asked = parser.parse_args()
    width, height = (int(part) for part in asked.size.split("x"))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = first_frames(folder, (width, height), asked.starts)
        print(
            f"first frame {statistics.median(found):.0f} ms, {min(found):.0f} to {max(found):.0f} "
            f"of {len(found)} (goal {FIRST_FRAME_MS:.0f})"
        )
        live(folder, asked, (width, height))


if __name__ == "__main__":
    main()
