"""Files the console leaves in the present folder, with dated names, and the text it puts on the clipboard.

Text goes to the terminal's clipboard (OSC 52) and to a file, since tmux drops the former. Writing is for the
worker thread, never the event loop's.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from velox_tui.errors import RecordingError


def dated(kind: str, suffix: str, *, now: datetime | None = None) -> Path:
    """`velox-<kind>-20261122T190531Z.<suffix>` in the present folder."""
    moment = (now or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    return Path(f"velox-{re.sub('[^a-z0-9]+', '-', kind.lower()).strip('-')}-{moment}.{suffix}")


def write_new(path: Path, text: str) -> Path:
    """Writes a file that must not exist yet; a second one within the second gets a number. Returns its path.

    Raises RecordingError where the folder cannot be written.
    """
    for attempt in range(1, 100):
        target = path if attempt == 1 else path.with_stem(f"{path.stem}-{attempt}")
        try:
            with target.open("x", encoding="utf-8") as file:
                file.write(text)
        except FileExistsError:
            continue
        except OSError as error:
            raise RecordingError(f"cannot write {target}: {error.strerror}") from error
        return target
    raise RecordingError(f"cannot write {path}: too many of the same second")
