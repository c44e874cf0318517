"""Segments: read while it runs and after, refused when foreign or damaged."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from velox_tui.engine import segment as segments
from velox_tui.engine.options import EngineOptions
from velox_tui.engine.pipeline import Pipeline
from velox_tui.engine.segment import HISTOGRAM_WORDS, Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.errors import InputError, InputMissingError

MS = 1_000_000


@pytest.fixture
def simulation(tmp_path: Path) -> Iterator[Simulation]:
    with Simulation(EngineOptions(segment_dir=tmp_path, run_id="test-run", seed=3)) as made:
        yield made


@pytest.fixture
def segment(simulation: Simulation) -> Iterator[Segment]:
    opened = Segment(simulation.segment_path)
    yield opened
    opened.close()


def test_the_header_says_whose_it_is(segment: Segment) -> None:
    assert segment.run_id == "test-run"
    assert (segment.header.pid, segment.header.clock) == (os.getpid(), "virtual")


def test_readings_agree_with_each_other(simulation: Simulation, segment: Segment) -> None:
    assert segment.cut() is None
    simulation.run_until(500 * MS)
    words, histograms, book = segment.words(), segment.histograms(), segment.book()
    assert words.shape == (int(np.isin(segment.rows["kind"], (3, 4, 5)).sum()),)
    assert histograms.shape == (int((segment.rows["kind"] == 6).sum()), HISTOGRAM_WORDS)
    assert book is not None and book.shape == (2, 1024) and book.any()
    names = [name.decode() for name in segment.rows["name"][np.isin(segment.rows["kind"], (3, 4, 5))]]
    delivered = int(words[names.index("output_delivered_total")])
    e2e = [name.decode() for name in segment.rows["name"][segment.rows["kind"] == 6]].index("e2e")
    assert 0 < delivered == int(histograms[e2e, 1:].sum())
    cut = segment.cut()
    assert cut is not None and cut[0] > 0
    assert 0 < cut[1][names.index("output_delivered_total")] <= delivered


def test_a_reading_belongs_to_its_caller(simulation: Simulation, segment: Segment) -> None:
    before = segment.words()
    copy = before.copy()
    simulation.run_until(100 * MS)
    assert np.array_equal(before, copy) and not np.array_equal(before, segment.words())


def test_the_log_holds_commands_in_order(simulation: Simulation, segment: Segment) -> None:
    assert segment.log().shape == (0, 4)
    simulation.command(0, 0, 50)
    simulation.run_until(MS)
    simulation.command(1, 2, 7)
    log = segment.log()
    assert log.tolist() == [[1, 0, 0, 50], [2, MS, 1 | 2 << 32, 7]]


def test_the_log_keeps_the_newest(simulation: Simulation, segment: Segment) -> None:
    for value in range(1, 301):
        simulation.command(0, 0, value)
    assert segment.log()[:, 3].tolist() == list(range(45, 301))


def test_texts_are_read(segment: Segment) -> None:
    assert dict(segment.texts())["placement_reason"] == "simulated"


def test_a_segment_stays_readable_after_its_owner_unlinked_it(tmp_path: Path) -> None:
    with Simulation(EngineOptions(segment_dir=tmp_path)) as simulation:
        opened = Segment(simulation.segment_path)
        simulation.run_until(10 * MS)
        simulation.stop()
    assert list(tmp_path.iterdir()) == []
    assert opened.words().any()
    opened.close()
    opened.close()
    with pytest.raises(RuntimeError, match="closed"):
        opened.words()


def test_a_missing_file_is_missing_input(tmp_path: Path) -> None:
    with pytest.raises(InputMissingError, match="none"):
        Segment(tmp_path / "none")


COMPLETE = b"VELOXSEG" + (1).to_bytes(8, "little")


@pytest.mark.parametrize(
    "content", [b"", b"VELOXSEG", os.urandom(8192), b"VELOXSEG" + bytes(9000), COMPLETE + bytes(9000)]
)
def test_a_foreign_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "foreign"
    path.write_bytes(content)
    with pytest.raises(InputError, match="foreign"):
        Segment(path)


def test_a_shortened_segment_is_refused_and_told_while_open(simulation: Simulation, segment: Segment) -> None:
    os.truncate(simulation.segment_path, 8192)
    with pytest.raises(InputError, match="truncated"):
        segment.words()
    with pytest.raises(InputError):
        Segment(simulation.segment_path)
    os.truncate(simulation.segment_path, 64 * MS)


def test_segments_of_the_living_are_not_cleaned_away(tmp_path: Path) -> None:
    pipeline = Pipeline(EngineOptions(segment_dir=tmp_path))
    assert segments.clean(tmp_path) == 0
    assert pipeline.segment_path.exists()
    assert pipeline.segment_path.stat().st_mode & 0o777 == 0o600
    pipeline.destroy()
    assert not pipeline.segment_path.exists()


def test_segments_of_the_dead_are_cleaned_away(tmp_path: Path) -> None:
    child = os.fork()
    if not child:
        Pipeline(EngineOptions(segment_dir=tmp_path))
        os._exit(0)
    os.waitpid(child, 0)
    assert len(list(tmp_path.iterdir())) == 1
    assert segments.clean(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []
