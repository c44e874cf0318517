"""What the panes say of a stage or ring, each by roles alone, so that a pipeline of another shape shows
correctly.
"""

from __future__ import annotations

from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Ring, Role, Stage, Topology, Unit, Word


def flow_word(topology: Topology, stage: Stage) -> Word | None:
    """The counter that is a stage's throughput: units taken where it takes other units than transactions,
    else what it passed on, else what it took.
    """
    units = topology.first(Role.UNITS_IN, stage=stage.index)
    if units is not None and units.unit is not Unit.TRANSACTIONS:
        return units
    return topology.first(Role.OUT, stage=stage.index) or topology.first(Role.IN, stage=stage.index)


def per_second(sample: Sample, word: Word | None) -> float | None:
    """A counter's rate over the interval; None at the first reading."""
    if word is None or sample.deltas is None or not sample.interval_ns:
        return None
    return int(sample.deltas[word.index]) * 1e9 / sample.interval_ns


def rate_series(word: Word) -> str:
    """The history's series of a counter's rate."""
    return word.name.removesuffix("_total") + "_per_s"


def share_of_time(sample: Sample, role: Role, stage: Stage) -> float | None:
    """Time of a role (busy, blocked) as a share 0..1 of the interval."""
    word = sample.run.topology.first(role, stage=stage.index)
    rate = per_second(sample, word)
    return None if rate is None else min(1.0, rate / 1e9)


def poll_hits(sample: Sample, stage: Stage) -> float | None:
    """Share 0..1 of duty cycles that moved something."""
    cycles = sample.delta(Role.CYCLES, stage=stage.index)
    worked = sample.delta(Role.WORKED_CYCLES, stage=stage.index)
    return None if not cycles or worked is None else worked / cycles


def core_of(sample: Sample, stage: Stage) -> int | None:
    """The core that a stage is pinned to; None: none, or unknown."""
    word = sample.run.topology.first(Role.CORE, stage=stage.index)
    value = sample.value(word)
    return value - 1 if value else None


def occupancy(sample: Sample, ring: Ring) -> int | None:
    """Slots taken, as the consumer last found."""
    return sample.value(sample.run.topology.first(Role.OCCUPANCY, ring=ring.index))


def wall_ns(sample: Sample, mono_ns: int) -> int:
    """Unix time of a monotonic moment, by the clocks of the sample."""
    return sample.unix_ns + mono_ns - sample.mono_ns


def without_histograms(sample: Sample) -> str:
    """Why a recording cannot show what its rows do not hold; "" where it can."""
    missing = sample.run.source == "replay" and sample.histograms is None
    return "only in the recording's .frames file" if missing else ""


def speed_text(speed: float) -> str:
    """`×4`."""
    return f"×{speed:g}"


def clock_text(unix_ns: int) -> str:
    """`12:12:41`, UTC."""
    seconds = unix_ns // 10**9 % 86400
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
