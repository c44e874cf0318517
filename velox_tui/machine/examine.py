"""All checks in the order in which they are shown."""

from __future__ import annotations

from velox_tui.machine import cores, memory, speed, terminal
from velox_tui.machine.check import Check, Examination, Facts

EXAMINATIONS: tuple[Examination, ...] = (
    cores.usable,
    cores.quota,
    cores.siblings,
    cores.nodes,
    cores.isolation,
    cores.load,
    cores.steal,
    speed.governor,
    speed.boost,
    speed.clock,
    speed.distance,
    speed.sleeping,
    speed.waking,
    memory.huge_pages,
    memory.locked_memory,
    memory.swapping,
    memory.counters,
    terminal.colours,
    terminal.glyphs,
)
"""A new check is one function and one line here."""


def examine(facts: Facts) -> tuple[Check, ...]:
    """Every check's finding."""
    return tuple(one(facts) for one in EXAMINATIONS)
