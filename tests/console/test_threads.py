"""Disk, engine start and stop never run on the event loop's thread: asserted by thread, not by time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from stage import ListRecorder, scene

from velox_tui.telemetry.sample import Run, Sample

WATCHED = ("open", "os.mkdir", "os.rename", "os.remove", "os.truncate")
"""Audit events of the disk."""


class Watch:
    """Which thread did what since it was switched on."""

    def __init__(self) -> None:
        self.on = False
        self.seen: list[tuple[str, str, str]] = []
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.on and event in WATCHED:
            self.seen.append((threading.current_thread().name, event, str(arguments[0])))


WATCH = Watch()


@contextmanager
def watched() -> Iterator[list[tuple[str, str, str]]]:
    """Everything that touches the disk meanwhile."""
    WATCH.seen.clear()
    WATCH.on = True
    try:
        yield WATCH.seen
    finally:
        WATCH.on = False


def on_the_loop(seen: list[tuple[str, str, str]]) -> list[tuple[str, str, str]]:
    """Of the loop's thread, but for the interpreter's own loading of modules and styles."""
    loop = threading.current_thread().name
    return [one for one in seen if one[0] == loop and not one[2].endswith((".py", ".pyc", ".tcss"))]


@pytest.mark.parametrize("key", ["y", "s"])
async def test_files_are_written_in_the_worker_thread(key: str) -> None:
    async with scene() as on:
        await on.press("1")
        with watched() as seen:
            await on.press(key)
        written = [thread for thread, _, path in seen if Path(path).name.startswith("velox-")]
        assert written
        assert set(written) == {"console-work_0"}
        assert on_the_loop(seen) == []


async def test_the_day_through_nothing_touches_the_disk_on_the_loop() -> None:
    async with scene() as on:
        for key in "12345":
            await on.press(key)
        with watched() as seen:
            for key in (
                "1",
                "2",
                "3",
                "4",
                "5",
                "space",
                "comma",
                "space",
                "b",
                "plus",
                "w",
                "x",
                "m",
                "m",
                "t",
            ):
                await on.press(key)
                on.session.advance()
            await on.press("escape")
        assert on_the_loop(seen) == []


class Told(ListRecorder):
    """Says which threads open and close it."""

    threads: ClassVar[list[tuple[str, str]]] = []

    def __init__(self, path: Path, run: Run) -> None:
        self.threads.append(("open", threading.current_thread().name))
        super().__init__(path, run)

    def close(self, final: Sample | None, reason: str) -> Any:
        self.threads.append(("close", threading.current_thread().name))
        return super().close(final, reason)


async def test_recordings_begin_and_end_in_the_worker_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Told, "threads", [])
    async with scene() as on:
        on.session._open_recording = Told
        await on.press("r", "r")
        assert Told.threads == [("open", "console-work_0"), ("close", "console-work_0")]


async def test_the_pipeline_is_steered_and_closed_in_the_worker_thread() -> None:
    threads: ClassVar[list[tuple[str, str]]] = []

    def noting(what: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any) -> Any:
            threads.append((what, threading.current_thread().name))
            return work(*arguments)

        return noted

    async with scene() as on:
        source = on.source
        source.command = noting("command", source.command)  # type: ignore[method-assign]
        source.close = noting("close", source.close)  # type: ignore[method-assign]
        await on.press("b", "q")
        assert threads == [("command", "console-work_0"), ("close", "console-work_0")]


async def test_a_tick_never_waits_for_the_loop() -> None:
    """The loop is this thread, and does nothing meanwhile: ticks of another thread all pass, the newest
    counts.
    """
    async with scene(samples=1) as on:
        ticks = threading.Thread(target=on.session.advance, args=(50,))
        ticks.start()
        ticks.join()
        assert on.session.history.last == 50
        assert on.app._message_queue.qsize() <= 1, "no backlog"
        await on.settle()
        assert on.app.newest is on.session.newest


async def test_a_trouble_in_the_console_never_ends_the_ticks(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scene(samples=1) as on:
        monkeypatch.setattr(on.app, "post_message", _raise)
        on.session.advance(3)
        monkeypatch.undo()
        assert on.session.history.last == 3
        assert any("planted" in event.text for event in on.session.events)
        await on.advance()
        assert on.app.newest is on.session.newest, "and is over when it is over"


def _raise(*_: object) -> None:
    raise RuntimeError("planted")
