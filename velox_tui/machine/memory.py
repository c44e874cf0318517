"""Memory: huge pages, what may be locked, room for the segment; and whether hardware counters may be read."""

from __future__ import annotations

import re

from velox_tui.machine.check import Check, Facts, State, number
from velox_tui.telemetry import units

CAP_IPC_LOCK = 14
PAGES = "sys/kernel/mm/transparent_hugepage"


def huge_pages(facts: Facts) -> Check:
    """Whether rings and book may lie in large pages."""
    why = "With 2 MB pages rings and book need a handful of address translations in place of hundreds."
    chosen = _chosen(facts.read(f"{PAGES}/enabled"))
    reserved = _meminfo(facts, "HugePages_Total") or 0
    if chosen is None:
        return Check("huge pages", State.UNKNOWN, "this kernel has no transparent huge pages", why)
    finding = f"transparent: {chosen}; reserved: {reserved}"
    if chosen in ("always", "madvise"):
        return Check("huge pages", State.GOOD, finding, why)
    remedy = "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled (as root), then --huge-pages on."
    return Check("huge pages", State.BETTER, finding, why, remedy)


def locked_memory(facts: Facts) -> Check:
    """Whether all of a pipeline's memory may be kept from being swapped out."""
    why = "A page that was swapped out or reclaimed costs a stage milliseconds when it is touched."
    needed = units.format_bytes(facts.needed_bytes)
    limit = facts.locked_limit
    exempt = facts.capable(CAP_IPC_LOCK)
    if limit is None or exempt:
        told = "no limit for this user" if exempt else "no limit"
        return Check("locked memory", State.GOOD, f"{told}; a pipeline takes {needed}", why)
    finding = f"{units.format_bytes(limit)} may be locked; a pipeline takes {needed}"
    if limit >= facts.needed_bytes:
        return Check("locked memory", State.GOOD, finding, why)
    remedy = "ulimit -l unlimited, or LimitMEMLOCK=infinity (systemd), --ulimit memlock=-1 (docker)."
    return Check("locked memory", State.BETTER, finding, why, remedy)


def swapping(facts: Facts) -> Check:
    """Whether there is anything to swap to."""
    why = "Without swap, memory that was written to stays where it is."
    total = _meminfo(facts, "SwapTotal")
    if total is None:
        return Check("swap", State.UNKNOWN, "the kernel does not say", why)
    if total == 0:
        return Check("swap", State.GOOD, "none", why)
    finding = f"{units.format_bytes(total * 1024)}, swappiness {facts.read('proc/sys/vm/swappiness')}"
    return Check("swap", State.BETTER, finding, why, "swapoff -a (as root), or --lock-memory.")


def counters(facts: Facts) -> Check:
    """Whether the processor's counters (cycles, instructions, misses) can be read: as the engine finds it."""
    why = "Instructions a cycle and cache misses of each stage tell why it is slow (screen 4, recordings)."
    finding, _, remedy = facts.measured.counters.partition("; ")
    if not finding:
        return Check("hardware counters", State.UNKNOWN, "not tried", why, facts.measured.missing)
    state = State.GOOD if facts.measured.counters_complete else State.BETTER
    return Check(
        "hardware counters", state, finding, why, remedy[:1].upper() + remedy[1:] + "." if remedy else ""
    )


def _chosen(text: str | None) -> str | None:
    """The one in brackets of `always [madvise] never`."""
    match = re.search(r"\[(\w+)\]", text or "")
    return match.group(1) if match else None


def _meminfo(facts: Facts, name: str) -> int | None:
    for line in (facts.read("proc/meminfo") or "").splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return number(value.split()[0])
    return None
