"""What a window of time holds: the history's merged histograms and counter differences, each computed once a
reading.

One `Windows` serves all panes of an app, which is why its answers are kept until the next reading.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from velox_tui.telemetry.history import History


class Windows:
    """A history (None: only the present sample is known) with the answers of the present reading."""

    def __init__(self, history: History | None) -> None:
        """`history` belongs to the Session, which goes on filling it."""
        self.history = history
        self._key: object = None
        self._answers: dict[object, object] = {}

    def once(self, key: object, reading: object, answer: Callable[[], object]) -> object:
        """`answer()` for `key`, computed once for each `reading`."""
        if reading != self._key:
            self._key = reading
            self._answers.clear()
        if key not in self._answers:
            self._answers[key] = answer()
        return self._answers[key]
