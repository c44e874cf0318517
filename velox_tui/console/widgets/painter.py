"""What changed on a screen, straight to the terminal: a tick's cost is that of the cells it changes.

Textual's compositor renders every pane in sight anew, cuts it to pieces and sends changed lines from their
left edge on. Between two ticks only some cells of some panes differ, nothing moves and nothing lies over
them: then the panes' own differences are enough. Wherever that does not hold (a dialog, a notification, a
layout under way), the panes are refreshed as Textual does it; both ways lead to the same cells.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Console
from textual._compositor import CompositorUpdate
from textual.geometry import Region
from textual.screen import Screen
from textual.widget import Widget

from velox_tui.console.widgets.line import Line, cells, clean

if TYPE_CHECKING:
    from velox_tui.console.widgets.base import PaneWidget


@dataclass(frozen=True, slots=True)
class Change:
    """Spans that are new, from a cell of a pane on."""

    x: int
    y: int
    spans: Line

    @property
    def region(self) -> Region:
        """The cells."""
        return Region(self.x, self.y, cells(self.spans), 1)


class Drawing(CompositorUpdate):
    """Changes at their place on the screen, as the terminal takes them."""

    def __init__(self, panes: Iterable[tuple[PaneWidget, list[Change], Region]]) -> None:
        """Each pane's, with its region on the screen."""
        self._panes = list(panes)

    def render_segments(self, console: Console) -> str:
        """Cursor moves, colours where they change, text."""
        parts: list[str] = []
        present = ""
        for pane, changes, region in self._panes:
            codes = pane.codes(console)
            for change in changes:
                parts.append(f"\x1b[{region.y + change.y + 1};{region.x + change.x + 1}H")
                for text, ink in change.spans:
                    wanted = codes[ink]
                    if wanted != present:
                        parts.append(f"\x1b[0;{wanted}m" if wanted else "\x1b[0m")
                        present = wanted
                    parts.append(clean(text))
        if present:
            parts.append("\x1b[0m")
        return "".join(parts)


class Painter:
    """One screen's. Panes hand over their changes while a frame is open; they are drawn at its end."""

    def __init__(self, screen: Screen[Any]) -> None:
        """No frame is open."""
        self._screen = screen
        self._taken: list[tuple[PaneWidget, list[Change]]] | None = None
        self._arranged: Mapping[Widget, tuple[Region, Region]] | None = None
        self._free: dict[Widget, Region] = {}

    @contextmanager
    def frame(self) -> Iterator[None]:
        """What panes hand over meanwhile is one update of the terminal."""
        self._taken = []
        try:
            yield
        finally:
            taken, self._taken = self._taken, None
            if taken:
                self._draw(taken)

    def take(self, pane: PaneWidget, changes: list[Change]) -> bool:
        """Whether they will be drawn; else the pane must see to it."""
        if self._taken is None:
            return False
        self._taken.append((pane, changes))
        return True

    def _draw(self, taken: list[tuple[PaneWidget, list[Change]]]) -> None:
        app, free = self._screen.app, self._places()
        if self._settled() and all(pane in free for pane, _ in taken):
            drawing = Drawing((pane, changes, free[pane]) for pane, changes in taken)
            app._display(self._screen, drawing)  # type: ignore[arg-type]  # as Textual's own updates are
            return
        for pane, changes in taken:
            pane.refresh(*(change.region for change in changes))

    def _settled(self) -> bool:
        """Whether the screen is the one shown, and Textual has nothing left to draw on it."""
        screen = self._screen
        pending = screen._layout_required or screen._repaint_required or screen._dirty_widgets
        return screen.app.screen is screen and not screen.app._batch_count and not pending

    def _places(self) -> Mapping[Widget, Region]:
        """Where the widgets are that are whole and have nothing before them. The arrangement's mapping is in
        the order of painting, nearest first, and another one after each layout.
        """
        arranged = self._screen._compositor.visible_widgets
        if arranged is not self._arranged:
            self._arranged, self._free = arranged, {}
            before: list[Region] = []
            for widget, (region, clip) in arranged.items():
                if clip.contains_region(region) and not any(region.overlaps(other) for other in before):
                    self._free[widget] = region
                before.append(region)
        return self._free
