"""The intervals of a recording, from its frames, one after another; a day is never in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from velox_tui.errors import InputError
from velox_tui.recording.frame_codec import FrameKind, Head
from velox_tui.recording.frames import histograms_of
from velox_tui.recording.paths import PartPaths, parts_of
from velox_tui.recording.reader.frames import FramesReader
from velox_tui.recording.shape import run_of
from velox_tui.telemetry.sample import Buckets, Run

__all__ = ["Interval", "intervals", "parts_of", "run_of"]


@dataclass(frozen=True, slots=True, eq=False)
class Interval:
    """One interval of one run; `histograms` in the order of its topology, None: unknown."""

    run: Run
    seq: int
    mono_ns: int
    interval_ns: int
    histograms: tuple[Buckets | None, ...]

    @property
    def begin_unix_ns(self) -> int:
        """When it began, by the wall clock of the run's start."""
        return self.run.start_unix_ns + self.mono_ns - self.interval_ns - self.run.start_mono_ns


def intervals(parts: tuple[PartPaths, ...], damaged: Callable[[InputError], None]) -> Iterator[Interval]:
    """Every interval of all parts, in order. What cannot be read is told and left out.

    InputMissingError when a part has no frames.
    """
    with ExitStack() as stack:
        readers = [stack.enter_context(FramesReader(part.frames)) for part in parts]
        for reader in readers:
            runs: dict[str, Run] = {}
            for head in reader.heads:
                try:
                    found = _interval(reader, head, runs)
                except InputError as error:
                    damaged(error)
                    continue
                if found is not None:
                    yield found


def _interval(reader: FramesReader, head: Head, runs: dict[str, Run]) -> Interval | None:
    """The interval of this record; None for other records, and for a run's first reading."""
    if head.kind not in (FrameKind.RUN, FrameKind.INTERVAL):
        return None
    fields, arrays = reader.decode(head)
    try:
        if head.kind == FrameKind.RUN:
            runs[str(fields["run_id"])] = run_of(fields)
            return None
        run = runs[str(fields["run_id"])]
        if fields["interval_ns"] is None:
            return None
        histograms = histograms_of(arrays, len(run.topology.histograms))
        return Interval(run, head.seq, head.mono_ns, int(fields["interval_ns"]), histograms)
    except (KeyError, TypeError, ValueError, IndexError) as error:
        raise InputError(f"{reader.path}: byte {head.offset}: cannot be understood: {error!r}") from None
