"""`velox-tui export`: a recording for other tools, written to stdout.

--hlog: an HdrHistogram interval log (encoding V2) of the latencies, with one tag per stage and `e2e` from the
intended arrival to the last stage's exit. HdrHistogram's own tools read it, and the package hdrhistogram.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from velox_tui.cli.faults import say
from velox_tui.cli.parser import Parser
from velox_tui.errors import InputError, UsageError
from velox_tui.recording.paths import PartPaths
from velox_tui.telemetry.topology import Role, Unit

_EXAMPLES = """examples:
  velox-tui export run.csv --hlog > run.hlog
  velox-tui export day.csv --hlog > day.hlog      all parts of a recording with --rotate

exit codes: 0; 2 usage; 65 nothing could be read; 66 input missing.
"""


def run(arguments: Sequence[str]) -> int:
    """Writes the whole recording; 0. What is damaged is left out and said."""
    parser = Parser(prog="velox-tui export", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument(
        "recording", metavar="FILE.csv", type=Path, help="the recording; its frames beside it"
    )
    parser.add_argument("--hlog", action="store_true", help="HdrHistogram log")
    parsed = parser.parse(arguments)
    if not parsed.hlog:
        raise UsageError("say what to write: --hlog; see velox-tui export --help")
    from velox_tui.recording.intervals import parts_of

    return _write_hlog(parsed.recording, parts_of(parsed.recording))


def _write_hlog(target: Path, parts: tuple[PartPaths, ...]) -> int:
    """The log of all intervals; InputError where there is none."""
    from velox_tui.recording import hlog
    from velox_tui.recording.intervals import intervals

    started = False
    for one in intervals(parts, lambda error: say(f"left out: {error}")):
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
