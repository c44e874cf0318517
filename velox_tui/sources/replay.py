"""A recording as a source of Samples: any of them by its number, also while it is still being written.

Numbers go through all parts and runs; times are on one axis (see recording.reader). Nothing is read before it
is asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

from velox_tui.errors import ControlError, InputError
from velox_tui.recording.reader import Moment, Recording, Stretch, unix_ns
from velox_tui.sources.replay_rows import RowDecoder
from velox_tui.sources.replay_shape import of_columns, with_columns
from velox_tui.telemetry.sample import Event, Run, Sample

_KEPT = 64
"""Samples kept whole."""


class Replay:
    """One recording. Used by one thread at a time."""

    controllable = False

    def __init__(self, target: Path) -> None:
        """InputMissingError where there is none, InputError for what is none, or has no row yet."""
        self.recording = Recording(target)
        self._decoders: dict[tuple[str, int, int], RowDecoder] = {}
        self._samples: OrderedDict[int, Sample] = OrderedDict()
        try:
            if not self.recording.stretches:
                raise InputError(f"{target}: no row yet" if not len(self.recording) else _unreadable(target))
            self._decoder(self.recording.stretches[0])
        except InputError:
            self.release()
            raise

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.recording)

    @property
    def run(self) -> Run:
        """The newest run."""
        return self._decoder(self.recording.stretches[-1]).run

    @property
    def frames_missing(self) -> str:
        """The name of the first part's frames where they are not there; "" where they are."""
        part = self.recording.parts[0]
        return "" if part.index is not None else part.files.frames.name

    def command(self, command: int, stage: int, value: int) -> None:
        """What has been cannot be steered."""
        raise ControlError("no control here: a recording is replayed")

    def release(self) -> None:
        """Closes its files. Twice is once."""
        self.recording.close()

    def decoder(self, number: int) -> RowDecoder:
        """What understands this row."""
        return self._decoder(self.recording.stretch_of(number))

    def sample(self, number: int) -> Sample:
        """The Sample of a row, 0 <= number < len. InputError where it cannot be understood."""
        found = self._samples.get(number)
        if found is None:
            found = self._samples[number] = self._made(number)
            while len(self._samples) > _KEPT:
                self._samples.popitem(last=False)
        self._samples.move_to_end(number)
        return found

    def events(self, number: int) -> tuple[Event, ...]:
        """The events of a row; () where it cannot be read."""
        try:
            return self.decoder(number).events(self.recording.cells(number))
        except InputError:
            return ()

    def moment(self, number: int, mono_ns: int) -> Moment | None:
        """What the frames say of a row's interval."""
        stretch, part = self.recording.stretch_of(number), self.recording.part_of(number)
        if part.index is None:
            return None
        run = self._decoder(stretch).run
        return part.index.moment(stretch.run_id, run.topology, mono_ns - stretch.offset_ns)

    def _made(self, number: int) -> Sample:
        stretch = self.recording.stretch_of(number)
        decoder = self._decoder(stretch)
        try:
            row = self.recording.cells(number)
            moment = self.moment(number, decoder.mono_ns(row))
            return decoder.sample(row, self._before(number, stretch), moment)
        except InputError as error:
            part = self.recording.part_of(number)
            raise InputError(f"{part.files.csv}: row {number - part.base + 1}: {error}") from None

    def _before(self, number: int, stretch: Stretch) -> list[str] | None:
        if number <= stretch.first:
            return None
        try:
            return self.recording.cells(number - 1)
        except InputError:
            return None

    def _decoder(self, stretch: Stretch) -> RowDecoder:
        key = (stretch.run_id, stretch.offset_ns, id(stretch.part))
        if key not in self._decoders:
            names = stretch.part.rows.places
            self._decoders[key] = RowDecoder(self._run(stretch), names, stretch.offset_ns)
        return self._decoders[key]

    def _run(self, stretch: Stretch) -> Run:
        """As far as it is known; InputError where not even the pipeline's shape is."""
        names = stretch.part.rows.places
        told = self.recording.run(stretch)
        if told is not None:
            return replace(told, source="replay", topology=with_columns(told.topology, names))
        row = self.recording.cells(stretch.first)
        shape = of_columns(names, row)
        if shape is None:
            files = stretch.part.files
            raise InputError(
                f"{files.csv}: neither {files.frames.name} nor {files.meta.name} tells this pipeline's shape,"
                " and its columns are not of this engine"
            )
        clock = names.get("ts_utc")
        start_unix_ns = unix_ns(row[clock]) if clock is not None and clock < len(row) else None
        start_ns = self.recording.axis_ns(stretch.first)
        return Run(stretch.run_id, shape, "replay", "", 0, start_ns, start_unix_ns or 0, "")


def _unreadable(target: Path) -> str:
    return f"{target}: no recording: none of its rows has mono_ns, seq and run_id"
