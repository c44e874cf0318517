"""The event log: alerts, control actions, markers, newest first; one line shows the last one."""

from __future__ import annotations

from textual.reactive import reactive

from velox_tui.console.glyphs import severity_word
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.facts import clock_text, wall_ns
from velox_tui.console.widgets.line import BLANK, Line, cells, clean, fit, line
from velox_tui.console.widgets.rows import RowsPane
from velox_tui.telemetry.sample import Event, Sample

_INKS = {"info": Ink.INFO, "warn": Ink.WARN, "critical": Ink.CRITICAL}


class EventList(RowsPane):
    """Sample and `windows.events()` → one line per event. `search` keeps those in whose line it occurs."""

    TITLE = "Events"
    HELP = """\
What happened, newest first: time (UTC), severity, kind, and one line.

- **alert** start, peak and end of a condition; **control** what was asked of the pipeline from here or
  elsewhere; **marker** a note (`n`); **life** starts, stops, recordings.
- `/` filters by any part of the line. `enter` moves the charts' crosshair to that moment.
"""

    search: reactive[str] = reactive("", repaint=False)

    def found(self) -> list[Event]:
        """The events that match, newest first; while the past is looked at, none that was still to come."""
        end_ns = self.view.end_ns(self.sample)
        wanted = self.search.casefold()
        known = [event for event in self.windows.events() if event.mono_ns <= end_ns]
        known.sort(key=lambda event: event.mono_ns)
        return [event for event in reversed(known) if not wanted or wanted in _words(event)]

    def row_count(self) -> int:
        """As many as match."""
        return len(self.found()) if self.sample is not None else 0

    def row_key(self, row: int) -> Event:
        """The event."""
        return self.found()[row]

    def options(self, width: int) -> Line:
        """The filter and how many it leaves."""
        if self.sample is None:
            return BLANK
        known = len(self.windows.events())
        if not self.search:
            return ((f"{known}", Ink.MUTED),)
        return line((f"/{clean(self.search)}", Ink.CHOSEN), (f" {self.row_count()} of {known}", Ink.MUTED))

    def content(self, width: int, height: int) -> list[Line]:
        """The newest, or as many as fit around the selected one."""
        sample, found = self.sample, self.found() if self.sample else []
        if sample is None:
            return []
        if not found:
            return [line((" nothing has happened yet" if not self.search else " nothing matches", Ink.MUTED))]
        if height == 1:
            end = line((f"[5] {len(found)} events ", Ink.MUTED)) if width >= 60 else BLANK
            return [_cropped(self._event(sample, found[0], " "), end, width)]
        return [self._event(sample, found[index], self.marker(index)[0]) for index in self.shown(0, height)]

    def _event(self, sample: Sample, event: Event, mark: str) -> Line:
        word = severity_word(event.severity, self.view.graph)
        spans = [
            (mark, Ink.FOCUS),
            (clock_text(wall_ns(sample, event.mono_ns)), Ink.MUTED),
            (f" {word} ", _INKS.get(event.severity, Ink.TEXT)),
            (f"{clean(event.kind):<8}", Ink.MUTED),
            (f"{clean(event.text)}", Ink.TEXT if event.severity == "info" else Ink.BRIGHT),
        ]
        return line(*spans)

    def watch_search(self) -> None:
        """Another filter: begin with its newest."""
        self.selected = 0
        self.update_lines()


def _words(event: Event) -> str:
    return f"{event.severity} {event.kind} {event.name} {event.text} {event.phase}".casefold()


def _cropped(start: Line, end: Line, width: int) -> Line:
    """The event, cropped before the end of the line, which always shows."""
    return line(*fit(start, width - cells(end)), *end)
