"""What the operating system says of the stage threads, the cores and this process."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from velox_tui.telemetry.cores import CoreTimes, SystemReading, ThreadTimes

_IDLE = ("idle", "iowait")
_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")


class SystemProbe:
    """Reads /proc of one pipeline's process, and psutil for the rest. What cannot be read is None."""

    def __init__(self, pid: int) -> None:
        """`pid` owns the stage threads; it may be this process."""
        self._tasks = Path(f"/proc/{pid}/task")
        self._here = pid == os.getpid()
        self._process = psutil.Process()

    def read(self, threads: Sequence[tuple[int, tuple[int, ...]]]) -> SystemReading:
        """`threads` are the stage threads with their stages."""
        with self._process.oneshot():
            used = self._process.cpu_times()
            rss_bytes = self._process.memory_info().rss
        return SystemReading(
            time.monotonic_ns(),
            tuple(self._thread(thread_id, stages) for thread_id, stages in threads),
            tuple(_core(times) for times in psutil.cpu_times(percpu=True)),
            time.process_time_ns() if self._here else int((used.user + used.system) * 1e9),
            self._here,
            rss_bytes,
        )

    def _thread(self, thread_id: int, stages: tuple[int, ...]) -> ThreadTimes:
        task = self._tasks / str(thread_id)
        status = _fields(task / "status")
        sched = _fields(task / "sched")
        return ThreadTimes(
            thread_id,
            stages,
            _last_core(task),
            _cpu_ns(task),
            _number(status.get("voluntary_ctxt_switches")),
            _number(status.get("nonvoluntary_ctxt_switches")),
            _number(sched.get("se.nr_migrations")),
        )


def _core(times: object) -> CoreTimes:
    fields: dict[str, float] = times._asdict()  # type: ignore[attr-defined]
    counted = {name: value for name, value in fields.items() if not name.startswith("guest")}
    total = sum(counted.values())
    return CoreTimes(total - sum(counted.get(name, 0.0) for name in _IDLE), total)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _fields(path: Path) -> dict[str, str]:
    pairs = (line.partition(":") for line in _text(path).splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _stat(task: Path) -> list[str]:
    """Fields of /proc/…/stat from the third on: the second is a name that may hold anything."""
    return _text(task / "stat").rpartition(")")[2].split()


def _last_core(task: Path) -> int | None:
    """Field 39: the core it ran on last."""
    fields = _stat(task)
    return _number(fields[36]) if len(fields) > 36 else None


def _cpu_ns(task: Path) -> int | None:
    """From schedstat, in ns; else fields 14 and 15 of stat, in clock ticks."""
    exact = _text(task / "schedstat").split()
    if exact and exact[0].isdigit():
        return int(exact[0])
    fields = _stat(task)
    return (int(fields[11]) + int(fields[12])) * _TICK_NS if len(fields) > 12 else None
