"""What the five screens share: header, panes, replay bar, keys; Sample and view go from the screen to its
panes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.widget import Widget

from velox_tui.console.charts.chart import TimeChart
from velox_tui.console.charts.plot import Limit
from velox_tui.console.keyline import KeyLine
from velox_tui.console.screens.too_small import TooSmall, too_small
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.header import Header
from velox_tui.console.widgets.painter import Painter
from velox_tui.console.widgets.replay_bar import ReplayBar
from velox_tui.telemetry.alerts import AlertLimits
from velox_tui.telemetry.sample import Sample

if TYPE_CHECKING:
    from velox_tui.console.base import ConsoleBase


def limit_lines(limits: AlertLimits) -> dict[str, tuple[Limit, ...]]:
    """The limits of alerts as lines, by the subject of a chart."""
    latency = (Limit(limits.e2e_p99_ns, "p99 limit"),)
    return {
        "p99": latency,
        "latency": latency,
        "occupancy": (Limit(limits.ring_occupancy_ratio, "limit"),),
    }


class ConsoleScreen(Screen[None], inherit_bindings=False):
    """One screen. Subclasses say which panes; where they go, and which are shown at what size, is in the
    screen's .tcss.
    """

    AUTO_FOCUS = "PaneWidget"

    def __init__(self) -> None:
        """Named as its styles name it."""
        super().__init__(id=f"{type(self).__name__.removesuffix('Screen').lower()}-screen")
        self.painter = Painter(self)
        self.sample: Sample | None = None
        """The latest that was shown."""
        self._bound: list[PaneWidget] = []
        self._header = Header(id="header")
        self._keys = KeyLine()

    @property
    def console_app(self) -> ConsoleBase:
        """The app this screen is a mode of."""
        return cast("ConsoleBase", self.app)

    def panes(self) -> Iterator[Widget]:
        """The panes, each through `bound`, in their reading order; containers hold those side by side."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Header, panes, replay bar, keys; or the message that it is too small."""
        yield self.bound(self._header)
        with Container(id="panes"):
            yield from self.panes()
        yield self.bound(ReplayBar(id="replay"))
        yield self._keys
        yield self.bound(TooSmall())

    def bound(self, pane: PaneWidget) -> PaneWidget:
        """The pane, shown whatever this screen shows."""
        pane.windows = self.console_app.windows
        pane.painter = self.painter
        self._bound.append(pane)
        if isinstance(pane, TimeChart):
            pane.limits = limit_lines(self.console_app.settings.alerts)
        return pane

    def on_resize(self) -> None:
        """Tell styles when nothing but a message fits."""
        self.set_class(too_small(*self.app.size), "-too-small")
        self.call_after_refresh(self._keep_focus)

    def _keep_focus(self) -> None:
        """A pane that went with the size took the focus along: the first one has it then."""
        if self.focused is None and self.AUTO_FOCUS:
            self.focus_next(self.AUTO_FOCUS)

    def on_screen_resume(self) -> None:
        """What was missed while another screen was shown."""
        self.console_app.present()

    def show(self, sample: Sample, view: ViewState) -> None:
        """Takes what is looked at; panes repaint only what changed."""
        other_shape = self.sample is None or self.sample.run.topology is not sample.run.topology
        with self.painter.frame(), self.app.batch_update():
            paused = view.paused_at_ns is not None
            self.set_class(paused, "-paused")
            self.sample = sample
            for pane in self._bound:
                pane.look(sample, view)
            self._keys.show(paused=paused, replaying=bool(view.playback), locked=self.console_app.locked)
            self._show_header()
            if other_shape:
                for pane in self._bound:
                    pane.refresh(layout=True)

    def _show_header(self) -> None:
        app, header = self.console_app, self._header
        active = [alert.severity == "critical" for alert in app.session.alerts if not alert.acknowledged]
        header.criticals, header.warnings = sum(active), len(active) - sum(active)
        status = app.session.recording_status
        header.recording = "" if status is None else f"REC {status.rows:,}"
        header.locked = app.locked
