"""The engine through its binding: life, commands, simulation, order book."""

from pathlib import Path

import numpy as np
import pytest

from velox_tui.engine.options import EngineOptions
from velox_tui.engine.order_book import (
    REJECTIONS,
    TRANSACTION,
    TRANSACTION_ERRORS,
    OrderBook,
    usable_cores,
    validate,
)
from velox_tui.engine.pipeline import Pipeline
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.errors import EngineError, UsageError

MS = 1_000_000


@pytest.mark.parametrize("order", ["stop", "destroy", "stop twice", "never started"])
def test_a_pipeline_ends_in_any_way(order: str, tmp_path: Path) -> None:
    pipeline = Pipeline(EngineOptions(pattern="max", segment_dir=tmp_path))
    if order != "never started":
        pipeline.start()
    if "stop" in order:
        pipeline.stop()
        assert pipeline.drained
    if order == "stop twice":
        pipeline.stop()
    pipeline.destroy()
    pipeline.destroy()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(RuntimeError, match="destroyed"):
        pipeline.stop()
    pipeline.request_stop()


def test_a_pipeline_starts_once(tmp_path: Path) -> None:
    pipeline = Pipeline(EngineOptions(segment_dir=tmp_path))
    with pytest.raises(EngineError):
        pipeline.command(0, 0, 1)
    pipeline.start()
    with pytest.raises(EngineError):
        pipeline.start()
    with pytest.raises(UsageError, match="command 5"):
        pipeline.command(5, 0, 17)
    pipeline.destroy()


def result(options: EngineOptions, *, burst: int = 0) -> tuple[int, list[int]]:
    with Simulation(options) as simulation:
        simulation.run_until(50 * MS)
        if burst:
            simulation.command(0, 0, burst)
        simulation.run_until(100 * MS)
        simulation.stop()
        segment = Segment(simulation.segment_path)
        words = segment.words().tolist()
        segment.close()
        return simulation.digest, words


def test_the_same_simulation_gives_the_same_bytes(tmp_path: Path) -> None:
    options = EngineOptions(segment_dir=tmp_path, seed=5)
    assert result(options) == result(options)
    assert result(options) != result(EngineOptions(segment_dir=tmp_path, seed=6))
    assert result(options) != result(options, burst=10)


def test_virtual_time_does_not_go_back(tmp_path: Path) -> None:
    with Simulation(EngineOptions(segment_dir=tmp_path)) as simulation:
        simulation.run_until(5 * MS)
        assert simulation.now_ns == 5 * MS
        with pytest.raises(EngineError):
            simulation.run_until(4 * MS)


def transactions(*rows: tuple[int, int, int, int]) -> np.ndarray:
    """(price, size, side, kind) each."""
    made = np.zeros(len(rows), TRANSACTION)
    for place, (price, size, side, kind) in enumerate(rows):
        made[place] = (place + 1, price, size, side, kind, 0, 0)
    return made


def test_transactions_are_32_bytes_and_checked() -> None:
    good = transactions((1_000_000, 1, 0, 0))
    assert TRANSACTION.itemsize == 32
    bad = np.repeat(good, 6)
    bad["side"][1], bad["kind"][2], bad["price"][3], bad["size"][4], bad["reserved"][5] = 2, 2, 0, 0, 1
    assert [TRANSACTION_ERRORS[error] for error in validate(bad)] == list(TRANSACTION_ERRORS)
    assert len(validate(bad[:0])) == 0


def test_a_book_moves_its_best_when_levels_fill_and_empty() -> None:
    with OrderBook(64) as book:
        assert book.best() == (None, None)
        given = transactions((1_000_000, 5, 0, 0), (1_000_016, 7, 0, 0), (1_000_040, 3, 1, 0))
        assert not book.apply(given).any() and book.best() == (1, 2)
        assert book.quantities()[0, 1] == 7 and book.quantities()[1, 2] == 3
        book.apply(transactions((1_000_016, 7, 0, 1)))
        assert book.best() == (0, 2)


def test_a_book_rejects_by_name() -> None:
    with OrderBook(64) as book:
        given = transactions((1, 1, 0, 0), (1_000_000, 1, 0, 1), (1_000_000, 1, 7, 0))
        assert [REJECTIONS[one] for one in book.apply(given)] == ["window", "underflow", "invalid"]


def test_a_book_of_a_size_that_is_not_allowed_is_refused() -> None:
    with pytest.raises(UsageError):
        OrderBook(65)


def test_some_core_may_be_used() -> None:
    cores = usable_cores()
    assert cores and list(cores) == sorted(set(cores))
