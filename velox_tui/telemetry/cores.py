"""Threads, cores and this process's own cost over an interval: differences of two operating system readings.

Reading them is a source's business (velox_tui/sources/system.py); here is only the arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

from velox_tui.telemetry.sample import Cost, Thread


@dataclass(frozen=True, slots=True)
class ThreadTimes:
    """One stage thread's cumulative figures; None: the system does not tell."""

    thread_id: int
    stages: tuple[int, ...]
    core: int | None
    cpu_ns: int | None
    voluntary_switches: int | None
    involuntary_switches: int | None
    migrations: int | None


@dataclass(frozen=True, slots=True)
class CoreTimes:
    """One core's cumulative busy and total time, in any one unit."""

    busy: float
    total: float


@dataclass(frozen=True, slots=True)
class SystemReading:
    """What the operating system said at one moment (all cumulative, but for `rss_bytes`)."""

    mono_ns: int
    threads: tuple[ThreadTimes, ...]
    cores: tuple[CoreTimes, ...]
    process_cpu_ns: int
    """CPU time of this process, the stage threads included where they live in it."""
    stages_here: bool
    """True where the stage threads live in this process."""
    rss_bytes: int


def _less(now: int | None, before: int | None) -> int | None:
    return None if now is None or before is None or now < before else now - before


def _ratio(part_ns: int | None, interval_ns: int) -> float | None:
    return None if part_ns is None or interval_ns <= 0 else part_ns / interval_ns


def threads(before: SystemReading | None, now: SystemReading | None) -> tuple[Thread, ...]:
    """The stage threads over the interval; figures of a thread that was not there before are None."""
    if now is None:
        return ()
    known = {one.thread_id: one for one in before.threads} if before else {}
    interval_ns = now.mono_ns - before.mono_ns if before else 0
    return tuple(_thread(known.get(one.thread_id), one, interval_ns) for one in now.threads)


def _thread(before: ThreadTimes | None, now: ThreadTimes, interval_ns: int) -> Thread:
    if before is None:
        return Thread(now.thread_id, now.stages, now.core, None, None, None, None)
    return Thread(
        now.thread_id,
        now.stages,
        now.core,
        _ratio(_less(now.cpu_ns, before.cpu_ns), interval_ns),
        _less(now.voluntary_switches, before.voluntary_switches),
        _less(now.involuntary_switches, before.involuntary_switches),
        _less(now.migrations, before.migrations),
    )


def cores(before: SystemReading | None, now: SystemReading | None) -> tuple[float | None, ...]:
    """Utilisation 0..1 of every core over the interval; None where it cannot be told."""
    if now is None:
        return ()
    if before is None or len(before.cores) != len(now.cores):
        return (None,) * len(now.cores)
    return tuple(_core(was, is_) for was, is_ in zip(before.cores, now.cores, strict=True))


def _core(before: CoreTimes, now: CoreTimes) -> float | None:
    total = now.total - before.total
    return None if total <= 0 else min(1.0, max(0.0, (now.busy - before.busy) / total))


def cost(
    before: SystemReading | None, now: SystemReading | None, *, late_ns: int, reading_ns: int
) -> Cost | None:
    """What watching costs: the process's CPU less that of the stage threads that live in it, per measured
    time.
    """
    if now is None:
        return None
    comparable = before is not None and _counted(before) == _counted(now)
    own = _less(_own_ns(now), _own_ns(before)) if before is not None and comparable else None
    interval_ns = now.mono_ns - before.mono_ns if before else 0
    return Cost(_ratio(own, interval_ns), now.rss_bytes, late_ns, reading_ns)


def _counted(reading: SystemReading) -> tuple[bool, frozenset[int]]:
    """Which threads' CPU time is known: two readings compare only where they are the same."""
    return reading.stages_here, frozenset(one.thread_id for one in reading.threads if one.cpu_ns is not None)


def _own_ns(reading: SystemReading) -> int:
    if not reading.stages_here:
        return reading.process_cpu_ns
    return reading.process_cpu_ns - sum(one.cpu_ns or 0 for one in reading.threads)
