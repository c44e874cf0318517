"""One run being watched: a thread that reads once an interval, and all that hangs on its Samples.

Console and headless drive the same Session. Everything that may wait (the engine, the disk) happens in the
tick thread or in the caller of `close`, `start_recording` and `stop_recording`, which must not be a user
interface's loop. What is public may be asked from any thread; values are immutable and replaced as a whole.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from velox_tui.controls import Controls
from velox_tui.errors import RecordingError, VeloxError
from velox_tui.session_protocols import OpenRecording, Recorder, RecordingStatus, RecordingSummary
from velox_tui.session_ticks import Ticks
from velox_tui.sources.base import Source
from velox_tui.telemetry.alerts import Alert, AlertLimits
from velox_tui.telemetry.history import History
from velox_tui.telemetry.observer import Observer
from velox_tui.telemetry.sample import Event, Run, Sample

EVENTS_KEPT = 5_000
Callback = Callable[[Sample], None]


class Session:
    """Owns a source from `start` to `close`."""

    recorded: ClassVar[bool] = False
    """Whether it is a recording's."""

    def __init__(
        self,
        source: Source,
        *,
        interval_ns: int,
        alert_limits: AlertLimits | None = None,
        read_only: bool = False,
        on_sample: Callback | None = None,
        open_recording: OpenRecording | None = None,
    ) -> None:
        """Nothing is read before `start`. `open_recording` is what `start_recording` makes recorders with."""
        self.run: Run = source.run
        """The first; an attached pipeline may be followed by another of the same shape: see Sample.run."""
        self.interval_ns = interval_ns
        self.history = History(source.run, interval_ns=interval_ns)
        self.controls = Controls(source, read_only=read_only)
        self.newest: Sample | None = None
        self.events: tuple[Event, ...] = ()
        """The newest events, oldest first."""
        self.windows_since_ns = 0
        """Windows and high-water marks count from here (see `reset_windows`)."""
        self._source = source
        self._observer = Observer(alert_limits or AlertLimits())
        self._ticks = Ticks(interval_ns, self._tick)
        self._open_recording = open_recording
        self._recorder: Recorder | None = None
        self._recorder_lock = threading.Lock()
        self._callbacks: tuple[Callback, ...] = (on_sample,) if on_sample else ()
        self._pending: deque[Event] = deque()
        self._troubles: set[str] = set()
        self._closing = threading.Lock()
        self._closer = 0
        """The thread that is closing."""
        self._final: Sample | None = None

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """Active alerts, the gravest first."""
        return self._observer.alerts

    @property
    def missed_ticks(self) -> int:
        """Readings that were left out because one before took too long."""
        return self._ticks.missed

    @property
    def recording_status(self) -> RecordingStatus | None:
        """How the recording stands; None while nothing is recorded."""
        recorder = self._recorder
        return recorder.status if recorder else None

    def start(self) -> None:
        """Starts reading, the first time at once. Returns without waiting."""
        self._ticks.start()

    def close(self, reason: str) -> Sample:
        """Drains the pipeline, takes the final Sample (at rest, where the source can stop), ends the
        recording.

        Blocks until all is done. Further calls, also from other threads, wait for the first and give the same
        Sample. Not to be called from a callback.
        """
        if self._ticks.within or self._closer == threading.get_ident():
            raise RuntimeError("a session cannot be closed from its own tick: close it from another thread")
        with self._closing:
            if self._final is None:
                self._closer = threading.get_ident()
                try:
                    self._final = self._finish(reason)
                finally:
                    self._closer = 0
            return self._final

    def subscribe(self, callback: Callback) -> None:
        """Calls back in the tick thread with each new Sample. What it raises becomes an event."""
        self._callbacks = (*self._callbacks, callback)

    def unsubscribe(self, callback: Callback) -> None:
        """Calls back no more; unknown ones are ignored."""
        self._callbacks = tuple(one for one in self._callbacks if one != callback)

    def marker(self, note: str) -> None:
        """Marks this moment in the next Sample's events."""
        self._note("marker", "info", "marker", note)

    def acknowledge(self, alert_name: str) -> None:
        """Marks the active alerts of that name as seen, from the next Sample on."""
        self._observer.acknowledge(alert_name)

    def reset_windows(self) -> None:
        """Windows and high-water marks begin anew; totals stay."""
        self.windows_since_ns = self.newest.mono_ns if self.newest else time.monotonic_ns()
        self._note("control", "info", "reset_windows", "windows reset")

    def attach_recorder(self, recorder: Recorder) -> None:
        """Records from the next Sample on. Raises RecordingError while something is being recorded."""
        with self._recorder_lock:
            if self._recorder is not None:
                raise RecordingError(f"already recording to {self._recorder.status.path or 'stdout'}")
            self._recorder = recorder
        self._note("life", "info", "recording", f"recording to {recorder.status.path or 'stdout'}")

    def detach_recorder(self, reason: str = "stopped by the user") -> RecordingSummary | None:
        """Ends the recording; None when there was none. Blocks until it is on disk."""
        with self._recorder_lock:
            recorder, self._recorder = self._recorder, None
            summary = recorder.close(None, reason) if recorder else None
        if summary is not None:
            self._note("life", "info", "recording_ended", f"recorded {summary.rows:,} rows to {summary.path}")
        return summary

    def start_recording(self, path: Path | None = None) -> Path:
        """Records to the file, or to one of a dated name in the present folder; gives its path. Blocks for
        the disk.
        """
        if self._open_recording is None:
            raise RecordingError("this console cannot record")
        wanted = path or Path(time.strftime("velox-%Y%m%d-%H%M%S.csv"))
        self.attach_recorder(self._open_recording(wanted, self._source.run))
        return wanted

    def stop_recording(self) -> RecordingSummary | None:
        """Ends the recording; see `detach_recorder`."""
        return self.detach_recorder()

    def _tick(self, late_ns: int) -> None:
        """One turn of the tick thread. Never raises."""
        try:
            sample = self._take(late_ns)
        except VeloxError as error:
            self._trouble("reading", error)
            return
        except Exception as error:
            self._trouble("tick", error)
            return
        self._record(sample)
        self._show(sample)

    def _take(self, late_ns: int) -> Sample:
        events = tuple(self._pending.popleft() for _ in range(len(self._pending)))
        try:
            reading = self._source.read()
        except Exception:
            self._pending.extendleft(reversed(events))
            raise
        return self._observer.take(reading, late_ns=late_ns, events=events)

    def _record(self, sample: Sample) -> None:
        try:
            with self._recorder_lock:
                if self._recorder is not None:
                    self._recorder.write(sample)
        except Exception as error:
            self._trouble("recorder", error)

    def _show(self, sample: Sample) -> None:
        self._give(sample, "history", self.history.append)
        if sample.events:
            self.events = (*self.events, *sample.events)[-EVENTS_KEPT:]
        self.newest = sample
        for callback in self._callbacks:
            self._give(sample, getattr(callback, "__qualname__", "callback"), callback)

    def _give(self, sample: Sample, where: str, take: Callable[[Sample], None]) -> None:
        try:
            take(sample)
        except Exception as error:
            self._trouble(where, error)

    def _finish(self, reason: str) -> Sample:
        """Everything that ends, in order; the recording is ended also when something before fails."""
        self._ticks.stop()
        self.controls.end()
        self._note("life", "info", "end", reason)
        try:
            self._source.close()
            final = self._take(0)
        except BaseException:
            self._end_recording(None, reason)
            raise
        self._end_recording(final, reason)
        self._show(final)
        self._source.release()
        return final

    def _end_recording(self, final: Sample | None, reason: str) -> None:
        with self._recorder_lock:
            recorder, self._recorder = self._recorder, None
            if recorder is not None:
                recorder.close(final, reason)

    def _note(self, kind: str, severity: str, name: str, text: str) -> None:
        self._pending.append(Event(time.monotonic_ns(), kind, severity, name, text))

    def _trouble(self, where: str, error: Exception) -> None:
        """An event, once for each different trouble."""
        text = f"{where}: {type(error).__name__}: {error}"
        if text not in self._troubles and len(self._troubles) < EVENTS_KEPT:
            self._troubles.add(text)
            self._note("life", "critical", "trouble", text)
