"""What a check is made from and what it says. Checks are pure functions of Facts: they read files under a
root and look at values taken beforehand, so that any machine can be put before them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path


class State(Enum):
    """How it stands; the values are those of the JSON."""

    GOOD = "good"
    BETTER = "could be better"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `why`: what it does to a pipeline; `remedy`: what to do, empty where all is well."""

    name: str
    state: State
    finding: str
    why: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured on the cores this process may use; None: it could not be."""

    clock: str | None = None
    """"TSC", "CNTVCT" or "clock_gettime"."""
    distances_ns: tuple[tuple[int, int, float], ...] = ()
    """(core, core, one cache line there and back) of every pair."""
    sleep_p50_us: float | None = None
    sleep_p99_us: float | None = None
    """Of a sleep of 50 µs."""
    wake_p50_us: float | None = None
    wake_p99_us: float | None = None
    counters: str = ""
    """What the processor counts of a pipeline's threads; or why not all, `; ` and the remedy."""
    counters_complete: bool = False
    missing: str = ""
    """Why nothing was measured."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A machine as one process sees it."""

    root: Path = Path("/")
    """Where /proc and /sys are looked for."""
    cores: tuple[int, ...] = ()
    """Those the process may be scheduled on."""
    needed_bytes: int = 0
    """What a pipeline takes with the settings in force."""
    locked_limit: int | None = None
    """Bytes this process may lock; None: any number."""
    stat_before: str = ""
    """/proc/stat some time earlier; steal is judged over that time."""
    environ: Mapping[str, str] = field(default_factory=dict)
    encoding: str = ""
    """Of standard output."""
    terminal: bool = False
    """Whether standard output is one."""
    measured: Measured = Measured()

    def read(self, path: str) -> str | None:
        """The text of a file under the root, without its last line feed; None: it cannot be read."""
        try:
            return (self.root / path).read_text(encoding="utf-8", errors="replace").rstrip("\n")
        except OSError:
            return None

    def capable(self, *bits: int) -> bool:
        """Whether the process has any of these capabilities (capabilities(7))."""
        for line in (self.read("proc/self/status") or "").splitlines():
            if line.startswith("CapEff:"):
                held = int(line.split()[1], 16)
                return any(held >> bit & 1 for bit in bits)
        return False

    def names(self, path: str) -> tuple[str, ...]:
        """What a folder under the root holds; nothing where there is none."""
        try:
            return tuple(sorted(one.name for one in (self.root / path).iterdir()))
        except OSError:
            return ()


Examination = Callable[[Facts], Check]


def number(text: str | None) -> int | None:
    """A whole number, or None."""
    try:
        return None if text is None else int(text)
    except ValueError:
        return None


def core_list(text: str | None) -> tuple[int, ...]:
    """`0-2,5` as numbers; what cannot be read is left out."""
    found: list[int] = []
    for part in (text or "").split(","):
        first, _, last = part.strip().partition("-")
        low, high = number(first), number(last or first)
        if low is not None and high is not None:
            found.extend(range(low, high + 1))
    return tuple(found)


def core_text(cores: tuple[int, ...]) -> str:
    """Numbers as `0-2,5`."""
    runs: list[list[int]] = []
    for core in sorted(cores):
        if runs and core == runs[-1][1] + 1:
            runs[-1][1] = core
        else:
            runs.append([core, core])
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in runs)
