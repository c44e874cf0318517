"""A recording as lines of JSON: every row an object, with the interval's histograms from the frames.

Cells are numbers where they are written as numbers, null where empty, objects where they are JSON; the rest
is text. `histograms` maps names to `{"total", "buckets": [[highest value, count], …]}`; rows without a frame
(a run's first reading, a damaged frame) have null there.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

from velox_tui.recording.intervals import Interval
from velox_tui.recording.reader import RowsReader
from velox_tui.telemetry.histogram import HIGHEST
from velox_tui.telemetry.sample import Buckets
from velox_tui.texts import json_line

HISTOGRAMS = "histograms"


class Joined:
    """Gives each row its interval; both come in the same order, but either may lack some.

    Joined by time and not by `seq`: one pipeline watched twice has the same run_id, with seq from 0 again.
    """

    def __init__(self, intervals: Iterator[Interval]) -> None:
        """Nothing taken yet."""
        self._intervals = intervals
        self._next = next(intervals, None)
        self._seen: set[str] = set()

    def of(self, run_id: str, mono_ns: int) -> Interval | None:
        """The interval of that row; None where there is none."""
        self._seen.add(run_id)
        while self._next is not None and self._is_before(self._next, run_id, mono_ns):
            self._next = next(self._intervals, None)
        one = self._next
        return one if one is not None and (one.run.run_id, one.mono_ns) == (run_id, mono_ns) else None

    def _is_before(self, one: Interval, run_id: str, mono_ns: int) -> bool:
        if one.run.run_id == run_id:
            return one.mono_ns < mono_ns
        return one.run.run_id in self._seen


def lines(rows: RowsReader, joined: Joined) -> Iterator[str]:
    """One line a row, with its line feed."""
    for place, row in enumerate(rows.rows()):
        found = joined.of(row.get("run_id", ""), rows.whole(place, "mono_ns") or 0)
        fields = {name: _value(text) for name, text in row.items()}
        fields[HISTOGRAMS] = None if found is None else _histograms(found)
        yield json_line(fields)


def _value(text: str) -> Any:
    """A cell: only what JSON itself can hold as a number, a list or an object is one."""
    if not text:
        return None
    if text[0] not in "-0123456789[{":
        return text
    try:
        return _CELL.decode(text)
    except (ValueError, RecursionError):
        return text


def _finite(text: str) -> float:
    """ValueError for what is none of JSON's numbers, though Python reads it."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text} is no number of JSON")
    return value


_CELL = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def _histograms(one: Interval) -> dict[str, Any]:
    pairs = zip(one.run.topology.histograms, one.histograms, strict=True)
    return {found.name: None if buckets is None else _buckets(buckets) for found, buckets in pairs}


def _buckets(buckets: Buckets) -> dict[str, Any]:
    values = HIGHEST[buckets.indices].tolist()
    return {"total": buckets.total, "buckets": list(zip(values, buckets.counts.tolist(), strict=True))}
