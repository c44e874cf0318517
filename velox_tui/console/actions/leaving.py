"""Leaving: asked for only while something would be cut short; the pipeline is drained off the event loop,
then the app ends.
"""

from __future__ import annotations

from functools import partial

from velox_tui.console.base import ConsoleBase
from velox_tui.console.screens.ask import Ask


class Leaving(ConsoleBase):
    """q, ctrl+q, ctrl+c and signals leave the same way."""

    def action_leave(self) -> None:
        """Leave; asks while a recording runs. Asked again while asking means yes."""
        if isinstance(self.screen, Ask):
            self.screen.dismiss(True)
        elif self.session.recording_status is not None:
            path = self.session.recording_status.path
            self.push_screen(
                Ask("Leave?", f"The recording {path} is finished and the pipeline drained."), self._answered
            )
        else:
            self.leave("quit")

    action_leave_always = action_leave

    async def action_quit(self) -> None:
        """Textual's own name for leaving."""
        self.action_leave()

    def _answered(self, yes: bool | None) -> None:
        if yes:
            self.leave("quit")
        else:
            self.stayed()

    def heard(self) -> None:
        """The loop has taken notice that it should leave."""

    def stayed(self) -> None:
        """The user chose to stay."""

    def leave(self, reason: str) -> None:
        """Drain, finish the recording, end. Once."""
        self.heard()
        if self.leaving:
            return
        self.leaving = True
        self.off_loop(partial(self.session.close, reason), lambda _: self.exit(0), self._failed)

    def _failed(self, problem: str) -> None:
        self.exit(0, message=f"velox-tui: {problem}")
