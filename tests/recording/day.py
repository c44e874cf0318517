"""Long recordings, made quickly: some minutes of canned Samples over and over, with time and totals going on.

`python -m tests.recording.day FILE.csv [ROWS]` writes one; 86,400 rows are a day at 1 Hz.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from velox_tui.recording import paths
from velox_tui.recording.frames import MinuteMerger, interval_frame, run_frame
from velox_tui.recording.rows import Rows
from velox_tui.sources import canned
from velox_tui.telemetry.alerts import AlertLimits
from velox_tui.telemetry.observer import Observer
from velox_tui.telemetry.sample import Cut, Event, Sample
from velox_tui.telemetry.topology import Kind, Unit

DAY = 86_400
PERIOD = 240
"""Samples that are drawn."""


def drawn_and_gained() -> tuple[list[Sample], NDArray[np.uint64]]:
    """Some minutes of Samples, and what cumulative words have gained when such a run is at rest: the ledger
    is exact at whatever multiple of that.
    """
    source, observer = canned.CannedSource(PERIOD + 1), Observer(AlertLimits())
    drawn = [observer.take(source.read()) for _ in range(PERIOD + 1)]
    topology = source.run.topology
    sums = [word.kind == Kind.COUNTER or word.unit == Unit.IDS for word in topology.words]
    return drawn[:-1], np.where(sums, drawn[-1].words, np.uint64(0))


def repeated(drawn: Sequence[Sample], gained: NDArray[np.uint64], count: int) -> Iterator[Sample]:
    """`count` Samples: those drawn again and again, each time later and with higher totals."""
    for number in range(count):
        again, place = divmod(number - 1, PERIOD - 1) if number else (0, -1)
        sample = drawn[place + 1]
        shift_ns, more = again * (PERIOD - 1) * 10**9, gained * np.uint64(again)
        cut = None if sample.cut is None else Cut(sample.cut.sequence + number, sample.cut.words + more)
        yield replace(
            sample,
            seq=number,
            mono_ns=sample.mono_ns + shift_ns,
            unix_ns=sample.unix_ns + shift_ns,
            words=sample.words + more,
            cut=cut,
            events=tuple(_later(event, shift_ns) for event in sample.events),
        )


def _later(event: Event, shift_ns: int) -> Event:
    return replace(event, mono_ns=event.mono_ns + shift_ns)


def write_day(target: Path, rows: int = DAY) -> None:
    """Rows and frames, as a recorder would have left them after a kill: no meta file, not stopped."""
    drawn, gained = drawn_and_gained()
    run, part = drawn[0].run, paths.beside(target)
    table, minutes = Rows(run.topology, cores=4), MinuteMerger(run)
    with part.csv.open("wb") as csv, part.frames.open("wb") as frames:
        csv.write(table.header)
        frames.write(run_frame(run))
        for sample in repeated(drawn, gained, rows):
            csv.write(table.row(sample))
            minute = minutes.add(sample)
            frames.write((minute or b"") + interval_frame(sample))


if __name__ == "__main__":
    write_day(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else DAY)
