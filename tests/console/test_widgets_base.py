"""The pane in an app: only what changed is repainted, nothing old is shown, themes and focus are followed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import ClassVar

from hypothesis import given
from hypothesis import strategies as st
from panes import SECOND_NS, past, put
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from velox_tui.console import themes
from velox_tui.console.glyphs import GraphStyle
from velox_tui.console.palette import Ink
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.line import (
    Line,
    cells,
    clean,
    differences,
    fit,
    line,
    overlay,
    plain,
    right,
    spread,
)
from velox_tui.console.widgets.stage_table import StageTable


class Counted(PaneWidget):
    """Shows the second of its Sample in its second line and remembers what it marks for repainting."""

    TITLE: ClassVar[str] = "Counted"

    def __init__(self) -> None:
        super().__init__()
        self.marked: list[tuple[Region, ...]] = []

    def content(self, width: int, height: int) -> list[Line]:
        second = self.sample.seq if self.sample else 0
        return [line(("steady", Ink.TEXT)), line((f"now {second} ", Ink.TEXT), ("the same", Ink.OK))]

    def refresh(
        self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
    ) -> Counted:
        if repaint and self._is_mounted:
            self.marked.append(regions)
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)


class Around(App[None]):
    """A pane between two others."""

    CSS = "Counted { height: 4; } StageTable { height: auto; }"

    def compose(self) -> ComposeResult:
        yield Counted()
        yield StageTable()

    def on_mount(self) -> None:
        for theme in themes.load(themes.directories()).themes.values():
            self.register_theme(theme.to_textual())
        self.theme = themes.DEFAULT


@asynccontextmanager
async def around() -> AsyncIterator[tuple[Around, Counted]]:
    app = Around()
    async with app.run_test(size=(60, 14)) as pilot:
        pane = app.query_one(Counted)
        pane.windows = past().windows
        pane.look(past().samples[3], pane.view)
        await pilot.pause()
        pane.marked.clear()
        yield app, pane


async def settled(app: Around) -> None:
    """Until everything is painted."""
    await Pilot(app).pause()


def shown(app: Around) -> list[str]:
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips(app.size)]


async def test_only_the_changed_part_of_changed_lines_is_repainted() -> None:
    async with around() as (app, pane):
        pane.look(past().samples[4], pane.view)
        assert pane.marked == [(Region(4, 2, 1, 1),)]
        await settled(app)
        assert shown(app)[2] == "now 4 the same"


async def test_the_same_numbers_repaint_nothing() -> None:
    async with around() as (_, pane):
        pane.look(past(60).samples[3], pane.view)
        pane.look(pane.sample, ViewState(window_ns=60 * SECOND_NS))
        assert pane.marked == []


async def test_a_hidden_pane_does_no_work_and_shows_nothing_old_when_it_comes_back() -> None:
    async with around() as (app, pane):
        pane.display = False
        await settled(app)
        pane.marked.clear()
        pane.look(past().samples[7], pane.view)
        assert pane.marked == []
        pane.display = True
        await settled(app)
        assert shown(app)[2] == "now 7 the same"


async def test_another_theme_changes_colours_and_nothing_else() -> None:
    async with around() as (app, _):
        before = app.screen._compositor.render_strips(app.size)
        app.theme = "velox-light"
        await settled(app)
        after = app.screen._compositor.render_strips(app.size)
        assert [strip.text for strip in before] == [strip.text for strip in after]
        assert {segment.style for segment in before[1]}.isdisjoint({segment.style for segment in after[1]})


async def test_the_focus_is_told_by_a_heavy_rule() -> None:
    async with around() as (app, pane):
        pane.focus()
        await settled(app)
        assert shown(app)[0].startswith("━ Counted ━")
        app.query_one(StageTable).focus()
        await settled(app)
        assert shown(app)[0].startswith("─ Counted ─")
        pane.look(pane.sample, ViewState(graph=GraphStyle.ASCII))
        assert "- Counted -" in pane.as_text()


async def test_auto_height_is_what_the_pane_would_like() -> None:
    async with around() as (app, _):
        table = app.query_one(StageTable)
        table.windows = past().windows
        table.look(past().newest, table.view)
        table.refresh(layout=True)
        await settled(app)
        assert table.size.height == 2 + 4


async def test_the_copy_is_the_text_on_the_screen() -> None:
    async with around() as (app, pane):
        assert pane.as_text() == "\n".join(shown(app)[:4]).rstrip() + "\n"


async def test_a_click_selects_a_row_and_enter_opens_it() -> None:
    opened: list[object] = []

    class Listening(Around):
        def on_pane_widget_opened(self, message: PaneWidget.Opened) -> None:
            opened.append(message.key)

    app = Listening()
    async with app.run_test(size=(80, 14)) as pilot:
        table = put(app.query_one(StageTable), past().newest, past().windows)
        table.refresh(layout=True)
        await pilot.pause()
        await pilot.click(StageTable, offset=(5, 4))
        assert table.selected == 2
        assert table.step(0, 1)
        assert table.step(0, 1)
        assert table.selected == 3
        table.open_row()
        await pilot.pause()
        assert opened == [past().newest.run.topology.stages[3]]


def test_lines_are_cropped_and_padded_by_cells() -> None:
    wide = line(("測試", Ink.TEXT), ("abc", Ink.OK))
    assert plain(fit(wide, 9)) == "測試abc  "
    assert plain(fit(wide, 5)) == "測試a"
    assert plain(fit(wide, 3)) == "測 "
    assert fit(wide, 0) == ()


def test_a_number_without_room_is_dots_never_cut() -> None:
    assert right("12345", 5) == "12345"
    assert right("12345", 4) == "····"
    assert right("5", 3) == "  5"


def test_neighbours_of_one_ink_are_one_span() -> None:
    assert line(("a", Ink.OK), ("", Ink.TEXT), ("b", Ink.OK), ("c", Ink.TEXT)) == (
        ("ab", Ink.OK),
        ("c", Ink.TEXT),
    )


def test_the_end_of_a_line_goes_where_it_is_too_tight() -> None:
    start, end = line(("abc", Ink.TEXT)), line(("xyz", Ink.OK))
    assert plain(spread(start, end, 8, ("-", Ink.FRAME))) == "abc--xyz"
    assert plain(spread(start, end, 5, ("-", Ink.FRAME))) == "abc--"
    assert plain(spread(start, end, 2, ("-", Ink.FRAME))) == "ab"


def test_of_lines_of_one_make_only_cells_that_differ_are_repainted() -> None:
    old = line(("cpu 10%", Ink.TEXT), ("ok", Ink.OK), ("end", Ink.TEXT))
    new = line(("cpu 17%", Ink.TEXT), ("no", Ink.OK), ("end", Ink.TEXT))
    assert differences(old, old) == []
    assert differences(old, new) == [(5, (("7", Ink.TEXT),)), (7, (("no", Ink.OK),))]


def test_of_lines_of_another_make_all_between_the_same_ends_is_repainted() -> None:
    old = line(("ab", Ink.TEXT), ("cd", Ink.OK), ("ef", Ink.TEXT))
    new = line(("ab", Ink.TEXT), ("cd", Ink.WARN), ("ef", Ink.TEXT))
    assert differences(old, new) == [(2, (("cd", Ink.WARN),))]
    assert differences(line(("aaaa", Ink.TEXT)), line(("aa", Ink.TEXT), ("aa", Ink.OK))) == [
        (0, (("aa", Ink.TEXT), ("aa", Ink.OK)))
    ]


PIECES = st.lists(
    st.tuples(st.text("ab 漢\u0301", min_size=1, max_size=4), st.sampled_from([Ink.TEXT, Ink.OK])), max_size=5
)


@given(PIECES, PIECES)
def test_the_old_line_with_the_differences_over_it_is_the_new_one(
    one: list[tuple[str, Ink]], other: list[tuple[str, Ink]]
) -> None:
    width = max(cells(one), cells(other))
    old, new = fit(line(*one), width), fit(line(*other), width)
    shown = _cells(old)
    for x, spans in differences(old, new):
        piece = _cells(spans)
        shown[x : x + len(piece)] = piece
    assert shown == _cells(new)


def _cells(spans: Line) -> list[tuple[str, Ink]]:
    """What stands in each cell; the second half of a wide character is empty."""
    return [(part, ink) for text, ink in spans for char in text for part in (char, "")[: cell_len(char)]]


def test_control_characters_are_shown_as_question_marks() -> None:
    assert clean("a\x1b[2J\n") == "a?[2J?"


def test_writing_over_a_line_keeps_the_rest() -> None:
    base = line(("----", Ink.FRAME), ("====", Ink.OK))
    assert overlay(base, 3, "ab", Ink.TEXT) == (("---", Ink.FRAME), ("ab", Ink.TEXT), ("===", Ink.OK))
    assert overlay(base, 7, "ab", Ink.TEXT) == base
    assert overlay(base, -1, "ab", Ink.TEXT) == base
