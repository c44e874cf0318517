"""A run being watched: events, recorder, and an end that is exact."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from session_fakes import MS, Failing, Recording, Steerable, until

from velox_tui.errors import InputError, RecordingError
from velox_tui.session import Session
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.sample import Run, Sample, State


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


def test_a_history_that_fails_is_an_event_and_stops_nothing(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session.history, "append", lambda sample: 1 // 0)
    session.start()
    until(lambda: session.newest is not None and session.newest.seq >= 4 and session.events)
    assert {event.text for event in session.events} == {
        "history: ZeroDivisionError: integer division or modulo by zero"
    }


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


def test_resetting_windows_moves_their_begin(session: Session) -> None:
    session.start()
    until(lambda: session.newest)
    session.reset_windows()
    assert session.newest is not None and 0 < session.windows_since_ns <= session.newest.mono_ns


def test_the_run_is_known_before_the_first_reading(session: Session) -> None:
    assert isinstance(session.run, Run) and session.newest is None


def test_a_session_cannot_be_closed_from_its_own_tick_and_goes_on(session: Session) -> None:
    heard: list[Sample] = []
    session.subscribe(lambda sample: session.close("from within"))
    session.subscribe(heard.append)
    session.start()
    until(lambda: len(heard) > 3 and session.events)
    assert any("own tick" in event.text for event in session.events)
    assert session.close("from outside").state == State.STOPPED
