"""`velox-tui export`: a recording for other tools, written to stdout.

--hlog: an HdrHistogram interval log (encoding V2) of the latencies, with one tag per stage and `e2e` from the
intended arrival to the last stage's exit. HdrHistogram's own tools read it, and the package hdrhistogram.

--json: one object a line for every row, by the names of its columns, with the interval's histograms.

--openmetrics: the totals at the end of the recording's last run.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from velox_tui.cli.faults import say
from velox_tui.cli.parser import Parser
from velox_tui.errors import InputError, InputMissingError, UsageError
from velox_tui.recording.paths import PartPaths
from velox_tui.telemetry.topology import Role, Unit

_EXAMPLES = """examples:
  velox-tui export run.csv --hlog > run.hlog
  velox-tui export run.csv --json | jq 'select(.ingress_dropped_per_s > 0) | .ts_utc'
  velox-tui export day.csv --hlog > day.hlog      all parts of a recording with --rotate

exit codes: 0; 2 usage; 65 nothing could be read; 66 input missing.
"""


def run(arguments: Sequence[str]) -> int:
    """Writes the whole recording; 0. What is damaged is left out and said."""
    parsed = make_parser().parse(arguments)
    if parsed.hlog + parsed.json + parsed.openmetrics != 1:
        raise UsageError("say one of --hlog, --json and --openmetrics; see velox-tui export --help")
    from velox_tui.recording.intervals import parts_of

    parts = parts_of(parsed.recording)
    _refuse_others(parts)
    if parsed.openmetrics:
        return _write_openmetrics(parsed.recording, parts)
    return _write_json(parts) if parsed.json else _write_hlog(parsed.recording, parts)


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui export", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument(
        "recording", metavar="FILE.csv", type=Path, help="the recording; its frames beside it"
    )
    parser.add_argument("--hlog", action="store_true", help="HdrHistogram log")
    parser.add_argument("--json", action="store_true", help="lines of JSON, one a row")
    parser.add_argument("--openmetrics", action="store_true", help="the totals at the end")
    return parser


def _refuse_others(parts: tuple[PartPaths, ...]) -> None:
    """InputError for a file that is no recording's CSV. Where only frames are left they will do."""
    from velox_tui.recording.reader import RowsReader

    for part in parts:
        if part.csv.exists() or not part.frames.exists():
            with RowsReader(part.csv) as rows:
                if "schema_version" not in rows.names:
                    raise InputError(f"{part.csv}: no recording: its header has no column schema_version")


def _left_out(error: InputError) -> None:
    say(f"left out: {error}")


def _write_json(parts: tuple[PartPaths, ...]) -> int:
    """Every row of every part; their histograms where the part has frames."""
    from velox_tui.recording.intervals import intervals
    from velox_tui.recording.json_lines import Joined, lines
    from velox_tui.recording.reader import RowsReader

    for part in parts:
        found = intervals((part,), _left_out) if part.frames.exists() else iter(())
        with RowsReader(part.csv) as rows:
            sys.stdout.writelines(lines(rows, Joined(found)))
    return 0


def _write_hlog(target: Path, parts: tuple[PartPaths, ...]) -> int:
    """The log of all intervals; InputError where there is none."""
    from velox_tui.recording import hlog
    from velox_tui.recording.intervals import intervals

    started = False
    for one in intervals(parts, _left_out):
        if not started:
            sys.stdout.write(hlog.head(one.begin_unix_ns))
            started = True
        for found in one.run.topology.histograms:
            buckets = one.histograms[found.index]
            if buckets is not None and found.role == Role.LATENCY_EXIT and found.unit == Unit.NS:
                sys.stdout.write(hlog.line(found.name, one.begin_unix_ns, one.interval_ns, buckets))
    if not started:
        raise InputError(f"{target}: its frames hold no interval")
    return 0


def _write_openmetrics(target: Path, parts: tuple[PartPaths, ...]) -> int:
    """The last moment; histograms over all parts."""
    from velox_tui.exporters import openmetrics
    from velox_tui.recording.intervals import intervals
    from velox_tui.recording.last_moment import last_moment
    from velox_tui.recording.reader import RowsReader

    with RowsReader(parts[-1].csv) as rows:
        if not len(rows):
            raise InputError(f"{parts[-1].csv}: no row")
        row = rows.row(len(rows) - 1)
    try:
        snapshot = last_moment(row, intervals(parts, _left_out))
    except InputMissingError:
        raise
    except InputError as error:
        raise InputError(f"{target}: {error}") from None
    sys.stdout.write(openmetrics.render(snapshot))
    return 0
