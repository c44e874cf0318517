"""The header line: what runs, since when, where, how fast it is asked to, what watching costs, and what is
wrong.
"""

from __future__ import annotations

from textual.reactive import reactive

from velox_tui.console.glyphs import state_word
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.base import PaneWidget
from velox_tui.console.widgets.facts import clock_text, speed_text
from velox_tui.console.widgets.line import Line, Span, cells, clean, line, spread
from velox_tui.telemetry.expectation import Pattern
from velox_tui.telemetry.sample import Sample, State
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import format_elapsed, format_percent, format_rate

_INKS = {State.RUNNING: Ink.OK, State.LOST: Ink.CRITICAL, State.STOPPED: Ink.MUTED}


class Header(PaneWidget, can_focus=False):
    """Sample → one line. What else it tells is set by the app: `warnings`, `criticals`, `recording`,
    `locked`.
    """

    TITLE = "Header"
    HELP = """\
State of the pipeline and of this console, UTC clock, time since the start, host and process, the rate that is
asked for and its pattern, **self**: CPU share of one core that watching costs, and the number of alerts that
are active.
"""

    warnings: reactive[int] = reactive(0, repaint=False)
    """Active alerts that are no more than warnings."""
    criticals: reactive[int] = reactive(0, repaint=False)
    recording: reactive[str] = reactive("", repaint=False)
    """What is said of a recording that runs, e.g. "REC 61 rows"; empty: none."""
    locked: reactive[bool] = reactive(False, repaint=False)

    def titled(self, height: int) -> bool:
        """It is a title itself."""
        return False

    def content(self, width: int, height: int) -> list[Line]:
        """As much as fits; what matters least goes first."""
        if self.sample is None:
            return [line((" VELOX ", Ink.TITLE), ("waiting for the first reading", Ink.MUTED))]
        end = self._end()
        parts = self._parts(self.sample)
        while len(parts) > 1 and sum(cells(spans) for _, spans in parts) + cells(end) > width:
            parts.remove(min(parts, key=lambda part: part[0]))
        start = line(*(span for _, spans in parts for span in spans))
        return [spread(start, end, width, (" ", Ink.TEXT))]

    def _parts(self, sample: Sample) -> list[tuple[int, Line]]:
        """(weight, spans) in order; the lightest goes first."""
        run = sample.run
        word, ink = self._state(sample)
        parts: list[tuple[int, Line]] = [
            (9, line((" VELOX ", Ink.TITLE), (word, ink))),
            (6, line((f" {clock_text(sample.unix_ns)}Z", Ink.TEXT))),
            (4, line((f" +{format_elapsed(sample.mono_ns - run.start_mono_ns)}", Ink.MUTED))),
            (3, line((f" {clean(run.host)}" if run.host else "", Ink.TEXT))),
            (1, line((f" pid {run.pid}" if run.pid else "", Ink.MUTED))),
            (5, line(("  ", Ink.TEXT), *_asked(sample))),
        ]
        if sample.cost is not None:
            share = format_percent(sample.cost.cpu_ratio, decimals=1)
            parts.append((2, line(("  self ", Ink.MUTED), (share, Ink.TEXT))))
        return parts

    def _state(self, sample: Sample) -> tuple[str, Ink]:
        style = self.view.graph
        word = state_word(sample.state, style)
        if self.view.playback:
            return self._replay(word if sample.state is not State.RUNNING else "")
        if self.view.paused_at_ns is not None:
            return f"{self.glyphs.paused} PAUSED", Ink.WARN
        if sample.state is State.RUNNING and sample.run.source == "attached":
            word = f"{word[0]} ATTACHED"
        return word, _INKS.get(sample.state, Ink.WARN)

    def _replay(self, state: str) -> tuple[str, Ink]:
        """What the replay does, and the recorded state where it is not simply running."""
        if self.view.playback == "following":
            told, ink = f"{self.glyphs.record} REPLAY follows", Ink.OK
        elif self.view.playback == "playing":
            told, ink = f"{self.glyphs.playing} REPLAY {speed_text(self.view.speed)}", Ink.INFO
        else:
            told, ink = f"{self.glyphs.paused} REPLAY", Ink.WARN
        return f"{told} {state}".rstrip(), ink

    def _end(self) -> Line:
        """What must never go: recording, lock, alerts."""
        spans: list[Span] = []
        if self.locked:
            spans.append((" LOCKED", Ink.WARN))
        if self.recording:
            spans.append((f" {self.glyphs.record} {clean(self.recording)}", Ink.CRITICAL))
        if self.criticals:
            spans.append((f" {self.glyphs.bad}{self.criticals}", Ink.CRITICAL))
        if self.warnings:
            spans.append((f" !{self.warnings}", Ink.WARN))
        return line(*spans, (" ", Ink.TEXT)) if spans else ()

    def watch_warnings(self) -> None:
        """Another number of alerts."""
        self.update_lines()

    watch_criticals = watch_recording = watch_locked = watch_warnings


def _asked(sample: Sample) -> Line:
    """`100k/s poisson`, or that ingress is held."""
    topology = sample.run.topology
    asked = sample.value(topology.first(Role.RATE_MILLIHZ))
    pattern = sample.value(topology.by_name.get("config_pattern"))
    if asked is None:
        return ()
    if sample.value(topology.first(Role.HOLD)):
        return (("HELD", Ink.WARN),)
    if pattern == Pattern.MAX:
        return (("max", Ink.TEXT),)
    name = Pattern(pattern).name.lower() if pattern in tuple(Pattern) else ""
    return line((f"{format_rate(asked / 1000)}/s", Ink.TEXT), (f" {name}".rstrip(), Ink.MUTED))
