"""The looks of six screens, colours included, as SVG; open one in a browser to see it."""

from __future__ import annotations

from pathlib import Path

import pytest
from snapshots import FOLDER, assert_snapshot
from stage import scene

from velox_tui.console.picture import picture
from velox_tui.settings import Settings

README_PICTURE = Path(__file__).resolve().parents[2] / ".readme" / "console.svg"


@pytest.fixture(autouse=True)
def many_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a terminal of 24 bits."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.mark.parametrize(
    ("name", "keys", "settings"),
    [
        ("flow-dark", (), Settings()),
        ("flow-light", (), Settings(theme="velox-light")),
        ("flow-mono-ascii", (), Settings(theme="mono", graph="ascii")),
        ("latency-paused", ("2", "space", "comma"), Settings()),
        ("rings-light", ("3",), Settings(theme="velox-light")),
        ("tuning", ("t",), Settings()),
    ],
)
async def test_it_looks_as_kept(name: str, keys: tuple[str, ...], settings: Settings) -> None:
    async with scene(size=(80, 24), settings=settings) as on:
        await on.press(*keys)
        assert_snapshot(name, picture(on.app), path=FOLDER / f"{name}.svg")


async def test_the_readme_shows_what_the_console_shows() -> None:
    async with scene(size=(120, 40), samples=330) as on:
        assert_snapshot("the README's picture", picture(on.app), path=README_PICTURE)


async def test_a_picture_fetches_nothing() -> None:
    async with scene() as on:
        drawn = picture(on.app)
    assert "url(http" not in drawn
    assert "@import" not in drawn
    assert "OrderBook" in drawn
