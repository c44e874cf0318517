"""The intervals of a recording, from its frames, one after another; a day is never in memory at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

from velox_tui.errors import InputError
from velox_tui.recording.frame_codec import FrameKind, Head
from velox_tui.recording.frames import histograms_of
from velox_tui.recording.paths import PartPaths, parts_of
from velox_tui.recording.reader.frames import FramesReader
from velox_tui.recording.shape import run_of
from velox_tui.telemetry.sample import Buckets, Run

__all__ = ["Interval", "intervals", "merged", "parts_of", "run_of"]
_NONSENSE = (KeyError, TypeError, ValueError, IndexError)
Told = Callable[[InputError], None]


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


def intervals(parts: tuple[PartPaths, ...], damaged: Told) -> Iterator[Interval]:
    """Every interval of all parts, in order. What cannot be read is told and left out.

    InputMissingError when a part has no frames.
    """
    with ExitStack() as stack:
        for reader in [stack.enter_context(FramesReader(part.frames)) for part in parts]:
            runs: dict[str, Run] = {}
            yield from _each(reader, range(len(reader.heads)), runs, damaged)


def merged(parts: tuple[PartPaths, ...], damaged: Told) -> Iterator[Interval]:
    """The same histograms in fewer pieces: the merged minutes, and the intervals that are in none.

    A minute stands for the intervals before it when it begins with one of those; else, or when it cannot be
    read, they are taken one by one.
    """
    with ExitStack() as stack:
        for reader in [stack.enter_context(FramesReader(part.frames)) for part in parts]:
            runs: dict[str, Run] = {}
            waiting: list[int] = []
            for place, kind in enumerate(reader.heads.table["kind"].tolist()):
                if kind == FrameKind.INTERVAL:
                    waiting.append(place)
                elif kind == FrameKind.MINUTE:
                    yield from _minute(reader, place, waiting, runs, damaged)
                    waiting = []
                elif kind == FrameKind.RUN:
                    yield from _each(reader, [*waiting, place], runs, damaged)
                    waiting = []
            yield from _each(reader, waiting, runs, damaged)


def _minute(
    reader: FramesReader, place: int, waiting: list[int], runs: dict[str, Run], damaged: Told
) -> Iterator[Interval]:
    """The minute and what waits before it without being in it; else all that waits."""
    numbers = reader.heads.table["seq"][waiting].tolist()
    try:
        head = reader.heads[place]
        fields, arrays = reader.decode(head)
        run, first = runs[str(fields["run_id"])], int(fields["from_seq"])
        if first not in numbers:
            raise ValueError(f"it begins with {first}")
        histograms = histograms_of(arrays, len(run.topology.histograms))
        took_ns = head.mono_ns - int(fields["from_mono_ns"])
    except (InputError, *_NONSENSE):
        yield from _each(reader, waiting, runs, damaged)
        return
    within = [first <= number <= head.seq for number in numbers]
    others = [one for one, inside in zip(waiting, within, strict=True) if not inside]
    yield from _each(reader, others, runs, damaged)
    yield Interval(run, head.seq, head.mono_ns, took_ns, histograms)


def _each(
    reader: FramesReader, places: Iterable[int], runs: dict[str, Run], damaged: Told
) -> Iterator[Interval]:
    """The intervals among these records; what cannot be read is told. Runs are learnt."""
    for place in places:
        try:
            found = _interval(reader, reader.heads[place], runs)
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
    except _NONSENSE as error:
        raise InputError(f"{reader.path}: byte {head.offset}: cannot be understood: {error!r}") from None
