"""Options: what the engine does not allow is refused by name, and nothing is left behind."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from velox_tui.engine.options import EngineOptions
from velox_tui.engine.pipeline import Pipeline
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.errors import EngineError, InputError, InputMissingError, UsageError

WORD_KINDS = (3, 4, 5)
"""Counters, gauges and configuration, in the segment's table."""


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"rate_hz": 0.0}, "rate"),
        ({"rate_hz": 1e10}, "rate"),
        ({"bundle_max": 17}, "bundle max"),
        ({"bundle_max": 0}, "bundle max"),
        ({"ring_slots": (1000, 4096, 1024)}, "ring 0"),
        ({"ring_slots": (4096, 4096, 131_072)}, "ring 2"),
        ({"bundle_timeout_ns": 999}, "timeout"),
        ({"levels": 100}, "levels"),
        ({"pattern": "wild"}, "'wild'"),
        ({"on_full": "burn"}, "'burn'"),
        ({"wait": "sleep"}, "'sleep'"),
        ({"threading": "green"}, "'green'"),
        ({"huge_pages": "large"}, "'large'"),
        ({"seed": -1}, "-1"),
        ({"run_id": "x" * 40}, "run id"),
    ],
)
def test_a_value_that_is_not_allowed_is_named(wrong: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=said):
        Simulation(replace(EngineOptions(segment_dir=tmp_path), **wrong))
    assert list(tmp_path.iterdir()) == []


def test_cores_that_may_not_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises((UsageError, EngineError), match="4095"):
        Pipeline(EngineOptions(cores=(4095,), segment_dir=tmp_path)).start()
    assert list(tmp_path.iterdir()) == []


def test_spinning_more_threads_than_cores_is_refused(tmp_path: Path) -> None:
    options = EngineOptions(threading="dedicated", wait="spin", cores=(0, 0, 0, 0), segment_dir=tmp_path)
    with pytest.raises(UsageError):
        Pipeline(options)


def test_a_missing_input_is_not_a_usage_error(tmp_path: Path) -> None:
    options = EngineOptions(pattern="file", input_path=tmp_path / "none.vtx", segment_dir=tmp_path)
    with pytest.raises(InputMissingError, match=r"none\.vtx"):
        Simulation(options)


def test_an_input_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "text.vtx"
    path.write_text("not transactions")
    with pytest.raises(InputError, match=r"text\.vtx"):
        Simulation(EngineOptions(pattern="file", input_path=path, segment_dir=tmp_path))


def test_a_folder_that_is_not_there_is_an_error_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="nowhere"):
        Pipeline(EngineOptions(segment_dir=tmp_path / "nowhere"))


@pytest.mark.parametrize("huge_pages", ["auto", "on", "off"])
@pytest.mark.parametrize("lock_memory", [False, True])
def test_memory_is_stated_with_what_was_not_to_be_had(
    huge_pages: str, lock_memory: bool, tmp_path: Path
) -> None:
    options = EngineOptions(huge_pages=huge_pages, lock_memory=lock_memory, segment_dir=tmp_path)
    pipeline = Pipeline(options)
    segment = Segment(pipeline.segment_path)
    try:
        memory = dict(segment.texts())["memory"]
        names = [row["name"].decode() for row in segment.rows if row["kind"] in WORD_KINDS]
        values = dict(zip(names, segment.words().tolist(), strict=True))
    finally:
        segment.close()
        pipeline.destroy()
    assert memory.startswith("segment ") and "rings" in memory
    assert values["config_memory_bytes"] > 2 * 4096 * 32 + 1024 * 576
    assert ("in huge pages" in memory) == (values["config_huge_bytes"] > 0)
    assert ("huge pages are not to be had" in memory) == (
        huge_pages == "on" and not values["config_huge_bytes"]
    )
    assert ("locking is not to be had" in memory) == (lock_memory and not values["config_locked_bytes"])
    assert values["config_locked_bytes"] in (0, values["config_memory_bytes"])
