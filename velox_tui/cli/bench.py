"""`velox-tui bench`: this machine's figures beside the documented goals and the machine's own limits.

The measurements are a C program of the engine's, installed beside the library; this process becomes it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from velox_tui.cli.parser import Parser
from velox_tui.engine.built import built
from velox_tui.errors import EngineError

PROGRAM = "velox-bench"
_EXAMPLES = """examples:
  velox-tui bench --quick                      the essential figures in a minute
  velox-tui bench --only ring.one --only flood
  velox-tui bench --only scale --only memory   cost by size and rate; the working set
  velox-tui bench > bench.txt                  everything, in 7 to 11 minutes
  velox-tui bench --json > bench.jsonl         one object a line, a progress bar meanwhile

exit codes: 0 measured, whatever the figures; 2 usage; 69 the program is missing; 70 some work was not
done as it must be.
"""


def run(arguments: Sequence[str]) -> NoReturn:
    """Becomes the benchmark; its exit code is this process's."""
    parsed = make_parser().parse(arguments)
    flags = [f"--{name}" for name in ("quick", "json", "list") if getattr(parsed, name)]
    flags += [word for name in parsed.only for word in ("--only", name)]
    flags += ["--rounds", parsed.rounds] if parsed.rounds else []
    flags += ["--trial-ms", parsed.trial_ms] if parsed.trial_ms else []
    path = program()
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # Python ignores it, and what it becomes would too
    os.execv(path, [str(path), *flags])


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui bench", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("--quick", action="store_true", help="the essential entries, in a minute")
    parser.add_argument(
        "--only", metavar="NAME", action="append", default=[], help="this entry or family only"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line in place of the table")
    parser.add_argument(
        "--list", action="store_true", help="the entries and their definitions; measures nothing"
    )
    parser.add_argument("--rounds", metavar="N", help="rounds of each entry (1 to 64; default: 9, quick 5)")
    parser.add_argument("--trial-ms", metavar="T", help="length of a trial (default: 20, quick 5)")
    return parser


def program() -> Path:
    """The benchmark beside the library in use; raises EngineError when it is not there."""
    path = built(PROGRAM)
    if not os.access(path, os.X_OK):
        raise EngineError(f"the benchmark is missing: {path}; install the package again")
    return path
