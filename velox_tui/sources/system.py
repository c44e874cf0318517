"""What the operating system says of the stage threads, the cores and this process."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

import psutil

from velox_tui.telemetry.cores import CoreTimes, SystemReading, ThreadTimes

_IDLE = ("idle", "iowait")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
_MOST_BYTES = 16_384
_TICK_NS = 10**9 // os.sysconf("SC_CLK_TCK")


class SystemProbe:
    """Reads /proc of one pipeline's process, and psutil for the rest. What cannot be read is None."""

    def __init__(self, pid: int) -> None:
        """`pid` owns the stage threads; it may be this process."""
        self._tasks = f"/proc/{pid}/task"
        self._here = pid == os.getpid()

    def read(self, threads: Sequence[tuple[int, tuple[int, ...]]]) -> SystemReading:
        """`threads` are the stage threads with their stages."""
        return SystemReading(
            time.monotonic_ns(),
            tuple(self._thread(thread_id, stages) for thread_id, stages in threads),
            _cores(),
            time.process_time_ns(),
            self._here,
            _rss_bytes(),
        )

    def _thread(self, thread_id: int, stages: tuple[int, ...]) -> ThreadTimes:
        task = f"{self._tasks}/{thread_id}"
        status = _fields(f"{task}/status")
        sched = _fields(f"{task}/sched")
        return ThreadTimes(
            thread_id,
            stages,
            _last_core(task),
            _cpu_ns(task),
            _number(status.get("voluntary_ctxt_switches")),
            _number(status.get("nonvoluntary_ctxt_switches")),
            _number(sched.get("se.nr_migrations")),
        )


def _rss_bytes() -> int:
    """Of this process: the second field of /proc/self/statm, in pages; 0 where it cannot be read."""
    fields = _text("/proc/self/statm").split()
    return int(fields[1]) * _PAGE_BYTES if len(fields) > 1 else 0


def _cores() -> tuple[CoreTimes, ...]:
    """() where they cannot be read, as without a descriptor left."""
    try:
        return tuple(_core(times) for times in psutil.cpu_times(percpu=True))
    except OSError:
        return ()


def _core(times: object) -> CoreTimes:
    fields: dict[str, float] = times._asdict()  # type: ignore[attr-defined]
    counted = {name: value for name, value in fields.items() if not name.startswith("guest")}
    total = sum(counted.values())
    return CoreTimes(total - sum(counted.get(name, 0.0) for name in _IDLE), total)


def _text(path: str) -> str:
    """All of a file of /proc; "" where it cannot be read. Bare calls: a text file costs as much again."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(file, _MOST_BYTES).decode("ascii", "replace")
    except OSError:
        return ""
    finally:
        os.close(file)


def _fields(path: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in _text(path).splitlines())
    return {name.strip(): value.strip() for name, _, value in pairs}


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def _stat(task: str) -> list[str]:
    """Fields of /proc/…/stat from the third on: the second is a name that may hold anything."""
    return _text(f"{task}/stat").rpartition(")")[2].split()


def _last_core(task: str) -> int | None:
    """Field 39: the core it ran on last."""
    fields = _stat(task)
    return _number(fields[36]) if len(fields) > 36 else None


def _cpu_ns(task: str) -> int | None:
    """From schedstat, in ns; else fields 14 and 15 of stat, in clock ticks."""
    exact = _text(f"{task}/schedstat").split()
    if exact and exact[0].isdigit():
        return int(exact[0])
    fields = _stat(task)
    return (int(fields[11]) + int(fields[12])) * _TICK_NS if len(fields) > 12 else None
