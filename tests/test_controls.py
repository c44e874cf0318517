"""Steering: what reaches the engine, and what is refused in one line."""

from collections.abc import Callable, Iterator

import pytest
from session_fakes import MS, Steerable

from velox_tui.errors import ControlError
from velox_tui.session import Session
from velox_tui.sources.canned import CannedSource


@pytest.fixture
def source() -> Steerable:
    return Steerable()


@pytest.fixture
def session(source: Steerable) -> Iterator[Session]:
    made = Session(source, interval_ns=5 * MS)
    yield made
    made.close("end of the test")


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
