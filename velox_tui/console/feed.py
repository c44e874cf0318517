"""From the Session's tick thread to the app: the newest Sample only, and never a wait.

The tick thread stores the Sample and posts one message unless one is still unread. A loop that hangs for a
minute finds one message and the newest Sample, not sixty; the tick never waits for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from velox_tui.session import Session
from velox_tui.telemetry.sample import Sample

if TYPE_CHECKING:
    from velox_tui.session_replay import ReplaySession


class Ticked(Message):
    """There is a newer Sample: take it from the feed."""

    def can_replace(self, message: Message) -> bool:
        """Any earlier unread one says the same."""
        return isinstance(message, Ticked)


class Feed:
    """One slot between two threads. `offer` is the tick thread's, `take` the event loop's."""

    def __init__(self, app: App[int], session: Session | ReplaySession) -> None:
        """Closed until `open`."""
        self._app = app
        self._session = session
        self._newest: Sample | None = None
        self._unread = False

    def open(self) -> None:
        """Begin to listen; what the Session already has comes at once."""
        self._session.subscribe(self.offer)
        if self._session.newest is not None:
            self.offer(self._session.newest)

    def close(self) -> None:
        """Listen no more."""
        self._session.unsubscribe(self.offer)

    def offer(self, sample: Sample) -> None:
        """Keep the Sample and wake the app, if it is not already woken. Never blocks."""
        self._newest = sample
        if not self._unread:
            self._unread = True
            try:
                self._app.post_message(Ticked())
            except BaseException:
                self._unread = False
                raise

    def take(self) -> Sample | None:
        """The newest Sample. The flag is cleared first: a Sample that comes in between wakes the app
        again.
        """
        self._unread = False
        return self._newest
