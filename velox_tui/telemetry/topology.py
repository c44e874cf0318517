"""The shape of a pipeline, as its segment's table describes it.

Stages, rings, words and histograms are found here by role, never by a name written in Python, so that a
pipeline of another shape is shown, kept and checked correctly. The numbers of the enumerations are those of
native/velox.h.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property


class Kind(IntEnum):
    """What a row of the table describes (velox_kind)."""

    STAGE = 1
    RING = 2
    COUNTER = 3
    GAUGE = 4
    CONFIG = 5
    HISTOGRAM = 6
    CUT = 7
    BOOK = 8
    LOG = 9
    TEXT = 10


class Unit(IntEnum):
    """velox_unit."""

    NONE = 0
    TRANSACTIONS = 1
    BUNDLES = 2
    NS = 3
    CYCLES = 4
    SLOTS = 5
    IDS = 6
    MILLIHZ = 7
    PRICE = 8
    LEVELS = 9
    INSTRUCTIONS = 10
    MISSES = 11


class Role(IntEnum):
    """What a word or histogram means to the ledger and the screens (velox_role)."""

    NONE = 0
    IN = 1
    OUT = 2
    DROPPED = 3
    REJECTED = 4
    APPLIED = 5
    HELD = 6
    ID_IN = 7
    ID_OUT = 8
    ID_DROPPED = 9
    ID_HELD = 10
    UNITS_OUT = 11
    UNITS_IN = 12
    ID_GAPS = 13
    RING_TAKEN = 14
    OCCUPANCY = 15
    FULL_EVENTS = 16
    CYCLES = 17
    WORKED_CYCLES = 18
    BLOCKED_CYCLES = 19
    BUSY_NS = 20
    BLOCKED_NS = 21
    LONGEST_CYCLE_NS = 22
    PARKS = 23
    HEARTBEAT_NS = 24
    ENTRY_LATENCY_SUM_NS = 25
    THREAD_ID = 26
    CORE = 27
    FLUSH_SIZE = 28
    FLUSH_TIMEOUT = 29
    FLUSH_DRAIN = 30
    FLUSH_LATE = 31
    FILL = 32
    CAS_RETRIES = 33
    CROSSED = 34
    BEST_PAIR = 35
    LATENCY_EXIT = 36
    LATENCY_NO_WAIT = 37
    LATENESS = 38
    SERVICE = 39
    BATCH = 40
    STATE = 41
    CONTROL_HEARTBEAT_NS = 42
    CONTROL_MONOTONIC_NS = 43
    CUT_SEQUENCE = 44
    COMMANDS = 45
    RATE_MILLIHZ = 46
    BUNDLE_MAX = 47
    BUNDLE_TIMEOUT_NS = 48
    HOLD = 49
    WAIT = 50
    JITTER = 51
    JOURNAL_WRITTEN = 52
    JOURNAL_LOST = 53
    CPU_CYCLES = 54
    CPU_INSTRUCTIONS = 55
    CACHE_MISSES = 56
    BRANCH_MISSES = 57
    CPU_COVERED_NS = 58


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage; `index` is its order in the flow."""

    index: int
    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Ring:
    """One ring between two stages. `unit` is what a slot carries; `capacity` in slots."""

    index: int
    name: str
    label: str
    producer: int
    consumer: int
    capacity: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Word:
    """One 64-bit value of a reading; `index` is its place in `Sample.words`."""

    index: int
    name: str
    label: str
    kind: Kind
    unit: Unit
    role: Role
    stage: int | None
    ring: int | None


@dataclass(frozen=True, slots=True)
class Histogram:
    """One cumulative histogram; `index` is its place in `Sample.histograms`, `row` its row in the table."""

    index: int
    name: str
    label: str
    unit: Unit
    role: Role
    stage: int | None
    ring: int | None
    row: int


@dataclass(frozen=True, slots=True)
class Window:
    """The book's price window; prices are fixed point with 4 decimals. `row` is its row in the table."""

    levels: int
    ticks_per_level: int
    base_price: int
    row: int


@dataclass(frozen=True)
class Topology:
    """All of a pipeline's shape. Equal topologies have equal columns."""

    stages: tuple[Stage, ...]
    rings: tuple[Ring, ...]
    words: tuple[Word, ...]
    histograms: tuple[Histogram, ...]
    book: Window | None = None
    texts: tuple[tuple[str, str], ...] = field(default=())
    """Texts of the table, name and value, e.g. why the threading mode was chosen."""

    @cached_property
    def by_name(self) -> dict[str, Word]:
        """Words by name."""
        return {word.name: word for word in self.words}

    @cached_property
    def by_role(self) -> dict[Role, tuple[Word, ...]]:
        """Words by role, in table order."""
        roles = {word.role for word in self.words}
        return {role: tuple(word for word in self.words if word.role == role) for role in roles}

    def find(self, role: Role, *, stage: int | None = None, ring: int | None = None) -> Iterator[Word]:
        """Words of a role, in table order, of one stage or ring where given."""
        for word in self.by_role.get(role, ()):
            if stage in (None, word.stage) and ring in (None, word.ring):
                yield word

    def first(self, role: Role, *, stage: int | None = None, ring: int | None = None) -> Word | None:
        """The first word of a role, or None."""
        return next(self.find(role, stage=stage, ring=ring), None)

    def histogram(self, role: Role, *, stage: int | None = None, ring: int | None = None) -> Histogram | None:
        """The first histogram of a role, or None."""
        for one in self.histograms:
            if one.role == role and stage in (None, one.stage) and ring in (None, one.ring):
                return one
        return None
