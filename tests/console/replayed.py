"""A console on a recording of canned Samples; time goes on when a test says so."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from stage import Scene

from velox_tui.console.app import Console
from velox_tui.console.themes import directories, load
from velox_tui.recording.recorder import FileRecorder
from velox_tui.session_replay import ReplaySession
from velox_tui.settings import Settings
from velox_tui.sources import canned
from velox_tui.sources.replay import Replay
from velox_tui.telemetry.sample import Sample

SECOND_NS = 10**9
SAMPLES = canned.samples(130)


class Replayed(Scene):
    """App and session of one test; time goes on when the test says so."""

    def __init__(self, target: Path) -> None:
        self.replayed = ReplaySession(Replay(target))
        if self.replayed.writing:
            self.replayed.at_ns = self.replayed.history.ended_ns
        self.app = Console(self.replayed, Settings(), load(directories({})))
        self.app._turn = lambda: None  # type: ignore[method-assign]

    async def go_on(self, seconds: float, *, refresh: bool = False) -> None:
        """So much time goes by."""
        self.app.play_on(round(seconds * SECOND_NS), refresh=refresh)
        await self.settle()

    async def settle(self) -> None:
        """Also until nothing of the recording waits to be read."""
        aside = self.app.windows.aside
        assert aside is not None
        await super().settle()
        while not aside.idle:
            await super().settle()

    @property
    def seq(self) -> int:
        """The row that is shown."""
        assert self.app.shown is not None
        return self.app.shown.seq


def recorded(target: Path, samples: Sequence[Sample] = SAMPLES) -> Path:
    recorder = FileRecorder(target, samples[0].run, {})
    for sample in samples:
        recorder.write(sample)
    recorder.close(None, "test")
    return target


@asynccontextmanager
async def replayed(target: Path, *, size: tuple[int, int] = (80, 24)) -> AsyncIterator[Replayed]:
    """A running console on a recording."""
    made = Replayed(target)
    async with made.app.run_test(size=size) as made.pilot:
        await made.settle()
        yield made
    made.replayed.close("test")
