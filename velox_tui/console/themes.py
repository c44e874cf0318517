"""Themes: one .toml file each, shipped or the user's own. Loading gives what loaded and what failed, never an
exception.

    name = "velox-dark"
    dark = true
    series = [eight colours]        # of charts; a stage has the colour of its index
    heat = [eight colours]          # optional: shades of the heat map, faint to strong
    [colors]
    background, surface, panel, foreground, primary, secondary, bid, ask, ok, warn, critical, info = "#RRGGBB"
    muted = "#RRGGBB"               # optional: labels and zeros
    frame = "#RRGGBB"               # optional: rules and axes

A colour is "#RRGGBB" or one of the terminal's own ("ansi_default", "ansi_bright_blue", …); with the
terminal's own background a theme must give `heat`, `muted` and `frame`, since they cannot be computed.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import textual.theme
from textual.color import Color, ColorParseError

from velox_tui.console.colour import muted, ramp
from velox_tui.console.palette import HEATS, SERIES
from velox_tui.errors import UsageError

DEFAULT = "velox-dark"
REQUIRED = (
    *("background", "surface", "panel", "foreground", "primary", "secondary"),
    *("bid", "ask", "ok", "warn", "critical", "info"),
)
OPTIONAL = ("muted", "frame")
TEXT_CONTRAST = 4.5
"""Least contrast of text, WCAG 2.2 level AA."""
FRAME_CONTRAST = 3.0
"""Least contrast of lines, likewise."""
_MAX_BYTES = 65_536
_COLOR = re.compile(r"#[0-9A-Fa-f]{6}|ansi_[a-z_]+")
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True, slots=True)
class Theme:
    """A loaded theme; `colors` holds every token, the optional ones too."""

    name: str
    dark: bool
    colors: Mapping[str, str]
    series: tuple[str, ...]
    heat: tuple[str, ...]
    path: Path

    @property
    def native(self) -> bool:
        """Whether the background is the terminal's own."""
        return self.colors["background"].startswith("ansi_")

    def to_textual(self) -> textual.theme.Theme:
        """The theme as Textual registers it; the inks' tokens are its CSS variables ($bid, $series-0, …)."""
        colors = self.colors
        own = ("bid", "ask", "ok", "warn", "critical", "info", "muted", "frame")
        variables = {name: colors[name] for name in own}
        variables |= {f"series-{index}": color for index, color in enumerate(self.series)}
        variables |= {f"heat-{index}": color for index, color in enumerate(self.heat)}
        variables |= {"footer-key-foreground": colors["primary"], "text-muted": colors["muted"]}
        return textual.theme.Theme(
            name=self.name,
            dark=self.dark,
            ansi=self.native,
            primary=colors["primary"],
            secondary=colors["secondary"],
            accent=colors["primary"],
            foreground=colors["foreground"],
            background=colors["background"],
            surface=colors["surface"],
            panel=colors["panel"],
            success=colors["ok"],
            warning=colors["warn"],
            error=colors["critical"],
            variables=variables,
        )


@dataclass(frozen=True, slots=True)
class Failure:
    """A file that is no theme, and why."""

    path: Path
    reason: str

    def __str__(self) -> str:
        """One line."""
        return f"{self.path}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading gave: themes by name (a later folder's replaces an earlier one's), and what failed."""

    themes: Mapping[str, Theme]
    failed: tuple[Failure, ...]

    def refuse_unknown(self, name: str) -> None:
        """UsageError where no file has that name; one that has it and failed is told otherwise."""
        if name not in self.themes and name not in {failure.path.stem for failure in self.failed}:
            known = ", ".join(sorted(self.themes))
            raise UsageError(f"theme {name!r}: there is none of that name; choose from {known}")

    def choose(self, name: str) -> Theme:
        """The named theme, else the default, else any. Raises LookupError when nothing at all loaded."""
        for wanted in (name, DEFAULT, *sorted(self.themes)):
            if wanted in self.themes:
                return self.themes[wanted]
        raise LookupError("no theme could be loaded")


def directories(environment: Mapping[str, str] = os.environ) -> tuple[Path, ...]:
    """Where themes are: those shipped (inside the package, or beside it in a source tree), then the user's
    own.
    """
    package = Path(__file__).resolve().parent.parent
    shipped = package / "themes"
    if not shipped.is_dir():
        shipped = package.parent / "themes"
    config = environment.get("XDG_CONFIG_HOME")
    home = Path(config) if config else Path(environment.get("HOME") or "/") / ".config"
    return shipped, home / "velox-tui" / "themes"


def load(folders: Iterable[Path]) -> Loaded:
    """All themes of the folders, in their order; a folder that does not exist holds none."""
    themes: dict[str, Theme] = {}
    failed: list[Failure] = []
    for folder in folders:
        for path in sorted(folder.glob("*.toml")):
            try:
                theme = read(path)
            except (OSError, ValueError) as error:
                failed.append(Failure(path, _one_line(error)))
            else:
                themes[theme.name] = theme
    return Loaded(themes, tuple(failed))


def read(path: Path) -> Theme:
    """One theme. Raises OSError, or ValueError (also for bad TOML or UTF-8) that says what is wrong."""
    if not path.is_file():
        raise ValueError("not a regular file")
    with path.open("rb") as file:
        text = file.read(_MAX_BYTES + 1)
    if len(text) > _MAX_BYTES:
        raise ValueError(f"larger than {_MAX_BYTES} bytes")
    try:
        table = tomllib.loads(text.decode())
    except RecursionError:
        raise ValueError("nested too deeply") from None
    return parse(table, path)


def parse(table: Mapping[str, Any], path: Path) -> Theme:
    """A theme from its table. Raises ValueError naming key, value and what is allowed."""
    unknown = sorted(set(table) - {"name", "dark", "series", "heat", "colors"})
    if unknown:
        raise ValueError(f"unknown key {unknown[0]!r}")
    name = table.get("name")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(f"name is {name!r}: letters, digits, - and _ are allowed")
    if not isinstance(table.get("dark"), bool):
        raise ValueError(f"dark is {table.get('dark')!r}: true or false is needed")
    colors = _colors(table.get("colors"))
    series = _list("series", table.get("series"), SERIES)
    heat = _list("heat", table["heat"], HEATS) if "heat" in table else _heat(colors)
    drawn = {
        "muted": _drawn(colors, "muted", TEXT_CONTRAST + 0.5),
        "frame": _drawn(colors, "frame", FRAME_CONTRAST),
    }
    return Theme(name, table["dark"], colors | drawn, series, heat, path)


def _colors(table: object) -> dict[str, str]:
    if not isinstance(table, dict):
        raise ValueError("the table [colors] is missing")
    unknown = sorted(set(table) - set(REQUIRED) - set(OPTIONAL))
    if unknown:
        raise ValueError(f"unknown color {unknown[0]!r}: known are {', '.join((*REQUIRED, *OPTIONAL))}")
    missing = [name for name in REQUIRED if name not in table]
    if missing:
        raise ValueError(f"colors.{missing[0]} is missing")
    return {name: _color(f"colors.{name}", value) for name, value in table.items()}


def _color(key: str, value: object) -> str:
    try:
        if isinstance(value, str) and _COLOR.fullmatch(value):
            Color.parse(value)
            return value
    except ColorParseError:
        pass
    raise ValueError(f'{key} is {value!r}: "#RRGGBB" or a terminal color such as "ansi_blue" is needed')


def _list(key: str, values: object, length: int) -> tuple[str, ...]:
    if not isinstance(values, list) or len(values) != length:
        raise ValueError(f"{key}: {length} colors are needed")
    return tuple(_color(f"{key}[{index}]", value) for index, value in enumerate(values))


def _computed(colors: Mapping[str, str], name: str, *needed: str) -> tuple[Color, ...]:
    """The colours that `name` is computed from."""
    parsed = tuple(Color.parse(colors[one]) for one in needed)
    if any(color.ansi is not None for color in parsed):
        raise ValueError(f"{name} is missing: it cannot be computed from the terminal's own colors")
    return parsed


def _drawn(colors: Mapping[str, str], name: str, least: float) -> str:
    """The optional colour, or the foreground drawn towards the background down to a contrast of `least`."""
    if name in colors:
        return colors[name]
    needed = ("foreground", "background", "surface", "panel")
    foreground, *grounds = _computed(colors, f"colors.{name}", *needed)
    return muted(foreground, tuple(grounds), least).hex


def _heat(colors: Mapping[str, str]) -> tuple[str, ...]:
    background, primary = _computed(colors, "heat", "background", "primary")
    return tuple(color.hex for color in ramp(background, primary, HEATS))


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return " ".join(str(error).split())
