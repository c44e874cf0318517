"""What the processor counted of a stage's thread, as figures: instructions a cycle, cycles and misses by
transaction.

The counters are of whole threads. A thread that runs several stages has them with the first of these; which
stages share it, the words say that name each stage's thread. They are read now and then, so that they cover
another time than the stages' own counters: what is divided by transactions is first brought to the same time.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role, Topology

_COUNTED = (Role.CPU_CYCLES, Role.CPU_INSTRUCTIONS, Role.CACHE_MISSES, Role.BRANCH_MISSES)


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one thread; None: not counted, or nothing to divide by."""

    instructions_per_cycle: float | None
    cycles_per_transaction: float | None
    cache_misses_per_thousand: float | None
    branch_misses_per_thousand: float | None


def is_counted(topology: Topology) -> bool:
    """Whether any stage's thread has such counters."""
    return any(role in topology.by_role for role in _COUNTED)


def has_counters(topology: Topology, stage: int) -> bool:
    """Whether a stage has them: it is the first of its thread."""
    return any(topology.first(role, stage=stage) for role in _COUNTED)


def figures(topology: Topology, stage: int, deltas: NDArray[np.uint64], duration_ns: int) -> Figures:
    """From the differences of all counters (uint64, by Word.index) over a time."""

    def change(role: Role) -> int | None:
        word = topology.first(role, stage=stage)
        return None if word is None else int(deltas[word.index])

    cycles, instructions = change(Role.CPU_CYCLES), change(Role.CPU_INSTRUCTIONS)
    covered_ns = (
        change(Role.CPU_COVERED_NS) if topology.first(Role.CPU_COVERED_NS, stage=stage) else duration_ns
    )
    transactions = _transactions(topology, stage, deltas)

    def by_transactions(count: int | None, number: int) -> float | None:
        if count is None or not covered_ns or not transactions:
            return None
        return count * duration_ns / covered_ns / transactions * number

    return Figures(
        None if instructions is None or not cycles else instructions / cycles,
        by_transactions(cycles, 1) if cycles else None,
        by_transactions(change(Role.CACHE_MISSES), 1000),
        by_transactions(change(Role.BRANCH_MISSES), 1000),
    )


def _transactions(topology: Topology, stage: int, deltas: NDArray[np.uint64]) -> int:
    """What the stage passed on; what it took where that is not counted."""
    role = Role.OUT if topology.first(Role.OUT, stage=stage) else Role.IN
    return sum(int(deltas[word.index]) for word in topology.find(role, stage=stage))


def stages_of_thread(sample: Sample, stage: int) -> tuple[int, ...]:
    """The stages that share a stage's thread, itself among them, in order; itself alone where that is not
    known.
    """
    topology = sample.run.topology
    own = sample.value(topology.first(Role.THREAD_ID, stage=stage))
    if not own:
        return (stage,)
    words = topology.find(Role.THREAD_ID)
    return tuple(word.stage for word in words if word.stage is not None and sample.value(word) == own)
