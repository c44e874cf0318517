"""`velox-tui export`: a recording for other tools."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import one_line
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from velox_tui.cli.main import main

TAGS = ("ingress_exit", "order_book_exit", "bundle_exit", "e2e")
"""Also what the columns that tell the same begin with."""


@pytest.fixture
def recording(canned_run: Callable[..., int], tmp_path: Path) -> Path:
    """Twenty intervals, in two runs."""
    assert canned_run("--record", "run.csv", seconds=10) == 0
    assert canned_run("--record", "run.csv", "--append", seconds=10) == 0
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
    [({}, 66), ({"a.csv": b"x\n"}, 66), ({"a.csv": b"x\n", "a.frames": b"nothing of ours"}, 65)],
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
    code, text, err = exported(capfd, "run.csv")
    assert (code, text) == (2, "") and "--hlog" in one_line(err)
