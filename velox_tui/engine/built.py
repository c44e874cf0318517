"""Where the build's products lie: library, binding, benchmark."""

from __future__ import annotations

import os
from pathlib import Path

from velox_tui import engine

LIBRARY = "libvelox.so"
OVERRIDE = "VELOX_LIBRARY"
"""Names another build's library, for development and sanitized builds; binding and benchmark are those beside
it.
"""


def built(name: str) -> Path:
    """The file of that name beside the library in use; whether it exists is the caller's to ask.

    An editable install keeps the build's products apart from the sources: both folders are on the package's
    path.
    """
    override = os.environ.get(OVERRIDE)
    if override:
        return Path(override) if name == LIBRARY else Path(override).with_name(name)
    places = [Path(folder) / name for folder in engine.__path__]
    return next((place for place in places if place.exists()), Path(__file__).with_name(name))
