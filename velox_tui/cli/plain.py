"""A run as plain text: one aligned line an interval, and one line of progress that is written over.

What reads the text may stop reading: a line that would block is left out, so that signals are always heard.
"""

from __future__ import annotations

import os
import select
import shutil
from typing import TextIO

from velox_tui.session_protocols import RecordingStatus
from velox_tui.telemetry import units
from velox_tui.telemetry.histogram import high_water
from velox_tui.telemetry.sample import Sample
from velox_tui.telemetry.topology import Role

HEADER_EVERY = 20
_COLUMNS = (("elapsed", 10), ("in/s", 8), ("out/s", 8), ("drops/s", 8), ("bundles/s", 9), ("fill", 6))
_LATENCIES = (("p50", 8), ("p99", 8), ("p99.9", 8), ("max", 8))
_REST = (("ring", 5), ("ledger", 9))


def header() -> str:
    """Names above the values of `line`."""
    return " ".join(f"{name:>{width}}" for name, width in (*_COLUMNS, *_LATENCIES, *_REST))


def line(sample: Sample) -> str:
    """A Sample: rates of the interval, end-to-end latency, the fullest ring's high-water mark, the ledger."""
    stages = sample.run.topology.stages
    first, last = (stages[0].index, stages[-1].index) if stages else (None, None)
    cells = [
        units.format_elapsed(sample.mono_ns - sample.run.start_mono_ns),
        units.format_rate(sample.rate(Role.IN, stage=first)),
        units.format_rate(sample.rate(Role.OUT, stage=last)),
        units.format_rate(sample.rate(Role.DROPPED)),
        units.format_rate(sample.rate(Role.UNITS_OUT)),
        _fill(sample),
        *_latency(sample, last),
        units.format_percent(_fullest(sample)),
        _ledger(sample),
    ]
    widths = [width for _, width in (*_COLUMNS, *_LATENCIES, *_REST)]
    return " ".join(f"{cell:>{width}}" for cell, width in zip(cells, widths, strict=True))


def _fill(sample: Sample) -> str:
    for stage in sample.run.topology.stages:
        bundles = sample.delta(Role.UNITS_OUT, stage=stage.index)
        out = sample.delta(Role.OUT, stage=stage.index)
        if bundles and out is not None:
            return f"{out / bundles:.2f}"
    return units.UNKNOWN


def _latency(sample: Sample, last: int | None) -> list[str]:
    found = sample.quantile(sample.run.topology.histogram(Role.LATENCY_EXIT, stage=last))
    values = (found.p50, found.p99, found.p999, found.maximum) if found else (None,) * 4
    return [units.format_ns(value) for value in values]


def _fullest(sample: Sample) -> float | None:
    shares = []
    for ring in sample.run.topology.rings:
        one = sample.run.topology.histogram(Role.OCCUPANCY, ring=ring.index)
        if one is not None and sample.histograms is not None:
            mark = high_water(sample.histograms[one.index], ring.capacity)
            shares += [] if mark is None else [mark / ring.capacity]
    return max(shares, default=None)


def _ledger(sample: Sample) -> str:
    if sample.ledger is None:
        return units.UNKNOWN
    return "exact" if sample.ledger.residual == 0 else f"off {sample.ledger.residual}"


def progress(sample: Sample, recording: RecordingStatus | None, duration_ns: int | None) -> str:
    """How far a headless run is."""
    elapsed = units.format_elapsed(sample.mono_ns - sample.run.start_mono_ns)
    parts = [f"{elapsed} of {units.format_elapsed(duration_ns)}" if duration_ns else elapsed]
    if recording is not None:
        parts.append(f"{recording.rows:,} rows, {units.format_bytes(recording.bytes)}")
        if recording.lost_rows:
            parts.append(f"{recording.lost_rows:,} LOST")
    stages = sample.run.topology.stages
    rate = sample.rate(Role.OUT, stage=stages[-1].index) if stages else None
    parts.append(f"{units.format_rate(rate)}/s")
    parts.append(f"dropped {units.format_grouped(sample.total(Role.DROPPED))}")
    parts.append(f"ledger {_ledger(sample)}")
    return "  ".join(parts)


class Lines:
    """Writes lines to a stream as long as it takes them at once."""

    def __init__(self, stream: TextIO) -> None:
        """Nothing written yet."""
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding or "utf-8"
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLOUT)
        self._count = 0

    def table(self, sample: Sample) -> None:
        """One line, and the names above every HEADER_EVERY of them. BrokenPipeError when nobody reads any
        more.
        """
        if self._count % HEADER_EVERY == 0:
            self._write(header() + "\n")
        self._count += 1
        self._write(line(sample) + "\n")

    def over(self, text: str) -> None:
        """The line of progress, over the one before."""
        width = shutil.get_terminal_size().columns - 1
        self._write(f"\r{text[:width]:<{width}}\r")

    def _write(self, text: str) -> None:
        if self._poll.poll(0):
            os.write(self._descriptor, text.encode(self._encoding, errors="replace"))
