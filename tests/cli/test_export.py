"""`velox-tui export`: a recording for other tools."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import one_line
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from velox_tui.cli.main import main
from velox_tui.sources.canned import CannedSource

TAGS = ("ingress_exit", "order_book_exit", "bundle_exit", "e2e")
"""Also what the columns that tell the same begin with."""


@pytest.fixture
def recording(canned_run: Callable[..., int], tmp_path: Path) -> Path:
    """Twenty intervals, in two runs."""
    assert canned_run("--record", "run.csv", seconds=10) == 0
    second = CannedSource(10)
    second.run = replace(second.run, run_id="second")
    assert canned_run("--record", "run.csv", "--append", source=second) == 0
    return tmp_path / "run.csv"


def exported(capfd: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, what was written and what was said."""
    capfd.readouterr()
    code = main(["export", *arguments])
    return code, *capfd.readouterr()


def histograms(text: str, path: Path) -> Iterator[HdrHistogram]:
    """The log read by HdrHistogram's package."""
    path.write_text(text)
    reader = HistogramLogReader(str(path), HdrHistogram(1, 2**37, 2))
    while (one := reader.get_next_interval_histogram()) is not None:
        yield one


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_every_interval_of_every_stage_agrees_with_its_row(
    recording: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    code, text, err = exported(capfd, str(recording), "--hlog")
    assert (code, err) == (0, "")
    found = list(histograms(text, tmp_path / "run.hlog"))
    timed = [row for row in rows(recording) if row["e2e_count"]]
    assert len(found) == len(TAGS) * len(timed) > 0
    for place, one in enumerate(found):
        row, name = timed[place // len(TAGS)], one.get_tag()
        assert name == TAGS[place % len(TAGS)]
        assert one.get_total_count() == int(row[f"{name}_count"])
        assert one.get_max_value() == int(row[f"{name}_max_ns"] or 0)
        assert one.get_value_at_percentile(50) == int(row[f"{name}_p50_ns"] or 0)


def test_rotated_parts_are_one_log(
    canned_run: Callable[..., int], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert canned_run("--record", "day.csv", "--rotate", "100k", seconds=80) == 0
    parts = sorted(tmp_path.glob("day.*.csv"))
    assert len(parts) > 1
    code, text, _ = exported(capfd, "day.csv", "--hlog")
    timed = [row for part in parts for row in rows(part) if row["e2e_count"]]
    assert code == 0 and text.count("Tag=e2e,") == len(timed)
    assert text.count("StartTime:") == 1


def test_damage_costs_its_interval_and_is_said(
    recording: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    whole = exported(capfd, "run.csv", "--hlog")[1]
    frames = recording.with_suffix(".frames")
    content = bytearray(frames.read_bytes())
    content[content.rfind(b"\xf5VXF", 0, len(content) // 4) + 60] ^= 0xFF
    frames.write_bytes(content)
    code, text, err = exported(capfd, "run.csv", "--hlog")
    assert code == 0 and "left out" in one_line(err)
    assert text.count("\n") == whole.count("\n") - len(TAGS)


def test_cut_tail_is_no_error(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    frames = recording.with_suffix(".frames")
    frames.write_bytes(frames.read_bytes()[:-700])
    code, text, err = exported(capfd, "run.csv", "--hlog")
    assert (code, err) == (0, "") and text.endswith("\n") and "Tag=e2e," in text


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({}, 66),
        ({"a.csv": b"schema_version\n"}, 66),
        ({"a.csv": b"schema_version\n", "a.frames": b"not ours"}, 65),
    ],
)
def test_what_cannot_be_exported_is_one_line(
    files: dict[str, bytes], code: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    found, text, err = exported(capfd, "a.csv", "--hlog")
    assert (found, text) == (code, "")
    assert "a." in one_line(err)


def test_what_to_write_must_be_said(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for flags in ((), ("--hlog", "--json"), ("--json", "--openmetrics")):
        code, text, err = exported(capfd, "run.csv", *flags)
        assert (code, text) == (2, "") and "--hlog" in one_line(err)


def test_json_has_every_row_with_its_histograms(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, text, err = exported(capfd, "run.csv", "--json")
    assert (code, err) == (0, "")
    told = [json.loads(line) for line in text.splitlines()]
    expected = rows(recording)
    assert len(told) == len(expected)
    for one, row in zip(told, expected, strict=True):
        assert list(one)[:-1] == list(row)
        assert one["seq"] == int(row["seq"]) and one["ts_utc"] == row["ts_utc"]
        assert one["events"] == json.loads(row["events"] or "null")
        assert (one["e2e_p99_ns"] is None) == (not row["e2e_p99_ns"])
        if row["e2e_count"]:
            buckets = one["histograms"]["e2e"]["buckets"]
            assert sum(count for _, count in buckets) == one["e2e_count"]
            assert not buckets or buckets[-1][0] == one["e2e_max_ns"]
        else:
            assert one["histograms"] is None


def test_json_keeps_what_is_no_number_of_json_as_text(
    recording: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    recording.with_suffix(".frames").unlink()
    names = rows(recording)[0].keys()
    cells = dict(
        zip([name for name in names if name.endswith("_per_s")], ("1e400", "-Infinity"), strict=False)
    )
    cells["events"] = '[{"value": NaN}]'
    first = rows(recording)[0] | cells
    with recording.open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerow(first)
    code, text, err = exported(capfd, "run.csv", "--json")
    assert (code, err) == (0, "")
    told = json.loads(text)
    assert {name: told[name] for name in cells} == cells


def test_json_has_a_row_with_a_long_note(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    lines = recording.read_bytes().splitlines(keepends=True)
    note = "x" * 65_536
    lines[2] = lines[2].replace(b'"[]"', f'"[{{""text"": ""{note}""}}]"'.encode())
    recording.write_bytes(b"".join(lines))
    code, text, err = exported(capfd, str(recording), "--json")
    found = [json.loads(line) for line in text.splitlines()]
    assert (code, err, len(found)) == (0, "", len(lines) - 1)
    assert found[1]["events"] == [{"text": note}]


def test_json_without_frames_has_the_rows(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    recording.with_suffix(".frames").unlink()
    code, text, err = exported(capfd, "run.csv", "--json")
    told = [json.loads(line) for line in text.splitlines()]
    assert (code, err, len(told)) == (0, "", len(rows(recording)))
    assert {one["histograms"] for one in told} == {None}


def test_json_joins_by_run_and_time_where_rows_were_lost(
    recording: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    kept = recording.read_bytes().splitlines(keepends=True)
    recording.write_bytes(b"".join(kept[:4] + kept[7:9] + kept[13:]))
    told = [json.loads(line) for line in exported(capfd, "run.csv", "--json")[1].splitlines()]
    assert len(told) == len(kept) - 8
    for one in told:
        assert (one["histograms"] is None) == (one["e2e_count"] is None)
        if one["histograms"] is not None:
            assert sum(count for _, count in one["histograms"]["e2e"]["buckets"]) == one["e2e_count"]


def test_openmetrics_are_the_totals_at_the_end(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code, text, err = exported(capfd, "run.csv", "--openmetrics")
    assert (code, err) == (0, "")
    told = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    second = [row for row in rows(recording) if row["run_id"] == "second"]
    assert told["velox_transactions_total", "output"] == int(second[-1]["output_delivered_total"])
    assert told["velox_dropped_total", "ingress", "ring_full"] == int(second[-1]["ingress_dropped_total"])
    counts = [int(row["e2e_count"] or 0) for row in second]
    assert told["velox_e2e_latency_seconds_count",] == sum(counts) > 0
    assert (told["velox_up",], told["velox_ledger_residual",]) == (0, 0)


def test_openmetrics_tell_a_violated_ledger(recording: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = rows(recording)
    found[-1]["state"] = "lost"
    found[-1]["cut_ingress_dropped_total"] = str(int(found[-1]["cut_ingress_dropped_total"]) + 5)
    with recording.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(found[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(found)
    text = exported(capfd, "run.csv", "--openmetrics")[1]
    assert "velox_ledger_residual 10\n" in text, "Ingress and the whole are off by 5 each"


def test_openmetrics_of_a_row_that_is_not_of_its_run(
    recording: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for text in ("run_id,state\n", "run_id,state\nother,lost\n", "run_id,state\nsecond,lost\n"):
        recording.write_text(text)
        code, out, err = exported(capfd, "run.csv", "--openmetrics")
        assert (code, out) == (65, "") and "run.csv: " in one_line(err)


@pytest.mark.parametrize("what", ["--hlog", "--json", "--openmetrics"])
@pytest.mark.parametrize("name", ["text.txt", "table.csv", "run.meta.json"])
def test_what_is_no_recording_is_one_line(
    recording: Path, name: str, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("text.txt").write_text("hello\nworld\n")
    Path("table.csv").write_text("time,price\n1,2\n")
    code, out, err = exported(capfd, name, what)
    assert (code, out) == (65, "")
    assert "no recording" in one_line(err)
