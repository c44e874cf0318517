"""A recording as a whole: parts, runs and damage on one axis of time; columns are what a CSV parser reads."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from velox_tui.errors import InputError, InputMissingError
from velox_tui.recording.columns_moment import EVENTS_CHARACTERS_MAX
from velox_tui.recording.reader import UNKNOWN, FrameKind, Recording
from velox_tui.recording.reader import columns as columns_module
from velox_tui.recording.recorder import FileRecorder, Mode
from velox_tui.recording.rotation import Rotation
from velox_tui.telemetry.sample import Run, Sample

SECOND_NS = 10**9


def record(target: Path, samples: Sequence[Sample], run: Run | None = None, **options: object) -> Path:
    recorder = FileRecorder(target, run or samples[0].run, {}, **options)  # type: ignore[arg-type]
    for sample in samples:
        recorder.write(sample)
    recorder.close(None, "test")
    return target


def of_another_run(samples: Sequence[Sample], run_id: str, *, mono_ns: int, later_ns: int) -> list[Sample]:
    """The same as another run, on a clock that begins anew, so much later on the wall."""
    first = samples[0]
    run = replace(
        first.run,
        run_id=run_id,
        start_mono_ns=mono_ns,
        start_unix_ns=first.run.start_unix_ns + later_ns,
    )
    shift_ns = mono_ns - first.run.start_mono_ns
    return [
        replace(
            one,
            run=run,
            seq=place,
            mono_ns=one.mono_ns + shift_ns,
            unix_ns=one.unix_ns + later_ns,
            interval_ns=one.interval_ns if place else None,
            deltas=one.deltas if place else None,
            events=(),
        )
        for place, one in enumerate(samples)
    ]


def test_columns_are_what_a_parser_reads(tmp_path: Path, samples: list[Sample]) -> None:
    target = record(tmp_path / "run.csv", samples)
    with target.open(newline="") as file:
        rows = list(csv.DictReader(file))
    recording = Recording(target)
    for name in ("mono_ns", "ingress_pushed_total", "output_in_id_sum", "e2e_p99_ns", "interval_ns"):
        expected = [int(row[name]) if row[name] else UNKNOWN for row in rows]
        assert recording.wholes(name, 0, len(rows)).tolist() == expected
        assert recording.wholes(name, 100, 131).tolist() == expected[100:131], "across blocks"
    for name in ("core0_ratio", "ingress_per_s", "best_bid", "expected_fill"):
        found = recording.floats(name, 0, len(rows))
        expected_floats = np.array([float(row[name] or "nan") for row in rows])
        assert np.array_equal(found, expected_floats, equal_nan=True)
    assert (recording.wholes("no_such_column", 0, 3) == UNKNOWN).all()
    assert np.isnan(recording.floats("no_such_column", 0, 3)).all()
    recording.close()


def test_rows_with_events_are_found_wherever_their_column_is(tmp_path: Path, samples: list[Sample]) -> None:
    target = record(tmp_path / "run.csv", samples)
    expected = [place for place, sample in enumerate(samples) if sample.events]
    assert len(expected) > 5
    recording = Recording(target)
    assert recording.eventful().tolist() == expected
    assert recording.eventful(since=60).tolist() == [place for place in expected if place >= 60]
    lines = target.read_bytes().splitlines()
    target.write_bytes(
        b"".join(b"%s,%s\n" % (line, b"newer" if not n else b"7") for n, line in enumerate(lines))
    )
    assert Recording(target).eventful().tolist() == expected, "with a newer column after it"


def test_what_is_written_meanwhile_is_taken_in(tmp_path: Path, samples: list[Sample]) -> None:
    target = tmp_path / "run.csv"
    recorder = FileRecorder(target, samples[0].run, {})
    recorder.write(samples[0])
    recording = Recording(target)
    assert recording.writing and len(recording) == 1
    for sample in samples[1:140]:
        recorder.write(sample)
        assert recording.refresh() == 1
        assert recording.wholes("seq", len(recording) - 1, len(recording)).tolist() == [sample.seq]
    assert recording.wholes("seq", 0, 140).tolist() == list(range(140))
    assert recording.eventful().tolist() == [n for n, one in enumerate(samples[:140]) if one.events]
    recorder.close(None, "test")
    assert not recording.writing and not recording.deleted
    target.unlink()
    assert recording.deleted and recording.cells(5) and recording.refresh() == 0


def test_parts_are_one_recording(tmp_path: Path, samples: list[Sample]) -> None:
    target = tmp_path / "run.csv"
    recorder = FileRecorder(target, samples[0].run, {}, rotation=Rotation(size_bytes=100_000))
    for sample in samples[:100]:
        recorder.write(sample)
    recording = Recording(target)
    assert len(recording.parts) > 2 and len(recording) == 100 and len(recording.stretches) == 1
    for sample in samples[100:]:
        recorder.write(sample)
    recorder.close(None, "test")
    assert recording.refresh() == len(samples) - 100, "in new parts as well"
    assert recording.wholes("seq", 0, len(recording)).tolist() == list(range(len(samples)))
    for place in (0, 77, len(samples) - 1):
        moment = samples[place].mono_ns
        assert recording.axis_ns(place) == moment and recording.number_at(moment) == place
    alone = Recording(tmp_path / "run.0002.csv")
    assert len(alone) < len(recording) and alone.wholes("seq", 0, 1)[0] > 0, "a part by its own name"


def test_runs_stand_one_after_another_as_the_wall_clock_says(tmp_path: Path, samples: list[Sample]) -> None:
    hour_ns = 3600 * SECOND_NS
    target = record(tmp_path / "run.csv", samples[:30])
    second = of_another_run(samples[:20], "second", mono_ns=5 * SECOND_NS, later_ns=hour_ns)
    record(target, second, mode=Mode.APPEND)
    backwards = of_another_run(samples[:10], "third", mono_ns=7 * SECOND_NS, later_ns=-hour_ns)
    record(target, backwards, mode=Mode.APPEND)
    recording = Recording(target)
    assert [(one.first, one.last, one.run_id) for one in recording.stretches] == [
        (0, 30, "canned"),
        (30, 50, "second"),
        (50, 60, "third"),
    ]
    times = recording.times(0, 60)
    assert (np.diff(times) > 0).all()
    assert times.tolist() == [recording.axis_ns(place) for place in range(60)]
    assert times[30] - times[29] == pytest.approx(hour_ns - 29 * SECOND_NS, abs=SECOND_NS)
    runs = [recording.run(one) for one in recording.stretches]
    assert [run and run.run_id for run in runs] == ["canned", "second", "third"]
    for place in range(60):
        assert recording.number_at(int(times[place])) == place
        assert recording.number_at(int(times[place]) - 1) == place - 1


def test_one_pipeline_recorded_twice_keeps_its_clock(tmp_path: Path, samples: list[Sample]) -> None:
    target = record(tmp_path / "run.csv", samples[:10])
    again = [replace(one, seq=place) for place, one in enumerate(samples[40:50])]
    record(target, again, mode=Mode.APPEND)
    recording = Recording(target)
    assert [one.offset_ns for one in recording.stretches] == [0, 0]
    assert recording.times(10, 20).tolist() == [one.mono_ns for one in again]
    index = recording.parts[0].index
    assert index is not None
    moments = [
        index.moment("canned", samples[0].run.topology, one.mono_ns) for one in (*samples[1:10], *again)
    ]
    assert all(moments)
    assert len(index.stored("canned", FrameKind.INTERVAL).places) == 20


@pytest.mark.parametrize("tail", [b"1,2026", b"\n\n\n", b"\0" * 100])
def test_a_cut_tail_does_not_count(tmp_path: Path, samples: list[Sample], tail: bytes) -> None:
    target = record(tmp_path / "run.csv", samples[:5])
    with target.open("ab") as file:
        file.write(tail)
    assert len(Recording(target)) == 5


def test_rows_that_are_none_stay_where_they_are(tmp_path: Path, samples: list[Sample]) -> None:
    target = record(tmp_path / "run.csv", samples[:6])
    lines = target.read_bytes().splitlines(keepends=True)
    lines[3] = b"what,is,this\n"
    lines[5] = b"x" * 3_000_000 + b"\n"
    target.write_bytes(b"".join(lines))
    recording = Recording(target)
    assert len(recording) == 6 and len(recording.stretches) == 1
    assert recording.axis_ns(2) == samples[1].mono_ns and recording.axis_ns(5) == samples[5].mono_ns
    assert (np.diff(recording.times(0, 6)) >= 0).all()
    assert recording.wholes("seq", 0, 6)[[0, 1, 3, 5]].tolist() == [0, 1, 3, 5]
    with pytest.raises(InputError, match="3,000,001 bytes"):
        recording.cells(4)


@pytest.mark.parametrize("characters", [EVENTS_CHARACTERS_MAX, 300_000])
def test_a_cell_longer_than_any_of_ours_is_told(
    tmp_path: Path, samples: list[Sample], characters: int
) -> None:
    target = record(tmp_path / "run.csv", samples[:4])
    lines = target.read_bytes().splitlines(keepends=True)
    note = "x" * characters
    lines[2] = lines[2].replace(b'"[]"', f'"[{{""mono_ns"":5,""text"":""{note},""}}]"'.encode())
    target.write_bytes(b"".join(lines))
    recording = Recording(target)
    if characters <= EVENTS_CHARACTERS_MAX:
        assert note in recording.cells(1)[-1]
        assert recording.wholes("seq", 0, 4).tolist() == [0, 1, 2, 3]
        return
    with pytest.raises(InputError, match=r"run\.csv: row 2: field larger than field limit"):
        recording.cells(1)
    assert recording.wholes("seq", 0, 4).tolist() == [0, UNKNOWN, 2, 3]


def test_endless_rows_are_unknown_and_take_no_memory(tmp_path: Path, samples: list[Sample]) -> None:
    target = record(tmp_path / "run.csv", samples[:2])
    with target.open("r+b") as file:
        file.seek(0, 2)
        file.truncate(file.tell() + (1 << 27))
        file.seek(0, 2)
        file.write(b"\n")
    recording = Recording(target)
    assert len(recording) == 3
    assert recording.wholes("seq", 0, 3).tolist() == [UNKNOWN] * 3, "the block that holds it is not read"
    assert recording.axis_ns(2) == samples[1].mono_ns


def test_columns_that_are_asked_for_often_are_read_once(
    tmp_path: Path, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = Recording(record(tmp_path / "run.csv", samples))
    recording.wholes("seq", 0, 190)
    monkeypatch.setattr(columns_module, "Cut", None)
    assert recording.wholes("seq", 3, 180).tolist() == list(range(3, 180))


def test_what_is_no_recording_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text.csv").write_text("a,b\n1,2\n")
    (tmp_path / "empty.csv").touch()
    (tmp_path / "endless.csv").write_bytes(b"x" * (3 << 20))
    for name, said in (
        ("text.csv", "no column mono_ns"),
        ("empty.csv", "no header row"),
        ("endless.csv", "no header row"),
        (".", "a folder"),
    ):
        with pytest.raises(InputError, match=said):
            Recording(tmp_path / name)
    with pytest.raises(InputMissingError):
        Recording(tmp_path / "none.csv")
