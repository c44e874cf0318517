"""A program on a pseudo-terminal of its own, for tests of what really happens there."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(__file__).with_name("console_program.py")
PATIENCE_S = 60.0
"""How long a test waits for what must come; never a measure of anything."""
_ESCAPE = re.compile(rb"\x1b(?:\[[0-9;:<=>?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")


class TerminalRun:
    """Runs the console on canned Samples; everything it writes is in `output`."""

    def __init__(
        self, *arguments: str, size: tuple[int, int] = (80, 24), environment: Mapping[str, str | None] = {}
    ) -> None:
        settings: dict[str, str | None] = {
            "PYTHONPATH": f"{ROOT}:{PROGRAM.parent}",
            "TERM": "xterm-256color",
            "COLORTERM": None,
            "NO_COLOR": None,
            **environment,
        }
        merged = {**os.environ, **{key: value for key, value in settings.items() if value is not None}}
        for key, value in settings.items():
            if value is None:
                merged.pop(key, None)
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.attributes_before: list[Any] = termios.tcgetattr(slave)
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.master)
            _login(slave)
            os.execve(sys.executable, [sys.executable, str(PROGRAM), *arguments], merged)
        self.slave = slave
        self.output = b""
        self.status: int | None = None
        self._reading = threading.Event()
        self._reading.set()
        self._closed = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            self.hang_up()

    def _read(self) -> None:
        """Reads in short turns: a read in progress would keep the terminal open past `hang_up`."""
        while not self._closed.is_set():
            if not self._reading.wait(0.05) or not select.select([self.master], [], [], 0.05)[0]:
                continue
            try:
                self.output += os.read(self.master, 65536)
            except OSError:
                return

    def stop_reading(self) -> None:
        """As a terminal that hangs: what is written stays in the line."""
        self._reading.clear()

    def read_on(self) -> None:
        """It is read again."""
        self._reading.set()

    def type(self, keys: bytes) -> None:
        """Presses keys."""
        os.write(self.master, keys)

    def hang_up(self) -> None:
        """The terminal goes away."""
        self._closed.set()
        self._reader.join()
        os.close(self.slave)
        os.close(self.master)
        self.slave = self.master = -1

    @property
    def text(self) -> str:
        """What was written, without escape sequences."""
        return _ESCAPE.sub(b"", self.output).decode(errors="replace")

    def wait_for(self, condition: Callable[[], bool]) -> None:
        """Waits until it holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"it did not come; there is:\n{self.text[-3000:]}"
            time.sleep(0.02)

    def until(self, wanted: str, *, count: int = 1) -> None:
        """Waits until the text was written (that often)."""
        deadline = time.monotonic() + PATIENCE_S
        while self.text.count(wanted) < count:
            assert time.monotonic() < deadline, f"{wanted!r} did not come; there is:\n{self.text[-3000:]}"
            assert self.ended() is None or self.text.count(wanted) >= count, self.text[-3000:]
            time.sleep(0.02)

    def ended(self) -> int | None:
        """The exit status once it has ended."""
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
        return self.status

    def wait(self) -> int:
        """Waits for the end; gives the exit status."""
        deadline = time.monotonic() + PATIENCE_S
        while self.ended() is None:
            assert time.monotonic() < deadline, f"it goes on:\n{self.text[-3000:]}"
            time.sleep(0.02)
        assert self.status is not None
        return self.status

    def attributes(self) -> list[Any]:
        """The terminal's settings now."""
        return termios.tcgetattr(self.slave)


def _login(slave: int) -> None:
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for descriptor in (0, 1, 2):
        os.dup2(slave, descriptor)
    if slave > 2:
        os.close(slave)


def samples(folder: Path) -> int:
    """How many the program has reported in a file `report` there."""
    path = folder / "report"
    return path.read_text().count("sample") if path.exists() else 0
