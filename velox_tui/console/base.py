"""The app's state, and what every action does with it: show the view anew, tell the user, work off the event
loop.

One Sample per tick goes App → Screen → pane; only the active screen gets it. Disk, engine and anything that
can wait run in one worker thread, in the order in which they were asked for.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar, cast

from textual.app import App
from textual.notifications import SeverityLevel

from velox_tui.console.aside import Aside
from velox_tui.console.feed import Feed
from velox_tui.console.glyphs import GraphStyle
from velox_tui.console.pausing.moment import parse_in_replay, parse_moment
from velox_tui.console.pausing.player import Player
from velox_tui.console.pausing.timeline import Timeline
from velox_tui.console.screens.base import ConsoleScreen
from velox_tui.console.settings import ConsoleSettings
from velox_tui.console.view import ViewState
from velox_tui.console.windows import Windows
from velox_tui.errors import VeloxError
from velox_tui.session import Session
from velox_tui.telemetry.sample import Sample

if TYPE_CHECKING:
    from velox_tui.session_replay import ReplaySession

Outcome = TypeVar("Outcome")


def graph_style(wanted: str) -> GraphStyle:
    """The graphs asked for, but ASCII where the terminal does not take UTF-8."""
    encoding = getattr(sys.__stderr__, "encoding", None) or "utf-8"
    return GraphStyle(wanted) if encoding.lower().replace("-", "") == "utf8" else GraphStyle.ASCII


class ConsoleBase(App[int]):
    """State shared by the groups of actions."""

    def __init__(self, session: Session | ReplaySession, settings: ConsoleSettings, **options: Any) -> None:
        """Watching the Session; `options` are Textual's."""
        super().__init__(**options)
        self.session = session
        self.settings = settings
        self.windows = Windows(session.history, lambda: session.events)
        self.replay = cast("ReplaySession", session) if session.recorded else None
        """The session, where it is a recording's; what reads recordings is loaded by it alone."""
        self.timeline = Timeline(session.history, parse_moment if self.replay is None else parse_in_replay)
        self.player = Player(self.timeline, session.history, self.replay.speed) if self.replay else None
        """What moves the timeline of a replay."""
        self.feed = Feed(self, session)
        self.state = ViewState(graph=graph_style(settings.graph))
        self.set_class(self.state.graph is GraphStyle.ASCII, "-ascii")
        self.newest: Sample | None = None
        self.locked = False
        self.leaving = False
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="console-work")
        if self.replay is not None:
            self.windows.aside = Aside(self._worker.submit, self.call_later, self.moved)

    @property
    def shown(self) -> Sample | None:
        """The Sample looked at: the paused one, else the newest."""
        return self.timeline.sample or self.newest

    def present(self) -> None:
        """Gives Sample and view to the screen of the present mode."""
        screen = self.screen_stack[0] if self.screen_stack else None
        if isinstance(screen, ConsoleScreen) and screen.is_mounted and self.shown is not None:
            screen.show(self.shown, self.state)

    def grow(self, sample: Sample) -> None:
        """A young run's charts show what there is of it."""
        history = self.windows.history
        if self.state.growing and history is not None and len(history):
            self.state = self.state.grown(sample.mono_ns - history.began_ns)

    def choose(self, **changes: Any) -> None:
        """Changes the view and shows it."""
        self.state = dataclasses.replace(self.state, **changes)
        self.present()

    def tell(self, text: str, *, title: str = "", severity: SeverityLevel = "information") -> None:
        """One notification, never as markup."""
        self.notify(text, title=title, severity=severity, timeout=6, markup=False)

    def off_loop(
        self,
        work: Callable[[], Outcome],
        then: Callable[[Outcome], None] | None = None,
        wrong: Callable[[str], None] | None = None,
    ) -> None:
        """Runs `work` in the worker thread; `then` gets its outcome, `wrong` one clear line, on the event
        loop.
        """

        def done(future: Future[Outcome]) -> None:
            error = future.exception()
            if error is None:
                if then is not None:
                    self.call_later(then, future.result())
            elif isinstance(error, VeloxError):
                self.call_later(wrong or self.complain, str(error))
            else:
                self.call_later(self.complain, f"{type(error).__name__}: {error}")

        self._worker.submit(work).add_done_callback(done)

    def on_unmount(self) -> None:
        """The worker ends with its last piece of work."""
        self._worker.shutdown(wait=False)

    def move(self, work: Callable[[], object]) -> None:
        """Looks at another moment: `work` moves the timeline; in a recording, off the loop."""
        if self.windows.aside is None:
            work()
            self.moved()
        else:
            self.windows.aside.move(lambda: work() is not False)

    def moved(self) -> None:
        """Another moment is looked at."""

    def why_not(self, action: str) -> str:
        """One line why an action does not apply now; "" where it does."""
        return ""

    def complain(self, problem: str) -> None:
        """One line that something could not be done."""
        self.tell(problem, severity="error")
