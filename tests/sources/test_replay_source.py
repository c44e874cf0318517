"""A replay gives the Samples back that were recorded, and windows that equal the sum of their parts."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from velox_tui.errors import ControlError, InputError
from velox_tui.recording.recorder import FileRecorder, Mode
from velox_tui.sources import canned, replay_histograms
from velox_tui.sources.replay import Replay
from velox_tui.sources.replay_history import ReplayHistory
from velox_tui.telemetry import histogram, processor
from velox_tui.telemetry.alerts import RULES, AlertLimits
from velox_tui.telemetry.alerts.recall import recall
from velox_tui.telemetry.history import History
from velox_tui.telemetry.observer import Observer
from velox_tui.telemetry.sample import Buckets, Run, Sample, State
from velox_tui.telemetry.topology import Role

SECONDS = 190
MADE: list[Sample] = []


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """Three minutes and a bit, stopped at the end."""
    if not MADE:
        source, observer = canned.CannedSource(SECONDS), Observer(AlertLimits())
        MADE.extend(observer.take(source.read(), late_ns=7) for _ in range(SECONDS))
    return MADE


@pytest.fixture
def recorded(tmp_path: Path, samples: list[Sample]) -> Path:
    return write(tmp_path / "run.csv", samples)


def write(target: Path, samples: list[Sample], run: Run | None = None, mode: Mode = Mode.NEW) -> Path:
    recorder = FileRecorder(target, run or samples[0].run, {}, mode=mode)
    for sample in samples:
        recorder.write(sample)
    recorder.close(None, "test")
    return target


def alone(target: Path) -> Path:
    """The CSV without anything beside it."""
    for ending in (".frames", ".meta.json"):
        target.with_name(target.stem + ending).unlink()
    return target


def same_buckets(one: Buckets | None, other: Buckets | None) -> bool:
    if one is None or other is None:
        return one is other
    same = np.array_equal(one.indices, other.indices) and np.array_equal(one.counts, other.counts)
    return same and one.total == other.total


def assert_rows_are(found: Sample, sample: Sample) -> None:
    """All that a row can hold."""
    assert (found.seq, found.mono_ns, found.state, found.late_ns) == (
        sample.seq,
        sample.mono_ns,
        sample.state,
        sample.late_ns,
    )
    assert found.unix_ns == sample.unix_ns // 10**6 * 10**6
    assert np.array_equal(found.words, sample.words)
    assert found.interval_ns == sample.interval_ns
    assert (found.deltas is None) == (sample.deltas is None)
    assert sample.deltas is None or np.array_equal(found.deltas, sample.deltas)  # type: ignore[arg-type]
    assert found.quantiles == sample.quantiles
    assert found.events == sample.events
    assert found.expected_fill == sample.expected_fill
    assert all(one == other for one, other in zip(found.cores, sample.cores, strict=False))


def assert_ledgers_are(found: Sample, sample: Sample) -> None:
    one, other = found.ledger, sample.ledger
    assert one is not None and other is not None
    assert (one.residual, one.position, one.cut_sequence == 0) == (
        other.residual,
        other.position,
        other.cut_sequence == 0,
    )
    assert (one.stages, one.hops, one.whole, one.witness) == (
        other.stages,
        other.hops,
        other.whole,
        other.witness,
    )


def test_every_sample_comes_back(recorded: Path, samples: list[Sample]) -> None:
    replay = Replay(recorded)
    assert len(replay) == len(samples) and replay.run.source == "replay"
    for number in (*range(len(samples)), 5, 3):
        found, sample = replay.sample(number), samples[number]
        assert_rows_are(found, sample)
        assert_ledgers_are(found, sample)
        assert (found.threads, found.cost) == (sample.threads, sample.cost)
        assert found.depth is not None and sample.depth is not None
        assert np.array_equal(found.depth.bids, sample.depth.bids)
        assert found.histograms is not None and sample.histograms is not None
        assert all(map(same_buckets, found.histograms, sample.histograms))
    assert replay.sample(SECONDS - 1).state is State.STOPPED


def test_without_frames_and_meta_the_rows_say_what_they_can(recorded: Path, samples: list[Sample]) -> None:
    replay = Replay(alone(recorded))
    assert replay.frames_missing == "run.frames"
    for number in (0, 1, 50, SECONDS - 1):
        found = replay.sample(number)
        assert_rows_are(found, samples[number])
        assert_ledgers_are(found, samples[number])
        assert (found.histograms, found.depth, found.threads, found.cost) == (None, None, (), None)
    assert [ring.capacity for ring in replay.run.topology.rings] == [4096, 4096, 1024]
    assert replay.run.start_unix_ns == samples[0].unix_ns // 10**6 * 10**6


@pytest.mark.parametrize("levels", ["9" * 5000, "1" + "0" * 20, "٣", "", "0", "-4"], ids=len)
def test_a_shape_that_no_row_can_have_is_the_engines_own(
    recorded: Path, samples: list[Sample], levels: str
) -> None:
    rows = alone(recorded)
    place = rows.read_text().splitlines()[0].split(",").index("config_levels")
    edited(rows, lambda row, line: [*row[:place], levels, *row[place + 1 :]] if line == 1 else row)
    book, given = Replay(rows).run.topology.book, samples[0].run.topology.book
    assert book is not None and given is not None and book.levels == given.levels


@pytest.mark.parametrize("rows_alone", [False, True])
def test_the_processors_counters_give_the_same_figures(
    recorded: Path, samples: list[Sample], rows_alone: bool
) -> None:
    replay = Replay(alone(recorded) if rows_alone else recorded)
    found, sample = replay.sample(40), samples[40]
    assert found.deltas is not None and found.interval_ns and sample.deltas is not None
    for stage in range(4):
        shown = processor.figures(found.run.topology, stage, found.deltas, found.interval_ns)
        assert shown == processor.figures(sample.run.topology, stage, sample.deltas, found.interval_ns)
        assert shown.instructions_per_cycle and processor.stages_of_thread(found, stage) == (stage,)


def test_a_recording_without_the_processors_counters_has_none(recorded: Path) -> None:
    header = recorded.read_text().splitlines()[0].split(",")
    gone = {place for place, name in enumerate(header) if "_thread_" in name and name.endswith("_total")}
    assert len(gone) == 20
    edited(recorded, lambda row, line: [cell for place, cell in enumerate(row) if place not in gone])
    assert not processor.is_counted(Replay(recorded).run.topology)


def test_the_meta_file_is_enough_for_the_shape(recorded: Path, samples: list[Sample]) -> None:
    recorded.with_suffix(".frames").unlink()
    run = Replay(recorded).run
    assert run == replace(samples[0].run, source="replay")


def test_another_pipelines_rows_alone_are_refused(tmp_path: Path) -> None:
    (tmp_path / "foreign.csv").write_text("mono_ns,seq,run_id,pump_in_total\n1,0,x,5\n")
    with pytest.raises(InputError, match=r"neither foreign\.frames nor foreign\.meta\.json tells"):
        Replay(tmp_path / "foreign.csv")


def test_a_recording_without_rows_is_refused(tmp_path: Path, samples: list[Sample]) -> None:
    with pytest.raises(InputError, match="no row yet"):
        Replay(write(tmp_path / "run.csv", [], samples[0].run))
    header = (tmp_path / "run.csv").read_text()
    (tmp_path / "junk.csv").write_text(header + "x,y\n" * 500)
    with pytest.raises(InputError, match="none of its rows"):
        Replay(tmp_path / "junk.csv")


def edited(target: Path, change: Callable[[list[str], int], list[str]]) -> Path:
    """Cells of every line changed, by a rule that gets them and the line's number. Events become empty."""
    lines = target.read_text().splitlines()
    cells = [line.partition('"')[0].rstrip(",").split(",") for line in lines]
    target.write_text("".join(",".join(change(row, place)) + "\n" for place, row in enumerate(cells)))
    return target


def test_columns_that_are_not_known_do_not_matter(recorded: Path, samples: list[Sample]) -> None:
    edited(recorded, lambda row, line: ["newer" if not line else "?", *row, "latest" if not line else "1"])
    found = Replay(recorded).sample(30)
    assert np.array_equal(found.words, samples[30].words) and found.quantiles == samples[30].quantiles


def test_columns_that_are_missing_make_that_unknown_and_nothing_else(
    recorded: Path, samples: list[Sample]
) -> None:
    gone = ("ingress_dropped_total", "e2e_p999_ns", "ts_utc", "schema_version", "interval_ns", "core0_ratio")
    header = recorded.read_text().splitlines()[0].split(",")
    places = {header.index(name) for name in gone}
    edited(recorded, lambda row, line: [cell for place, cell in enumerate(row) if place not in places])
    replay = Replay(recorded)
    found, sample = replay.sample(30), samples[30]
    topology = replay.run.topology
    assert "ingress_dropped_total" not in topology.by_name and topology.first(Role.DROPPED) is None
    for word in topology.words:
        assert found.words[word.index] == sample.words[sample.run.topology.by_name[word.name].index]
    assert found.unix_ns == sample.unix_ns, "by the run's own clock"
    e2e = topology.histogram(Role.LATENCY_EXIT, stage=3)
    assert e2e is not None and found.quantiles[e2e.index] is None and found.quantiles[0] is not None
    assert found.cores == () and found.deltas is None


def test_a_row_that_cannot_be_understood_is_told_and_passed_over(
    recorded: Path, samples: list[Sample]
) -> None:
    place = recorded.read_text().splitlines()[0].split(",").index("output_in_total")
    edited(recorded, lambda row, line: [*row[:place], "many", *row[place + 1 :]] if line == 31 else row)
    replay = Replay(recorded)
    with pytest.raises(InputError, match=r"run\.csv: row 31: output_in_total is 'many'"):
        replay.sample(30)
    assert replay.sample(31).deltas is None, "no rate across what is not known"
    history = ReplayHistory(replay)
    shown = history.sample(30)
    assert shown is not None and shown.seq == 29
    assert history.sample(30) is not None and len(history.troubles) == 1
    _, values = history.series("output_in_per_s", samples[29].mono_ns, samples[32].mono_ns)
    assert np.isnan(values).tolist() == [False, True, True, False]


@pytest.mark.parametrize("events", ["[", "{}", "[1, null]", '[{"mono_ns": "x"}]', "[" * 100_000, "nul"])
def test_events_that_are_none_are_left_out(recorded: Path, samples: list[Sample], events: str) -> None:
    lines = recorded.read_text().splitlines(keepends=True)
    quoted = '"' + events.replace('"', '""') + '"\n'
    lines[6] = lines[6].replace('"[]"\n', quoted)
    recorded.write_text("".join(lines))
    found = Replay(recorded).sample(5)
    assert found.events == () and np.array_equal(found.words, samples[5].words)


def test_torn_frames_make_only_their_own_interval_unknown(recorded: Path, samples: list[Sample]) -> None:
    frames = recorded.with_suffix(".frames")
    content = bytearray(frames.read_bytes())
    for place in range(len(content) // 3, len(content) // 3 + 2000):
        content[place] ^= 0x55
    frames.write_bytes(bytes(content[: len(content) - 7]))
    replay = Replay(recorded)
    unknown = [number for number in range(SECONDS) if replay.sample(number).histograms is None]
    assert 1 <= len(unknown) <= 4
    assert all(replay.sample(number).quantiles == samples[number].quantiles for number in unknown)


def test_nothing_can_be_steered(recorded: Path) -> None:
    replay = Replay(recorded)
    with pytest.raises(ControlError, match="a recording is replayed"):
        replay.command(0, 0, 1)
    replay.release()
    replay.release()


@pytest.fixture
def both(recorded: Path, samples: list[Sample]) -> tuple[ReplayHistory, History]:
    """The replayed past, and the one that was live."""
    live = History(samples[0].run, interval_ns=10**9)
    for sample in samples:
        live.append(sample)
    return ReplayHistory(Replay(recorded)), live


def _parts(heat: tuple[tuple[int, int, Buckets], ...]) -> list[Buckets]:
    return [part for _, _, part in heat]


def test_series_are_those_of_the_live_history(both: tuple[ReplayHistory, History]) -> None:
    replayed, live = both
    from_ns, to_ns = live.began_ns + 20 * 10**9, live.ended_ns - 5 * 10**9
    names = ("ingress_pushed_per_s", "order_book_per_s", "bundles_per_s", "dropped_per_s", "e2e_p99_ns",
             "ring0_high_water_slots", "ingress_busy_ratio", "fill", "spread", "best_bid", "ledger_residual",
             "core1_ratio", "late_ns", "rate_millihz", "e2e_count")  # fmt: skip
    for name in names:
        times, values = replayed.series(name, from_ns, to_ns)
        expected_times, expected = live.series(name, from_ns, to_ns)
        assert times.tolist() == expected_times.tolist(), name
        assert np.allclose(values, expected, rtol=1e-6, equal_nan=True), name
    with pytest.raises(KeyError):
        replayed.series("no_such_series", from_ns, to_ns)


def test_the_first_row_has_no_rate(both: tuple[ReplayHistory, History]) -> None:
    times, values = both[0].series("ingress_pushed_per_s", 0, both[1].began_ns)
    assert len(times) == 1 and np.isnan(values).all()


@pytest.mark.parametrize(("back_s", "at"), [(10, 100), (1, 44), (60, 150), (170, 180), (500, 189), (20, 3)])
def test_windows_are_merged_as_live(both: tuple[ReplayHistory, History], back_s: int, at: int) -> None:
    replayed, live = both
    shown = live.sample(at)
    assert shown is not None
    to_ns, from_ns = shown.mono_ns, shown.mono_ns - back_s * 10**9
    for one in shown.run.topology.histograms:
        assert same_buckets(replayed.merged(one, from_ns, to_ns), live.merged(one, from_ns, to_ns))
        heat, expected = replayed.heat(one, from_ns, to_ns), live.heat(one, from_ns, to_ns)
        assert [span[:2] for span in heat] == [span[:2] for span in expected]
        assert all(same_buckets(*pair) for pair in zip(_parts(heat), _parts(expected), strict=True))


def test_a_whole_run_is_what_was_recorded_up_to_the_moment(
    both: tuple[ReplayHistory, History], samples: list[Sample]
) -> None:
    one = samples[0].run.topology.histograms[0]
    for at in (50, 180, 20, 181, 189):
        parts = [sample.histograms[0] for sample in samples[1 : at + 1] if sample.histograms]
        expected = histogram.merge([part for part in parts if part is not None])
        assert same_buckets(both[0].merged(one, 0, samples[at].mono_ns), expected)


def test_long_windows_come_from_the_minutes(
    recorded: Path, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_histograms, "FINE", 20)
    history, one = ReplayHistory(Replay(recorded)), samples[0].run.topology.histograms[0]
    to_ns = samples[185].mono_ns
    spans = history.heat(one, samples[2].mono_ns, to_ns)
    assert len(spans) < 150, "minutes where they are whole"
    parts = [sample.histograms[0] for sample in samples[3:186] if sample.histograms]
    expected = histogram.merge([part for part in parts if part is not None])
    assert same_buckets(history.merged(one, samples[2].mono_ns, to_ns), expected)


def test_the_overview_tells_every_part_of_the_whole(both: tuple[ReplayHistory, History]) -> None:
    times, rates = both[0].overview("ingress_pushed_per_s", 30)
    assert len(times) == len(rates) == 30 and (np.diff(times) > 0).all()
    moved = sum(rates * np.diff(times, prepend=both[1].began_ns) / 1e9)
    first, last = both[1].sample(0), both[1].sample(SECONDS - 1)
    assert first is not None and last is not None
    assert moved == pytest.approx(last.total(Role.OUT, stage=0) - first.total(Role.OUT, stage=0))
    assert not len(both[0].overview("no_such_series", 30)[0])


def test_another_run_in_the_same_file_is_another_run(tmp_path: Path, samples: list[Sample]) -> None:
    target = write(tmp_path / "run.csv", samples[:30])
    run = replace(samples[0].run, run_id="second", start_unix_ns=samples[0].run.start_unix_ns + 600 * 10**9)
    again = [replace(one, run=run, unix_ns=one.unix_ns + 600 * 10**9) for one in samples[:25]]
    write(target, again, mode=Mode.APPEND)
    replay = Replay(target)
    history, one = ReplayHistory(replay), samples[0].run.topology.histograms[0]
    first, second = replay.sample(29), replay.sample(31)
    assert (first.run.run_id, second.run.run_id) == ("canned", "second")
    assert second.mono_ns - second.run.start_mono_ns == samples[1].mono_ns - run.start_mono_ns
    assert replay.sample(30).deltas is None
    merged = history.merged(one, 0, replay.sample(40).mono_ns)
    parts = [sample.histograms[0] for sample in samples[1:11] if sample.histograms]
    assert same_buckets(merged, histogram.merge([part for part in parts if part is not None]))
    times, values = history.series("ingress_pushed_per_s", first.mono_ns, second.mono_ns)
    assert len(times) == 4 and np.isnan(values).tolist() == [False, True, True, False], "a gap between them"


def test_alerts_are_those_of_the_moment(recorded: Path, samples: list[Sample]) -> None:
    source, observer = canned.CannedSource(SECONDS), Observer(AlertLimits())
    events = [event for sample in samples for event in sample.events]
    events.sort(key=lambda event: event.mono_ns)
    seen = set()
    for sample in samples:
        observer.take(source.read(), late_ns=7)
        expected = [(one.name, one.severity, one.ring, one.since_mono_ns, one.why) for one in observer.alerts]
        found = recall(events, sample.mono_ns, RULES)
        assert [(one.name, one.severity, one.ring, one.since_mono_ns, one.why) for one in found] == expected
        seen.add(len(expected))
    assert 0 in seen and len(seen) > 1


def test_a_frame_that_says_nonsense_is_no_fault_of_ours(recorded: Path) -> None:
    from velox_tui.recording.frame_codec import FrameKind, encode

    with recorded.with_suffix(".frames").open("ab") as file:
        for fields in (
            {},
            {"run_id": "canned"},
            {"run_id": 5, "interval_ns": []},
            {"run": "x", "run_id": "y"},
        ):
            for kind in FrameKind:
                file.write(encode(kind, 2**63, -5, json.loads(json.dumps(fields)), {}))
    replay = Replay(recorded)
    history = ReplayHistory(replay)
    assert replay.sample(100).histograms is not None
    assert history.merged(replay.run.topology.histograms[0], 0, replay.sample(100).mono_ns) is not None


def test_totals_prepared_by_and_by_are_the_same(
    recorded: Path, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    one = samples[0].run.topology.histograms[0]
    expected = ReplayHistory(Replay(recorded)).merged(one, 0, samples[170].mono_ns)
    monkeypatch.setattr(replay_histograms, "_CHECKPOINT_NS", 20 * 10**9)
    monkeypatch.setattr(replay_histograms, "_MINUTE_NS", 10**9)
    history = ReplayHistory(Replay(recorded))
    for _ in range(12):
        history.prepare()
    assert len(history._histograms._totals[0]) > 3
    assert same_buckets(history.merged(one, 0, samples[170].mono_ns), expected), "from what was prepared"
