"""The pane: a widget that shows one part of a Sample as text lines and repaints only what changed.

For whoever composes screens:

- `pane.look(sample, view)` composes the lines anew and marks those that differ. Only on the active screen,
  and again when a screen is resumed.
- `pane.windows` is the one `Windows` (history, its merged histograms, the event log) shared by all panes;
  assign it once: `Windows(session.history, lambda: session.events)`.
- The height comes from CSS; a pane fills what it is given from one line up. What goes first when it is low:
  title, then table heads, then rows of lesser weight. `natural_height` is what it would like.
- `as_text()` is what `y` copies; `HELP` is what `?` explains; `TITLE` names it.
- `step(dx, dy)` answers the arrows and says whether it used them; a pane posts `Opened` for enter
  (`open_row()`) and `CursorMoved` when its crosshair wants to go elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from rich.cells import cell_len
from textual.geometry import Region, Size
from textual.message import Message
from textual.strip import Strip

from velox_tui.console.aside import Aside
from velox_tui.console.glyphs import Glyphs, GraphStyle, glyphs, in_ascii
from velox_tui.console.palette import Ink
from velox_tui.console.view import ViewState
from velox_tui.console.widgets.inked import Inked
from velox_tui.console.widgets.line import (
    BLANK,
    Line,
    differences,
    fit,
    line,
    plain,
    spread,
)
from velox_tui.console.widgets.painter import Change, Painter
from velox_tui.console.windows import Windows
from velox_tui.telemetry.sample import Sample

_NOTHING = (-1, -1)
"""The size for which lines were composed, where there are none or old ones."""


class PaneWidget(Inked, can_focus=True):
    """One pane. Subclasses give TITLE, HELP, `content` and, where they have any, `options`."""

    TITLE: ClassVar[str] = ""
    HELP: ClassVar[str] = ""
    """Markdown: what each number means."""
    ESSENTIAL_ROWS: ClassVar[int] = 1
    """Content lines that matter more than the title."""

    @dataclass
    class Opened(Message):
        """A row was opened with enter; `key` is the pane's own (a stage's or ring's index, an event)."""

        pane: PaneWidget
        key: object

        @property
        def control(self) -> PaneWidget:
            """For `@on` selectors."""
            return self.pane

    @dataclass
    class CursorMoved(Message):
        """The crosshair wants to be at `mono_ns` (None: gone)."""

        pane: PaneWidget
        mono_ns: int | None

        def can_replace(self, message: Message) -> bool:
            """Only the newest counts."""
            return isinstance(message, PaneWidget.CursorMoved)

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        """`id` and `classes` as any widget's."""
        super().__init__(id=id, classes=classes)
        self.sample: Sample | None = None
        self.view = ViewState()
        self.windows = Windows(None)
        self.painter: Painter | None = None
        """Of a screen that draws what changed by itself."""
        self._lines: list[Line] = []
        self._strips: dict[int, Strip] = {}
        self._composed_size = _NOTHING
        self._asked_size = _NOTHING
        self._natural_height = 1
        self._in_sight = False

    # What a subclass says.

    def title(self) -> str:
        """The title's text."""
        return self.TITLE

    def options(self, width: int) -> Line:
        """Shown at the right of the title, in at most `width` cells."""
        return BLANK

    def content(self, width: int, height: int) -> list[Line]:
        """At most `height` lines below the title; the base crops and pads."""
        raise NotImplementedError

    def essential_rows(self) -> int:
        """How many content lines go before the title."""
        return self.ESSENTIAL_ROWS

    def natural_height(self, width: int) -> int:
        """Lines the pane would like, title included."""
        return 1 + len(self.content(width, 200))

    def step(self, dx: int, dy: int) -> bool:
        """Moves the row or the crosshair; False where the pane has neither."""
        return False

    def open_row(self) -> None:
        """Opens the selected row, where there are rows."""

    # What the base does.

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """For `height: auto`: what the pane would like."""
        aside = self.windows.aside
        if aside is None:
            return self.natural_height(width)

        def found(height: int) -> None:
            if height != self._natural_height:
                self._natural_height = height
                self.refresh(layout=True)

        aside.look((self, "height"), lambda: self.natural_height(width), found)
        return self._natural_height

    @property
    def glyphs(self) -> Glyphs:
        """Of the present graph style."""
        return glyphs(self.view.graph)

    def titled(self, height: int) -> bool:
        """Whether there is room for the title."""
        return height > self.essential_rows()

    def title_line(self, width: int) -> Line:
        """The rule with the title and, at the right, the options."""
        drawn = self.glyphs
        focused = self.has_focus
        rule = drawn.rule_focused if focused else drawn.rule
        ink = Ink.FOCUS if focused else Ink.FRAME
        title = self.title()
        start = line((f"{rule} ", ink), (title, Ink.FOCUS if focused else Ink.TITLE), (" ", ink))
        options = self.options(max(0, width - cell_len(title) - 6))
        end = line((" ", ink), *options, (f" {rule}", ink)) if options else BLANK
        return spread(start, end, width, (rule, ink))

    def compose_lines(self, width: int, height: int) -> list[Line]:
        """All lines of the pane, `height` of them, each exactly `width` cells: a pure function of sample,
        view, windows, focus and the pane's own cursor.
        """
        lines: list[Line] = []
        if self.titled(height):
            lines.append(self.title_line(width))
        lines += self.content(width, height - len(lines))
        lines = lines[:height] + [BLANK] * (height - len(lines))
        fitted = [fit(one, width) for one in lines]
        if self.view.graph is GraphStyle.ASCII:
            return [fit(tuple((in_ascii(text), ink) for text, ink in one), width) for one in fitted]
        return fitted

    def as_text(self) -> str:
        """What the pane shows, as plain text without trailing blanks."""
        width, height = self.outer_size if self._is_mounted else (80, 24)
        shown = self._composed_size == (width, height)
        lines = self._lines if shown else self.compose_lines(width, height)
        return "\n".join(plain(one).rstrip() for one in lines).rstrip("\n") + "\n"

    def look(self, sample: Sample | None, view: ViewState) -> None:
        """Shows another reading, or the same in another way."""
        if sample is not self.sample or view != self.view:
            self.sample, self.view = sample, view
            self.update_lines()

    def update_lines(self) -> None:
        """Composes the lines anew and marks those that changed."""
        width, height = self.outer_size
        if not self._in_sight or not width or not height:
            self._composed_size = _NOTHING
            return
        if self.windows.aside is None:
            self._take_lines((width, height), self.compose_lines(width, height))
        else:
            self._ask_for_lines(self.windows.aside, width, height)

    def _ask_for_lines(self, aside: Aside, width: int, height: int) -> None:
        """They are worked out aside; until then, those there are."""
        self._asked_size = (width, height)
        then = partial(self._take_lines, (width, height))
        aside.look(self, partial(self.compose_lines, width, height), then)

    def _take_lines(self, size: tuple[int, int], lines: list[Line]) -> None:
        if size != tuple(self.outer_size):
            return  # those for the present size are under way
        if self._composed_size != size:
            self._lines, self._composed_size = lines, size
            self._strips.clear()
            self.refresh()
            return
        before, self._lines = self._lines, lines
        changes = []
        for y, (old, new) in enumerate(zip(before, self._lines, strict=True)):
            if old != new:
                self._strips.pop(y, None)
                changes += [Change(x, y, spans) for x, spans in differences(old, new)]
        if changes and (self.painter is None or not self.painter.take(self, changes)):
            self.refresh(*(change.region for change in changes))

    def render_lines(self, crop: Region) -> list[Strip]:
        """The strips of these lines. Panes have neither border nor padding: their size is their content's,
        and Textual's cache of what surrounds the content would only repeat the one here.
        """
        strips = [self.render_line(y) for y in crop.line_range]
        if crop.column_span == (0, self.size.width):
            return strips
        return [strip.crop(*crop.column_span) for strip in strips]

    def render_line(self, y: int) -> Strip:
        """The strip of content line `y`."""
        width, height = self.outer_size
        if self._composed_size != (width, height) and not self._write_lines(width, height):
            return Strip.blank(width)
        if y >= len(self._lines):
            return Strip.blank(width)
        strip = self._strips.get(y)
        if strip is None:
            strip = self._strips[y] = self.strip(self._lines[y])
        return strip

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """All there is."""
        return container.width

    def _write_lines(self, width: int, height: int) -> bool:
        """For a new size; False while they are worked out aside."""
        if self.windows.aside is not None:
            if self._asked_size != (width, height):
                self._ask_for_lines(self.windows.aside, width, height)
            return False
        self._lines = self.compose_lines(width, height)
        self._strips.clear()
        self._composed_size = (width, height)
        return True

    def on_show(self) -> None:
        """It is on the screen now: show what was missed."""
        self._in_sight = True
        self.update_lines()

    def on_hide(self) -> None:
        """It is not laid out: no work until it is."""
        self._in_sight = False

    def watch_has_focus(self, has_focus: bool) -> None:
        """The title tells where the focus is."""
        super().watch_has_focus(has_focus)
        self.update_lines()

    def notify_style_update(self) -> None:
        """The same lines in other colours."""
        self._strips.clear()
        super().notify_style_update()
