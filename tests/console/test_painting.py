"""What ticks draw straight to the terminal is what Textual would have drawn: seen by a terminal emulator."""

from __future__ import annotations

import os
import re
import signal
import time
from pathlib import Path
from typing import Any

import pyte
import pytest
from terminal_run import TerminalRun, samples

TICKS_DRAWN = 40
QUIET_S = 0.3
"""Nothing is drawn any more once nothing came for so long."""
MOVED = re.compile(rb"\x1b\[\d+;\d+H$")
Grid = list[tuple[Any, ...]]


class Emulator:
    """What a terminal shows of all that was written so far."""

    def __init__(self, run: TerminalRun, size: tuple[int, int]) -> None:
        self._run = run
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)
        self._fed = 0

    def grid(self) -> Grid:
        """Characters with their colours, by line."""
        output = self._run.output
        self._stream.feed(output[self._fed :])
        self._fed = len(output)
        columns, lines = self._screen.columns, self._screen.lines
        return [tuple(self._screen.buffer[y][x] for x in range(columns)) for y in range(lines)]


def differing(one: Grid, other: Grid) -> list[str]:
    """Both of every line that is not the same, the first cell in which it is not, and that cell in both."""
    found = []
    for y, (before, after) in enumerate(zip(one, other, strict=True)):
        for x, (was, is_) in enumerate(zip(before, after, strict=True)):
            if was != is_:
                found.append(f"{y}:{x} {was} {is_}\n{text(before)}\n{text(after)}")
                break
    return found


def text(line: tuple[Any, ...]) -> str:
    return "".join(cell.data for cell in line)


def until_written(run: TerminalRun) -> None:
    """Every drawing ends with a move of the cursor, and for a while nothing follows."""
    seen, since = -1, time.monotonic()
    while time.monotonic() < since + QUIET_S or not MOVED.search(run.output[-12:]):
        if len(run.output) != seen:
            seen, since = len(run.output), time.monotonic()
        time.sleep(0.02)


def hold_still(run: TerminalRun, folder: Path) -> None:
    """No further Sample comes, and the newest is drawn."""

    def held() -> bool:
        latest = [line for line in report.read_text().splitlines() if line.startswith("sample")][-1]
        return (folder / "shown").read_text() == str(int(latest.split()[1]) - 1)

    report = folder / "report"
    (folder / "hold").touch()
    run.wait_for(held)
    until_written(run)


def drawn_anew(run: TerminalRun) -> None:
    """After SIGSTOP and SIGCONT the console draws all of its screen."""
    before = len(run.output)
    os.kill(run.pid, signal.SIGSTOP)
    os.kill(run.pid, signal.SIGCONT)
    run.wait_for(lambda: len(run.output) > before + 100)
    until_written(run)


def let_tick(run: TerminalRun, folder: Path) -> None:
    """Until some more Samples have been shown."""
    count = samples(folder)
    run.wait_for(lambda: samples(folder) > count + TICKS_DRAWN)


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((80, 24), "velox-dark"),
        ((80, 24), "mono"),
        ((120, 40), "velox-dark"),
        ((200, 60), "velox-dark"),
        ((40, 10), "velox-dark"),
        ((30, 8), "velox-dark"),
    ],
    ids=str,
)
def test_what_was_drawn_piece_by_piece_is_what_is_drawn_at_once(
    folder: Path, size: tuple[int, int], theme: str
) -> None:
    with TerminalRun(str(folder / "report"), "fast", size=size, environment={"THEME": theme}) as run:
        emulator = Emulator(run, size)
        run.until("Ingress" if size[0] >= 40 else "needs")
        for screen in b"12345":
            run.type(bytes([screen]))
            let_tick(run, folder)
            hold_still(run, folder)
            pieces = emulator.grid()
            drawn_anew(run)
            assert differing(pieces, emulator.grid()) == []
            (folder / "hold").unlink()


def test_a_notice_and_a_dialog_are_not_drawn_over(folder: Path) -> None:
    size = (120, 40)
    with TerminalRun(str(folder / "report"), "fast", size=size) as run:
        emulator = Emulator(run, size)
        run.until("Ingress")
        for keys, shown in ((b"y", "copied"), (b"n", "marker")):
            run.type(keys)
            run.until(shown)
            let_tick(run, folder)
            lines = [text(line) for line in emulator.grid()]
            assert any(shown in line for line in lines), "\n".join(lines)
