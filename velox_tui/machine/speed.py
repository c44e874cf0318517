"""How fast cores run, how far apart they are, and how exactly time passes."""

from __future__ import annotations

from velox_tui.machine.check import Check, Facts, State

CPU = "sys/devices/system/cpu"
NEAR_NS, FAR_NS = 130, 400
"""A line there and back between cores of one cluster, and more than within one chip."""
SLEEP_ASKED_US = 50
SLEEP_FINE_US, SLEEP_BAD_US = 150, 1000
WAKE_FINE_US, WAKE_BAD_US = 100, 1000
"""99th percentiles."""
HOST_DECIDES = "not to be seen here: the host decides, or there is no driver"


def governor(facts: Facts) -> Check:
    """What decides about the cores' frequency."""
    why = (
        "A governor that follows the load lets a core that waits fall to a low frequency, and wakes it late."
    )
    found = {facts.read(f"{CPU}/cpu{core}/cpufreq/scaling_governor") for core in facts.cores} - {None}
    if not found:
        return Check("governor", State.UNKNOWN, HOST_DECIDES, why)
    finding = ", ".join(sorted(str(one) for one in found))
    if found == {"performance"}:
        return Check("governor", State.GOOD, finding, why)
    remedy = "cpupower frequency-set -g performance (as root)."
    return Check("governor", State.BETTER, finding, why, remedy)


def boost(facts: Facts) -> Check:
    """Whether cores may run above their nominal frequency."""
    why = "Boost is a quarter more speed, at a frequency that depends on what the other cores do."
    allowed = facts.read(f"{CPU}/cpufreq/boost")
    forbidden = facts.read(f"{CPU}/intel_pstate/no_turbo")
    if allowed is None and forbidden is None:
        return Check("boost", State.UNKNOWN, HOST_DECIDES, why)
    if allowed == "1" or forbidden == "0":
        return Check("boost", State.GOOD, "on", why)
    remedy = "For speed: echo 1 > /sys/devices/system/cpu/cpufreq/boost. Off is right for repeatable figures."
    return Check("boost", State.BETTER, "off", why, remedy)


def clock(facts: Facts) -> Check:
    """Whether the CPU's counter can be the clock, and whether it is."""
    why = "The counter is read in 10 ns without the kernel; clock_gettime takes twice that, or far more."
    source = facts.read("sys/devices/system/clocksource/clocksource0/current_clocksource")
    used = facts.measured.clock
    flags = _flags(facts)
    invariant = "invariant TSC, " if {"constant_tsc", "nonstop_tsc"} <= flags else ""
    finding = f"{invariant}in use: {used or 'not measured'}; the kernel's: {source or 'unknown'}"
    if used in ("TSC", "CNTVCT"):
        return Check("clock", State.GOOD, finding, why)
    if used is None:
        return Check("clock", State.UNKNOWN, finding, why, facts.measured.missing)
    remedy = "The TSC is not invariant here; another machine or instance type."
    if invariant:
        remedy = "The kernel gave the TSC up: see dmesg; tsc=reliable where the host is known to be good."
    return Check("clock", State.BETTER, finding, why, remedy)


def _flags(facts: Facts) -> set[str]:
    for line in (facts.read("proc/cpuinfo") or "").splitlines():
        if line.startswith("flags"):
            return set(line.partition(":")[2].split())
    return set()


def distance(facts: Facts) -> Check:
    """The measured distance between cores."""
    why = "Every hand-over between stages moves lines between two cores: it cannot take less than this."
    pairs = sorted(facts.measured.distances_ns, key=lambda pair: pair[2])
    if len(facts.cores) < 2:
        return Check("core distance", State.UNKNOWN, "one core has no neighbour", why)
    if not pairs:
        return Check("core distance", State.UNKNOWN, "not measured", why, facts.measured.missing)
    near, far = pairs[0], pairs[-1]
    finding = f"{near[2]:.0f} ns there and back ({near[0]}, {near[1]})"
    if far[2] > 1.3 * near[2]:
        finding += f", up to {far[2]:.0f} ({far[0]}, {far[1]})"
    if far[2] <= NEAR_NS:
        return Check("core distance", State.GOOD, finding, why)
    state = State.BAD if near[2] > FAR_NS else State.BETTER
    remedy = "Choose cores that share a cache with --cores; on a virtual machine ask for pinned cores."
    return Check("core distance", state, finding, why, remedy)


def sleeping(facts: Facts) -> Check:
    """How exactly a thread sleeps."""
    why = "A parked stage (--wait backoff) comes back this late: it is part of the latency then."
    p50, p99 = facts.measured.sleep_p50_us, facts.measured.sleep_p99_us
    if p50 is None or p99 is None:
        return Check("sleep", State.UNKNOWN, "not measured", why, facts.measured.missing)
    finding = f"{SLEEP_ASKED_US} µs asked: {p50:.0f} µs, p99 {p99:.0f} µs"
    return _delay("sleep", finding, why, p99, SLEEP_FINE_US, SLEEP_BAD_US)


def waking(facts: Facts) -> Check:
    """How soon a called thread runs."""
    why = "What calling a sleeping thread costs: why stages park for a time and never wake one another."
    p50, p99 = facts.measured.wake_p50_us, facts.measured.wake_p99_us
    if p50 is None or p99 is None:
        return Check("wake-up", State.UNKNOWN, "not measured", why, facts.measured.missing)
    return _delay("wake-up", f"{p50:.0f} µs, p99 {p99:.0f} µs", why, p99, WAKE_FINE_US, WAKE_BAD_US)


def _delay(name: str, finding: str, why: str, p99_us: float, fine_us: float, bad_us: float) -> Check:
    if p99_us <= fine_us:
        return Check(name, State.GOOD, finding, why)
    state = State.BAD if p99_us > bad_us else State.BETTER
    remedy = (
        "Free the cores of other work; a kernel with high-resolution timers; idle=poll where that is allowed."
    )
    return Check(name, state, finding, why, remedy)
