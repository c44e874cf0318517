"""Themes: what is shipped reads well for everyone; what is broken is named and does no harm."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from colour_science import DEFICIENCIES, contrast, distance, quantised
from textual.color import Color

from velox_tui.console import themes
from velox_tui.console.palette import Ink, palette

ROOT = Path(__file__).resolve().parents[2]
NAMES = {
    *("velox-dark", "velox-light", "amber-terminal", "okabe-ito", "asia", "mono", "ansi-dark", "ansi-light"),
}
SHIPPED = themes.load([ROOT / "themes"]).themes
FIXED = [theme for theme in SHIPPED.values() if not theme.native]
TEXT = ("foreground", "primary", "secondary", "bid", "ask", "ok", "warn", "critical", "info", "muted")
by_name = pytest.mark.parametrize("theme", FIXED, ids=lambda theme: theme.name)
every = pytest.mark.parametrize("theme", SHIPPED.values(), ids=lambda theme: theme.name)

GOOD = """
name = "mine"
dark = true
series = ["#111111", "#222222", "#333333", "#444444", "#555555", "#666666", "#777777", "#888888"]
[colors]
background = "#000000"
surface = "#000000"
panel = "#000000"
foreground = "#FFFFFF"
primary = "#FFFFFF"
secondary = "#FFFFFF"
bid = "#FFFFFF"
ask = "#FFFFFF"
ok = "#FFFFFF"
warn = "#FFFFFF"
critical = "#FFFFFF"
info = "#FFFFFF"
"""


def css_variables(theme: themes.Theme) -> dict[str, str]:
    """What App.theme_variables holds."""
    made = theme.to_textual()
    return {**made.to_color_system().generate(), **made.variables}


def test_all_eight_load() -> None:
    loaded = themes.load([ROOT / "themes"])
    assert set(loaded.themes) == NAMES
    assert loaded.failed == ()
    assert loaded.choose("none such").name == themes.DEFAULT


@by_name
def test_text_is_legible_on_every_background(theme: themes.Theme) -> None:
    grounds = [theme.colors[name] for name in ("background", "surface", "panel")]
    inks = [theme.colors[name] for name in TEXT] + list(theme.series)
    assert min(contrast(ink, ground) for ink in inks for ground in grounds) >= 4.5


@by_name
def test_text_is_legible_with_256_colours(theme: themes.Theme) -> None:
    ground = quantised(theme.colors["background"])
    inks = [theme.colors[name] for name in TEXT] + list(theme.series)
    assert min(contrast(quantised(ink), ground) for ink in inks) >= 4.5


@by_name
def test_lines_are_visible(theme: themes.Theme) -> None:
    assert contrast(theme.colors["frame"], theme.colors["background"]) >= 3


@by_name
@pytest.mark.parametrize("deficiency", DEFICIENCIES)
def test_bid_and_ask_differ_for_colour_blind_eyes(theme: themes.Theme, deficiency: str) -> None:
    least = 20 if theme.name == "mono" else 25
    assert distance(theme.colors["bid"], theme.colors["ask"], deficiency) >= least


def test_the_distance_is_the_one_that_condemns_red_and_green() -> None:
    assert round(distance("#3FB950", "#F85149", "deuteranopia")) == 8


@every
def test_every_ink_has_a_colour_of_its_theme(theme: themes.Theme) -> None:
    variables = css_variables(theme)
    inks = palette(variables, Color.parse(theme.colors["background"]))
    for ink in Ink:
        name = {"text": "foreground", "bright": "foreground", "cursor": "foreground"}.get(ink, str(ink))
        color = inks.style(ink).color
        assert color is not None
        if name in theme.colors and not theme.native:
            wanted = Color.parse(theme.colors[name]).rich_color.triplet
            assert color.triplet is not None
            assert wanted is not None
            assert max(abs(a - b) for a, b in zip(color.triplet, wanted, strict=True)) <= 1, "Textual rounds"
        elif name in theme.colors:
            assert color == Color.parse(theme.colors[name]).rich_color


@every
def test_states_are_told_without_colour_too(theme: themes.Theme) -> None:
    variables = css_variables(theme)
    inks = palette(variables, Color.parse(theme.colors["background"]))
    assert all(inks.style(ink).bold for ink in (Ink.WARN, Ink.CRITICAL, Ink.CHOSEN, Ink.FOCUS))
    assert not any(inks.style(ink).bold for ink in (Ink.TEXT, Ink.MUTED, Ink.OK))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("dark = true", "dark = 1"), "dark is 1"),
        (('name = "mine"', 'name = "../mine"'), "name is '../mine'"),
        (('name = "mine"', 'nam = "mine"'), "unknown key 'nam'"),
        (('bid = "#FFFFFF"', ""), "colors.bid is missing"),
        (('bid = "#FFFFFF"', 'bid = "#FFF"'), "colors.bid is '#FFF'"),
        (('bid = "#FFFFFF"', 'bid = "ansi_pink"'), "colors.bid is 'ansi_pink'"),
        (('bid = "#FFFFFF"', 'bid = "#FFFFFF"\nbyd = "#FFFFFF"'), "unknown color 'byd'"),
        (('"#888888"]', "]"), "series: 8 colors"),
        (('background = "#000000"', 'background = "ansi_default"'), "heat is missing"),
        (("[colors]", "[colours]"), "unknown key 'colours'"),
        (("[colors]", "[colors"), "line 5"),
    ],
)
def test_a_broken_theme_is_named_with_its_reason(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    assert change[0] in GOOD
    (tmp_path / "mine.toml").write_text(GOOD.replace(*change))
    loaded = themes.load([ROOT / "themes", tmp_path])
    assert set(loaded.themes) == NAMES
    (failure,) = loaded.failed
    assert failure.path.name == "mine.toml"
    assert told in str(failure)
    assert "\n" not in str(failure)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"#" * 70_000, b"", b"name = 1\n" * 3])
def test_foreign_files_do_no_harm(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.toml").write_bytes(content)
    (tmp_path / "y.toml").mkdir()
    loaded = themes.load([tmp_path, tmp_path / "none"])
    assert not loaded.themes
    assert [failure.path.name for failure in loaded.failed] == ["x.toml", "y.toml"]
    with pytest.raises(LookupError):
        loaded.choose("mine")


def test_a_users_theme_comes_from_the_config_folder_and_replaces_one_shipped(tmp_path: Path) -> None:
    shipped, own = themes.directories({"XDG_CONFIG_HOME": str(tmp_path)})
    assert own == tmp_path / "velox-tui" / "themes"
    assert themes.directories({"HOME": str(tmp_path)})[1] == tmp_path / ".config" / "velox-tui" / "themes"
    own.mkdir(parents=True)
    (own / "mine.toml").write_text(GOOD.replace("mine", "mono"))
    assert themes.load([shipped, own]).themes["mono"].path == own / "mine.toml"


def test_no_colour_is_written_outside_themes() -> None:
    literal = re.compile(r"#[0-9A-Fa-f]{6}\b|#[0-9A-Fa-f]{3}\b|rgb\(")
    files = [*(ROOT / "velox_tui").rglob("*.py"), *(ROOT / "velox_tui").rglob("*.tcss")]
    assert files
    found = [
        f"{path}: {line}" for path in files for line in path.read_text().splitlines() if literal.search(line)
    ]
    assert found == []


def test_a_pipe_among_themes_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "mine.toml")
    loaded = themes.load([tmp_path])
    assert [str(one) for one in loaded.failed] == [f"{tmp_path / 'mine.toml'}: not a regular file"]


def test_a_theme_of_nothing_but_brackets_is_told(tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text("name = " + "[" * 5000)
    loaded = themes.load([tmp_path])
    assert not loaded.themes and str(loaded.failed[0]).endswith("nested too deeply")
