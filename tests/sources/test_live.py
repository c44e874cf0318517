"""A real pipeline, read through its segment: exact whatever happens to it."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from velox_tui.engine.options import EngineOptions
from velox_tui.engine.pipeline import Pipeline
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.errors import ControlError, InputError, UsageError
from velox_tui.session import Session
from velox_tui.sources import live
from velox_tui.sources.canned_topology import canned_topology
from velox_tui.sources.live import LiveSource
from velox_tui.sources.reader import SegmentReader
from velox_tui.sources.table import topology
from velox_tui.telemetry.expectation import Pattern, expect
from velox_tui.telemetry.processor import is_counted
from velox_tui.telemetry.rates import Sampler
from velox_tui.telemetry.sample import Sample, State
from velox_tui.telemetry.topology import Role, Unit

NATIVE = Path(__file__).parents[2] / "native" / "src"
MS = 1_000_000
SECOND = 10**9


def test_the_table_is_the_one_that_is_written_out_for_canned_samples(tmp_path: Path) -> None:
    with Simulation(EngineOptions(segment_dir=tmp_path)) as simulation:
        found, written = topology(Segment(simulation.segment_path)), canned_topology()
    assert (found.stages, found.rings, found.book) == (written.stages, written.rings, written.book)
    assert found.histograms == written.histograms
    assert [name for name, _ in found.texts] == [name for name, _ in written.texts]
    everywhere, processor = written.words[: len(found.words)], written.words[len(found.words) :]
    assert found.words == everywhere
    rows = re.findall(
        r'COUNT\(VX_PMU_\w+, (\w+), (\w+), "(\w+)",\s+"([^"]+)"\)', (NATIVE / "words_table.h").read_text()
    )
    assert len(rows) == 5
    assert [(word.stage, word.unit, word.role, word.name, word.label) for word in processor] == [
        (stage.index, Unit[unit], Role[role], f"{stage.name}_{name}", label)
        for stage in written.stages
        for unit, role, name, label in rows
    ]


def test_the_processors_counters_are_there_or_the_reason_is(tmp_path: Path) -> None:
    """Whatever this machine permits: here for real, with a kernel of the tests' own in native/tests."""
    pipeline = Pipeline(EngineOptions(segment_dir=tmp_path))
    found = topology(Segment(pipeline.segment_path))
    pipeline.destroy()
    told = dict(found.texts)["hardware_counters"]
    finding, _, remedy = told.partition("; ")
    assert finding and "\n" not in told
    if is_counted(found):
        assert "of each stage thread" in finding and found.first(Role.CPU_COVERED_NS, stage=0)
    else:
        assert remedy and not found.first(Role.CPU_COVERED_NS)


def watched(
    options: EngineOptions, script: Callable[[Session], None], *, interval_ns: int = 20 * MS
) -> list[Sample]:
    """Every Sample of a run; the last one is at rest."""
    taken: list[Sample] = []
    session = Session(LiveSource(options), interval_ns=interval_ns, on_sample=taken.append)
    session.start()
    script(session)
    session.close("test")
    return taken


def wait_for(session: Session, role: Role, count: int) -> None:
    """Until a total has been reached."""
    while session.newest is None or session.newest.total(role) < count:
        time.sleep(0.005)


def exact(taken: list[Sample]) -> None:
    """What must hold of every run."""
    assert all(one.ledger is None or one.ledger.residual == 0 for one in taken)
    assert any(one.ledger is not None and one.ledger.cut_sequence for one in taken[:-1]), (
        "no exact cut was seen"
    )
    final = taken[-1]
    assert final.state == State.STOPPED and final.ledger is not None and final.ledger.cut_sequence == 0
    generated, dropped = final.total(Role.IN, stage=0), final.total(Role.DROPPED)
    assert generated == dropped + final.total(Role.OUT, stage=3) and final.total(Role.HELD) == 0
    assert final.total(Role.ID_GAPS) == dropped
    assert all(sample.deltas is not None for sample in taken[1:]), "a counter went backwards"
    for sample in taken:
        flow = [sample.total(Role.IN, stage=n) for n in range(4)]
        assert flow == sorted(flow, reverse=True), "in >= out in every reading"


SETTINGS: list[dict[str, Any]] = [
    {},
    {"rate_hz": 1_000.0},
    {"rate_hz": 1e6, "ring_slots": (8192, 8192, 8192)},
    {"pattern": "max"},
    {"pattern": "max", "on_full": "block", "ring_slots": (64, 64, 64)},
    {"pattern": "max", "ring_slots": (2, 2, 2)},
    {"threading": "dedicated", "wait": "yield"},
    {"threading": "dedicated", "wait": "backoff", "rate_hz": 300_000.0},
    {"pattern": "bursts"},
    {"bundle_max": 1, "pattern": "constant"},
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
def test_the_ledger_is_exact_in_every_sample(settings: dict[str, Any], tmp_path: Path) -> None:
    options = EngineOptions(**settings, segment_dir=tmp_path, cut_interval_ns=10 * MS)
    taken = watched(options, lambda session: wait_for(session, Role.CUT_SEQUENCE, 8))
    exact(taken)
    assert list(tmp_path.iterdir()) == []


def test_it_is_exact_under_everything_that_can_be_done_to_it(tmp_path: Path) -> None:
    def torment(session: Session) -> None:
        controls = session.controls
        wait_for(session, Role.CUT_SEQUENCE, 1)
        for act in (
            lambda: controls.burst(20_000),
            lambda: controls.stall(1, 100 * MS),
            lambda: controls.rate(400_000),
            lambda: controls.slow(2, 3_000),
            lambda: controls.bundle_max(3),
            lambda: controls.bundle_timeout(20_000),
            lambda: controls.hold(True),
            lambda: controls.hold(False),
            lambda: controls.wait("yield"),
            lambda: controls.burst(9_000),
        ):
            act()
            time.sleep(0.03)
        controls.stall(3, 3_600 * SECOND)
        time.sleep(0.05)

    options = EngineOptions(
        segment_dir=tmp_path, cut_interval_ns=5 * MS, threading="dedicated", wait="backoff"
    )
    taken = watched(options, torment)
    exact(taken)
    told = [event.name for one in taken for event in one.events if event.kind == "control"]
    assert told == [
        "burst",
        "stall",
        "rate",
        "slow",
        "bundle_max",
        "bundle_timeout",
        "hold",
        "hold",
        "wait",
        "burst",
        "stall",
    ]
    assert taken[-1].total(Role.COMMANDS) == len(told)


def test_commands_are_told_once_with_their_moment(tmp_path: Path) -> None:
    with Simulation(EngineOptions(segment_dir=tmp_path)) as simulation:
        reader = SegmentReader(Segment(simulation.segment_path), "attached")
        assert reader.read().events == ()
        simulation.run_until(7 * MS)
        simulation.command(1, 2, 5 * MS)
        (event,) = reader.read().events
        assert (event.mono_ns, event.kind, event.name, event.stage) == (7 * MS, "control", "stall", 2)
        assert event.text == "Bundle stalled for 5.00ms"
        assert reader.read().events == ()
        for count in range(1, 301):
            simulation.command(0, 0, count)
        events = reader.read().events
        assert events[0].name == "commands_missed" and events[0].value == 44
        assert [event.value for event in events[1:]] == list(range(45, 301))
        reader.close()


def test_what_does_not_apply_is_refused_in_one_line(tmp_path: Path) -> None:
    source = LiveSource(EngineOptions(pattern="max", segment_dir=tmp_path))
    session = Session(source, interval_ns=SECOND)
    session.start()
    with pytest.raises(ControlError, match="not paced"):
        session.controls.rate(5_000)
    session.close("test")
    with pytest.raises(ControlError, match="has stopped"):
        session.controls.burst(1)


def test_a_source_that_cannot_start_leaves_nothing_behind(tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        LiveSource(EngineOptions(cores=(4095,), segment_dir=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_a_pipeline_that_cannot_be_read_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreadable(segment: Segment, source: str) -> SegmentReader:
        raise InputError("not readable")

    monkeypatch.setattr(live, "SegmentReader", unreadable)
    with pytest.raises(InputError):
        LiveSource(EngineOptions(segment_dir=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_threads_cores_and_cost_are_those_of_this_machine(tmp_path: Path) -> None:
    options = EngineOptions(segment_dir=tmp_path, threading="dedicated", wait="backoff")
    taken = watched(options, lambda session: wait_for(session, Role.CUT_SEQUENCE, 3), interval_ns=50 * MS)
    sample = taken[-2]
    assert [thread.stages for thread in sample.threads] == [(0,), (1,), (2,), (3,)]
    assert all(thread.cpu_ratio is not None and 0 <= thread.cpu_ratio < 1.5 for thread in sample.threads)
    assert all(thread.voluntary_switches is not None for thread in sample.threads)
    assert sample.cores and sample.cost is not None and sample.cost.rss_bytes > 10**6
    assert taken[-1].cost is not None and taken[-1].cost.cpu_ratio is None, (
        "ended threads are no cost of watching"
    )


def test_a_source_may_be_stopped_from_a_signal_handler(tmp_path: Path) -> None:
    source = LiveSource(EngineOptions(segment_dir=tmp_path))
    source.request_stop()
    while source.read().state != State.STOPPED:
        time.sleep(0.005)
    source.close()
    assert source.read().state == State.STOPPED
    source.release()
    source.release()


@pytest.mark.parametrize(("pattern", "kind"), [("poisson", Pattern.POISSON), ("constant", Pattern.CONSTANT)])
@pytest.mark.parametrize(
    ("rate_hz", "timeout_ns"), [(100_000.0, 100_000), (1_000_000.0, 9_500), (20_000.0, 130_000)]
)
def test_bundles_fill_as_the_model_expects(
    pattern: str, kind: Pattern, rate_hz: float, timeout_ns: int, tmp_path: Path
) -> None:
    """Under a virtual clock every stage serves promptly: 4 standard errors, of at least 20,000 bundles."""
    options = EngineOptions(
        pattern=pattern, rate_hz=rate_hz, bundle_timeout_ns=timeout_ns, segment_dir=tmp_path
    )
    with Simulation(options) as simulation:
        reader, sampler = SegmentReader(Segment(simulation.segment_path), "live"), Sampler()
        sampler.take(reader.read())
        simulation.run_until(int(20_000 * 20 / rate_hz * SECOND))
        sample = sampler.take(reader.read())
        reader.close()
    expected = expect(kind, rate_hz, timeout_ns, 16)
    bundles, fills = sample.delta(Role.UNITS_OUT), list(sample.run.topology.find(Role.FILL))
    assert expected is not None and bundles is not None and bundles > 20_000 and sample.deltas is not None
    assert sample.expected_fill == expected.fill
    by_fill = [int(sample.deltas[word.index]) for word in fills]
    mean = sum(n * count for n, count in enumerate(by_fill, 1)) / bundles
    variance = sum((n - mean) ** 2 * count for n, count in enumerate(by_fill, 1)) / bundles
    assert abs(mean - expected.fill) <= 4 * (variance / bundles) ** 0.5 + 1 / bundles
    by_size = sample.delta(Role.FLUSH_SIZE)
    assert by_size is not None
    share_error = (expected.size_ratio * expected.timeout_ratio / bundles) ** 0.5
    assert abs(by_size / bundles - expected.size_ratio) <= 4 * share_error + 1 / bundles


def test_a_pipeline_that_another_owns_is_read_alike(tmp_path: Path) -> None:
    pipeline = Pipeline(EngineOptions(segment_dir=tmp_path))
    reader = SegmentReader(Segment(pipeline.segment_path), "attached")
    assert reader.read().state == State.STARTING
    assert reader.read(alive=False).state == State.LOST
    pipeline.start()
    pipeline.stop()
    assert reader.read(alive=False).state == State.STOPPED, "who has stopped is not lost"
    pipeline.destroy()
    reader.close()
