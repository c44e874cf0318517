"""`velox-tui config`: the effective settings as TOML that can be saved as config.toml, and who set each."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from pathlib import Path

from velox_tui.cli.effective import effective_settings
from velox_tui.cli.parser import Parser, add_settings
from velox_tui.settings import GROUPS
from velox_tui.settings_text import as_toml

_EXAMPLES = """examples:
  velox-tui config                          what is in force, and who set it
  velox-tui config > ~/.config/velox-tui/config.toml
  VELOX_RATE=1M velox-tui config --interval 2s

Flags go before environment variables (VELOX_RATE), those before the file, those before the defaults.

exit codes: 0; 2 usage; 78 bad configuration.
"""


def run(arguments: Sequence[str]) -> int:
    """Prints the settings; 0."""
    parsed = make_parser().parse(arguments)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    print(as_toml(effective_settings(parsed)), end="")
    return 0


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui config", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("--config", metavar="FILE", type=Path, help="read this file of settings")
    add_settings(parser, GROUPS)
    return parser
