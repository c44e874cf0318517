"""Every check on machines made of files: each state that it can find, and files that say nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from velox_tui.machine import cores, memory, speed, terminal
from velox_tui.machine.check import Facts, Measured, State, core_list, core_text
from velox_tui.machine.examine import EXAMINATIONS, examine

CPU = "sys/devices/system/cpu"


@pytest.fixture
def facts(tmp_path: Path) -> Facts:
    return Facts(root=tmp_path, cores=(0, 1, 2, 3))


def write(facts: Facts, path: str, text: str) -> None:
    file = facts.root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text + "\n", encoding="utf-8")


def test_an_empty_machine_is_unknown_where_it_must_be_and_breaks_nothing(tmp_path: Path) -> None:
    found = examine(Facts(root=tmp_path))
    assert len(found) == len(EXAMINATIONS) == len({check.name for check in found})
    assert all(check.finding and check.why for check in found)


def test_files_of_nonsense_break_nothing(facts: Facts) -> None:
    for path in (
        "proc/stat",
        "proc/self/cgroup",
        "proc/self/status",
        "proc/meminfo",
        "proc/cpuinfo",
        "proc/loadavg",
        f"{CPU}/online",
        f"{CPU}/isolated",
        f"{CPU}/cpu0/topology/thread_siblings_list",
        "sys/kernel/mm/transparent_hugepage/enabled",
        "sys/devices/system/node/node0/cpulist",
        "sys/fs/cgroup/cpu.max",
    ):
        for text in ("", "-", "x:y:z", "9" * 400, "0-", "\x00\xff"):
            write(facts, path, text)
            assert len(examine(facts)) == len(EXAMINATIONS)


@pytest.mark.parametrize(("text", "numbers"), [("0-2,5", (0, 1, 2, 5)), ("7", (7,)), ("", ()), (None, ())])
def test_core_lists(text: str | None, numbers: tuple[int, ...]) -> None:
    assert core_list(text) == numbers
    assert core_text(numbers) == (text or "")


@pytest.mark.parametrize(
    ("count", "state"), [(1, State.BAD), (2, State.BETTER), (4, State.BETTER), (5, State.GOOD)]
)
def test_usable_cores(facts: Facts, count: int, state: State) -> None:
    assert cores.usable(replace(facts, cores=tuple(range(count)))).state == state


def test_a_narrow_affinity_on_a_wide_machine_is_told(facts: Facts) -> None:
    write(facts, f"{CPU}/online", "0-15")
    assert "16 are online" in cores.usable(facts).remedy


@pytest.mark.parametrize(
    ("path", "group", "text", "state"),
    [
        ("cpu.max", "0::/", "max 100000", State.GOOD),
        ("cpu.max", "0::/", "200000 100000", State.BAD),
        ("cpu.max", "0::/", "400000 100000", State.BETTER),
        ("pod/one/cpu.max", "0::/pod/one", "50000 100000", State.BAD),
        ("pod/cpu.max", "0::/pod/one", "50000 100000", State.BAD),
        ("unified/cpu.max", "0::/", "50000 100000", State.BAD),
    ],
)
def test_quota_of_version_2(facts: Facts, path: str, group: str, text: str, state: State) -> None:
    write(facts, "proc/self/cgroup", group)
    write(facts, f"sys/fs/cgroup/{path}", text)
    assert cores.quota(facts).state == state


@pytest.mark.parametrize(("quota", "state"), [("-1", State.GOOD), ("150000", State.BAD)])
def test_quota_of_version_1(facts: Facts, quota: str, state: State) -> None:
    write(facts, "proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/a")
    write(facts, "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", quota)
    write(facts, "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000")
    assert cores.quota(facts).state == state


def test_siblings_matter_only_when_both_are_usable(facts: Facts) -> None:
    for core in range(4):
        write(facts, f"{CPU}/cpu{core}/topology/thread_siblings_list", f"{core},{core + 4}")
    assert cores.siblings(facts).state == State.GOOD
    for core in range(4):
        write(facts, f"{CPU}/cpu{core}/topology/thread_siblings_list", f"{core // 2 * 2}-{core // 2 * 2 + 1}")
    found = cores.siblings(facts)
    assert (found.state, found.finding) == (State.BETTER, "threads of one core: 0-1 2-3")
    assert "--cores 0,2" in found.remedy


def test_nodes(facts: Facts) -> None:
    write(facts, "sys/devices/system/node/node0/cpulist", "0-3")
    write(facts, "sys/devices/system/node/node1/cpulist", "4-7")
    assert cores.nodes(facts).state == State.GOOD
    found = cores.nodes(replace(facts, cores=(2, 3, 4)))
    assert found.state == State.BETTER and "--cpunodebind=0" in found.remedy


def test_isolation_needs_both_and_four(facts: Facts) -> None:
    write(facts, f"{CPU}/isolated", "2-5")
    assert cores.isolation(facts).state == State.BETTER
    write(facts, f"{CPU}/nohz_full", "2-4")
    assert cores.isolation(facts).state == State.BETTER
    write(facts, f"{CPU}/nohz_full", "2-5")
    assert cores.isolation(facts).state == State.GOOD


@pytest.mark.parametrize(
    ("load", "state"), [("0.50", State.GOOD), ("2.00", State.BETTER), ("4.00", State.BAD)]
)
def test_other_work(facts: Facts, load: str, state: State) -> None:
    write(facts, "proc/loadavg", f"{load} 1.00 1.00 1/100 12345")
    assert cores.load(facts).state == state


@pytest.mark.parametrize(
    ("before", "now", "state", "share"),
    [
        ("", "cpu 100 0 0 896 0 0 0 4 0 0", State.GOOD, "0.4%"),
        ("", "cpu 100 0 0 890 0 0 0 10 0 0", State.BETTER, "1.0%"),
        ("cpu 100 0 0 900 0 0 0 0 0 0", "cpu 150 0 0 940 0 0 0 10 0 0", State.BAD, "10.0%"),
        ("cpu 100 0 0 900 0 0 0 0 0 0", "cpu 100 0 0 900 0 0 0 0 0 0", State.GOOD, "0.0%"),
        ("", "cpu 1 2 3", State.UNKNOWN, "does not tell"),
    ],
)
def test_steal_now_and_by_all(facts: Facts, before: str, now: str, state: State, share: str) -> None:
    write(facts, "proc/stat", now)
    found = cores.steal(replace(facts, stat_before=before))
    assert found.state == state and share in found.finding


def test_governor(facts: Facts) -> None:
    assert speed.governor(facts).state == State.UNKNOWN
    for core in range(4):
        write(facts, f"{CPU}/cpu{core}/cpufreq/scaling_governor", "performance")
    assert speed.governor(facts).state == State.GOOD
    write(facts, f"{CPU}/cpu3/cpufreq/scaling_governor", "powersave")
    assert speed.governor(facts).state == State.BETTER
    assert speed.governor(replace(facts, cores=(0, 1))).state == State.GOOD


@pytest.mark.parametrize(
    ("path", "text", "state"),
    [
        ("cpufreq/boost", "1", State.GOOD),
        ("cpufreq/boost", "0", State.BETTER),
        ("intel_pstate/no_turbo", "0", State.GOOD),
        ("intel_pstate/no_turbo", "1", State.BETTER),
    ],
)
def test_boost(facts: Facts, path: str, text: str, state: State) -> None:
    write(facts, f"{CPU}/{path}", text)
    assert speed.boost(facts).state == state


@pytest.mark.parametrize(
    ("used", "flags", "state", "remedy"),
    [
        ("TSC", "constant_tsc nonstop_tsc", State.GOOD, ""),
        ("CNTVCT", "", State.GOOD, ""),
        ("clock_gettime", "constant_tsc", State.BETTER, "not invariant"),
        ("clock_gettime", "constant_tsc nonstop_tsc", State.BETTER, "dmesg"),
        (None, "constant_tsc nonstop_tsc", State.UNKNOWN, "no program"),
    ],
)
def test_clock(facts: Facts, used: str | None, flags: str, state: State, remedy: str) -> None:
    write(facts, "proc/cpuinfo", f"model name: any\nflags\t\t: fpu {flags} sse")
    found = speed.clock(replace(facts, measured=Measured(clock=used, missing="no program")))
    assert found.state == state and remedy in found.remedy
    assert ("invariant TSC" in found.finding) == ("nonstop_tsc" in flags)


@pytest.mark.parametrize(
    ("pairs", "state"),
    [
        ((), State.UNKNOWN),
        (((0, 1, 95.0),), State.GOOD),
        (((0, 1, 95.0), (0, 2, 240.0)), State.BETTER),
        (((0, 1, 450.0),), State.BAD),
    ],
)
def test_distance(facts: Facts, pairs: tuple[tuple[int, int, float], ...], state: State) -> None:
    assert speed.distance(replace(facts, measured=Measured(distances_ns=pairs))).state == state


def test_one_core_has_no_distance(facts: Facts) -> None:
    assert speed.distance(replace(facts, cores=(0,))).state == State.UNKNOWN


@pytest.mark.parametrize(
    ("p99_us", "state"), [(90.0, State.GOOD), (400.0, State.BETTER), (5000.0, State.BAD)]
)
def test_delays_are_judged_by_the_p99(facts: Facts, p99_us: float, state: State) -> None:
    measured = Measured(sleep_p50_us=60, sleep_p99_us=p99_us, wake_p50_us=30, wake_p99_us=p99_us)
    assert speed.sleeping(replace(facts, measured=measured)).state == state
    assert speed.waking(replace(facts, measured=measured)).state == state


def test_what_was_not_measured_is_unknown_with_the_reason(facts: Facts) -> None:
    without = replace(facts, measured=Measured(missing="the benchmark is missing"))
    for one in (speed.sleeping, speed.waking, speed.distance, speed.clock):
        found = one(without)
        assert (found.state, found.remedy) == (State.UNKNOWN, "the benchmark is missing")


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("[always] madvise never", State.GOOD),
        ("always [madvise] never", State.GOOD),
        ("always madvise [never]", State.BETTER),
    ],
)
def test_huge_pages(facts: Facts, text: str, state: State) -> None:
    assert memory.huge_pages(facts).state == State.UNKNOWN
    write(facts, "sys/kernel/mm/transparent_hugepage/enabled", text)
    assert memory.huge_pages(facts).state == state


@pytest.mark.parametrize(
    ("limit", "capabilities", "state"),
    [
        (None, "0", State.GOOD),
        (2_000_000, "0", State.GOOD),
        (65536, "0", State.BETTER),
        (65536, "0000000000004000", State.GOOD),
    ],
)
def test_locked_memory(facts: Facts, limit: int | None, capabilities: str, state: State) -> None:
    write(facts, "proc/self/status", f"Name:\tx\nCapEff:\t{capabilities}")
    assert memory.locked_memory(replace(facts, locked_limit=limit, needed_bytes=2_000_000)).state == state


@pytest.mark.parametrize(("kilobytes", "state"), [("0 kB", State.GOOD), ("4096 kB", State.BETTER)])
def test_swap(facts: Facts, kilobytes: str, state: State) -> None:
    write(facts, "proc/meminfo", f"MemTotal: 1 kB\nSwapTotal:   {kilobytes}")
    assert memory.swapping(facts).state == state


@pytest.mark.parametrize(
    ("told", "complete", "state", "finding", "remedy"),
    [
        ("cycles, misses of each stage thread", True, State.GOOD, "cycles, misses of each stage thread", ""),
        (
            "cycles, but not misses; another CPU",
            False,
            State.BETTER,
            "cycles, but not misses",
            "Another CPU.",
        ),
        ("not permitted; CAP_PERFMON", False, State.BETTER, "not permitted", "CAP_PERFMON."),
        ("", False, State.UNKNOWN, "not tried", "no velox-bench"),
    ],
)
def test_hardware_counters(
    facts: Facts, told: str, complete: bool, state: State, finding: str, remedy: str
) -> None:
    measured = Measured(counters=told, counters_complete=complete, missing="" if told else "no velox-bench")
    found = memory.counters(replace(facts, measured=measured))
    assert (found.state, found.finding, found.remedy) == (state, finding, remedy)


@pytest.mark.parametrize(
    ("environ", "terminal_there", "state", "word"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, True, State.GOOD, "16 million"),
        ({"TERM": "xterm-256color"}, True, State.BETTER, "256"),
        ({"TERM": "linux"}, True, State.BETTER, "16 ("),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, State.GOOD, "NO_COLOR"),
        ({"TERM": "xterm"}, False, State.UNKNOWN, "no terminal"),
        ({}, True, State.UNKNOWN, "not set"),
    ],
)
def test_colours(
    facts: Facts, environ: dict[str, str], terminal_there: bool, state: State, word: str
) -> None:
    found = terminal.colours(replace(facts, environ=environ, terminal=terminal_there))
    assert found.state == state and word in found.finding


@pytest.mark.parametrize(
    ("term", "encoding", "state"),
    [
        ("xterm", "utf-8", State.GOOD),
        ("xterm", "UTF8", State.GOOD),
        ("xterm", "ascii", State.BETTER),
        ("linux", "utf-8", State.BETTER),
    ],
)
def test_glyphs(facts: Facts, term: str, encoding: str, state: State) -> None:
    found = terminal.glyphs(replace(facts, environ={"TERM": term}, encoding=encoding, terminal=True))
    assert found.state == state
