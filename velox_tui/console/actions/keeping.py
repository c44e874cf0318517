"""Actions that keep something: recording, markers, acknowledged alerts, windows begun anew."""

from __future__ import annotations

from pathlib import Path

from velox_tui.console.base import ConsoleBase
from velox_tui.console.screens.entry import Entry
from velox_tui.session_protocols import RecordingSummary
from velox_tui.telemetry.sample import EVENT_TEXT_MAX


class Keeping(ConsoleBase):
    """Recording and remarks."""

    def action_record(self) -> None:
        """Start a recording of a dated name in the present folder, or stop the one that runs."""
        if self.session.recording_status is None:
            self.off_loop(self.session.start_recording, self._started)
        else:
            self.off_loop(self.session.stop_recording, self._stopped)

    def _started(self, path: Path) -> None:
        self.tell(str(path), title="recording")

    def _stopped(self, summary: RecordingSummary | None) -> None:
        if summary is not None:
            self.tell(f"{summary.rows:,} rows in {summary.path}", title="recording ended")

    def action_mark(self) -> None:
        """Ask for a note and mark this moment with it."""
        explanation = f"a note for recording and charts, up to {EVENT_TEXT_MAX} characters"
        self.push_screen(Entry("Marker", explanation, _note, characters_max=EVENT_TEXT_MAX), self._mark)

    def _mark(self, note: str | None) -> None:
        if note is not None:
            self.session.marker(note)

    def action_acknowledge(self) -> None:
        """Acknowledge every alert that is active."""
        names = [alert.name for alert in self.session.alerts]
        if not names:
            self.tell("no alert is active")
        for name in names:
            self.session.acknowledge(name)

    def action_reset_windows(self) -> None:
        """Windows and high-water marks begin now; totals go on."""
        self.session.reset_windows()
        self.choose(since_ns=self.session.windows_since_ns)


def _note(text: str) -> str:
    if not text.strip():
        raise ValueError("a marker needs a note")
    return text.strip()
