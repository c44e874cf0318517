"""The two recordings that `velox-tui diff` compares, read whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from velox_tui.errors import InputError
from velox_tui.recording import meta
from velox_tui.recording.compare import Figure
from velox_tui.recording.compare_figures import Rows, is_percentile, percentiles, unknown_percentiles
from velox_tui.recording.intervals import Interval, merged, parts_of
from velox_tui.recording.reader import RowsReader
from velox_tui.recording.reader.columns import Cut

Progress = Callable[[str, int, int], None]
"""Phase, how far, of how much."""
_ROWS = 1024
"""Rows that are read together."""


class Recorded:
    """One recording: all parts of it."""

    def __init__(self, path: Path, damaged: Callable[[InputError], None], progress: Progress) -> None:
        """InputMissingError for none, InputError for something else or without a row."""
        self.path = path
        self._parts = parts_of(path)
        self._damaged = damaged
        self._progress = progress
        self.rows = Rows()
        for part in self._parts:
            self._read(part.csv)
        if not self.rows.count:
            raise InputError(f"{path}: no row")

    def percentiles(self) -> Mapping[str, Figure] | None:
        """Merged from the frames; None where a part has none."""
        if not all(part.frames.exists() for part in self._parts):
            return None
        return percentiles(self.rows, self._watched(merged(self._parts, self._damaged))) or None

    def _watched(self, many: Iterable[Interval]) -> Iterator[Interval]:
        last = -1
        for one in many:
            last = max(last, one.seq)
            self._progress(f"{self.path.name}: histograms", min(last, self.rows.count), self.rows.count)
            yield one

    @property
    def settings(self) -> Mapping[str, str]:
        """Those of the newest run, as TOML, as far as the meta file tells."""
        content = meta.read(self._parts[-1].meta)
        runs = content["runs"] if content else []
        found = runs[-1].get("settings") if runs and isinstance(runs[-1], dict) else None
        told = found.items() if isinstance(found, dict) else ()
        return {name: str(one["value"]) for name, one in told if isinstance(one, dict) and "value" in one}

    def _read(self, path: Path) -> None:
        with RowsReader(path) as reader:
            if "schema_version" not in reader.names:
                raise InputError(f"{path}: no column schema_version; this is no recording")
            for first in range(0, len(reader), _ROWS):
                self._progress(f"{path.name}: rows", first, len(reader))
                try:
                    self.rows.add(Cut(reader, first, min(first + _ROWS, len(reader))))
                except InputError as error:
                    raise InputError(f"{path}: {error}") from None


class Both:
    """Recording A and recording B."""

    def __init__(self, a: Path, b: Path, damaged: Callable[[InputError], None], progress: Progress) -> None:
        """Reads them; `damaged` is told of what is left out."""
        self.a, self.b = Recorded(a, damaged, progress), Recorded(b, damaged, progress)

    def figures(self) -> tuple[Mapping[str, Figure], Mapping[str, Figure]]:
        """Of each, with the same percentiles: those that frames tell of, else those of the rows."""
        a, b = self.a.percentiles(), self.b.percentiles()
        names = list(a or b or filter(is_percentile, self.a.rows.names))
        return _of(self.a, a, names), _of(self.b, b, names)

    def settings(self) -> dict[str, tuple[str | None, str | None]]:
        """What differs, by name; None where one does not tell."""
        a, b = self.a.settings, self.b.settings
        return {name: (a.get(name), b.get(name)) for name in {**a, **b} if a.get(name) != b.get(name)}


def _of(one: Recorded, merged: Mapping[str, Figure] | None, names: Iterable[str]) -> Mapping[str, Figure]:
    return {**one.rows.figures(), **(merged or unknown_percentiles(one.rows, names))}
