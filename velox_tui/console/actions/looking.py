"""Actions that change what is looked at: screens, panes, windows, series, scale."""

from __future__ import annotations

from pathlib import Path

from velox_tui.console.actions.moving import Moving
from velox_tui.console.clipboard import dated, write_new
from velox_tui.console.picture import picture
from velox_tui.console.screens.events import EventsScreen
from velox_tui.console.screens.once import Palette
from velox_tui.console.view import CHART_WINDOWS_NS, PERCENTILE_WINDOWS_NS
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.replay_bar import ReplayBar
from velox_tui.telemetry.sample import Event
from velox_tui.telemetry.topology import Histogram, Ring, Stage
from velox_tui.telemetry.units import exact_duration

DETAILS: dict[type, str] = {Stage: "latency", Histogram: "latency", Ring: "rings"}
"""Which screen says more about what a row stands for."""


class Looking(Moving):
    """Screens, focus, windows; copies of what is seen."""

    async def action_show(self, mode: str) -> None:
        """Another screen."""
        await self.switch_mode(mode)
        self.present()

    def action_focus_pane(self, step: int) -> None:
        """The next or the previous pane."""
        if step > 0:
            self.screen.focus_next(PaneWidget)
        else:
            self.screen.focus_previous(PaneWidget)

    def action_move(self, dx: int, dy: int) -> None:
        """The arrows: the focused pane's row or crosshair."""
        if self.pane is not None:
            self.pane.step(dx, dy)

    def action_open(self) -> None:
        """Enter: the focused pane's row."""
        if self.pane is not None:
            self.pane.open_row()

    def action_no_crosshair(self) -> None:
        """Escape: no crosshair."""
        self.choose(cursor_ns=None)

    def action_maximise(self) -> None:
        """The focused pane alone, and back."""
        pane = self.pane
        if self.screen.maximized is not None:
            self.screen.minimize()
        elif pane is not None:
            self.screen.maximize(pane, container=False)

    def action_chart_window(self, step: int) -> None:
        """A shorter or longer time on the charts."""
        wider = [window for window in CHART_WINDOWS_NS if window > self.state.window_ns]
        narrower = [window for window in CHART_WINDOWS_NS if window < self.state.window_ns]
        if step > 0 and wider:
            self.choose(window_ns=wider[0], growing=False)
        elif step < 0 and narrower:
            self.choose(window_ns=narrower[-1], growing=False)
        else:
            self.tell(
                f"the charts show {exact_duration(self.state.window_ns)}: that is the end of the choices"
            )

    def action_percentile_window(self) -> None:
        """The next of 1 s, 10 s, 1 m, run."""
        now = PERCENTILE_WINDOWS_NS.index(self.state.percentile_window_ns)
        self.choose(percentile_window_ns=PERCENTILE_WINDOWS_NS[(now + 1) % len(PERCENTILE_WINDOWS_NS)])

    def action_series(self) -> None:
        """What the chart shows next."""
        self.choose(series=self.state.series + 1)

    def action_scale(self) -> None:
        """Linear or logarithmic."""
        self.choose(log_scale=not self.state.log_scale)

    async def action_filter(self) -> None:
        """To the events' filter."""
        if not isinstance(self.screen, EventsScreen):
            await self.action_show("events")
        if isinstance(self.screen, EventsScreen):
            self.screen.filter()

    def action_help(self) -> None:
        """What the focused pane's numbers mean, and the keys. Imported now: no start waits for Markdown."""
        from velox_tui.console.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.pane))

    def action_command_palette(self) -> None:
        """All commands; not twice."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def action_copy_pane(self) -> None:
        """The focused pane as text: terminal's clipboard and a file."""
        pane = self.pane
        if pane is None:
            self.tell("no pane has the focus: choose one with tab")
            return
        text = pane.as_text()
        self.copy_to_clipboard(text)
        path = dated(pane.TITLE or "pane", "txt")
        self.off_loop(lambda: write_new(path, text), lambda at: self._written("copied", at))

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """The screen as SVG in the present folder."""
        drawn = picture(self)
        where = dated(self.current_mode, "svg")
        self.off_loop(lambda: write_new(where, drawn), lambda at: self._written("screenshot", at))

    def _written(self, what: str, path: Path) -> None:
        self.tell(str(path), title=what)

    def on_pane_widget_cursor_moved(self, message: PaneWidget.CursorMoved) -> None:
        """The crosshair of all charts; the replay bar goes to the moment itself."""
        if isinstance(message.pane, ReplayBar) and message.mono_ns is not None:
            self.go_to_moment(message.mono_ns)
        else:
            self.choose(cursor_ns=message.mono_ns)

    async def on_pane_widget_opened(self, message: PaneWidget.Opened) -> None:
        """A row: the screen that says more about it; an event: its moment on the charts."""
        if isinstance(message.key, Event):
            self._point_at(message.key)
        elif mode := DETAILS.get(type(message.key)):
            await self.action_show(mode)

    def _point_at(self, event: Event) -> None:
        """The crosshair there; the view as well where the charts do not reach back so far."""
        self.choose(cursor_ns=event.mono_ns)
        if event.mono_ns < self.state.end_ns(self.shown) - self.state.window_ns:
            self.go_to_moment(event.mono_ns)
        self.tell(event.text, title="the charts' crosshair is there")

    @property
    def pane(self) -> PaneWidget | None:
        """The pane with the focus."""
        return self.focused if isinstance(self.focused, PaneWidget) else None
