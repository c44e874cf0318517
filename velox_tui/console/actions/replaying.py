"""Actions of a replay: play, speed, the next event; what a recording cannot do says why."""

from __future__ import annotations

import dataclasses
import time
from functools import partial
from typing import TYPE_CHECKING

from velox_tui.console.actions.keeping import Keeping
from velox_tui.console.actions.moving import Moving
from velox_tui.console.actions.steering import Steering
from velox_tui.console.pausing.moment import REPLAY_EXAMPLES
from velox_tui.console.pausing.player import Player
from velox_tui.console.screens.entry import Entry
from velox_tui.console.view import Playback
from velox_tui.telemetry.sample import Event

if TYPE_CHECKING:
    from velox_tui.session_replay import ReplaySession

TURN_S = 0.1
"""How often a replay looks whether there is another row to show."""
REFRESH_NS = 500_000_000
"""How often it looks whether there is more to read."""
LEAST_FOR_TOLD = 16
"""Lines of a screen whose replay bar says what happened."""
REFUSALS = {
    "record": "a recording is replayed: there is nothing to record",
    "mark": "a recording is replayed: it is not changed",
    "acknowledge": "a recording is replayed: its alerts are over",
}


class Replaying(Moving, Steering, Keeping):
    """The transport of a replay; a console without one has events to go to, and no speed."""

    _turned_ns = 0
    _refreshed_ns = 0
    _ended_told = False
    _turning = False

    def begin_replay(self) -> None:
        """Stand where the session says, and go on from there."""
        player, session = self.player, self.replay
        if player is None or session is None:
            return
        self.newest = session.newest
        if self.newest is not None:
            self.grow(self.newest)
        if session.lacking:
            self.tell(f"without {session.lacking}: no heat map, no book depth; percentiles of an interval")

        def begin() -> None:
            self.timeline.show(session.at_ns)
            if session.writing and session.at_ns >= session.history.ended_ns:
                player.follow()
            player.play()

        self._turned_ns = time.monotonic_ns()
        self.set_interval(TURN_S, self._turn)
        self.move(begin)

    def _turn(self) -> None:
        """Unless the turn before still waits: what it did not take comes with the next."""
        if self.leaving or self._turning:
            return
        now_ns = time.monotonic_ns()
        elapsed_ns, self._turned_ns = now_ns - self._turned_ns, now_ns
        self.play_on(elapsed_ns, refresh=now_ns - self._refreshed_ns >= REFRESH_NS)

    def play_on(self, elapsed_ns: int, *, refresh: bool) -> None:
        """So much time has gone by; what has been written since is taken in where that is wanted."""
        player, session = self.player, self.replay
        if player is None or session is None:
            return
        if refresh or session.reading_events:
            self._refreshed_ns = self._turned_ns
            refresh = True

        def turn() -> bool:
            self._turning = False
            followed = player.playing and player.at_end
            changed = player.advance(elapsed_ns)
            if refresh:
                changed |= self._refresh(player, session, followed)
            return changed or self._playback() != self.state.playback

        self._turning = True
        self.move(turn)

    def _refresh(self, player: Player, session: ReplaySession, followed: bool) -> bool:
        """Takes in what is new; whether anything on the screen changes by it. Off the loop."""
        reading, came = session.reading_events, session.refresh()
        if came:
            self.newest = session.newest
            self._ended_told = False
            if followed:
                player.follow()
        elif not session.writing and player.playing and player.at_end:
            player.stop()
            if not self._ended_told:
                self._ended_told = True
                self.call_later(self.tell, session.ended, title="end of the recording")
        return bool(came) or reading

    def moved(self) -> None:
        """Show it, and say what could not be read on the way."""
        if self.replay is not None:
            for trouble in self.replay.new_troubles():
                self.tell(trouble, title="left out", severity="warning")
        super().moved()

    def _playback(self) -> Playback:
        player, session = self.player, self.replay
        if player is None or session is None:
            return ""
        if not player.playing:
            return "paused"
        return "following" if player.at_end and session.writing else "playing"

    def follow_timeline(self) -> None:
        """Show what the timeline stands at, and how it goes on."""
        player, session = self.player, self.replay
        if player is not None and session is not None:
            at_ns = self.timeline.at_ns or 0
            session.at_ns = at_ns
            since_ns = self.state.since_ns if self.state.since_ns <= at_ns else 0
            speed, playback = player.speed, self._playback()
            self.state = dataclasses.replace(
                self.state,
                speed=speed,
                playback=playback,
                since_ns=since_ns,
                kept_ns=session.history.ended_ns,
            )
        super().follow_timeline()

    def action_pause(self) -> None:
        """Play or stand; at the end of a finished recording, again from its beginning."""
        player, session = self.player, self.replay
        if player is None or session is None:
            super().action_pause()
            return

        def turn_about() -> None:
            if player.playing:
                player.stop()
                return
            if player.at_end and not session.writing:
                self.timeline.to_start()
            player.play()

        self.move(turn_about)

    def action_step(self, samples: int) -> None:
        """A reading back or forward; stands then."""
        if self.player is not None:
            self.move(self.player.stop)
        super().action_step(samples)

    def action_go_to(self) -> None:
        """Ask for a moment and go there."""
        if self.player is None:
            super().action_go_to()
        else:
            self.push_screen(Entry("Go to a time", REPLAY_EXAMPLES, self.timeline.find), self.go_to_moment)

    def action_speed(self, step: int) -> None:
        """Slower or faster."""
        if self.player is not None:
            self.player.faster(step)
            self.follow_timeline()

    def action_event(self, step: int) -> None:
        """To the next event after what is looked at, or the last one before it."""
        self.move(partial(self._to_event, step))

    def _to_event(self, step: int) -> bool:
        shown = self.shown
        if shown is None:
            return False
        events, begin_ns = self.windows.events(), shown.mono_ns - (shown.interval_ns or 0)
        if step > 0:
            found = min((one for one in events if one.mono_ns > shown.mono_ns), key=_moment, default=None)
        else:
            found = max((one for one in events if one.mono_ns <= begin_ns), key=_moment, default=None)
        if found is None:
            self.call_later(self.tell, "no later event" if step > 0 else "no earlier event")
            return False
        self.timeline.show(found.mono_ns)
        self.call_later(self._arrived_at, found)
        return True

    def _arrived_at(self, event: Event) -> None:
        self.choose(cursor_ns=event.mono_ns)
        if self.size.height < LEAST_FOR_TOLD:
            self.tell(event.text, title=event.kind)

    def why_not(self, action: str) -> str:
        """One line why an action does not apply; "" where it does."""
        if self.player is None:
            return "only a replay has a speed" if action == "speed" else super().why_not(action)
        return REFUSALS.get(action) or super().why_not(action)


def _moment(event: Event) -> int:
    return event.mono_ns
