"""Critical alerts that want to be noticed without being looked at: bell and title of the terminal, both
options.
"""

from __future__ import annotations

from velox_tui.console.base import ConsoleBase

TITLE = "velox-tui"


class Attention(ConsoleBase):
    """Rings once when a critical alert begins; marks the title while one is active."""

    _critical: frozenset[str] = frozenset()

    def attend(self) -> None:
        """After each Sample."""
        critical = frozenset(alert.name for alert in self.session.alerts if alert.severity == "critical")
        if self.settings.bell and critical - self._critical:
            self.bell()
        if self.settings.title_mark and bool(critical) != bool(self._critical):
            self.write_title(f"! {TITLE}" if critical else TITLE)
        self._critical = critical

    def write_title(self, title: str) -> None:
        """The terminal's title (OSC 2)."""
        if self._driver is not None:
            self._driver.write(f"\x1b]2;{title}\x07")
