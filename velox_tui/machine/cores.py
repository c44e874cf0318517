"""Which cores there are, who else uses them, and how they belong together."""

from __future__ import annotations

from pathlib import PurePosixPath

from velox_tui.machine.check import Check, Facts, State, core_list, core_text, number

STAGES = 4
CPU = "sys/devices/system/cpu"
IDLE_SHARE = 0.25
"""Of the cores' time, that others may take."""
STEAL_FINE, STEAL_BAD = 0.005, 0.05
"""Shares of the time that the host gave to others."""


def usable(facts: Facts) -> Check:
    """How many cores the process may be scheduled on."""
    count = len(facts.cores)
    finding = f"{count} usable: {core_text(facts.cores)}"
    why = "Four stages and a console each want a core; on fewer, stages share threads or take turns."
    if count > STAGES:
        return Check("cores", State.GOOD, finding, why)
    state = State.BAD if count <= 1 else State.BETTER
    wider = core_list(facts.read(f"{CPU}/online"))
    remedy = f"Give it {STAGES + 1} or more cores."
    if len(wider) > count:
        remedy = f"{len(wider)} are online: widen the affinity or cpuset (taskset, docker --cpuset-cpus)."
    return Check("cores", state, finding, why, remedy)


def quota(facts: Facts) -> Check:
    """How much of their time a control group grants."""
    why = "A quota stops every thread of the group for the rest of a period (100 ms), once it is used up."
    granted = _granted(facts)
    if granted is None:
        return Check("quota", State.GOOD, "none: cores are not rationed", why)
    state = State.BETTER if granted >= len(facts.cores) else State.BAD
    remedy = "Run without a CPU limit (Kubernetes: no limits.cpu; docker: no --cpus), with a cpuset instead."
    return Check("quota", state, f"{granted:.2g} cores' worth of time", why, remedy)


def _granted(facts: Facts) -> float | None:
    """The least quota of the process's groups and those around them, in cores."""
    found = []
    for line in (facts.read("proc/self/cgroup") or "").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        group = PurePosixPath(path)
        for folder in (group, *group.parents):
            found.append(_granted_by(facts, controllers, str(folder).lstrip("/")))
    return min((one for one in found if one is not None), default=None)


def _granted_by(facts: Facts, controllers: str, group: str) -> float | None:
    if controllers == "":
        text = facts.read(f"sys/fs/cgroup/{group}/cpu.max") or facts.read(
            f"sys/fs/cgroup/unified/{group}/cpu.max"
        )
        most, _, period = (text or "").partition(" ")
    elif "cpu" in controllers.split(","):
        folder = f"sys/fs/cgroup/{controllers}/{group}"
        most = facts.read(f"{folder}/cpu.cfs_quota_us") or ""
        period = facts.read(f"{folder}/cpu.cfs_period_us") or ""
    else:
        return None
    time_us, period_us = number(most), number(period)
    return time_us / period_us if time_us and period_us and time_us > 0 and period_us > 0 else None


def siblings(facts: Facts) -> Check:
    """Whether usable cores are threads of one physical core."""
    why = "Two threads of one core share its caches and units: a spinning stage slows its sibling by half."
    groups = {core_list(facts.read(f"{CPU}/cpu{core}/topology/thread_siblings_list")) for core in facts.cores}
    if () in groups or not groups:
        return Check("SMT siblings", State.UNKNOWN, "the kernel does not say", why)
    shared = [group for group in sorted(groups) if len(set(group) & set(facts.cores)) > 1]
    if not shared:
        return Check("SMT siblings", State.GOOD, "every usable core is a physical one", why)
    finding = "threads of one core: " + " ".join(core_text(group) for group in shared[:8])
    first = ",".join(str(group[0]) for group in sorted(groups)[:STAGES])
    remedy = f"Name one thread of each core, e.g. --cores {first}."
    return Check("SMT siblings", State.BETTER, finding, why, remedy)


def nodes(facts: Facts) -> Check:
    """Whether usable cores lie on several memory nodes."""
    why = "Memory of another node costs half as much again, and so does every line that crosses over."
    known = {
        int(name.removeprefix("node")): core_list(facts.read(f"sys/devices/system/node/{name}/cpulist"))
        for name in facts.names("sys/devices/system/node")
        if name.removeprefix("node").isdigit()
    }
    found = {node: cores for node, cores in known.items() if set(cores) & set(facts.cores)}
    if not found:
        return Check("NUMA", State.GOOD, "one memory for all cores", why)
    if len(found) == 1:
        return Check("NUMA", State.GOOD, f"all usable cores are on node {next(iter(found))}", why)
    finding = "usable cores on " + ", ".join(f"node {node}: {core_text(c)}" for node, c in found.items())
    node, cores = max(found.items(), key=lambda pair: len(set(pair[1]) & set(facts.cores)))
    remedy = f"Stay on one: numactl --cpunodebind={node} --membind={node}, or --cores of {core_text(cores)}."
    return Check("NUMA", State.BETTER, finding, why, remedy)


def isolation(facts: Facts) -> Check:
    """Whether cores are kept free of other work and of the timer tick."""
    why = "On a core of its own a stage is not interrupted: what is left of the p99.9 is the pipeline's."
    isolated = set(core_list(facts.read(f"{CPU}/isolated")))
    tickless = set(core_list(facts.read(f"{CPU}/nohz_full")))
    both = tuple(sorted(isolated & tickless))
    if len(both) >= STAGES:
        return Check("isolation", State.GOOD, f"isolcpus and nohz_full: {core_text(both)}", why)
    parts = [
        f"{name} {core_text(tuple(cores)) if cores else 'none'}"
        for name, cores in (("isolcpus", isolated), ("nohz_full", tickless))
    ]
    remedy = "Boot with isolcpus=2-5 nohz_full=2-5 (your cores) and name them with --cores."
    return Check("isolation", State.BETTER, ", ".join(parts), why, remedy)


def load(facts: Facts) -> Check:
    """What else runs on the cores."""
    why = "Other work takes turns with the stages; what is measured below suffers from it too."
    text = facts.read("proc/loadavg") or ""
    words = text.split()
    if not words or not words[0].replace(".", "", 1).isdigit() or not facts.cores:
        return Check("other work", State.UNKNOWN, "/proc/loadavg does not tell", why)
    share = float(words[0]) / len(facts.cores)
    finding = f"load {words[0]} on {len(facts.cores)} cores in the last minute"
    if share < IDLE_SHARE:
        return Check("other work", State.GOOD, finding, why)
    state = State.BAD if share >= 1 else State.BETTER
    return Check(
        "other work", state, finding, why, "Let the machine do nothing else, or keep cores for this."
    )


def steal(facts: Facts) -> Check:
    """The share of the cores' time that a host gave to other machines, lately and since the start."""
    why = "Time stolen by the host shows up as latency that nothing in here can explain."
    now = _spent(facts.read("proc/stat"))
    before = _spent(facts.stat_before)
    if now is None or now[1] == 0:
        return Check("steal", State.UNKNOWN, "/proc/stat does not tell", why)
    ever = now[0] / now[1]
    lately = ever
    if before is not None and now[1] > before[1]:
        lately = (now[0] - before[0]) / (now[1] - before[1])
    finding = f"{lately:.1%} now, {ever:.1%} since the start"
    worst = max(lately, ever)
    if worst <= STEAL_FINE:
        return Check("steal", State.GOOD, finding, why)
    state = State.BAD if worst > STEAL_BAD else State.BETTER
    return Check("steal", state, finding, why, "Use a machine, or an instance type, with cores of its own.")


def _spent(text: str | None) -> tuple[int, int] | None:
    """(stolen, all) ticks of the line of all cores: user nice system idle iowait irq softirq steal."""
    line = (text or "").partition("\n")[0].split()
    if len(line) < 9 or line[0] != "cpu" or not all(word.isdigit() for word in line[1:9]):
        return None
    ticks = [int(word) for word in line[1:9]]
    return ticks[7], sum(ticks)
