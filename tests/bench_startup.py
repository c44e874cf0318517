"""How long each command takes to start: interleaved runs, medians of wall and CPU time. Not a test.

    python tests/bench_startup.py [--runs 11] [--json]

Commands that answer and end are timed whole. A recording is timed until its first row comes out; the console
until it has drawn its first screen, of 120 × 40, on a pseudo-terminal. `python -c pass` is the floor.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import pty
import resource
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

VELOX = (sys.executable, "-P", "-m", "velox_tui")
"""The installed program, whatever lies in the current folder."""
GOALS_MS = {"--record (first row)": 150.0}
ENDLESS = "1h"
DRAWN = b"exact"
"""What the first screen with a reading has on it: the ledger's verdict."""
PATIENCE_S = 60.0
Timed = tuple[float, float]
"""(wall ms, CPU ms)."""


def cpu_ms() -> float:
    """CPU time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (used.ru_utime + used.ru_stime)


def whole(*command: str) -> Timed:
    """A command that ends by itself."""
    start, before = time.perf_counter(), cpu_ms()
    subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    return 1000 * (time.perf_counter() - start), cpu_ms() - before


def first_row() -> Timed:
    """A recording, until a row follows the header."""
    start, before = time.perf_counter(), cpu_ms()
    command = [*VELOX, "--record", "-", "--interval", "10ms", "--duration", ENDLESS]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        run.stdout.readline()
        run.stdout.readline()
        took = 1000 * (time.perf_counter() - start)
        run.send_signal(signal.SIGKILL)
    return took, cpu_ms() - before


def first_screen() -> Timed:
    """The console, until what its first screen shows has come out."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    start, before = time.perf_counter(), cpu_ms()
    environment = {**os.environ, "TERM": "xterm-256color"}
    drawn = b""
    with subprocess.Popen(VELOX, stdin=slave, stdout=slave, stderr=slave, env=environment) as run:
        os.close(slave)
        while DRAWN not in drawn:
            if not select.select([master], [], [], PATIENCE_S)[0]:
                raise SystemExit("the console drew nothing")
            drawn += os.read(master, 65536)
        took = 1000 * (time.perf_counter() - start)
        run.send_signal(signal.SIGKILL)
    os.close(master)
    return took, cpu_ms() - before


@contextmanager
def pipeline() -> Iterator[str]:
    """The pid of a pipeline for others to look at."""
    command = [*VELOX, "--headless", "--rate", "1k"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as run:
        pattern = f"velox-{os.geteuid()}-{run.pid}-*.seg"
        while not list(Path("/dev/shm").glob(pattern)):
            if run.poll() is not None:
                raise SystemExit(f"the pipeline ended with {run.returncode}")
            time.sleep(0.05)
        time.sleep(0.5)
        try:
            yield str(run.pid)
        finally:
            run.terminate()


def commands(pid: str) -> dict[str, Callable[[], Timed]]:
    """What is timed, by what it is called."""
    ended = {
        "--version": ("--version",),
        "--help": ("--help",),
        "config": ("config",),
        "themes": ("themes",),
        "stat": ("stat", pid),
        "stat --json": ("stat", pid, "--json"),
        "bench --list": ("bench", "--list"),
    }
    made: dict[str, Callable[[], Timed]] = {"python -c pass": partial(whole, sys.executable, "-c", "pass")}
    made |= {name: partial(whole, *VELOX, *arguments) for name, arguments in ended.items()}
    return made | {"--record (first row)": first_row, "console (first screen)": first_screen}


def main() -> None:
    """Prints a line per command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--json", action="store_true")
    wanted = parser.parse_args()
    with pipeline() as pid:
        timed = commands(pid)
        found: dict[str, list[Timed]] = {name: [] for name in timed}
        for _ in range(wanted.runs):
            for name, run in timed.items():
                with suppress(subprocess.CalledProcessError):
                    found[name].append(run())
    for name, runs in found.items():
        show(name, runs, as_json=wanted.json)


def show(name: str, runs: list[Timed], *, as_json: bool) -> None:
    """One command's medians, least and most."""
    if not runs:
        print(f"{name:<24} failed")
        return
    walls = sorted(wall for wall, _ in runs)
    median, cpu = statistics.median(walls), statistics.median(cpu for _, cpu in runs)
    if as_json:
        print(json.dumps({"command": name, "wall_ms": median, "cpu_ms": cpu, "runs": walls}))
        return
    goal = f"  goal {GOALS_MS[name]:.0f} ms" if name in GOALS_MS else ""
    print(f"{name:<24} {median:7.0f} ms ({walls[0]:.0f} to {walls[-1]:.0f})  CPU {cpu:5.0f} ms{goal}")


if __name__ == "__main__":
    main()
