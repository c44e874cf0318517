"""The console from the command line, on a real pipeline and a terminal of its own."""

from __future__ import annotations

import csv
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest


class Terminal:
    """A pseudo-terminal of 120 × 40 with `velox-tui` in it."""

    def __init__(self, *arguments: str) -> None:
        self._main, side = pty.openpty()
        fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "velox_tui", *arguments, "--interval", "100ms"],
            stdin=side,
            stdout=side,
            stderr=side,
            env={**os.environ, "TERM": "xterm-256color"},
            start_new_session=True,
        )
        os.close(side)
        self.text = ""

    def read_until(self, done: Callable[[], bool]) -> None:
        """Takes in what is drawn until then; the console would block if nobody did."""
        deadline = time.monotonic() + 60
        while not done():
            assert time.monotonic() < deadline, self.text[-2000:]
            if select.select([self._main], [], [], 0.1)[0]:
                try:
                    self.text += os.read(self._main, 65536).decode(errors="replace")
                except OSError:
                    return

    def wait(self) -> int:
        """Its exit code."""
        self.read_until(lambda: self.process.poll() is not None)
        return self.process.wait(30)

    def type(self, keys: str) -> None:
        """Keys."""
        os.write(self._main, keys.encode())

    def close(self) -> None:
        """Also ends what still runs."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self._main)


@pytest.fixture
def terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def make(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments))
        return opened[-1]

    yield make
    for one in opened:
        one.close()


def check_recording(path: Path, reason: str) -> None:
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[-1]["state"] == "stopped" and rows[-1]["ledger_residual"] == "0"
    (run,) = json.loads(path.with_suffix(".meta.json").read_text())["runs"]
    assert run["exit_reason"] == reason and run["rows"] == len(rows)


def test_console_with_a_recording_ends_after_its_duration(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    one = terminal("--record", "run.csv", "--console", "--duration", "2s")
    assert one.wait() == 0
    assert "Ingress" in one.text and "Traceback" not in one.text
    check_recording(tmp_path / "run.csv", "duration")


def test_a_theme_that_there_is_not_is_one_line_and_code_2(terminal: Callable[..., Terminal]) -> None:
    one = terminal("--theme", "nope")
    assert one.wait() == 2
    assert "theme 'nope': there is none of that name; choose from amber-terminal" in one.text
    assert "Traceback" not in one.text


def test_q_leaves_with_the_engine_drained_and_the_terminal_restored(
    terminal: Callable[..., Terminal], tmp_path: Path
) -> None:
    one = terminal()
    one.read_until(lambda: "Ingress" in one.text and "\x1b[?1049h" in one.text)
    one.type("q")
    assert one.wait() == 0
    assert one.text.rfind("\x1b[?1049l") > one.text.rfind("\x1b[?1049h")


@pytest.mark.parametrize(("duration", "code"), [((), 0), (("--duration", "60s"), 143)])
def test_signal_to_the_console_is_128_and_more_only_where_it_cut_the_duration_short(
    terminal: Callable[..., Terminal], tmp_path: Path, duration: tuple[str, ...], code: int
) -> None:
    one = terminal("--record", "run.csv", "--console", *duration)
    one.read_until(lambda: "Ingress" in one.text)
    one.process.send_signal(signal.SIGTERM)
    assert one.wait() == code
    check_recording(tmp_path / "run.csv", "SIGTERM")


def test_bad_key_in_the_configuration_is_78(terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text('[keys]\nno_such_binding = "f5"\n')
    one = terminal("--config", "my.toml")
    assert one.wait() == 78
    assert "no_such_binding" in one.text and "Traceback" not in one.text
