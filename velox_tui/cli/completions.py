"""`velox-tui completions`: tab completion of commands, flags, files and choices, as a script for a shell."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from velox_tui.cli.parser import Parser
from velox_tui.errors import EngineError
from velox_tui.settings import TABLE, Setting

SHELLS = ("bash", "zsh", "fish", "tcsh")
_EXAMPLES = """examples:
  velox-tui completions bash > ~/.local/share/bash-completion/completions/velox-tui
  velox-tui completions zsh > ~/.zfunc/_velox-tui    with fpath+=~/.zfunc before compinit
  velox-tui completions fish > ~/.config/fish/completions/velox-tui.fish
  eval "$(velox-tui completions bash)"               for this shell only

exit codes: 0; 2 usage; 69 shtab is not installed: pip install 'velox-tui[completions]'.
"""


def run(arguments: Sequence[str]) -> int:
    """Prints the script; 0."""
    parsed = make_parser().parse(arguments)
    if find_spec("shtab") is None:
        raise EngineError("completions need shtab: pip install 'velox-tui[completions]'")
    import shtab

    print(shtab.complete(whole(shtab.FILE), parsed.shell))
    return 0


def make_parser() -> Parser:
    """All flags."""
    parser = Parser(prog="velox-tui completions", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("shell", choices=SHELLS, help="which shell's script to print")
    return parser


def whole(files: Any) -> argparse.ArgumentParser:
    """One parser of every command and flag; `files` is how the library marks what is completed by files."""
    from velox_tui.cli.main import COMMANDS, PIPELINE

    parser: argparse.ArgumentParser = import_module(PIPELINE.module).make_parser()
    commands = parser.add_subparsers(dest="command")
    for one in COMMANDS:
        own = import_module(one.module).make_parser()
        commands.add_parser(
            one.name, help=one.summary, description=one.summary, parents=[own], add_help=False
        )
    for each in (parser, *commands.choices.values()):
        _complete_values(each, files)
    return parser


def _complete_values(parser: argparse.ArgumentParser, files: Any) -> None:
    """Files where help says FILE, names where a setting is one of a few."""
    choices = {one.key: names for one in TABLE if (names := _choices(one))}
    for action in parser._actions:
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        if "FILE" in metavar or ".csv" in metavar:
            action.complete = files  # type: ignore[attr-defined]
        elif action.dest in choices:
            action.choices = choices[action.dest]


def _choices(one: Setting) -> tuple[str, ...]:
    """The names that a setting may have; none where it takes anything else."""
    if one.kind.metavar != "NAME" or one.kind.switch:
        return ()
    names = tuple(one.kind.allowed.split(", "))
    try:
        return names if all(one.kind.within(name) for name in names) and not one.kind.within("\0") else ()
    except (TypeError, ValueError):
        return ()
