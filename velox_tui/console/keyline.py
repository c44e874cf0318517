"""The bottom line: the keys that matter now, as many as fit; what does not apply is dim. A click presses the
key.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.screen import Screen
from textual.strip import Strip

from velox_tui.console.bindings.keys import shown
from velox_tui.console.bindings.table import BY_ID
from velox_tui.console.palette import Ink
from velox_tui.console.widgets.inked import Inked
from velox_tui.console.widgets.line import Line, cells, fit, line


@dataclass(frozen=True, slots=True)
class Hint:
    """One or more bindings shown as one: their keys joined by `between`, then a word."""

    ids: tuple[str, ...]
    word: str
    between: str = " "

    @property
    def always(self) -> bool:
        """Shown however narrow it is: the way to all others, and the way out."""
        return self.word in ("help", "quit")


def _hint(ids: str, word: str, between: str = " ") -> Hint:
    return Hint(tuple(ids.split()), word, between)


LIVE = (
    _hint("pause", "pause"),
    _hint("burst", "burst"),
    _hint("rate_up rate_down", "rate", "/"),
    _hint("chart_shorter chart_longer", "window", ""),
    _hint("screen_flow screen_events", "screens", "-"),
    _hint("palette", "cmds"),
    _hint("help", "help"),
    _hint("quit", "quit"),
    _hint("stall", "stall"),
    _hint("step_back step_forward", "step"),
    _hint("record", "record"),
    _hint("tune", "tune"),
    _hint("percentile_window", "pctl"),
    _hint("series", "series"),
    _hint("focus_next", "pane"),
    _hint("maximise", "max"),
    _hint("mark", "marker"),
    _hint("hold", "hold"),
    _hint("scale", "log"),
    _hint("acknowledge", "ack"),
    _hint("filter", "filter"),
    _hint("copy", "copy"),
    _hint("screenshot", "shot"),
    _hint("go_to", "go"),
    _hint("rate_halve rate_double", "½ ×2"),
    _hint("reset", "reset"),
    _hint("lock", "lock"),
)
PAUSED = (
    _hint("pause", "go on"),
    _hint("step_back step_forward", "step"),
    _hint("back_10s forward_10s", "10 s"),
    _hint("start end", "ends"),
    _hint("go_to", "go to"),
    _hint("screen_flow screen_events", "screens", "-"),
    _hint("help", "help"),
    _hint("quit", "quit"),
    _hint("palette", "cmds"),
    _hint("mark", "marker"),
    _hint("copy", "copy"),
    _hint("screenshot", "shot"),
)
REPLAYING = (
    _hint("pause", "play"),
    _hint("step_back step_forward", "step"),
    _hint("event_previous event_next", "event"),
    _hint("slower faster", "speed"),
    _hint("go_to", "go to"),
    _hint("screen_flow screen_events", "screens", "-"),
    _hint("help", "help"),
    _hint("quit", "quit"),
    _hint("back_10s forward_10s", "10 s"),
    _hint("start end", "ends"),
    _hint("chart_shorter chart_longer", "window", ""),
    _hint("palette", "cmds"),
    _hint("percentile_window", "pctl"),
    _hint("series", "series"),
    _hint("focus_next", "pane"),
    _hint("maximise", "max"),
    _hint("filter", "filter"),
    _hint("copy", "copy"),
    _hint("screenshot", "shot"),
)
LOCKED = (_hint("lock", "unlock the keys"), _hint("quit_always", "quit"))


class KeyLine(Inked):
    """One line of hints for the screen it is on."""

    ALLOW_SELECT = False

    def __init__(self) -> None:
        """For the screen it is mounted on."""
        super().__init__(id="keys")
        self._hints: tuple[Hint, ...] = LIVE
        self._places: list[tuple[int, int, Hint]] = []

    def on_mount(self) -> None:
        """Follow the bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def show(self, *, paused: bool, replaying: bool = False, locked: bool) -> None:
        """Which keys matter."""
        hints = LOCKED if locked else REPLAYING if replaying else PAUSED if paused else LIVE
        if hints is not self._hints:
            self._hints = hints
            self.refresh()

    def _changed(self, screen: Screen[object]) -> None:
        if screen.is_current and screen is self.screen:
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The line."""
        width = self.size.width
        return self.strip(fit(self._line(width) if y == 0 else (), width))

    def _line(self, width: int) -> Line:
        spans: Line = ()
        self._places = []
        for hint in self._fitting(width):
            key, applies = self._key(hint)
            start = cells(spans)
            inks = (Ink.CHOSEN, Ink.TEXT) if applies else (Ink.MUTED, Ink.MUTED)
            spans = line(*spans, (f" {key}", inks[0]), (f" {hint.word} ", inks[1]))
            self._places.append((start, cells(spans), hint))
        return spans

    def _fitting(self, width: int) -> list[Hint]:
        """Those that fit, in their order; what is always shown first gets its room."""
        chosen, room = [], width + 1
        for hint in sorted(self._hints, key=lambda hint: not hint.always):
            length = cell_len(self._key(hint)[0]) + cell_len(hint.word) + 3
            if length <= room:
                chosen.append(hint)
                room -= length
        return sorted(chosen, key=self._hints.index)

    def _key(self, hint: Hint) -> tuple[str, bool]:
        """The keys as written, and whether they apply."""
        keys = [BY_ID[identifier] for identifier in hint.ids]
        written = hint.between.join(shown(key, self.app._keymap) for key in keys)
        return written, all(self.app.check_action(key.name, ()) for key in keys)

    async def on_click(self, event: events.Click) -> None:
        """Press the key under the mouse: of two, the nearer."""
        for start, end, hint in self._places:
            if start <= event.x < end:
                second = len(hint.ids) > 1 and event.x - start > cell_len(self._key(hint)[0]) // 2
                key = BY_ID[hint.ids[-1 if second else 0]]
                await self.app.run_action(f"app.{key.action}")
