"""Actions in time: pause, step, ten seconds, start and end, a given moment. Sampling and recording go on
meanwhile.
"""

from __future__ import annotations

from functools import partial

from velox_tui.console.base import ConsoleBase
from velox_tui.console.pausing.moment import EXAMPLES
from velox_tui.console.screens.entry import Entry

SECOND_NS = 1_000_000_000


class Moving(ConsoleBase):
    """Looking back while the pipeline goes on."""

    def action_pause(self) -> None:
        """Stop the view at the newest Sample, or go on."""
        self.move(self.timeline.resume if self.timeline.paused else self.timeline.to_end)

    def action_step(self, samples: int) -> None:
        """Samples back or forward."""
        self.move(partial(self.timeline.step, samples))

    def action_seek(self, seconds: int) -> None:
        """Seconds back or forward."""
        self.move(partial(self.timeline.seek, seconds * SECOND_NS))

    def action_seek_start(self) -> None:
        """The oldest Sample kept."""
        self.move(self.timeline.to_start)

    def action_seek_end(self) -> None:
        """The newest Sample: still paused if the view was."""
        self.move(self.timeline.to_end)

    def action_go_to(self) -> None:
        """Ask for a moment and go there."""
        self.push_screen(Entry("Go to a time", EXAMPLES, self.timeline.find), self.go_to_moment)

    def go_to_moment(self, mono_ns: int | None) -> None:
        """Pause at the Sample of that moment; None: nowhere."""
        if mono_ns is not None:
            self.move(partial(self.timeline.show, mono_ns))

    def moved(self) -> None:
        """Show it."""
        self.follow_timeline()

    def follow_timeline(self) -> None:
        """Show what the timeline stands at. A crosshair goes when it is on another reading than that: what it
        reads out would be another moment's than the tables'.
        """
        at_ns, cursor_ns, shown = self.timeline.at_ns, self.state.cursor_ns, self.shown
        if at_ns is not None and cursor_ns is not None and shown is not None:
            within = 0 <= shown.mono_ns - cursor_ns <= (shown.interval_ns or 0)
            cursor_ns = cursor_ns if within else None
        self.choose(paused_at_ns=at_ns, cursor_ns=cursor_ns)
        self.refresh_bindings()
