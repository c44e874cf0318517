"""A run being watched: ticks, events, recorder, controls, and an end that is exact."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from velox_tui.errors import ControlError, InputError, RecordingError
from velox_tui.session import Session
from velox_tui.session_ticks import Ticks
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Run, Sample, State

MS = 1_000_000


@dataclass
class Status:
    path: Path | None
    rows: int = 0
    lost_rows: int = 0
    bytes: int = 0
    degraded: str | None = None


@dataclass
class Recording:
    """A recorder that remembers who called it."""

    path: Path | None
    rows: list[Sample] = field(default_factory=list)
    threads: set[str] = field(default_factory=set)
    ended: list[tuple[Sample | None, str]] = field(default_factory=list)
    fails: bool = False

    @property
    def status(self) -> Status:
        return Status(self.path, len(self.rows))

    def write(self, sample: Sample) -> None:
        self.threads.add(threading.current_thread().name)
        if self.fails:
            raise OSError("disk on fire")
        self.rows.append(sample)

    def close(self, final: Sample | None, reason: str) -> Status:
        self.ended.append((final, reason))
        return Status(self.path, len(self.rows) + (final is not None))


class Steerable(CannedSource):
    """Canned, but steered: remembers commands, and what thread did what."""

    controllable = True

    def __init__(self) -> None:
        super().__init__(10_000)
        self.commands: list[tuple[int, int, int]] = []
        self.threads: dict[str, str] = {}
        self.released = 0

    def read(self) -> Reading:
        self.threads["read"] = threading.current_thread().name
        return super().read()

    def command(self, command: int, stage: int, value: int) -> None:
        self.commands.append((command, stage, value))

    def close(self) -> None:
        self.threads["close"] = threading.current_thread().name
        super().close()

    def release(self) -> None:
        self.released += 1


def until(true: Callable[[], object]) -> None:
    """Waits for something that must come."""
    while not true():
        time.sleep(0.002)


@pytest.fixture
def source() -> Steerable:
    return Steerable()


@pytest.fixture
def session(source: Steerable) -> Iterator[Session]:
    made = Session(source, interval_ns=5 * MS, open_recording=lambda path, run: Recording(path))
    yield made
    made.close("end of the test")


def test_samples_come_in_order_to_all_who_listen(session: Session) -> None:
    one: list[int] = []
    other: list[int] = []
    session.subscribe(lambda sample: one.append(sample.seq))
    session.subscribe(lambda sample: other.append(sample.seq))
    session.start()
    until(lambda: len(one) >= 5)
    assert one[:5] == other[:5] == [0, 1, 2, 3, 4]
    assert session.newest is not None and session.history.last >= 4


def test_who_unsubscribes_hears_no_more(session: Session) -> None:
    heard: list[Sample] = []
    session.subscribe(heard.append)
    session.start()
    until(lambda: heard)
    session.unsubscribe(heard.append)
    session.unsubscribe(heard.append)
    until(lambda: session.newest is not None and session.newest.seq > len(heard) + 3)


def test_a_listener_that_fails_is_an_event_and_stops_nothing(session: Session) -> None:
    heard: list[Sample] = []
    session.subscribe(lambda sample: 1 // 0)
    session.subscribe(heard.append)
    session.start()
    until(lambda: len(heard) >= 4 and session.events)
    troubles = [event for event in session.events if event.name == "trouble"]
    assert len(troubles) == 1 and "ZeroDivisionError" in troubles[0].text


def test_a_marker_is_in_the_next_sample(session: Session) -> None:
    session.start()
    session.marker("auction opens")
    until(lambda: any(event.name == "marker" for event in session.events))
    (marker,) = [event for event in session.events if event.text == "auction opens"]
    assert marker.kind == "marker"


def test_events_of_a_source_and_of_alerts_are_in_the_log(session: Session) -> None:
    session.start()
    until(lambda: session.newest is not None and session.newest.seq >= 13)
    names = [(event.kind, event.name, event.phase) for event in session.events]
    assert names.index(("control", "burst", "")) < names.index(("alert", "drops", "start"))
    assert "drops" in {alert.name for alert in session.alerts}


def test_the_end_is_at_rest_and_only_once(session: Session, source: Steerable) -> None:
    heard: list[Sample] = []
    session.subscribe(heard.append)
    session.start()
    until(lambda: heard)
    final = session.close("asked to")
    assert final.state == State.STOPPED and final.ledger is not None
    assert (final.ledger.cut_sequence, final.ledger.residual) == (0, 0)
    assert heard[-1] is final and session.newest is final
    assert [event.text for event in final.events if event.name == "end"] == ["asked to"]
    assert session.close("again") is final and source.released == 1
    assert len({sample.seq for sample in heard}) == len(heard)


def test_closing_from_many_threads_closes_once(session: Session, source: Steerable) -> None:
    session.start()
    finals: list[Sample] = []
    closers = [threading.Thread(target=lambda: finals.append(session.close("race"))) for _ in range(8)]
    for closer in closers:
        closer.start()
    for closer in closers:
        closer.join()
    assert len(finals) == 8 and len({id(final) for final in finals}) == 1 and source.released == 1


def test_a_session_that_never_started_can_be_closed(session: Session) -> None:
    assert session.close("not wanted").state == State.STOPPED


def test_engine_and_disk_are_only_touched_by_the_tick_and_who_closes(
    session: Session, source: Steerable
) -> None:
    recording = Recording(Path("run.csv"))
    session.attach_recorder(recording)
    session.start()
    until(lambda: recording.rows)
    assert source.threads["read"] == "velox-session" and recording.threads == {"velox-session"}
    closer = threading.Thread(target=lambda: session.close("done"), name="closer")
    closer.start()
    closer.join()
    assert source.threads == {"read": "closer", "close": "closer"}
    assert recording.threads == {"velox-session"}


def test_a_recording_gets_every_sample_and_the_final_one(session: Session) -> None:
    recording = Recording(Path("run.csv"))
    session.attach_recorder(recording)
    session.start()
    until(lambda: len(recording.rows) >= 3)
    final = session.close("signal 15")
    assert recording.ended == [(final, "signal 15")]
    assert [row.seq for row in recording.rows] == list(range(len(recording.rows)))
    assert final.seq == len(recording.rows)


def test_recordings_start_and_stop_while_it_runs(session: Session) -> None:
    session.start()
    assert session.recording_status is None
    path = session.start_recording()
    assert path.name.startswith("velox-") and path.suffix == ".csv"
    with pytest.raises(RecordingError, match=path.name):
        session.start_recording(Path("other.csv"))
    until(lambda: session.recording_status is not None and session.recording_status.rows > 1)
    summary = session.stop_recording()
    assert summary is not None and summary.path == path and session.recording_status is None
    assert session.stop_recording() is None
    assert session.start_recording(Path("second.csv")) == Path("second.csv")
    until(lambda: {"recording", "recording_ended"} <= {event.name for event in session.events})


def test_a_recorder_that_fails_stops_nothing(session: Session) -> None:
    session.attach_recorder(Recording(None, fails=True))
    session.start()
    until(lambda: session.newest is not None and session.newest.seq > 3)
    assert any("disk on fire" in event.text for event in session.events)


def test_without_a_factory_nothing_can_be_recorded() -> None:
    bare = Session(CannedSource(3), interval_ns=MS)
    with pytest.raises(RecordingError):
        bare.start_recording()
    bare.close("done")


class Failing(Steerable):
    """Cannot be read for a while."""

    def __init__(self) -> None:
        super().__init__()
        self.failures = 3

    def read(self) -> Reading:
        if self.failures:
            self.failures -= 1
            raise InputError("segment truncated")
        return super().read()


def test_a_reading_that_fails_is_an_event_and_loses_none() -> None:
    session = Session(Failing(), interval_ns=2 * MS)
    session.marker("kept")
    session.start()
    until(lambda: session.newest)
    until(lambda: len(session.events) >= 2)
    assert {event.name for event in session.events} == {"marker", "trouble"}
    assert "segment truncated" in next(event.text for event in session.events if event.name == "trouble")
    session.close("done")


def test_a_recording_is_ended_although_the_source_cannot_be() -> None:
    class Stuck(Steerable):
        def close(self) -> None:
            raise InputError("cannot drain")

    session, recording = Session(Stuck(), interval_ns=MS), Recording(None)
    session.attach_recorder(recording)
    with pytest.raises(InputError):
        session.close("done")
    assert recording.ended == [(None, "done")]


def test_controls_reach_the_engine_in_its_units(session: Session, source: Steerable) -> None:
    controls = session.controls
    assert controls.available and controls.why_not == ""
    controls.burst(1500)
    controls.stall(1, 30 * MS)
    controls.slow(2, 500)
    controls.hold(True)
    controls.rate(99.9)
    controls.bundle_max(16)
    controls.bundle_timeout(50_000)
    controls.wait("yield")
    assert source.commands == [
        (0, 0, 1500),
        (1, 1, 30 * MS),
        (2, 2, 500),
        (3, 0, 1),
        (4, 0, 99_900),
        (5, 0, 16),
        (6, 0, 50_000),
        (7, 0, 2),
    ]


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda c: c.burst(0), "1 to 100M"),
        (lambda c: c.stall(4, 1), "no stage 4"),
        (lambda c: c.stall(0, -1), "0 to 1h"),
        (lambda c: c.slow(-1, 1), "no stage -1"),
        (lambda c: c.rate(0.5), "1 to 1G"),
        (lambda c: c.rate(float("nan")), "nan"),
        (lambda c: c.bundle_max(17), "1 to 16"),
        (lambda c: c.bundle_timeout(999), "1us to 10s"),
        (lambda c: c.wait("auto"), "spin, yield, backoff"),
    ],
)
def test_values_that_are_not_allowed_are_refused(
    act: Callable[[object], None], said: str, session: Session, source: Steerable
) -> None:
    with pytest.raises(ControlError, match=said):
        act(session.controls)
    assert source.commands == []


def test_nothing_can_be_done_read_only_or_to_what_is_not_ours(source: Steerable) -> None:
    watched = Session(source, interval_ns=MS, read_only=True)
    assert not watched.controls.available and "read-only" in watched.controls.why_not
    with pytest.raises(ControlError, match="read-only"):
        watched.controls.burst(1)
    told = Session(CannedSource(2), interval_ns=MS)
    with pytest.raises(ControlError, match="no control here"):
        told.controls.hold(True)
    for one in (watched, told):
        one.close("done")
    assert source.commands == []


def test_after_the_end_nothing_can_be_done(session: Session) -> None:
    session.start()
    session.close("done")
    assert session.controls.why_not == "the pipeline has stopped"


def test_resetting_windows_moves_their_begin(session: Session) -> None:
    session.start()
    until(lambda: session.newest)
    session.reset_windows()
    assert session.newest is not None and 0 < session.windows_since_ns <= session.newest.mono_ns


def test_the_run_is_known_before_the_first_reading(session: Session) -> None:
    assert isinstance(session.run, Run) and session.newest is None


class Clock:
    """Virtual time for ticks: every turn takes as long as it is told."""

    def __init__(self, durations: list[int]) -> None:
        self.now_ns = 1_000
        self.durations = durations
        self.turns: list[tuple[int, int]] = []
        self.ticks = Ticks(100, self.turn, clock=lambda: self.now_ns)
        self.ticks._stop.wait = self.sleep  # type: ignore[method-assign]

    def turn(self, late_ns: int) -> None:
        self.turns.append((self.now_ns, late_ns))
        self.now_ns += self.durations.pop(0)
        if not self.durations:
            self.ticks._stop.set()

    def sleep(self, timeout: float | None = None) -> bool:
        self.now_ns += round((timeout or 0) * 1e9)
        return False

    def run(self) -> list[tuple[int, int]]:
        self.ticks._run()
        return self.turns


def test_deadlines_are_absolute_and_do_not_drift() -> None:
    clock = Clock([30, 70, 10, 99, 0])
    assert clock.run() == [(1_000, 0), (1_100, 0), (1_200, 0), (1_300, 0), (1_400, 0)]
    assert clock.ticks.missed == 0


def test_deadlines_that_passed_are_left_out_and_counted_never_bunched() -> None:
    clock = Clock([10, 350, 10, 100, 10])
    assert clock.run() == [(1_000, 0), (1_100, 0), (1_500, 0), (1_600, 0), (1_800, 0)]
    assert clock.ticks.missed == 4


def test_lateness_is_told() -> None:
    clock = Clock([10, 10, 0])
    sleep = clock.sleep
    clock.ticks._stop.wait = lambda timeout=None: (sleep((timeout or 0) + 7e-9), False)[1]  # type: ignore[method-assign]
    assert clock.run() == [(1_000, 0), (1_107, 7), (1_207, 7)]


def test_a_session_cannot_be_closed_from_its_own_tick_and_goes_on(session: Session) -> None:
    heard: list[Sample] = []
    session.subscribe(lambda sample: session.close("from within"))
    session.subscribe(heard.append)
    session.start()
    until(lambda: len(heard) > 3 and session.events)
    assert any("own tick" in event.text for event in session.events)
    assert session.close("from outside").state == State.STOPPED
