"""What a terminal too small for any screen shows: its size, the size needed, and the vital numbers."""

from __future__ import annotations

from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.line import Line, line
from velox_tui.console.widgets.vitals import vitals

NEEDED_WIDTH, NEEDED_HEIGHT = 40, 10


def too_small(width: int, height: int) -> bool:
    """Whether a terminal of that size is shown the message instead of a screen."""
    return width < NEEDED_WIDTH or height < NEEDED_HEIGHT


class TooSmall(PaneWidget, can_focus=False):
    """Sample → the centred message; styles show it in place of everything else."""

    TITLE = "Too small"

    def titled(self, height: int) -> bool:
        """Every line is needed."""
        return False

    def content(self, width: int, height: int) -> list[Line]:
        """As many of the lines as fit, the size first."""
        size = self.app.size
        said = [f"{size.width}x{size.height}: needs {NEEDED_WIDTH}x{NEEDED_HEIGHT}"]
        if self.sample is not None:
            said += [f"{vital.name} {vital.text}" for vital in vitals(self.sample, self.windows, self)[:3]]
        above = max(0, (height - len(said)) // 2)
        return [()] * above + [line((text[:width].center(width), Ink.BRIGHT)) for text in said[:height]]
