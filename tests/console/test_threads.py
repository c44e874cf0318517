"""Disk, engine start and stop never run on the event loop's thread: asserted by thread, not by time."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

import pytest
from replayed import SAMPLES, recorded, replayed
from stage import ListRecorder, scene

from velox_tui.recording.reader import files
from velox_tui.recording.recorder import FileRecorder
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


class Reads:
    """os as the readers of recordings see it: which thread calls what."""

    def __init__(self, system: Any) -> None:
        self._system = system
        self.threads: dict[str, set[str]] = {}

    def __getattr__(self, name: str) -> Any:
        if name in ("pread", "fstat", "open", "close"):
            self.threads.setdefault(name, set()).add(threading.current_thread().name)
        return getattr(self._system, name)


async def test_a_recording_is_read_in_the_worker_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is pressed, and while it is still being written."""
    recorder = FileRecorder(tmp_path / "run.csv", SAMPLES[0].run, {})
    for sample in SAMPLES[:100]:
        recorder.write(sample)
    reads = Reads(files.os)
    monkeypatch.setattr(files, "os", reads)
    async with replayed(tmp_path / "run.csv", size=(120, 40)) as on:
        reads.threads.clear()
        with watched() as seen:
            for screen in "12345":
                await on.press(
                    screen, "home", "greater_than_sign", "full_stop", "comma", "end", "less_than_sign"
                )
                await on.press("e", "E", "w", "x", "m", "right_square_bracket", "m", "left", "enter", "y")
                await on.press("g", *"00:00:30", "enter", "space")
                await on.go_on(2.5)
            await on.press("0", "question_mark", "escape", "parenthesis_right", "end")
            for sample in SAMPLES[100:]:
                recorder.write(sample)
            await on.go_on(0.1, refresh=True)
            await on.press("end")
            assert on.seq == SAMPLES[-1].seq
        on_loop = [one for one in on_the_loop(seen) if Path(one[2]).name.startswith("run.")]
        assert "pread" in reads.threads
        assert set().union(*reads.threads.values()) == {"console-work_0"} and on_loop == []
    recorder.close(None, "test")


async def test_of_many_quick_moves_the_last_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk stalls at the first: the loop does not wait for it, and none is lost on the way."""
    async with replayed(recorded(tmp_path / "run.csv"), size=(120, 40)) as on:
        await on.press("space", "home")
        stalled, go_on = threading.Event(), threading.Event()
        read, shown = files.Readable.read, []

        def stalling(self: files.Readable, begin: int, end: int) -> bytes:
            stalled.set()
            go_on.wait(60)
            return read(self, begin, end)

        monkeypatch.setattr(files.Readable, "read", stalling)
        follow = on.app.follow_timeline
        monkeypatch.setattr(on.app, "follow_timeline", lambda: (follow(), shown.append(on.seq)))
        for key in (">", ">", ".", ",", ".", "."):
            await on.pilot.press(key)
        assert stalled.wait(60) and on.app.screen.sample is not None and on.app.screen.sample.seq == 0
        go_on.set()
        await on.settle()
        assert on.seq == 22 and shown == [22]


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
