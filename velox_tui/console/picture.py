"""The screen as an SVG that stands alone: no font is fetched from elsewhere, and the same screen gives the
same text.
"""

from __future__ import annotations

import re
from typing import Any

from textual.app import App

FONTS = '"Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace'


def picture(app: App[Any]) -> str:
    """What the app shows now, in its colours."""
    drawn = app.export_screenshot(title="velox-tui")
    drawn = re.sub(r"@font-face \{.*?\}\n?", "", drawn, flags=re.DOTALL)
    drawn = drawn.replace("font-family: Fira Code, monospace", f"font-family: {FONTS}")
    return re.sub(r"terminal-\d+", "terminal", drawn)
