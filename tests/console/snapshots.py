"""Text-grid snapshots: what a screen shows, kept as text files beside the tests.

VELOX_SNAPSHOTS=write pytest tests/console writes them anew; look at the difference before it is kept
"""

from __future__ import annotations

import difflib
import os
from pathlib import Path

FOLDER = Path(__file__).with_name("snapshots")


def assert_snapshot(name: str, text: str) -> None:
    """The text is what is kept under that name; else the difference is told, line by line."""
    path = FOLDER / f"{name}.txt"
    if os.environ.get("VELOX_SNAPSHOTS") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.exists(), f"no snapshot {path}: write it with VELOX_SNAPSHOTS=write"
    kept = path.read_text(encoding="utf-8")
    difference = difflib.unified_diff(kept.splitlines(), text.splitlines(), "kept", "now", lineterm="", n=0)
    assert text == kept, "\n".join([f"{name} differs:", *difference])
