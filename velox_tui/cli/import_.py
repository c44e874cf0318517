"""`velox-tui import`: market data as a file of transactions that a pipeline can be fed with.

Reads Databento DBN files of market-by-order records (versions 1 to 3) and CSV files with a header row, plain
or compressed by Zstandard, and writes a .vtx file for --input. Says what became of every record.
"""

from __future__ import annotations

import signal
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from velox_tui.cli.parser import Parser
from velox_tui.errors import UsageError
from velox_tui.telemetry import units
from velox_tui.texts import shown

if TYPE_CHECKING:
    from velox_tui.marketdata.importing import Report

_TIME_UNITS_NS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9}
_EPILOG = """what becomes of a record:
  A add      add                           M modify   reduce of the old, add of the new
  C cancel   reduce of what is taken away  R clear    reduces of all that lives
  T trade, F fill, N: no change (what a fill takes away comes as a cancel of its own)
  price: 4 decimals, exact; an order at any other price is rejected and counted
  time:  ts_recv (else ts_event), never backwards

columns of CSV, found by their usual names or named by --map:
  time price size side action; order (without it rows add to and take from prices), venue, instrument

examples:
  velox-tui import es.dbn.zst es.vtx
  velox-tui import trades.csv out.vtx --map time=when,price=px --time-unit us
  velox-tui --input es.vtx --speed 10 --loop

exit codes: 0 done; 2 usage; 65 bad data; 66 input missing; 73 output exists or cannot be written.
"""


def run(arguments: Sequence[str]) -> int:
    """Imports one file; 0."""
    parsed = make_parser().parse(arguments)
    from velox_tui.cli.progress import ProgressBar
    from velox_tui.marketdata.csv_map import CsvFormat
    from velox_tui.marketdata.importing import Wanted, import_file

    how = CsvFormat(_columns(parsed.map), _TIME_UNITS_NS[parsed.time_unit], parsed.price_unit)
    wanted = Wanted(parsed.instrument, how, parsed.force)
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, _leave)
    with ProgressBar() as progress:
        report = import_file(parsed.source, parsed.out, wanted, progress.update)
    print("\n".join(shown(line) for line in _lines(report, parsed.out)))
    return 0


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui import", description=__doc__, epilog=_EPILOG)
    parser.add_argument("source", metavar="FILE", type=Path, help="a .dbn or .csv file, or either as .zst")
    parser.add_argument("out", metavar="OUT.vtx", type=Path, help="the file to write")
    parser.add_argument("--force", action="store_true", help="write over an existing file")
    parser.add_argument("--instrument", metavar="ID", help="which one (default: the one with most records)")
    parser.add_argument("--map", metavar="FIELD=COLUMN,…", default="", help="CSV: columns of the fields")
    parser.add_argument(
        "--time-unit",
        choices=_TIME_UNITS_NS,
        default="ns",
        help="CSV: of times that are numbers (default: ns)",
    )
    parser.add_argument(
        "--price-unit",
        metavar="X",
        default="1",
        help="CSV: what a price of 1 stands for, e.g. 1e-9 (default: 1)",
    )
    return parser


def _leave(number: int, frame: FrameType | None) -> None:
    """Ends the program in such a way that temporary files are removed."""
    sys.exit(128 + number)


def _columns(text: str) -> dict[str, str]:
    """`time=when,price=px`."""
    columns = {}
    for part in filter(None, text.split(",")):
        name, equals, column = part.partition("=")
        if not (name and equals and column):
            raise UsageError(f"--map: {part!r} is not FIELD=COLUMN")
        columns[name.strip()] = column.strip()
    return columns


def _lines(report: Report, out: Path) -> list[str]:
    """The report: one fact or count a line."""
    window = report.window
    instruments = f", the busiest of {report.instruments}" if (report.instruments or 0) > 1 else ""
    levels = f"{window.levels} levels of {units.format_price(window.ticks_per_level)}"
    facts = [
        ("source", f"{report.source}, sha256 {report.sha256}"),
        *([("columns", _taken(report.columns))] if report.columns else []),
        *([("instrument", report.instrument + instruments)] if report.instrument else []),
        ("times", f"{_moment(report.first_ns)} to {_moment(report.last_ns)}"),
        ("book", f"from {units.format_price(window.base_price)}, {levels}"),
        ("output", f"{out}, {report.transactions:,} transactions from {report.records:,} records"),
    ]
    notes = report.notes + Counter(live_at_end=report.live_orders, outside_book=report.outside)
    counts = {
        "taken": report.taken,
        "no change": report.unchanged,
        "skipped": report.skipped,
        "rejected": report.rejected,
        "note": notes,
    }
    lines = [f"{name:<10} {text}" for name, text in facts]
    for group, counter in counts.items():
        lines += [f"{group:<10} {name:<26} {count:>15,}" for name, count in sorted(counter.items())]
    return lines


def _taken(columns: Mapping[str, str]) -> str:
    """What each field was read from; without order ids rows mean something else."""
    found = ", ".join(f"{name}={column}" for name, column in columns.items())
    return found if "order" in columns else f"{found}; no order ids: each row adds to or takes from its price"


def _moment(ts_ns: int) -> str:
    """UTC, to the nanosecond; what lies beyond calendars as a number."""
    seconds, fraction = divmod(ts_ns, 10**9)
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{fraction:09}Z"
    except (OverflowError, ValueError, OSError):
        return str(ts_ns)
