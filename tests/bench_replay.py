"""What looking back costs in a recording of a day: `python -m tests.bench_replay [FILE.csv]`.

Without a file one is made first, of a day at 1 Hz. Seeks are to moments at random. `wall` includes whatever
else the machine does meanwhile, `cpu` is the thread's own; the loop's is what keeps the console from keys.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from textual.pilot import Pilot

from tests.recording.day import write_day
from velox_tui.console.app import Console
from velox_tui.console.themes import directories, load
from velox_tui.session_replay import ReplaySession
from velox_tui.settings import Settings
from velox_tui.sources.replay import Replay

SEEKS = 2000
SEEKS_A_SCREEN = 30
SCREENS = ("flow", "latency", "rings", "cores", "events")
Spans = list[tuple[int, int]]
"""Nanoseconds: wall, and the thread's own."""


def told(what: str, spans: Spans) -> None:
    """One line of percentiles."""
    shown = []
    for name, column in zip(("wall", "cpu"), np.array(spans).T / 1e6, strict=True):
        p50, p90, p99 = np.percentile(column, (50, 90, 99))
        shown.append(f"{name} p50 {p50:7.2f} p90 {p90:7.2f} p99 {p99:7.2f}")
    print(f"{what:<34} ms  {'   '.join(shown)}")


def seeks(target: Path, draw: random.Random) -> None:
    """A moment's row with its frame."""
    wall_ns, cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
    session = ReplaySession(Replay(target))
    history = session.history
    told(
        f"opened: {len(history):,} rows", [(time.perf_counter_ns() - wall_ns, time.thread_time_ns() - cpu_ns)]
    )
    spans: Spans = []
    for _ in range(SEEKS):
        at_ns = draw.randrange(history.began_ns, history.ended_ns)
        wall_ns, cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
        history.sample_at(at_ns)
        spans.append((time.perf_counter_ns() - wall_ns, time.thread_time_ns() - cpu_ns))
    told("seek: a moment's Sample", spans)
    session.close("measured")


async def screens(target: Path, draw: random.Random) -> None:
    """From the wish to the lines of every pane; cpu: the event loop's."""
    session = ReplaySession(Replay(target))
    app = Console(session, Settings(), load(directories({})))
    app._turn = lambda: None  # type: ignore[method-assign]
    async with app.run_test(size=(120, 40)) as pilot:
        for number, screen in enumerate(SCREENS, start=1):
            await pilot.press(str(number))
            await pilot.pause(1)
            jumps = [draw.randrange(len(session.history)) for _ in range(SEEKS_A_SCREEN)]
            for what, moves in (
                ("seek", [partial(app.timeline.stand, jump) for jump in jumps]),
                ("step", [partial(app.timeline.step, 1)] * SEEKS_A_SCREEN),
            ):
                told(f"{what}: every pane of {screen}", [await moved(app, pilot, move) for move in moves])
    session.close("measured")


async def moved(app: Console, pilot: Pilot[int], move: Callable[[], None]) -> tuple[int, int]:
    """Until all that follows from a move is painted."""
    aside = app.windows.aside
    assert aside is not None
    wall_ns, cpu_ns = time.perf_counter_ns(), time.thread_time_ns()
    app.move(move)
    while not aside.idle:
        while not aside.idle:
            await asyncio.sleep(0.001)
        await pilot._wait_for_screen()
    return time.perf_counter_ns() - wall_ns, time.thread_time_ns() - cpu_ns


def main() -> None:
    """Prints a line for each."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "day.csv"
        if not target.exists():
            write_day(target)
        seeks(target, random.Random(1))
        asyncio.run(screens(target, random.Random(2)))


if __name__ == "__main__":
    main()
