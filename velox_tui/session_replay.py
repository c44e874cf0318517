"""A recording being looked at: what a Session is to a pipeline, without any thread.

The console asks it to `refresh` now and then, which takes in what has been written since and reads some more
of the events. What reads the files is used by one thread: `refresh`, `close` and the history, but for its
ends. The rest tells what these left, to any other thread.
"""

from __future__ import annotations

import bisect
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from velox_tui.controls import Controls
from velox_tui.errors import ControlError, RecordingError
from velox_tui.session_protocols import RecordingStatus, RecordingSummary
from velox_tui.sources.replay import Replay
from velox_tui.sources.replay_history import ReplayHistory
from velox_tui.telemetry.alerts import RULES, Alert
from velox_tui.telemetry.alerts.recall import recall
from velox_tui.telemetry.sample import Event, Run, Sample, State

EVENTS_KEPT = 50_000
_READING_NS = 25_000_000
"""How long events are read at a time, so that nobody waits."""
_QUIET = 3
"""Usual intervals without a new row after which it is asked whether anybody writes any more."""
REFUSED = "a recording is replayed: there is no pipeline here, and nothing to record"


class ReplaySession:
    """Owns a replay until `close`."""

    recorded: ClassVar[bool] = True

    def __init__(self, replay: Replay) -> None:
        """Of an open recording."""
        self._replay = replay
        self.history = ReplayHistory(replay)
        self.controls = Controls(replay)
        self.interval_ns = self.history.interval_ns
        self.events: tuple[Event, ...] = ()
        """Those read so far, in the order of time."""
        self.windows_since_ns = 0
        self.missed_ticks = 0
        self.at_ns = self.history.began_ns
        """The moment looked at: set by who shows it, at first where to begin."""
        self.speed = 1.0
        """At first."""
        self.writing = replay.recording.writing
        """Whether somebody goes on writing the recording."""
        self._grown_ns = time.monotonic_ns()
        self._unread = replay.recording.eventful().tolist()[:EVENTS_KEPT]
        self._read_to = len(self.history)
        self._final: Sample | None = None
        self._told = 0
        self._read_events()

    @property
    def run(self) -> Run:
        """The newest run."""
        return self._replay.run

    @property
    def newest(self) -> Sample | None:
        """The last Sample."""
        return self._final or self.history.sample(self.history.last)

    @property
    def name(self) -> str:
        """The recording's name."""
        return self._replay.recording.target.name

    @property
    def lacking(self) -> str:
        """The name of the frames that are not there, hence no heat map; "" where they are."""
        return self._replay.frames_missing

    @property
    def deleted(self) -> bool:
        """Whether the recording has been deleted while it is looked at."""
        return self._replay.recording.deleted

    @property
    def reading_events(self) -> bool:
        """Whether there are events that have not been read yet."""
        return bool(self._unread)

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Those that were active at the moment looked at."""
        return recall(self.events, self.at_ns, RULES)

    @property
    def recording_status(self) -> RecordingStatus | None:
        """None: nothing is recorded."""
        return None

    def refresh(self) -> int:
        """Takes in what has been written since and some more events; how many new rows there are."""
        came = self._replay.recording.refresh()
        if came:
            self.history.keep_end()
        now_ns = time.monotonic_ns()
        if came:
            self._grown_ns, self.writing = now_ns, True
            self._unread += self._replay.recording.eventful(self._read_to).tolist()
            self._read_to = len(self.history)
        elif self.writing and now_ns - self._grown_ns > _QUIET * self.interval_ns:
            self._grown_ns, self.writing = now_ns, self._replay.recording.writing
        self._read_events()
        if not self._unread:
            self.history.prepare()
        return came

    @property
    def ended(self) -> str:
        """How the recording ends, where nobody writes it: stopped, or what became of its writer."""
        last = self.newest
        if self.writing:
            return ""
        if last is not None and last.state is State.STOPPED:
            return "the pipeline stopped"
        return "ends without a stop: its writer was ended, or records no more"

    def new_troubles(self) -> list[str]:
        """Rows that could not be understood, each told once."""
        found = self.history.troubles[self._told :]
        self._told += len(found)
        return found

    def close(self, reason: str) -> Sample:
        """Closes the files; gives the last Sample. Twice is once."""
        if self._final is None:
            self._final = self.newest
            self._replay.release()
        if self._final is None:
            raise RecordingError("no row could be read")
        return self._final

    def subscribe(self, callback: Callable[[Sample], None]) -> None:
        """Nothing comes by itself: see `refresh`."""

    def unsubscribe(self, callback: Callable[[Sample], None]) -> None:
        """Nothing came."""

    def marker(self, note: str) -> None:
        """A recording is not written to."""
        raise ControlError("a recording is replayed: it is not changed")

    def acknowledge(self, alert_name: str) -> None:
        """What has been cannot be acknowledged."""
        raise ControlError("a recording is replayed: its alerts are over")

    def reset_windows(self) -> None:
        """Windows begin at the moment looked at."""
        self.windows_since_ns = self.at_ns

    def start_recording(self, path: Path | None = None) -> Path:
        """There is nothing to record."""
        raise RecordingError(REFUSED)

    def stop_recording(self) -> RecordingSummary | None:
        """Nothing is recorded."""
        return None

    def _read_events(self) -> None:
        """Of rows that have not been read yet, for a short while: those before the moment looked at first."""
        if not self._unread:
            return
        until_ns = time.monotonic_ns() + _READING_NS
        found: list[Event] = []
        place = bisect.bisect_right(self._unread, self.history.number_at(self.at_ns) or 0)
        while self._unread:
            place = max(0, place - 1)
            found += self._replay.events(self._unread.pop(place))
            if time.monotonic_ns() > until_ns:
                break
        self.events = tuple(sorted((*self.events, *found), key=_moment))[-EVENTS_KEPT:]


def _moment(event: Event) -> int:
    return event.mono_ns
