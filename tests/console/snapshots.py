"""Snapshots: what a screen shows, kept beside the tests as text grids, and a few as SVG for their looks.

VELOX_SNAPSHOTS=write pytest tests/console writes them anew; look at the difference before it is kept
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

LINE = 300
"""Characters of a differing line that are told."""
FOLDER = Path(__file__).with_name("snapshots")


def assert_snapshot(name: str, text: str, *, path: Path | None = None) -> None:
    """The text is what is kept under that name; else the difference is told, line by line."""
    path = path or FOLDER / f"{name}.txt"
    if os.environ.get("VELOX_SNAPSHOTS") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.exists(), f"no snapshot {path}: write it with VELOX_SNAPSHOTS=write"
    kept = path.read_text(encoding="utf-8")
    difference = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "now", lineterm="", n=0)
    assert text == kept, "\n".join([f"{name} differs:", *(one[:LINE] for one in difference)])
