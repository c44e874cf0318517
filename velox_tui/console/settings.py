"""What the console wants to know of the settings: any object with these will do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from velox_tui.telemetry.alerts import AlertLimits


class ConsoleSettings(Protocol):
    """The console's part of the program's settings."""

    @property
    def theme(self) -> str:
        """Name of the theme."""

    @property
    def graph(self) -> str:
        """What charts are drawn with: braille, block or ascii."""

    @property
    def mouse(self) -> bool:
        """Whether the mouse is used."""

    @property
    def bell(self) -> bool:
        """Whether a critical alert rings the bell."""

    @property
    def title_mark(self) -> bool:
        """Whether a critical alert marks the terminal's title."""

    @property
    def alerts(self) -> AlertLimits:
        """Where alerts begin: lines on the charts."""

    @property
    def keys(self) -> Mapping[str, str]:
        """Remapped keys: binding id → keys."""
