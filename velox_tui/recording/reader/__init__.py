"""Reading recordings, also ones that are still being written; see the modules for what each is told.

Files are read, never mapped: one that is cut while it is read cannot raise a signal.
"""

from velox_tui.recording.frame_codec import FrameKind
from velox_tui.recording.reader.frame_index import Counted, FrameIndex, Moment
from velox_tui.recording.reader.frames import FramesReader
from velox_tui.recording.reader.numbers import UNKNOWN
from velox_tui.recording.reader.part import RecordedPart, unix_ns
from velox_tui.recording.reader.recorded import Recording, Stretch
from velox_tui.recording.reader.rows import RowsReader

__all__ = [
    "UNKNOWN",
    "Counted",
    "FrameIndex",
    "FrameKind",
    "FramesReader",
    "Moment",
    "RecordedPart",
    "Recording",
    "RowsReader",
    "Stretch",
    "unix_ns",
]
