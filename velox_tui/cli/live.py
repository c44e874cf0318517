"""A pipeline of its own from the settings."""

from __future__ import annotations

from velox_tui.cli.faults import say
from velox_tui.engine.options import EngineOptions
from velox_tui.settings import Settings
from velox_tui.sources.live import LiveSource


def engine_options(settings: Settings) -> EngineOptions:
    """The engine's part of the settings. An input takes the place of the pattern."""
    return EngineOptions(
        rate_hz=settings.rate_millihz / 1000,
        pattern=settings.pattern if settings.input is None else "file",
        seed=settings.seed,
        ring_slots=settings.rings,
        bundle_max=settings.bundle_max,
        bundle_timeout_ns=settings.bundle_timeout_ns,
        on_full=settings.on_full,
        threading=settings.threading,
        wait=settings.wait,
        levels=settings.levels,
        ticks_per_level=settings.ticks_per_level,
        base_price=settings.base_price,
        cores=settings.cores,
        input_path=settings.input,
        input_speed_permille=settings.speed_permille,
        input_loop=settings.loop,
        huge_pages=settings.huge_pages,
        lock_memory=settings.lock_memory,
        journal_path=settings.journal,
    )


def live_source(settings: Settings) -> LiveSource:
    """Starts the pipeline in this process. UsageError, InputError or EngineError where it cannot.

    Memory that was asked for and is not to be had is said.
    """
    source = LiveSource(engine_options(settings))
    memory = dict(source.run.topology.texts).get("memory", "")
    if "not to be had" in memory:
        say(f"memory: {memory}")
    return source
