"""Recorders: files that are whole whatever happens, parts, continuing, and stdout."""

from __future__ import annotations

import csv
import errno
import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from velox_tui.errors import InputMissingError, RecordingError
from velox_tui.recording import paths, pipe_recorder
from velox_tui.recording.frame_codec import FrameKind
from velox_tui.recording.pipe_recorder import PipeRecorder
from velox_tui.recording.reader import FramesReader, Recording, RowsReader
from velox_tui.recording.recorder import FileRecorder, Mode
from velox_tui.recording.rotation import Rotation
from velox_tui.telemetry.sample import Run, Sample


def record(target: Path, samples: list[Sample], **options: Any) -> FileRecorder:
    recorder = FileRecorder(target, samples[0].run, {"arguments": ["--x"]}, **options)
    for sample in samples[:-1]:
        recorder.write(sample)
    recorder.close(samples[-1], "duration")
    return recorder


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def seqs(path: Path) -> list[int]:
    return [int(row["seq"]) for row in rows(path)]


def meta(path: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(path.read_text())
    return content


@contextmanager
def file_size_limit(size_bytes: int) -> Iterator[None]:
    """Writes beyond it are cut short, then fail."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_recording_is_rows_frames_and_meta(tmp_path: Path, samples: list[Sample]) -> None:
    recorder = record(tmp_path / "run.csv", samples)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run.csv", "run.frames", "run.meta.json"]
    assert seqs(tmp_path / "run.csv") == [sample.seq for sample in samples]
    with FramesReader(tmp_path / "run.frames") as reader:
        kinds = [head.kind for head in reader.heads]
        assert kinds[0] == FrameKind.RUN and kinds.count(FrameKind.MINUTE) == 4
        assert [head.seq for head in reader.of_kind(FrameKind.INTERVAL)] == [sample.seq for sample in samples]
    content = meta(tmp_path / "run.meta.json")
    (run,) = content["runs"]
    assert [column["name"] for column in content["columns"]] == list(rows(tmp_path / "run.csv")[0])
    assert (run["exit_reason"], run["rows"], run["lost_rows"], run["arguments"]) == (
        "duration",
        190,
        0,
        ["--x"],
    )
    assert run["stopped_utc"] == rows(tmp_path / "run.csv")[-1]["ts_utc"]
    status = recorder.status
    assert (status.rows, status.lost_rows, status.degraded) == (190, 0, None)
    assert status.bytes == (tmp_path / "run.csv").stat().st_size


def test_meta_file_is_there_from_the_start_without_an_end(tmp_path: Path, samples: list[Sample]) -> None:
    recorder = FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    (run,) = meta(tmp_path / "run.meta.json")["runs"]
    assert run["run_id"] == "canned" and run["exit_reason"] is None and run["rows"] is None
    recorder.close(None, "x")


def test_closing_twice_is_once(tmp_path: Path, samples: list[Sample]) -> None:
    recorder = record(tmp_path / "run.csv", samples[:5])
    assert recorder.close(samples[5], "again").rows == 5
    assert seqs(tmp_path / "run.csv") == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("present", ["run.csv", "run.frames", "run.meta.json"])
def test_nothing_that_exists_is_overwritten(tmp_path: Path, samples: list[Sample], present: str) -> None:
    (tmp_path / present).write_text("precious")
    with pytest.raises(RecordingError, match=f"{present} exists"):
        FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {present: "precious"}


def test_what_cannot_be_opened_whole_leaves_nothing(tmp_path: Path, samples: list[Sample]) -> None:
    with file_size_limit(20_000), pytest.raises(RecordingError, match=r"run\.meta\.json"):
        FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    with file_size_limit(100), pytest.raises(RecordingError, match=r"run\.csv"):
        FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    assert list(tmp_path.iterdir()) == []


def test_meta_file_that_cannot_be_closed_leaves_nothing(
    tmp_path: Path, samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.close

    def failing(descriptor: int) -> None:
        name = str(Path(f"/proc/self/fd/{descriptor}").readlink())
        real(descriptor)
        if name.endswith(".meta.json"):
            raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "close", failing)
    with pytest.raises(RecordingError, match=r"meta\.json: cannot be written: Input/output error"):
        FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("letter", ["x", "é"])
def test_longest_name_is_recorded_to_its_end(tmp_path: Path, samples: list[Sample], letter: str) -> None:
    base = "x" + letter * (244 // len(letter.encode()))
    target = tmp_path / f"{base}.csv"
    record(target, samples[:3])
    assert meta(tmp_path / f"{base}.meta.json")["runs"][0]["exit_reason"] == "duration"
    assert len(list(tmp_path.iterdir())) == 3


@pytest.mark.parametrize(
    ("name", "rotation"),
    [
        ("x" * 246 + ".csv", None),
        ("é" * 123 + ".csv", None),
        ("x" * 246, None),
        ("x" * 239 + ".csv", Rotation(size_bytes=100_000)),
    ],
)
def test_name_that_is_too_long_by_a_byte_is_refused_at_the_start(
    tmp_path: Path, samples: list[Sample], name: str, rotation: Rotation | None
) -> None:
    with pytest.raises(RecordingError, match=r"too long.* 256 bytes, 255 .*shorter by 1$"):
        FileRecorder(tmp_path / name, samples[0].run, {}, rotation=rotation)
    assert list(tmp_path.iterdir()) == []
    record(tmp_path / name[1:], samples[:3], rotation=rotation)


def test_append_goes_on_under_a_new_run_id(tmp_path: Path, samples: list[Sample]) -> None:
    target = tmp_path / "run.csv"
    record(target, samples[:10])
    with target.open("ab") as file:
        file.write(b"1,2026-01-02T12:00:11.000Z,1,10,cann")
    with (tmp_path / "run.frames").open("ab") as file:
        file.write((tmp_path / "run.frames").read_bytes()[:100])
    other = [replace(one, run=replace(one.run, run_id="second")) for one in samples[:6]]
    recorder = record(target, other, mode=Mode.APPEND)
    assert recorder.cut_bytes == 36
    assert seqs(target) == [*range(10), *range(6)]
    assert [row["run_id"] for row in rows(target)] == ["canned"] * 10 + ["second"] * 6
    assert [run["run_id"] for run in meta(tmp_path / "run.meta.json")["runs"]] == ["canned", "second"]
    assert [run["rows"] for run in meta(tmp_path / "run.meta.json")["runs"]] == [10, 6]
    with FramesReader(tmp_path / "run.frames") as reader:
        assert [head.seq for head in reader.of_kind(FrameKind.INTERVAL)] == [*range(10), *range(6)]
    assert recorder.status.rows == 6


def test_append_begins_a_recording_where_there_is_none(tmp_path: Path, samples: list[Sample]) -> None:
    record(tmp_path / "run.csv", samples[:3], mode=Mode.APPEND)
    assert seqs(tmp_path / "run.csv") == [0, 1, 2]


@pytest.mark.parametrize("link", [False, True])
def test_append_touches_nothing_where_the_frames_are_not_its_own(
    tmp_path: Path, samples: list[Sample], link: bool
) -> None:
    target, frames = tmp_path / "run.csv", tmp_path / "run.frames"
    record(target, samples[:3])
    with target.open("ab") as file:
        file.write(b"torn")
    if link:
        (tmp_path / "other").hardlink_to(frames)
    else:
        frames.write_text("precious")
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(RecordingError, match=r"run\.frames: "):
        FileRecorder(target, samples[0].run, {}, mode=Mode.APPEND)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_append_survives_a_damaged_meta_file_and_keeps_it(tmp_path: Path, samples: list[Sample]) -> None:
    record(tmp_path / "run.csv", samples[:3])
    (tmp_path / "run.meta.json").write_text("{broken")
    record(tmp_path / "run.csv", samples[:3], mode=Mode.APPEND)
    assert (tmp_path / "run.meta.json.~1~").read_text() == "{broken"
    assert len(meta(tmp_path / "run.meta.json")["runs"]) == 1


def test_second_recorder_on_the_same_file_is_refused(tmp_path: Path, samples: list[Sample]) -> None:
    first = FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    for mode in Mode:
        with pytest.raises(RecordingError):
            FileRecorder(tmp_path / "run.csv", samples[0].run, {}, mode=mode)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    first.close(None, "x")


def test_force_moves_all_three_files_aside(tmp_path: Path, samples: list[Sample]) -> None:
    target = tmp_path / "run.csv"
    record(target, samples[:10])
    recorder = record(target, samples[:3], mode=Mode.FORCE)
    assert seqs(target) == [0, 1, 2]
    assert seqs(tmp_path / "run.csv.~1~") == list(range(10))
    assert {new.name for new in recorder.moved.values()} == {
        "run.csv.~1~",
        "run.frames.~1~",
        "run.meta.json.~1~",
    }


def test_full_disk_costs_rows_that_are_counted_and_recording_goes_on(
    tmp_path: Path, samples: list[Sample]
) -> None:
    target = tmp_path / "run.csv"
    recorder = FileRecorder(target, samples[0].run, {})
    for sample in samples[:5]:
        recorder.write(sample)
    with file_size_limit(target.stat().st_size + 100):
        recorder.write(samples[5])
        recorder.write(samples[6])
        assert recorder.status.lost_rows == 2
        assert "cannot be written" in (recorder.status.degraded or "")
        assert target.read_bytes().endswith(b"\n")
    recorder.write(samples[7])
    assert recorder.status.degraded is None
    summary = recorder.close(samples[8], "duration")
    assert (summary.rows, summary.lost_rows) == (7, 2)
    assert seqs(target) == [0, 1, 2, 3, 4, 7, 8]
    (run,) = meta(tmp_path / "run.meta.json")["runs"]
    assert (run["rows"], run["lost_rows"], run["lost_frames"]) == (7, 2, 2)


def test_deleted_file_is_told_and_its_rows_are_lost(tmp_path: Path, samples: list[Sample]) -> None:
    recorder = FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    recorder.write(samples[0])
    (tmp_path / "run.csv").unlink()
    recorder.write(samples[1])
    assert recorder.status.degraded == f"{tmp_path}/run.csv was deleted while recording"
    assert recorder.close(None, "x").lost_rows == 2


def test_fault_of_ours_in_a_row_counts_as_lost_and_is_raised(tmp_path: Path, samples: list[Sample]) -> None:
    recorder = FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    recorder.write(samples[0])
    with pytest.raises(IndexError):
        recorder.write(replace(samples[1], words=samples[1].words[:3]))
    assert recorder.close(samples[2], "x").lost_rows == 1
    assert seqs(tmp_path / "run.csv") == [0, 2]


def test_final_row_that_fails_still_ends_the_recording(tmp_path: Path, samples: list[Sample]) -> None:
    recorder = FileRecorder(tmp_path / "run.csv", samples[0].run, {})
    with pytest.raises(IndexError):
        recorder.close(replace(samples[1], words=samples[1].words[:3]), "x")
    assert recorder.close(None, "again").lost_rows == 1
    assert meta(tmp_path / "run.meta.json")["runs"][0]["exit_reason"] == "x"


def test_rotation_by_size_keeps_every_part_below_it_with_its_own_header(
    tmp_path: Path, samples: list[Sample]
) -> None:
    recorder = record(tmp_path / "day.csv", samples, rotation=Rotation(size_bytes=100_000))
    parts = sorted(tmp_path.glob("day.*.csv"))
    assert [part.name for part in parts] == [f"day.{n:04d}.csv" for n in range(1, len(parts) + 1)]
    assert len(parts) > 3 and all(part.stat().st_size <= 100_000 for part in parts)
    assert [seq for part in parts for seq in seqs(part)] == [sample.seq for sample in samples]
    reasons = [meta(part.with_suffix(".meta.json"))["runs"][0]["exit_reason"] for part in parts]
    assert reasons == ["rotated"] * (len(parts) - 1) + ["duration"]
    for part in parts:
        with FramesReader(part.with_suffix(".frames")) as reader:
            assert reader.heads[0].kind == FrameKind.RUN
            assert [head.seq for head in reader.of_kind(FrameKind.INTERVAL)] == seqs(part)
    assert (recorder.status.rows, recorder.status.lost_rows) == (190, 0)


def test_rotation_by_time_begins_parts_at_utc_multiples(tmp_path: Path, samples: list[Sample]) -> None:
    record(tmp_path / "day.csv", samples, rotation=Rotation(period_ns=60 * 10**9))
    parts = sorted(tmp_path.glob("day.*.csv"))
    assert len(parts) == 4
    for part in parts:
        assert len({row["ts_utc"][:16] for row in rows(part)}) == 1


def test_rotated_recordings_are_refused_continued_or_moved_as_a_whole(
    tmp_path: Path, samples: list[Sample]
) -> None:
    rotation = Rotation(size_bytes=100_000)
    record(tmp_path / "day.csv", samples[:60], rotation=rotation)
    count = len(list(tmp_path.glob("day.*.csv")))
    with pytest.raises(RecordingError, match="exists"):
        FileRecorder(tmp_path / "day.csv", samples[0].run, {}, rotation=rotation)
    record(tmp_path / "day.csv", samples[:3], mode=Mode.APPEND, rotation=rotation)
    assert len(list(tmp_path.glob("day.*.csv"))) == count
    assert seqs(sorted(tmp_path.glob("day.*.csv"))[-1])[-3:] == [0, 1, 2]
    record(tmp_path / "day.csv", samples[:3], mode=Mode.FORCE, rotation=rotation)
    assert len(list(tmp_path.glob("day.*.csv"))) == 1
    assert len(list(tmp_path.glob("day.*.csv.~1~"))) == count


@pytest.mark.parametrize("left", ["day.0001.frames", "day.0003.meta.json"])
def test_what_is_left_of_a_part_is_refused_or_moved_with_the_others(
    tmp_path: Path, samples: list[Sample], left: str
) -> None:
    (tmp_path / left).write_text("precious")
    rotation = Rotation(size_bytes=100_000)
    with pytest.raises(RecordingError, match=f"{left} exists"):
        FileRecorder(tmp_path / "day.csv", samples[0].run, {}, rotation=rotation)
    recorder = record(tmp_path / "day.csv", samples[:3], mode=Mode.FORCE, rotation=rotation)
    assert recorder.moved == {tmp_path / left: tmp_path / f"{left}.~1~"}
    assert (tmp_path / f"{left}.~1~").read_text() == "precious"


@pytest.mark.parametrize("name", ["day.00001.csv", "day.001.csv", "day.01234.frames"])
def test_file_that_no_rotation_names_so_is_no_part(tmp_path: Path, samples: list[Sample], name: str) -> None:
    (tmp_path / name).write_text("precious")
    with pytest.raises(InputMissingError, match="no such recording"):
        Recording(tmp_path / "day.csv")
    record(tmp_path / "day.csv", samples[:3], rotation=Rotation(size_bytes=100_000))
    assert len(Recording(tmp_path / "day.csv")) == 3
    assert (tmp_path / name).read_text() == "precious"


@pytest.mark.parametrize("number", [9_999, 10_000, 123_456])
def test_parts_are_numbered_without_end(tmp_path: Path, number: int) -> None:
    part = paths.numbered(tmp_path / "day.csv", number)
    part.csv.touch()
    assert paths.part_numbers(tmp_path / "day.csv") == [number] == [paths.number_of(part.csv)]


def test_part_that_cannot_be_had_leaves_the_recording_in_the_one_before(
    tmp_path: Path, samples: list[Sample]
) -> None:
    recorder = FileRecorder(tmp_path / "day.csv", samples[0].run, {}, rotation=Rotation(size_bytes=100_000))
    (tmp_path / "day.0002.frames").write_text("precious")
    for sample in samples:
        recorder.write(sample)
    assert "no new part" in (recorder.status.degraded or "")
    assert recorder.close(None, "x").lost_rows == 0
    assert seqs(tmp_path / "day.0001.csv") == [sample.seq for sample in samples]
    assert (tmp_path / "day.0002.frames").read_text() == "precious"


def open_pipe(run: Run) -> tuple[PipeRecorder, int, list[bool]]:
    read, write = os.pipe()
    closed: list[bool] = []
    return PipeRecorder(write, run, on_closed=lambda: closed.append(True)), read, closed


def test_stdout_gets_the_same_rows(samples: list[Sample]) -> None:
    recorder, read, closed = open_pipe(samples[0].run)
    for sample in samples[:8]:
        recorder.write(sample)
    summary = recorder.close(samples[8], "x")
    text = os.read(read, 1 << 20).decode()
    assert [int(row["seq"]) for row in csv.DictReader(text.splitlines())] == list(range(9))
    assert (summary.rows, summary.lost_rows, summary.path, closed) == (9, 0, None, [])
    assert recorder.status.bytes == len(text)


def test_reader_that_is_gone_is_told_once_and_loses_nothing_it_wanted(samples: list[Sample]) -> None:
    recorder, read, closed = open_pipe(samples[0].run)
    recorder.write(samples[0])
    os.close(read)
    for sample in samples[1:4]:
        recorder.write(sample)
    summary = recorder.close(samples[4], "x")
    assert closed == [True] and summary.lost_rows == 0


def test_of_a_full_disk_the_header_is_no_lost_row(samples: list[Sample]) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    recorder = PipeRecorder(full, samples[0].run, on_closed=lambda: None)
    for sample in samples[:5]:
        recorder.write(sample)
    summary = recorder.close(samples[5], "x")
    os.close(full)
    assert (summary.rows, summary.lost_rows) == (0, 6)


def test_slow_reader_gets_whole_rows_and_delays_nothing(
    samples: list[Sample], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipe_recorder, "WAITING_BYTES_MAX", 30_000)
    monkeypatch.setattr(pipe_recorder, "PATIENCE_S", 0.05)
    recorder, read, _ = open_pipe(samples[0].run)
    for sample in samples[:100]:
        recorder.write(sample)
    status = recorder.status
    assert status.lost_rows > 0 and "keep up" in (status.degraded or "")
    received = os.read(read, 1 << 20)
    for sample in samples[100:110]:
        recorder.write(sample)
    received += os.read(read, 1 << 20)
    summary = recorder.close(None, "x")
    received += os.read(read, 1 << 20) if summary.rows else b""
    found = [int(row["seq"]) for row in csv.DictReader(received.decode().splitlines())]
    assert found == sorted(set(found)) and found[0] == 0
    assert len(found) == summary.rows and summary.rows + summary.lost_rows == 110


def test_reader_knows_rows_by_name_and_follows(tmp_path: Path, samples: list[Sample]) -> None:
    target = tmp_path / "run.csv"
    recorder = FileRecorder(target, samples[0].run, {})
    for sample in samples[:3]:
        recorder.write(sample)
    with RowsReader(target) as reader:
        assert len(reader) == 3
        assert reader.row(2)["seq"] == "2" and reader.whole(1, "seq") == 1
        assert reader.whole(1, "no_such_column") is None
        recorder.write(samples[3])
        assert reader.refresh() == 1
        assert [row["seq"] for row in reader.rows()] == ["0", "1", "2", "3"]
    recorder.close(None, "x")


def test_reader_ignores_a_cut_tail_and_unknown_columns(tmp_path: Path) -> None:
    path = tmp_path / "run.csv"
    path.write_bytes(b'seq,new_column,events\n0,x,"[1, ""a""]"\n1\n2,y,"[')
    with RowsReader(path) as reader:
        assert list(reader.rows()) == [
            {"seq": "0", "new_column": "x", "events": '[1, "a"]'},
            {"seq": "1", "new_column": "", "events": ""},
        ]


def test_reader_refuses_what_is_no_recording(tmp_path: Path) -> None:
    from velox_tui.errors import InputError, InputMissingError

    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("seq\nabc\n")
    with pytest.raises(InputError, match="no header"):
        RowsReader(tmp_path / "empty")
    with pytest.raises(InputMissingError):
        RowsReader(tmp_path / "none")
    with RowsReader(tmp_path / "text") as reader, pytest.raises(InputError, match="row 1, seq: 'abc'"):
        reader.whole(0, "seq")
