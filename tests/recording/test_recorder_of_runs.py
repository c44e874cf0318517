"""One recording of several runs, one after another."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import pytest

from velox_tui.recording.intervals import intervals, parts_of
from velox_tui.recording.recorder import FileRecorder
from velox_tui.recording.recorder_of_runs import RecorderOfRuns
from velox_tui.recording.rotation import Rotation
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry.rates import Sampler
from velox_tui.telemetry.sample import Run, Sample


def samples(*run_ids: str) -> list[Sample]:
    """Samples of canned runs of these names, each of three readings."""
    sampler, every = Sampler(), []
    for run_id in run_ids:
        source = CannedSource(60)
        run = replace(source.run, run_id=run_id)
        every += [sampler.take(replace(source.read(), run=run)) for _ in range(3)]
    return every


def recorder_of(path: Path, run: Run, rotation: Rotation | None = None) -> RecorderOfRuns:
    return RecorderOfRuns(FileRecorder(path, run, {}, rotation=rotation), run, path, {}, rotation)


def ids(path: Path) -> list[str]:
    with path.open(newline="") as file:
        return [row["run_id"] for row in csv.DictReader(file)]


def test_every_run_has_its_rows_its_entry_and_its_frames(tmp_path: Path) -> None:
    path, every = tmp_path / "x.csv", samples("a", "b", "c")
    recorder = recorder_of(path, every[0].run)
    for sample in every[:-1]:
        recorder.write(sample)
    summary = recorder.close(every[-1], "left")
    assert recorder.close(None, "again") is summary
    assert (summary.rows, summary.lost_rows, summary.degraded) == (9, 0, None)
    assert ids(path) == ["a"] * 3 + ["b"] * 3 + ["c"] * 3
    runs = json.loads((tmp_path / "x.meta.json").read_text())["runs"]
    assert [(one["run_id"], one["rows"], one["exit_reason"]) for one in runs] == [
        ("a", 3, "pipeline ended"),
        ("b", 3, "pipeline ended"),
        ("c", 3, "left"),
    ]
    assert [one.run.run_id for one in intervals(parts_of(path), pytest.fail)] == [*"aabbcc"]


def test_rows_of_a_run_that_cannot_be_begun_are_lost_until_it_can(tmp_path: Path) -> None:
    path, every = tmp_path / "x.csv", samples("a", "b")
    recorder = recorder_of(path, every[0].run)
    for sample in every[:3]:
        recorder.write(sample)
    path.rename(tmp_path / "away.csv")
    path.mkdir()
    recorder.write(every[3])
    recorder.write(every[4])
    assert recorder.status.lost_rows == 2 and str(path) in (recorder.status.degraded or "")
    path.rmdir()
    (tmp_path / "away.csv").rename(path)
    summary = recorder.close(every[5], "left")
    assert (summary.rows, summary.lost_rows, summary.degraded) == (4, 2, None)
    assert ids(path) == ["a", "a", "a", "b"]


def test_a_rotated_recording_goes_on_in_its_newest_part(tmp_path: Path) -> None:
    path, every = tmp_path / "x.csv", samples("a", "b")
    recorder = recorder_of(path, every[0].run, Rotation(None, 1))
    for sample in every:
        recorder.write(sample)
    assert recorder.close(None, "left").rows == 6
    parts = sorted(tmp_path.glob("x.*.csv"))
    assert [one for part in parts for one in ids(part)] == [*"aaabbb"]
