"""Every setting of the program, declared once: name, kind, default, what is allowed, help.

Flags, environment variables and keys of the configuration file all follow from the declarations here:
`bundle_timeout` is the key, `--bundle-timeout` the flag, `VELOX_BUNDLE_TIMEOUT` the variable. A Settings is
always valid: making one with a value that is not allowed raises UsageError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

from velox_tui import settings_kinds as kinds
from velox_tui.errors import UsageError
from velox_tui.settings_conditions import Condition
from velox_tui.settings_kinds import AnyKind
from velox_tui.telemetry.alert_limits import AlertLimits

PIPELINE = "pipeline"
RECORDING = "time and recording"
CONSOLE = "console"
GROUPS = (PIPELINE, RECORDING, CONSOLE)
"""Titles of the groups whose settings have flags."""
ALERTS = "alerts"
KEYS = "keys"
"""Tables of the configuration file; alerts have variables too."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One declared setting. `attribute` is its place in Settings; a default of None means: not set."""

    attribute: str
    key: str
    kind: AnyKind
    default: Any
    help: str
    group: str

    @property
    def flag(self) -> str:
        """`--bundle-timeout`."""
        return "--" + self.key.replace("_", "-")

    @property
    def variable(self) -> str:
        """`VELOX_BUNDLE_TIMEOUT`, `VELOX_ALERTS_E2E_P99`."""
        return "VELOX_" + self.key.upper().replace(".", "_")

    def of(self, settings: Settings) -> Any:
        """This setting's value."""
        value: Any = settings
        for name in self.attribute.split("."):
            value = getattr(value, name)
        return value


def _about(key: str, kind: AnyKind, group: str, help: str) -> dict[str, Any]:
    return {"key": key, "kind": kind, "group": group, "help": help}


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is to be. Units are in the names; None: not set."""

    rate_millihz: int = field(
        default=10**8, metadata=_about("rate", kinds.rate(1000, 10**12), PIPELINE, "mean arrivals per second")
    )
    pattern: str = field(
        default="poisson",
        metadata=_about(
            "pattern",
            kinds.choice("poisson", "constant", "bursts", "ramp", "max"),
            PIPELINE,
            "how arrivals are spaced; max is without pacing",
        ),
    )
    seed: int = field(
        default=1, metadata=_about("seed", kinds.whole(0, 2**64 - 1), PIPELINE, "seed of the generated flow")
    )
    rings: tuple[int, int, int] = field(
        default=(4096, 4096, 1024),
        metadata=_about("rings", kinds.slots(3), PIPELINE, "slots of each ring in the order of the flow"),
    )
    bundle_max: int = field(
        default=16, metadata=_about("bundle_max", kinds.whole(1, 16), PIPELINE, "transactions a bundle")
    )
    bundle_timeout_ns: int = field(
        default=100_000,
        metadata=_about(
            "bundle_timeout",
            kinds.duration(1000, 10**10),
            PIPELINE,
            "time after which an open bundle is flushed",
        ),
    )
    on_full: str = field(
        default="drop",
        metadata=_about(
            "on_full", kinds.choice("drop", "block"), PIPELINE, "what ingress does where its ring is full"
        ),
    )
    threading: str = field(
        default="auto",
        metadata=_about(
            "threading",
            kinds.choice("auto", "dedicated", "shared"),
            PIPELINE,
            "a thread a stage, or stages sharing threads",
        ),
    )
    cores: tuple[int, ...] | None = field(
        default=None,
        metadata=_about("cores", kinds.cores(), PIPELINE, "cores of the threads in order; not set: chosen"),
    )
    wait: str = field(
        default="auto",
        metadata=_about(
            "wait",
            kinds.choice("auto", "spin", "yield", "backoff"),
            PIPELINE,
            "what a stage does while it has nothing to do",
        ),
    )
    levels: int = field(
        default=1024,
        metadata=_about("levels", kinds.multiple(64, 64, 4096), PIPELINE, "levels a side of the book"),
    )
    ticks_per_level: int = field(
        default=16, metadata=_about("ticks_per_level", kinds.whole(1, 10**6), PIPELINE, "price ticks a level")
    )
    base_price: int = field(
        default=1_000_000,
        metadata=_about(
            "base_price", kinds.price(2**53), PIPELINE, "lowest price of the book, with 4 decimals"
        ),
    )
    input: Path | None = field(
        default=None,
        metadata=_about(
            "input", kinds.path("a .vtx file"), PIPELINE, "a file of transactions in place of generated flow"
        ),
    )
    speed_permille: int = field(
        default=1000, metadata=_about("speed", kinds.speed(), PIPELINE, "how fast the input is played")
    )
    loop: bool = field(
        default=False, metadata=_about("loop", kinds.switch(), PIPELINE, "start the input over at its end")
    )
    huge_pages: str = field(
        default="auto",
        metadata=_about(
            "huge_pages",
            kinds.choice("auto", "on", "off"),
            PIPELINE,
            "rings in huge pages; auto: where they would fill one",
        ),
    )
    lock_memory: bool = field(
        default=False,
        metadata=_about(
            "lock_memory", kinds.switch(), PIPELINE, "keep the pipeline's memory from being swapped out"
        ),
    )
    journal: Path | None = field(
        default=None,
        metadata=_about(
            "journal", kinds.path("a new .vtx file"), PIPELINE, "write what is delivered, for --input later"
        ),
    )
    interval_ns: int = field(
        default=10**9,
        metadata=_about(
            "interval", kinds.duration(10**7, 3600 * 10**9, bare="s"), RECORDING, "time between two samples"
        ),
    )
    duration_ns: int | None = field(
        default=None,
        metadata=_about(
            "duration",
            kinds.duration(10**8, 366 * 86400 * 10**9, bare="s"),
            RECORDING,
            "end the run after this time; not set: on a signal",
        ),
    )
    warm_up_ns: int = field(
        default=0,
        metadata=_about(
            "warm_up",
            kinds.duration(0, 3600 * 10**9, bare="s"),
            RECORDING,
            "time at the start that interval. conditions of --fail-on leave out",
        ),
    )
    fail_on: tuple[Condition, ...] | None = field(
        default=None,
        metadata=_about(
            "fail_on", kinds.conditions(), RECORDING, "conditions on columns that make the exit code 4"
        ),
    )
    rotate: kinds.Rotation | None = field(
        default=None,
        metadata=_about(
            "rotate", kinds.rotation(), RECORDING, "start a new part of the recording by time (UTC) or size"
        ),
    )
    theme: str = field(
        default="velox-dark",
        metadata=_about("theme", kinds.text("a name that `velox-tui themes` lists"), CONSOLE, "theme"),
    )
    graph: str = field(
        default="braille",
        metadata=_about(
            "graph", kinds.choice("braille", "block", "ascii"), CONSOLE, "what charts are drawn with"
        ),
    )
    read_only: bool = field(
        default=False, metadata=_about("read_only", kinds.switch(), CONSOLE, "no control of the pipeline")
    )
    mouse: bool = field(default=True, metadata=_about("mouse", kinds.switch(), CONSOLE, "the mouse"))
    bell: bool = field(
        default=False, metadata=_about("bell", kinds.switch(), CONSOLE, "ring the bell on critical alerts")
    )
    title_mark: bool = field(
        default=False,
        metadata=_about("title_mark", kinds.switch(), CONSOLE, "mark the title on critical alerts"),
    )
    alerts: AlertLimits = field(default_factory=AlertLimits)
    """Where alerts begin; the table [alerts] of the configuration file."""
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Remapped keys of the console, binding id → key; the table [keys] of the configuration file."""

    def __post_init__(self) -> None:
        """Refuses values that are not allowed: UsageError."""
        for one in TABLE:
            value = one.of(self)
            if value is not None and not one.kind.within(value):
                raise UsageError(f"{one.key}: {value!r} is not allowed; allowed: {one.kind.allowed}")

    @classmethod
    def of(cls, values: Mapping[str, Any], keys: Mapping[str, str]) -> Self:
        """Settings from values by attribute, alerts as `alerts.drops_per_s`; the rest are defaults."""
        prefix = f"{ALERTS}."
        limits = {
            name.removeprefix(prefix): value for name, value in values.items() if name.startswith(prefix)
        }
        plain = {name: value for name, value in values.items() if not name.startswith(prefix)}
        return cls(**plain, alerts=AlertLimits(**limits), keys=keys)


def _declared() -> tuple[Setting, ...]:
    table = [
        Setting(attribute=one.name, default=one.default, **one.metadata)
        for one in fields(Settings)
        if one.metadata
    ]
    for limit in fields(AlertLimits):
        key = f"{ALERTS}.{limit.name.removesuffix('_ns')}"
        help = _LIMITS.get(limit.name, "a limit of alerts")
        table.append(
            Setting(f"{ALERTS}.{limit.name}", key, kinds.limit(limit.name), limit.default, help, ALERTS)
        )
    return tuple(table)


_LIMITS = {
    "drops_per_s": "drops a second of a stage above which there is an alert",
    "ring_occupancy_ratio": "highest share of a ring's slots found taken",
    "e2e_p99_ns": "end-to-end 99th percentile of an interval",
    "late_flush_ratio": "share of an interval's bundles flushed late",
    "involuntary_switches_per_s": "involuntary context switches a second of a stage thread",
    "late_poll_ns": "lateness of a reading",
    "clear_after_ns": "time that all must be well before an alert ends",
}
TABLE = _declared()
"""All settings, in the order of help and of `velox-tui config`."""
