"""`velox-tui doctor`: what this machine offers a pipeline; how it stands, why it matters, what to do."""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path

from velox_tui.cli.doctor_probe import probe
from velox_tui.cli.doctor_text import as_json, as_text
from velox_tui.cli.parser import Parser
from velox_tui.machine.check import Facts
from velox_tui.machine.examine import examine

_EXAMPLES = """examples:
  velox-tui doctor                             takes about a second; changes nothing
  velox-tui doctor --json | jq '.checks[] | select(.state != "good")'

exit codes: 0 whatever was found; 2 usage.
"""
DEFAULT_BYTES = 1332 * 1024
"""What a pipeline takes at its defaults, as its segment states it."""


def run(arguments: Sequence[str]) -> int:
    """Prints the report; 0."""
    parsed = make_parser().parse(arguments)
    checks = examine(gather())
    if parsed.json:
        sys.stdout.write(as_json(checks))
        return 0
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"
    encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
    text = as_text(checks, coloured=coloured, plain=encoding != "utf8")
    sys.stdout.write(text)
    return 0


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui doctor", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the text")
    return parser


def gather(root: Path = Path("/")) -> Facts:
    """This process's machine; half a second of measurements on its cores."""
    stat_before = Facts(root).read("proc/stat") or ""
    measured = probe()
    limit = resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]
    return Facts(
        root=root,
        cores=tuple(sorted(os.sched_getaffinity(0))),
        needed_bytes=DEFAULT_BYTES,
        locked_limit=None if limit == resource.RLIM_INFINITY else limit,
        stat_before=stat_before,
        environ=os.environ,
        encoding=sys.stdout.encoding or "",
        terminal=sys.stdout.isatty(),
        measured=measured,
    )
