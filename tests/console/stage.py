"""A console on canned Samples that a test advances one by one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from textual.pilot import Pilot

from velox_tui.console.app import Console
from velox_tui.console.themes import directories, load
from velox_tui.session import Session
from velox_tui.settings import Settings
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.commands import Command
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Run, Sample

SECOND_NS = 10**9


class SteeredSource:
    """Canned readings that can be steered: it keeps what was asked. They are drawn once for all tests."""

    controllable = True
    failure: str | None = None
    _drawn: ClassVar[list[Reading]] = []
    _pen: ClassVar[CannedSource] = CannedSource(1_000_000)

    def __init__(self) -> None:
        self.run = self._pen.run
        self.asked: list[tuple[Command, int, int]] = []
        self._place = 0
        self._last: CannedSource | None = None

    def command(self, command: int, stage: int, value: int) -> None:
        self.asked.append((Command(command), stage, value))

    def read(self) -> Reading:
        if self._last is not None:
            return self._last.read()
        while len(self._drawn) <= self._place:
            self._drawn.append(self._pen.read())
        self._place += 1
        return self._drawn[self._place - 1]

    def close(self) -> None:
        """The next reading finds the pipeline stopped, exact to the last transaction."""
        if self._last is None:
            self._last = CannedSource(self._place + 1)
            for _ in range(self._place):
                self._last.read()

    def release(self) -> None:
        """Nothing is held."""


@dataclass
class Summary:
    path: Path | None
    rows: int
    lost_rows: int = 0
    bytes: int = 0
    degraded: str | None = None


class ListRecorder:
    """Keeps Samples in memory."""

    def __init__(self, path: Path, run: Run) -> None:
        self.path = path
        self.samples: list[Sample] = []

    @property
    def status(self) -> Summary:
        return Summary(self.path, len(self.samples))

    def write(self, sample: Sample) -> None:
        self.samples.append(sample)

    def close(self, final: Sample | None, reason: str) -> Summary:
        return self.status


class StillSession(Session):
    """Ticks when the test says so."""

    def advance(self, samples: int = 1) -> None:
        for _ in range(samples):
            self._tick(80_000)


class Scene:
    """App, session and source of one test."""

    def __init__(
        self, settings: Settings | None = None, *, read_only: bool = False, seconds: int = 600
    ) -> None:
        self.source = SteeredSource()
        self.session = StillSession(
            self.source, interval_ns=SECOND_NS, read_only=read_only, open_recording=ListRecorder
        )
        self.seen: list[Sample] = []
        self.session.subscribe(self.seen.append)
        self.app = Console(self.session, settings or Settings(), load(directories({})))
        self.pilot: Pilot[int]

    async def press(self, *keys: str) -> None:
        """Presses keys and lets all that follows be done."""
        await self.pilot.press(*keys)
        await self.settle()

    async def settle(self) -> None:
        """Until the worker thread and the loop have nothing more to do."""
        for _ in range(2):
            with suppress(RuntimeError):  # the worker is gone when the app is
                self.app._worker.submit(lambda: None).result()
            await self.pilot.pause()
        await self.pilot.wait_for_scheduled_animations()

    async def advance(self, samples: int = 1) -> None:
        """More Samples."""
        self.session.advance(samples)
        await self.settle()

    @property
    def asked(self) -> list[tuple[Command, int, int]]:
        """What the pipeline was asked, in order."""
        return self.source.asked

    @property
    def told(self) -> list[str]:
        """Notifications: title and text."""
        return [f"{one.title}: {one.message}" for one in self.app._notifications]

    def text(self) -> str:
        """The screen as a grid of text."""
        strips = self.app.screen._compositor.render_strips(self.app.size)
        return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


@asynccontextmanager
async def scene(
    *, size: tuple[int, int] = (80, 24), samples: int = 100, **options: Any
) -> AsyncIterator[Scene]:
    """A running console that has seen so many Samples."""
    made = Scene(**options)
    made.session.advance(samples)
    async with made.app.run_test(size=size) as made.pilot:
        await made.settle()
        yield made
