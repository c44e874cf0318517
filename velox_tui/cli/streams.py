"""The program's own stdout and stderr, made fit for whatever the caller left of them.

A descriptor that was closed (`>&-`) would be given to the next file that is opened, a recording or the
segment among them, and whoever writes to stdout or stderr would write into that file. So it is opened again:
stdin and stdout such that using them fails, stderr for nobody. What cannot be written to stdout, on a full
disk for one, is an OutputError: one line.
"""

from __future__ import annotations

import io
import os
import select
import sys
from contextlib import suppress
from typing import Any

from velox_tui.errors import OutputError

STDIN, STDOUT, STDERR = range(3)
_USELESS = {STDIN: os.O_WRONLY, STDOUT: os.O_RDONLY, STDERR: os.O_WRONLY}


class _Stdout(io.FileIO):
    """Raises OutputError once; what comes later goes nowhere, also what the interpreter flushes at its end.

    Waits for a reader that is slow where somebody else made the pipe or terminal non-blocking.
    """

    _failed = False

    def write(self, data: Any, /) -> int:
        if self._failed:
            return memoryview(data).nbytes
        try:
            while (written := super().write(data)) is None:
                select.select([], [self], [])
        except BrokenPipeError:
            raise
        except OSError as error:
            self._failed = True
            raise OutputError(f"stdout cannot be written: {error.strerror}") from None
        return written


def prepare() -> None:
    """Once, before anything is opened."""
    for descriptor, mode in _USELESS.items():
        try:
            os.fstat(descriptor)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, mode)  # the lowest free number, which is this one
    if sys.stderr is None:
        sys.stderr = open(STDERR, "w", errors="backslashreplace", closefd=False)  # noqa: SIM115
    before = sys.stdout
    encoding = "utf-8" if before is None else before.encoding
    raw = io.BufferedWriter(_Stdout(STDOUT, "w", closefd=False))
    lines = before is not None and before.isatty()
    sys.stdout = io.TextIOWrapper(raw, encoding, errors="backslashreplace", line_buffering=lines)
