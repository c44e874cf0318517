"""Every screen at every size, as text; and what must hold of any size."""

from __future__ import annotations

import pytest
from snapshots import assert_snapshot
from stage import scene

SCREENS = {"1": "flow", "2": "latency", "3": "rings", "4": "cores", "5": "events"}
SIZES = ((80, 24), (120, 40), (200, 60))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("key", SCREENS, ids=lambda key: SCREENS[key])
async def test_screens_look_as_kept(key: str, size: tuple[int, int]) -> None:
    async with scene(size=size) as on:
        await on.press(key)
        assert_snapshot(f"{SCREENS[key]}-{size[0]}x{size[1]}", on.text())


@pytest.mark.parametrize("size", [(40, 10), (60, 16)], ids=lambda size: f"{size[0]}x{size[1]}")
async def test_flow_looks_as_kept_where_there_is_little_room(size: tuple[int, int]) -> None:
    async with scene(size=size) as on:
        assert_snapshot(f"flow-{size[0]}x{size[1]}", on.text())


@pytest.mark.parametrize(("name", "keys"), [("tuning", "t"), ("stall", "B"), ("help", "question_mark")])
async def test_dialogs_look_as_kept(name: str, keys: str) -> None:
    async with scene() as on:
        await on.press(keys)
        assert_snapshot(f"{name}-80x24", on.text())


async def test_paused_flow_looks_as_kept() -> None:
    async with scene() as on:
        await on.press("space", "comma", "comma")
        assert_snapshot("flow-paused-80x24", on.text())


async def test_ascii_uses_only_ascii_but_for_names_of_the_pipeline() -> None:
    from velox_tui.settings import Settings

    async with scene(settings=Settings(graph="ascii"), size=(120, 40)) as on:
        for key in SCREENS:
            await on.press(key)
            foreign = {character for character in on.text() if ord(character) > 126}
            assert foreign <= set("→µ"), f"screen {key} shows {sorted(foreign)}"


@pytest.mark.parametrize("size", [(39, 10), (40, 9), (20, 5), (10, 1)])
async def test_below_the_least_size_both_sizes_and_the_vital_numbers_are_told(size: tuple[int, int]) -> None:
    async with scene(size=size) as on:
        text = on.text()
        assert f"{size[0]}x{size[1]}"[: size[0]] in text
        if size[0] >= 20:
            assert "needs 40x10" in text
            assert "p99" in text
            assert "drops/s" in text


EDGES = [
    (40, 10),
    (59, 15),
    (60, 16),
    (79, 23),
    (80, 24),
    (119, 39),
    (120, 40),
    (179, 54),
    (180, 55),
    (240, 70),
]
ODD = [(240, 10), (40, 70), (120, 16), (60, 55)]


@pytest.mark.parametrize(("width", "height"), EDGES + ODD)
async def test_rate_drops_and_p99_are_never_left_out(width: int, height: int) -> None:
    async with scene(size=(width, height), samples=3) as on:
        text = on.text()
        assert text.count("\n") == height
        for stage in ("Ingress", "OrderBook", "Bundle", "Output"):
            assert stage in text
        for head in ("RATE/s", "DROP/s", "p99"):
            assert head in text or height < 16
        assert "q" in text.splitlines()[-1]


async def test_a_resize_storm_ends_in_the_last_size() -> None:
    async with scene(size=(80, 24)) as on:
        before = on.text()
        for width, height in [(200, 60), (40, 10), (30, 8), (120, 40), (10, 2), (80, 24)] * 5:
            await on.pilot.resize_terminal(width, height)
        await on.settle()
        assert on.text() == before


async def test_a_screen_that_was_hidden_while_resized_has_the_new_size() -> None:
    async with scene(size=(120, 40)) as on:
        await on.press("2")
        wide = on.text()
    async with scene(size=(80, 24)) as on:
        await on.press("2", "1")
        await on.pilot.resize_terminal(120, 40)
        await on.press("2")
        assert on.text() == wide


async def test_the_focus_goes_to_another_pane_when_its_own_goes_with_the_size() -> None:
    async with scene(size=(200, 60)) as on:
        on.app.screen.query_one("#ladder").focus()
        await on.pilot.resize_terminal(80, 24)
        await on.settle()
        assert on.app.pane is not None
