"""The console's app: modes, bindings, the newest Sample to the active screen. What keys do is in actions/."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, ClassVar

from textual.binding import BindingType
from textual.screen import Screen
from textual.timer import Timer

from velox_tui.console import themes
from velox_tui.console.actions.leaving import Leaving
from velox_tui.console.actions.looking import Looking
from velox_tui.console.actions.replaying import Replaying
from velox_tui.console.attention import Attention
from velox_tui.console.bindings.keys import bindings, remap
from velox_tui.console.commands import Commands
from velox_tui.console.driver import GuardedDriver
from velox_tui.console.lifecycle import Guard
from velox_tui.console.settings import ConsoleSettings
from velox_tui.console.themed import Themed
from velox_tui.session import Session

if TYPE_CHECKING:
    from velox_tui.session_replay import ReplaySession

WIDTHS = [(0, "-w-tiny"), (60, "-w-narrow"), (80, "-w-standard"), (120, "-w-wide"), (180, "-w-wall")]
HEIGHTS = [(0, "-h-flat"), (16, "-h-low"), (24, "-h-standard"), (40, "-h-tall"), (55, "-h-wall")]
"""Classes of the screen's size, least cells first; what each looks like is in styles/."""
LEAST_DRAWN_NS = 100_000_000
"""Between two drawings of readings."""
UNLOCKED = frozenset({"lock", "leave_always"})
"""Actions that a key lock leaves."""


def _later(module: str, name: str) -> Callable[[], Screen[Any]]:
    """A screen of screens/, imported when it is first shown: the first frame does not wait for the others."""

    def make() -> Screen[Any]:
        made: Screen[Any] = getattr(import_module(f"velox_tui.console.screens.{module}"), name)()
        return made

    return make


class Console(Replaying, Looking, Leaving, Themed, Attention, inherit_bindings=False):
    """The app on one Session."""

    TITLE = "velox-tui"
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        f"styles/{name}.tcss" for name in ("base", "dialogs", "flow", "latency", "rings", "cores", "events")
    ]
    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = {
        "flow": _later("flow", "FlowScreen"),
        "latency": _later("latency", "LatencyScreen"),
        "rings": _later("rings_book", "RingsScreen"),
        "cores": _later("cores", "CoresScreen"),
        "events": _later("events", "EventsScreen"),
    }
    DEFAULT_MODE = "flow"
    COMMANDS: ClassVar = {Commands}
    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    HORIZONTAL_BREAKPOINTS = WIDTHS
    VERTICAL_BREAKPOINTS = HEIGHTS

    def __init__(
        self, session: Session | ReplaySession, settings: ConsoleSettings, loaded: themes.Loaded
    ) -> None:
        """Not running yet. Raises KeymapError for a bad `[keys]`."""
        plain = "NO_COLOR" in os.environ
        super().__init__(session, settings, driver_class=GuardedDriver, ansi_color=True if plain else None)
        self.guard: Guard | None = None
        self._drawing: Timer | None = None
        self.set_keymap(remap(settings.keys))
        self.take_themes(loaded)

    def on_mount(self) -> None:
        """Listen to the Session."""
        self.tell_themes()
        self.feed.open()
        self.begin_replay()

    def on_ticked(self) -> None:
        """There is a newer Sample."""
        sample = self.feed.take()
        if sample is not None and sample is not self.newest:
            self.newest = sample
            self.grow(sample)
            self.attend()
            self.draw_soon()

    def draw_soon(self) -> None:
        """Shows the newest Sample at once; of readings that come faster than an eye follows, only the last
        one, so that keys need not wait behind drawings.
        """
        if self.session.interval_ns >= LEAST_DRAWN_NS:
            self.present()
        elif self._drawing is None:
            self._drawing = self.set_timer(LEAST_DRAWN_NS / 1e9, self._draw)

    def _draw(self) -> None:
        self._drawing = None
        self.present()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """None greys a key that does not apply now."""
        if self.locked and action not in UNLOCKED:
            return None
        return None if self.why_not(action) else True

    def action_lock(self) -> None:
        """Lock the keys, or unlock them."""
        self.locked = not self.locked
        self.present()
        self.refresh_bindings()

    @property
    def failure(self) -> Exception | None:
        """What ended the app, a fault of ours; None: nothing did."""
        return self._exception

    def _fatal_error(self) -> None:
        """Ends the app. Textual would first draw every local variable, histories among them: minutes."""
        self._close_messages_no_wait()

    def interrupted(self) -> None:
        """ctrl+c, told by the input thread."""
        if self.guard is not None:
            self.guard.interrupt()

    def stir(self) -> None:
        """Has the event loop turn; from another thread."""
        self.call_later(lambda: None)

    def heard(self) -> None:
        """There is time to drain."""
        if self.guard is not None:
            self.guard.heard()

    def stayed(self) -> None:
        """Earlier ctrl+c no longer count."""
        if self.guard is not None:
            self.guard.forgive()


def run_console(session: Session | ReplaySession, settings: ConsoleSettings) -> int:
    """Shows a started Session on this terminal until the user leaves or a signal ends it; the Session is
    closed then.

    Returns 0, or 128 + n where signal n began the end. Raises KeymapError for a bad `[keys]`, UsageError for
    a theme that there is not, and where the console itself failed what it failed with; a note says what
    became of the run.
    """
    loaded = themes.load(themes.directories(os.environ))
    loaded.refuse_unknown(settings.theme)
    app = Console(session, settings, loaded)
    try:
        with Guard(partial(app.call_later, app.leave), session.close, app.stir) as guard:
            app.guard = guard
            app.run(mouse=settings.mouse)
    finally:
        app.feed.close()
        final = session.close("console ended")
    if app.failure is not None:
        app.failure.add_note(f"the pipeline is {final.state.name.lower()}, its recording whole")
        raise app.failure
    return 0 if guard.signalled is None else 128 + guard.signalled
