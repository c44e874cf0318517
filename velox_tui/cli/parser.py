"""Command line parsing: flags made from the settings' table, no abbreviations, every mistake one line
(UsageError).
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

from velox_tui.errors import UsageError
from velox_tui.settings import TABLE, Setting
from velox_tui.settings_load import nearest


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that raises UsageError in place of printing its usage and leaving."""

    def __init__(self, **options: Any) -> None:
        """As ArgumentParser; abbreviations are off."""
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)
        # What begins like a negative number is a value, also with a unit: `--at -30s`.
        self._negative_number_matcher = re.compile(r"-\d")

    def error(self, message: str) -> NoReturn:
        """Raises UsageError."""
        raise UsageError(f"{message}; see {self.prog} --help")

    def parse(self, arguments: Sequence[str]) -> argparse.Namespace:
        """The parsed arguments; an unknown one is named with those that are near."""
        found, unknown = self.parse_known_args(arguments)
        if unknown:
            flag = unknown[0].split("=")[0]
            known = [name for action in self._actions for name in action.option_strings]
            what = "flag" if flag.startswith("-") else "argument"
            raise UsageError(f"unknown {what} {flag!r}{nearest(flag, known)}; see {self.prog} --help")
        return found


def add_settings(parser: Parser, groups: Iterable[str]) -> None:
    """A flag for every setting of these groups. Values stay text: the settings judge them."""
    for title in groups:
        section = parser.add_argument_group(title)
        for one in TABLE:
            if one.group == title:
                _add(section, one)


def _add(section: argparse._ArgumentGroup, one: Setting) -> None:
    if one.kind.switch:
        help = f"{one.help} (default: {'on' if one.default else 'off'})"
        section.add_argument(one.flag, dest=one.key, action=argparse.BooleanOptionalAction, help=help)
        return
    default = "" if one.default is None else f"; default: {one.kind.shown(one.default)}"
    help = f"{one.help} ({one.kind.allowed}{default})".replace("%", "%%")
    section.add_argument(one.flag, dest=one.key, metavar=one.kind.metavar, help=help)


def given(arguments: argparse.Namespace) -> dict[str, str]:
    """The settings that flags gave: key → text; switches as true or false."""
    values = {one.key: getattr(arguments, one.key, None) for one in TABLE}
    return {
        key: str(value).lower() if value is True or value is False else value
        for key, value in values.items()
        if value is not None
    }
