"""A soak: the real program records for as long as asked, is disturbed on the way, and everything it wrote is
checked from outside.

    .venv/bin/python tests/soak.py --minutes 30 --rate 100k --out /tmp/soak

It must find, or it exits with 1: memory, threads and descriptors that stay as they are after the warm-up,
an exact ledger in every row, no gap in the rows, and no alert but those that the soak or the machine caused.
Every `--pause-every` minutes it stops the program for 300 ms (SIGSTOP); with `--console` it also draws the
console on a terminal of its own and asks for a burst and a stall there. Words after `--` go to velox-tui.

The program keeps its newest 3,600 samples in memory, which are full after 15 minutes at the default of
250 ms, and a summary of each minute of an hour. Memory is held to be flat once both are full, in runs of 76
minutes and more; in shorter ones to grow by no more than the summaries take.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
from soak_checks import Findings, Machine, check_alerts, check_rows, latency_figures
from soak_machine import HEADER, Reading, jitter_floor, line, look, slope_per_hour

PAUSE_S = 0.3
FLAT_KIB_PER_HOUR = 1024.0
FILLING_KIB_PER_HOUR = 4096.0
"""In the first hour each minute leaves a summary of 28 KiB, 1,650 an hour; and the allocator takes memory in
steps of half a MiB, each of which is 2,000 an hour to a fit over a quarter of one.
"""
MINUTES_FULL_S = 3660.0
HISTORY_SAMPLES = 3700
"""What the program keeps in memory, and some."""


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="a soak of velox-tui --record, checked from outside")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--rate", default="100k")
    parser.add_argument("--interval", type=float, default=0.25, metavar="SECONDS", help="between two rows")
    parser.add_argument("--out", type=Path, default=Path("soak"), help="a folder for what is written")
    parser.add_argument("--console", action="store_true", help="draw the console as well")
    parser.add_argument("--pause-every", type=float, default=5.0, metavar="MINUTES", help="0: never")
    parser.add_argument("more", nargs="*", help="flags for velox-tui, after --")
    return parser.parse_args()


class Program:
    """velox-tui at work, and what is done to it."""

    def __init__(self, asked: argparse.Namespace) -> None:
        command = [sys.executable, "-m", "velox_tui", "--record", "soak.csv", "--rate", asked.rate]
        command += ["--duration", f"{asked.minutes * 60:.0f}s"]
        command += ["--interval", f"{asked.interval * 1000:.0f}ms", *asked.more]
        self.disturbed_ns: list[int] = []
        self.pauses = 0
        self._terminal: int | None = None
        if not asked.console:
            self.process = subprocess.Popen(command, cwd=asked.out, stdin=subprocess.DEVNULL)
            return
        self._terminal, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = subprocess.Popen(
            [*command, "--console"],
            cwd=asked.out,
            stdin=side,
            stdout=side,
            stderr=side,
            env={**os.environ, "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(side)
        threading.Thread(target=self._draw, daemon=True).start()

    def _draw(self) -> None:
        """Takes what the console draws, as a terminal does."""
        with suppress(OSError):
            while self._terminal is not None and os.read(self._terminal, 65536):
                pass

    def disturb(self) -> None:
        """A pause; on a terminal also a burst, and a stall of half a second."""
        self.pauses += 1
        self.disturbed_ns.append(time.monotonic_ns())
        self.process.send_signal(signal.SIGSTOP)
        time.sleep(PAUSE_S)
        self.process.send_signal(signal.SIGCONT)
        if self._terminal is None:
            return
        for keys in (b"b", b"B", b"\r"):
            time.sleep(1)
            os.write(self._terminal, keys)
        self.disturbed_ns.append(time.monotonic_ns())


def watch(program: Program, asked: argparse.Namespace) -> list[Reading]:
    """Looks once a second until the program ends; every look is also in machine.csv."""
    readings, begin = [], time.monotonic()
    every_s = asked.pause_every * 60 or float("inf")
    next_pause, next_word = begin + every_s, begin + 60
    with (asked.out / "machine.csv").open("w", encoding="utf-8", buffering=1) as file:
        file.write(HEADER + "\n")
        while program.process.poll() is None:
            now = time.monotonic()
            if now >= next_pause and now - begin < asked.minutes * 60 - 10:
                program.disturb()
                next_pause += every_s
            reading = look(program.process.pid)
            if reading is not None and reading.rss_kib:
                readings.append(reading)
                file.write(line(reading))
            if now >= next_word and readings:
                print(f"{(now - begin) / 60:.0f} min: {readings[-1]}", file=sys.stderr, flush=True)
                next_word += 60
            time.sleep(1)
    return readings[:-1]


def check_machine(readings: list[Reading], warm_up_s: float, found: Findings) -> None:
    """After the warm-up: flat memory, the same threads and descriptors; and what it took of the cores."""
    seconds = np.array([one.mono_ns for one in readings]) / 1e9
    check_memory(seconds, np.array([one.rss_kib for one in readings]), warm_up_s, found)
    for name in ("threads", "descriptors"):
        seen = np.array([getattr(one, name) for one in readings])[seconds - seconds[0] > 10]
        usual = np.median(seen)
        # A file is open for an instant while it is read: what must not be is a level that moves.
        halves = [np.median(part) for part in np.array_split(seen, 2)]
        found.expect(set(halves) == {usual}, f"{name} move: {halves}")
        away = np.count_nonzero(seen != usual)
        found.figures[f"{name}: usual, looks that saw another"] = f"{usual:.0f}, {away} of {len(seen)}"
    used, waited = (
        (getattr(readings[-1], name) - getattr(readings[0], name)) / 1e9 / (seconds[-1] - seconds[0])
        for name in ("cpu_ns_total", "wait_ns_total")
    )
    found.figures["processor time / waits for a core"] = f"{used:.1%} / {waited:.1%} of the time"


def check_memory(seconds: np.ndarray, rss_kib: np.ndarray, warm_up_s: float, found: Findings) -> None:
    """Flat from the warm-up on, where the run goes on beyond it for long enough to tell."""
    hour_is_full = seconds[-1] - seconds[0] >= MINUTES_FULL_S + 900
    warm_up_s = max(warm_up_s, MINUTES_FULL_S if hour_is_full else 0)
    allowed = FLAT_KIB_PER_HOUR if hour_is_full else FILLING_KIB_PER_HOUR
    settled = seconds - seconds[0] >= warm_up_s
    if np.count_nonzero(settled) < 300:
        found.figures["memory"] = f"{rss_kib[0]:,} → {rss_kib[-1]:,} KiB; still warming up, not judged"
        return
    slope = slope_per_hour(seconds[settled], rss_kib[settled])
    found.expect(slope <= allowed, f"memory grows by {slope:,.0f} KiB an hour")
    first, last, most = rss_kib[settled][0], rss_kib[-1], rss_kib[settled].max()
    found.figures["memory after the warm-up: slope; first → last, most"] = (
        f"{slope:+,.0f} KiB/h; {first:,} → {last:,}, {most:,} KiB"
    )


def main() -> int:
    """Runs it, checks it, prints a table."""
    asked = parse()
    asked.out.mkdir(parents=True, exist_ok=True)
    floor_pid = jitter_floor(asked.out / "jitter.csv")
    begin = time.monotonic()
    try:
        program = Program(asked)
        readings = watch(program, asked)
    finally:
        os.kill(floor_pid, signal.SIGTERM)
        os.waitpid(floor_pid, 0)
    found = Findings()
    code = program.process.wait()
    found.expect(code == 0, f"velox-tui ended with {code}")
    found.figures["ran"] = f"{(time.monotonic() - begin) / 60:.1f} min at {asked.rate}/s"
    found.figures["pauses of 300 ms"] = str(program.pauses)
    looks, floor = (
        np.genfromtxt(asked.out / name, delimiter=",", names=True, dtype=np.int64)
        for name in ("machine.csv", "jitter.csv")
    )
    rows = check_rows(asked.out / "soak.csv", found)
    check_machine(readings, HISTORY_SAMPLES * asked.interval, found)
    check_alerts(rows, Machine(program.disturbed_ns, looks, floor), found)
    latency_figures(rows, floor, found)
    table = "\n".join(f"| {name} | {said} |" for name, said in found.figures.items())
    print(f"| figure | value |\n|---|---|\n{table}")
    for fault in found.faults:
        print(f"FAILED: {fault}")
    return int(bool(found.faults))


if __name__ == "__main__":
    raise SystemExit(main())
