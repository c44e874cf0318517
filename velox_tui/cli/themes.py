"""`velox-tui themes`: the themes that can be chosen, where each comes from, and which files are none."""

from __future__ import annotations

import os
from collections.abc import Sequence

from velox_tui.cli.faults import say
from velox_tui.cli.parser import Parser
from velox_tui.texts import shown

_EXAMPLES = """examples:
  velox-tui themes
  velox-tui --theme okabe-ito
  cp $(velox-tui themes | awk '$1 == "mono" {print $3}') ~/.config/velox-tui/themes/mine.toml

exit codes: 0; 2 usage.
"""


def run(arguments: Sequence[str]) -> int:
    """Prints name, dark or light, and path of each; what failed goes to stderr. 0."""
    make_parser().parse(arguments)
    from velox_tui.console import themes

    loaded = themes.load(themes.directories(os.environ))
    width = max((len(name) for name in loaded.themes), default=0)
    for name, theme in sorted(loaded.themes.items()):
        print(shown(f"{name:<{width}}  {'dark ' if theme.dark else 'light'}  {theme.path}"))
    for failure in loaded.failed:
        say(str(failure))
    return 0


def make_parser() -> Parser:
    """No flags."""
    return Parser(prog="velox-tui themes", description=__doc__, epilog=_EXAMPLES)
