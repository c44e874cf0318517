"""The intervals of a recording, from its frames, one after another; a day is never in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from velox_tui.errors import InputError, InputMissingError
from velox_tui.recording import paths, shape
from velox_tui.recording.frame_codec import FrameKind, Head
from velox_tui.recording.frames import histograms_of
from velox_tui.recording.paths import PartPaths
from velox_tui.recording.reader import FramesReader
from velox_tui.telemetry.sample import Buckets, Run


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


def parts_of(target: Path) -> tuple[PartPaths, ...]:
    """The files of a recording, or of all parts of a rotated one. InputMissingError for none."""
    if target.exists():
        return (paths.beside(target),)
    numbers = paths.part_numbers(target)
    if not numbers:
        raise InputMissingError(f"{target}: no such recording")
    return tuple(paths.numbered(target, number) for number in numbers)


def run_of(fields: dict[str, Any]) -> Run:
    """The run that a frame of kind RUN tells of. KeyError, TypeError or ValueError for others' JSON."""
    facts = fields["run"]
    return Run(
        str(fields["run_id"]),
        shape.of_fields(fields["topology"]),
        "replay",
        str(facts["host"]),
        int(facts["pid"]),
        int(facts["start_mono_ns"]),
        int(facts["start_unix_ns"]),
        str(facts["clock"]),
    )


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
