"""What a pipeline or simulation is made with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from velox_tui.engine._library import check, error_buffer, library
from velox_tui.errors import UsageError

PATTERNS = ("poisson", "constant", "bursts", "ramp", "max", "file")
ON_FULL = ("drop", "block")
THREADINGS = ("auto", "dedicated", "shared")
HUGE_PAGES = ("auto", "on", "off")
WAITS = ("auto", "spin", "yield", "backoff")


@dataclass(frozen=True, slots=True)
class EngineOptions:
    """All options, at the engine's defaults. What each allows, the engine checks and says."""

    rate_hz: float = 100_000.0
    """Mean arrivals per second, 1 to 1e9."""
    pattern: str = "poisson"
    """One of PATTERNS; "file" needs `input_path`."""
    seed: int = 1
    ring_slots: tuple[int, int, int] = (4096, 4096, 1024)
    """Powers of two, 2 to 65,536."""
    bundle_max: int = 16
    bundle_timeout_ns: int = 100_000
    on_full: str = "drop"
    threading: str = "auto"
    wait: str = "auto"
    levels: int = 1024
    """Of the order book, a side."""
    ticks_per_level: int = 16
    base_price: int = 1_000_000
    """Lower bound of level 0, fixed point with 4 decimals."""
    reduce_permille: int = 450
    """Share of reduces in generated flow."""
    cores: tuple[int, ...] | None = None
    """Cores of the threads in order; None: chosen from those that may be used."""
    input_path: Path | None = None
    """A file of transactions instead of generated flow."""
    input_speed_permille: int = 1000
    """1000: as recorded; 0: unpaced."""
    input_loop: bool = False
    journal_path: Path | None = None
    """A new file that what is delivered is written to, to be an `input_path` later."""
    cut_interval_ns: int = 100_000_000
    segment_dir: Path | None = None
    """Where the segment file lives; None: /dev/shm."""
    huge_pages: str = "auto"
    """Of the rings; auto: where they would fill one."""
    lock_memory: bool = False
    """Keep rings and segment from being swapped out, where that is permitted."""
    run_id: str | None = None
    """Up to 31 characters; None: made from time and pid."""


def _choice(what: str, value: str, allowed: tuple[str, ...]) -> int:
    if value not in allowed:
        raise UsageError(f"{what} {value!r} is not known: {', '.join(allowed)} are")
    return allowed.index(value)


def _numbers(options: EngineOptions, lib: Any) -> dict[int, int]:
    return {
        lib.VELOX_OPTION_RATE_MILLIHZ: round(options.rate_hz * 1000),
        lib.VELOX_OPTION_PATTERN: _choice("pattern", options.pattern, PATTERNS),
        lib.VELOX_OPTION_SEED: options.seed,
        lib.VELOX_OPTION_RING0_SLOTS: options.ring_slots[0],
        lib.VELOX_OPTION_RING1_SLOTS: options.ring_slots[1],
        lib.VELOX_OPTION_RING2_SLOTS: options.ring_slots[2],
        lib.VELOX_OPTION_BUNDLE_MAX: options.bundle_max,
        lib.VELOX_OPTION_BUNDLE_TIMEOUT_NS: options.bundle_timeout_ns,
        lib.VELOX_OPTION_ON_FULL: _choice("on full", options.on_full, ON_FULL),
        lib.VELOX_OPTION_THREADING: _choice("threading", options.threading, THREADINGS),
        lib.VELOX_OPTION_WAIT: _choice("wait", options.wait, WAITS),
        lib.VELOX_OPTION_LEVELS: options.levels,
        lib.VELOX_OPTION_TICKS_PER_LEVEL: options.ticks_per_level,
        lib.VELOX_OPTION_BASE_PRICE: options.base_price,
        lib.VELOX_OPTION_REDUCE_PERMILLE: options.reduce_permille,
        lib.VELOX_OPTION_INPUT_SPEED_PERMILLE: options.input_speed_permille,
        lib.VELOX_OPTION_INPUT_LOOP: int(options.input_loop),
        lib.VELOX_OPTION_CUT_INTERVAL_NS: options.cut_interval_ns,
        lib.VELOX_OPTION_HUGE_PAGES: _choice("huge pages", options.huge_pages, HUGE_PAGES),
        lib.VELOX_OPTION_LOCK_MEMORY: int(options.lock_memory),
    }


def _texts(options: EngineOptions, lib: Any) -> dict[int, str | None]:
    cores = options.cores
    return {
        lib.VELOX_TEXT_CORES: None if cores is None else ",".join(str(core) for core in cores),
        lib.VELOX_TEXT_INPUT: None if options.input_path is None else str(options.input_path),
        lib.VELOX_TEXT_SEGMENT_DIR: None if options.segment_dir is None else str(options.segment_dir),
        lib.VELOX_TEXT_RUN_ID: options.run_id,
        lib.VELOX_TEXT_JOURNAL: None if options.journal_path is None else str(options.journal_path),
    }


@contextmanager
def native_config(options: EngineOptions) -> Iterator[Any]:
    """The options as the engine takes them. Raises UsageError that says which value is not allowed and what
    is.
    """
    ffi, lib = library()
    config, error = lib.velox_config_create(), error_buffer()
    if config == ffi.NULL:
        raise MemoryError("the engine's options")
    try:
        for option, value in _numbers(options, lib).items():
            if not 0 <= value < 2**64:
                raise UsageError(f"{value} is not allowed: engine options are 0 to 2^64 - 1")
            check(lib.velox_config_set(config, option, value, error), "options", error)
        for option, text in _texts(options, lib).items():
            if text is not None:
                check(lib.velox_config_set_text(config, option, os.fsencode(text), error), "options", error)
        yield config
    finally:
        lib.velox_config_destroy(config)
