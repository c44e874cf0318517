"""What the machine does during a soak, read from outside: the process's memory, threads, descriptors and
waits for a core, and a jitter floor.
"""

from __future__ import annotations

import os
import time
from dataclasses import astuple, dataclass, fields
from pathlib import Path

import numpy as np

JITTER_SLEEP_S = 0.001


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at a process from outside. Cumulative where it says total."""

    mono_ns: int
    rss_kib: int
    threads: int
    descriptors: int
    cpu_ns_total: int
    wait_ns_total: int
    """Time its threads were ready to run and had no core: the kernel's own account of the machine's share."""


HEADER = ",".join(field.name for field in fields(Reading))


def look(pid: int) -> Reading | None:
    """A reading of the process; None once it is gone."""
    proc = Path(f"/proc/{pid}")
    try:
        words = (proc / "status").read_text().split()
        waits = np.zeros(2, np.int64)
        for task in (proc / "task").iterdir():
            waits += np.array((task / "schedstat").read_text().split()[:2], np.int64)
        return Reading(
            time.monotonic_ns(),
            int(words[words.index("VmRSS:") + 1]),
            int(words[words.index("Threads:") + 1]),
            len(list((proc / "fd").iterdir())),
            int(waits[0]),
            int(waits[1]),
        )
    except (OSError, ValueError):
        return None


def line(reading: Reading) -> str:
    """A row of the machine's file."""
    return ",".join(map(str, astuple(reading))) + "\n"


def jitter_floor(path: Path) -> int:
    """Starts a process that sleeps a millisecond at a time and writes, every second, how much later than
    asked it woke: mono_ns, p50, p99 and worst, in nanoseconds. Its id; it ends with its parent or by a
    signal.
    """
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        with path.open("w", encoding="utf-8", buffering=1) as file:
            file.write("mono_ns,p50_ns,p99_ns,worst_ns\n")
            while os.getppid() == parent:
                late_ns = _late_for_a_second()
                p50, p99 = np.percentile(late_ns, (50, 99)).astype(int)
                file.write(f"{time.monotonic_ns()},{p50},{p99},{max(late_ns)}\n")
    finally:
        os._exit(0)


def _late_for_a_second() -> list[int]:
    late_ns, begin = [], time.monotonic_ns()
    while time.monotonic_ns() - begin < 10**9:
        before = time.monotonic_ns()
        time.sleep(JITTER_SLEEP_S)
        late_ns.append(max(0, time.monotonic_ns() - before - int(JITTER_SLEEP_S * 1e9)))
    return late_ns


def slope_per_hour(seconds: np.ndarray, values: np.ndarray, most: int = 1500) -> float:
    """Theil and Sen's slope, per hour: the median of the slopes between all pairs, which a few outliers or
    steps back do not move (Sen 1968). Thinned to `most` points.
    """
    place = np.unique(np.linspace(0, len(seconds) - 1, min(most, len(seconds))).astype(int))
    x, y = seconds[place].astype(float), values[place].astype(float)
    first, second = np.triu_indices(len(x), 1)
    return float(np.median((y[second] - y[first]) / (x[second] - x[first]))) * 3600
