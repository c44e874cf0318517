"""Long recordings, made quickly: a few minutes of canned Samples over and over, with time and totals going on.

`python -m tests.recording.day FILE.csv [ROWS]` writes one; 86,400 rows are a day at 1 Hz.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from velox_tui.recording import paths
from velox_tui.recording.frames import MinuteMerger, interval_frame, run_frame
from velox_tui.recording.rows import Rows
from velox_tui.sources import canned
from velox_tui.telemetry.sample import Cut, Event, Sample
from velox_tui.telemetry.topology import Kind

DAY = 86_400
PERIOD = 240
"""Samples that are drawn; whole minutes, so that the canned minute goes on."""


def repeated(drawn: Sequence[Sample], count: int) -> Iterator[Sample]:
    """`count` Samples: those drawn again and again, each time later and with higher totals."""
    first, last = drawn[0], drawn[-1]
    counters = np.array([word.kind == Kind.COUNTER for word in first.run.topology.words])
    gained = np.where(counters, last.words - first.words, 0) + np.where(counters, first.words, 0)
    period_ns = len(drawn) * 10**9
    for number in range(count):
        again, place = divmod(number, len(drawn))
        sample = drawn[place]
        shift_ns, more = again * period_ns, gained * np.uint64(again)
        cut = None if sample.cut is None else Cut(sample.cut.sequence + number, sample.cut.words + more)
        yield replace(
            sample,
            seq=number,
            mono_ns=sample.mono_ns + shift_ns,
            unix_ns=sample.unix_ns + shift_ns,
            words=sample.words + more,
            cut=cut,
            deltas=sample.deltas if number else None,
            interval_ns=(sample.interval_ns or 10**9) if number else None,
            events=tuple(_later(event, shift_ns) for event in sample.events),
        )


def _later(event: Event, shift_ns: int) -> Event:
    return replace(event, mono_ns=event.mono_ns + shift_ns)


def write_day(target: Path, rows: int = DAY) -> None:
    """Rows and frames, as a recorder would have left them after a kill: no meta file, not stopped."""
    drawn = canned.samples(min(PERIOD, rows))
    run, part = drawn[0].run, paths.beside(target)
    table, minutes = Rows(run.topology, cores=4), MinuteMerger(run)
    with part.csv.open("wb") as csv, part.frames.open("wb") as frames:
        csv.write(table.header)
        frames.write(run_frame(run))
        for sample in repeated(drawn, rows):
            csv.write(table.row(sample))
            minute = minutes.add(sample)
            frames.write((minute or b"") + interval_frame(sample))


if __name__ == "__main__":
    write_day(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DAY)
