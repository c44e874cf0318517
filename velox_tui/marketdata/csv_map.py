"""CSV with a header row: which column means what, and rows as events.

A column map names the column of each field; what it does not name is looked for under the usual names. With a
column of order ids the rows are orders, as in market-by-order data; without one each row adds to or takes
from a price.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import numpy as np

from velox_tui.errors import InputError, UsageError
from velox_tui.marketdata import csv_values as values
from velox_tui.marketdata.events import EVENT, Events
from velox_tui.marketdata.source_file import SourceFile

USUAL = {
    "time": ("ts_recv", "ts_event", "ts_ns", "timestamp", "time", "ts"),
    "price": ("price", "px"),
    "size": ("size", "quantity", "qty", "amount", "volume"),
    "side": ("side", "direction"),
    "action": ("action", "type", "kind", "event"),
    "order": ("order_id", "orderid", "order", "id"),
    "venue": ("publisher_id",),
    "instrument": ("instrument_id", "instrument", "symbol"),
}
"""Fields of a column map, and the names under which each is looked for, whatever their case."""
REQUIRED = ("time", "price", "size", "side", "action")
LINE_BYTES_MAX = 1 << 20
_BATCH = 1 << 16


@dataclass(frozen=True, slots=True)
class CsvFormat:
    """How the rows are written. `columns`: field → name of its column; UsageError for an unknown field."""

    columns: Mapping[str, str] = field(default_factory=dict)
    time_unit_ns: int = 1
    """Of times that are plain numbers (since 1970)."""
    price_unit: str = "1"
    """What a price of 1 stands for, e.g. 0.01 or 1e-9."""

    def __post_init__(self) -> None:
        """Refuses fields that do not exist."""
        for one in self.columns:
            if one not in USUAL:
                raise UsageError(f"--map: no field {one!r}; fields: {', '.join(USUAL)}")


class CsvReader:
    """The rows of one file, from front to back, once."""

    def __init__(self, source: SourceFile, how: CsvFormat) -> None:
        """Reads the header row. InputError where a needed column is missing."""
        self._source = source
        self._how = how
        self.skipped: Counter[str] = Counter()
        """Rows of other instruments."""
        self.rejected: Counter[str] = Counter()
        """Rows that cannot be read, by kind."""
        self._line = 0
        self._lines = self._decoded()
        first = next(self._lines, "").removeprefix("\ufeff")
        delimiter = max(",;\t|", key=first.count)
        self._rows = csv.reader([first], delimiter=delimiter)
        header = next(self._checked(), [])
        self._width = len(header)
        self._places = self._find([name.strip() for name in header])
        self._rows = csv.reader(self._lines, delimiter=delimiter)
        self.by_order = "order" in self._places
        self.columns: Mapping[str, str] = {
            name: header[place].strip() for name, place in self._places.items()
        }
        """Field → name of the column that was taken for it."""

    def survey(self) -> Iterator[Counter[str]]:
        """Number of rows of each instrument, part by part; nothing where there is no such column."""
        place = self._places.get("instrument")
        if place is None:
            return
        rows = self._checked()
        while part := list(islice(rows, _BATCH)):
            yield Counter(row[place] for row in part if len(row) == self._width)

    def events(self, instrument: str) -> Iterator[Events]:
        """The rows of one instrument, or all where there is no such column."""
        place, price = self._places.get("instrument"), values.prices(self._how.price_unit)
        columns = [
            self._places.get(name) for name in ("time", "price", "size", "side", "action", "order", "venue")
        ]
        batch: list[tuple[Any, ...]] = []
        for row in self._checked():
            if len(row) != self._width:
                self.rejected["row_malformed"] += bool(row)
                continue
            if place is not None and row[place] != instrument:
                self.skipped["other_instrument"] += 1
                continue
            try:
                batch.append(self._event(row, columns, price))
            except values.BadValue as error:
                self.rejected[str(error)] += 1
            if len(batch) == _BATCH:
                yield np.array(batch, EVENT)
                batch = []
        yield np.array(batch, EVENT)

    def _event(
        self, row: Sequence[str], columns: Sequence[int | None], price: values.Price
    ) -> tuple[Any, ...]:
        """One row in the order of EVENT."""
        time, priced, size, side, action, order, venue = ("" if at is None else row[at] for at in columns)
        what = values.action(action)
        amount, flaw = price(priced)
        return (
            values.time_ns(time, self._how.time_unit_ns),
            values.number(order, "order_id_malformed", 2**64),
            amount,
            values.size(size, what),
            what,
            values.side(side),
            flaw,
            False,
            values.number(venue, "venue_malformed", 2**32),
        )

    def _find(self, header: Sequence[str]) -> dict[str, int]:
        """Place of each field's column."""
        there = {name.lower(): place for place, name in reversed(list(enumerate(header)))}
        found = {}
        for name, usual in USUAL.items():
            wanted = self._how.columns.get(name)
            if wanted is not None and wanted not in header:
                raise InputError(f"{self._source.path}: no column {wanted!r}; {self._columns(header)}")
            if wanted is not None:
                found[name] = header.index(wanted)
                continue
            known = next((one for one in usual if one in there), None)
            if known is not None:
                found[name] = there[known]
            elif name in REQUIRED:
                raise InputError(
                    f"{self._source.path}: no column for {name}: {self._columns(header)}; "
                    f"--map {name}=COLUMN names it"
                )
        return found

    def _columns(self, header: Sequence[str]) -> str:
        text = ", ".join(header)
        return f"the first row has {text if len(text) <= 200 else text[:200] + '…'}"

    def _checked(self) -> Iterator[list[str]]:
        try:
            yield from self._rows
        except csv.Error as error:
            raise InputError(f"{self._source.path}: line {self._line}: {error}") from None

    def _decoded(self) -> Iterator[str]:
        """Lines with their ends, UTF-8, of bounded length."""
        rest = b""
        while more := self._source.read(1 << 18):
            *whole, rest = (rest + more).split(b"\n")
            if len(rest) > LINE_BYTES_MAX:
                raise InputError(f"{self._source.path}: line {self._line + len(whole) + 1}: too long for CSV")
            yield from (self._text(line) + "\n" for line in whole)
        if rest:
            yield self._text(rest)

    def _text(self, line: bytes) -> str:
        self._line += 1
        try:
            return line.decode()
        except UnicodeDecodeError:
            raise InputError(f"{self._source.path}: line {self._line}: not UTF-8 text") from None
