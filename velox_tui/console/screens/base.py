"""What the five screens share: header, panes, replay bar, keys; the Sample and the view bound from screen to
panes.
"""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import Container
from textual.reactive import reactive
from textual.screen import Screen

from velox_tui.console.keyline import KeyLine
from velox_tui.console.screens.too_small import TooSmall, too_small
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.windows import Windows
from velox_tui.telemetry.sample import Sample


class ConsoleScreen(Screen[None], inherit_bindings=False):
    """One screen. Subclasses say which panes; where they go is in the screen's .tcss."""

    AUTO_FOCUS = "PaneWidget"

    sample: reactive[Sample | None] = reactive(None, repaint=False, layout=False)
    view: reactive[ViewState] = reactive(ViewState(), repaint=False, layout=False)

    def __init__(self) -> None:
        """Named as its styles name it."""
        super().__init__(id=type(self).__name__.removesuffix("Screen").lower())

    def panes(self) -> Iterator[PaneWidget]:
        """The panes in their reading order."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        """Header, panes, replay bar, keys; or the message that it is too small."""
        with Container(id="panes"):
            for pane in self.panes():
                yield self.bound(pane)
        yield KeyLine()
        yield TooSmall().data_bind(ConsoleScreen.sample)

    def bound(self, pane: PaneWidget) -> PaneWidget:
        """The pane, following this screen's Sample and view."""
        windows = getattr(self.app, "windows", None)
        pane.windows = windows if isinstance(windows, Windows) else pane.windows
        pane.data_bind(ConsoleScreen.sample, ConsoleScreen.view)
        return pane

    def on_resize(self) -> None:
        """Tell styles when nothing but a message fits."""
        self.set_class(too_small(*self.app.size), "-too-small")

    def on_screen_resume(self) -> None:
        """What was missed while another screen was shown."""
        present = getattr(self.app, "present", None)
        if present is not None:
            present()

    def show(self, sample: Sample | None, newest: Sample | None, view: ViewState) -> None:
        """Takes what is looked at; panes repaint only what changed."""
        if sample is not None:
            with self.app.batch_update():
                self.view = view
                self.sample = sample
        self.query_one(KeyLine).show(
            paused=view.paused_at_ns is not None, locked=getattr(self.app, "locked", False)
        )
