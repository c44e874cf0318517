"""An import: one input becomes one .vtx file, and nothing of it goes uncounted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from velox_tui.errors import InputError, UsageError
from velox_tui.marketdata import dbn
from velox_tui.marketdata.csv_map import CsvFormat, CsvReader
from velox_tui.marketdata.dbn import DbnReader
from velox_tui.marketdata.events import Events
from velox_tui.marketdata.orders import LevelState, OrderState
from velox_tui.marketdata.source_file import SourceFile
from velox_tui.marketdata.vtx import BookWindow, Origin, VtxWriter
from velox_tui.marketdata.window import Prices, derive

Progress = Callable[[str, int, int], None]
"""What is being done, bytes of the input read, and of how many."""
CSV_SUFFIXES = (".csv", ".tsv", ".txt")


class Reader(Protocol):
    """An input's records, from front to back, once."""

    by_order: bool
    columns: Mapping[str, str]
    """Field → the column taken for it; empty where the format fixes them."""
    skipped: Counter[str]
    rejected: Counter[str]

    def survey(self) -> Iterator[Counter[str]]:
        """Number of records of each instrument, part by part; nothing where they have none."""

    def events(self, instrument: str) -> Iterator[Events]:
        """The records of one instrument."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to import and how; `instrument` None: the one with most records."""

    instrument: str | None = None
    csv: CsvFormat = field(default_factory=CsvFormat)
    force: bool = False
    """Write over an existing output."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of the input. Every record is in exactly one of taken, unchanged, skipped and rejected."""

    source: Path
    sha256: str
    instrument: str
    """Empty where the input has none."""
    instruments: int | None
    """How many there are; None where one was asked for."""
    records: int
    transactions: int
    first_ns: int
    last_ns: int
    """Times of the first and the last transaction, since 1970."""
    live_orders: int
    """At the end; levels where the input knows no orders."""
    window: BookWindow
    outside: int
    """Transactions that the book will reject, because they lie outside the window."""
    taken: Counter[str]
    unchanged: Counter[str]
    skipped: Counter[str]
    rejected: Counter[str]
    notes: Counter[str]
    columns: Mapping[str, str]
    """Which column was taken for each field; empty where the format fixes them."""


def import_file(path: Path, out: Path, wanted: Wanted, progress: Progress) -> Report:
    """Makes `out` from `path`. InputError, InputMissingError, OutputError or UsageError; then `out` is as it
    was before.
    """
    with SourceFile(path) as source:
        if out.exists() and path.samefile(out):
            raise UsageError(f"{out}: input and output are the same file")
        _reader(source, wanted)  # what cannot be read is told before anything is written
    with VtxWriter(out, force=wanted.force) as writer:
        instrument, instruments = _choose(path, wanted, progress)
        with SourceFile(path) as source:
            reader = _reader(source, wanted)
            done = _convert(source, reader, instrument, writer, progress)
            window = derive(done.prices)
            writer.commit(Origin(path.name, source.sha256), window)
            return _report(source, reader, done, window, (instrument, instruments))


@dataclass(slots=True)
class _Done:
    """What a conversion gathers."""

    state: OrderState
    prices: Prices = field(default_factory=Prices)
    transactions: int = 0
    first_ns: int = 0
    last_ns: int = 0


def _convert(
    source: SourceFile, reader: Reader, instrument: str, writer: VtxWriter, progress: Progress
) -> _Done:
    done = _Done(OrderState() if reader.by_order else LevelState())
    for events in reader.events(instrument):
        transactions = done.state.apply(events)
        progress("importing", source.bytes_read, source.bytes)
        if not len(transactions):
            continue
        done.prices.add(transactions["price"])
        writer.append(transactions)
        done.first_ns = done.first_ns if done.transactions else int(transactions["ts_ns"][0])
        done.last_ns = int(transactions["ts_ns"][-1])
        done.transactions += len(transactions)
    if not done.transactions:
        raise InputError(f"{source.path}: nothing to import: {_why(reader, done.state)}")
    return done


def _report(
    source: SourceFile, reader: Reader, done: _Done, window: BookWindow, instrument: tuple[str, int | None]
) -> Report:
    state, rejected = done.state, reader.rejected + done.state.rejected
    every = (state.taken, state.unchanged, reader.skipped, rejected)
    return Report(
        source=source.path,
        sha256=source.sha256.hex(),
        instrument=instrument[0],
        instruments=instrument[1],
        records=sum(counts.total() for counts in every),
        transactions=done.transactions,
        first_ns=done.first_ns,
        last_ns=done.last_ns,
        live_orders=state.live,
        window=window,
        outside=done.prices.outside(window),
        taken=+state.taken,
        unchanged=+state.unchanged,
        skipped=+reader.skipped,
        rejected=rejected,
        notes=+state.notes,
        columns=reader.columns,
    )


def _reader(source: SourceFile, wanted: Wanted) -> Reader:
    """By what the file holds; a CSV file is known by its name."""
    suffixes = [suffix.lower() for suffix in source.path.suffixes if suffix.lower() != ".zst"]
    named = suffixes[-1] if suffixes else ""
    if source.peek(len(dbn.MAGIC)) == dbn.MAGIC or named == ".dbn":
        return DbnReader(source)
    if named in CSV_SUFFIXES:
        return CsvReader(source, wanted.csv)
    raise InputError(f"{source.path}: neither a DBN file nor, by its name, a CSV file")


def _choose(path: Path, wanted: Wanted, progress: Progress) -> tuple[str, int | None]:
    """The instrument to import, and how many there are."""
    if wanted.instrument is not None:
        return wanted.instrument, None
    with SourceFile(path) as source:
        reader = _reader(source, wanted)
        found: Counter[str] = Counter()
        for part in reader.survey():
            found.update(part)
            progress("looking", source.bytes_read, source.bytes)
    return (found.most_common(1)[0][0] if found else ""), len(found)


def _why(reader: Reader, state: OrderState) -> str:
    """The largest counts of what was not taken."""
    every = reader.skipped + reader.rejected + state.rejected + state.unchanged
    text = ", ".join(f"{name} {count:,}" for name, count in every.most_common(4))
    return text or "it holds no records"
