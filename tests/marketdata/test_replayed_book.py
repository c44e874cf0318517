"""Market data through import and engine: the book is the source's, and arrivals are spaced as in it."""

from pathlib import Path

import numpy as np
import pytest
from dbn_maker import INSTRUMENT, START_NS, Exchange, record, write
from plain_book import rebuilt
from replays import header, replayed, simulated, transactions, word

from velox_tui.marketdata.importing import Wanted, import_file


def imported(source: Path, **wanted: str) -> Path:
    out = source.with_name(f"{source.stem}{len(wanted)}.vtx")
    import_file(source, out, Wanted(**wanted), lambda phase, done, of: None)
    return out


@pytest.mark.parametrize("seed", range(4))
def test_the_book_is_that_of_the_source_level_by_level(seed: int, tmp_path: Path) -> None:
    source = write(tmp_path / "day.dbn", Exchange(seed).records(20_000))
    expected = rebuilt(source, INSTRUMENT)
    assert len(expected) > 20
    assert replayed(imported(source), tmp_path) == expected


def test_the_book_of_one_of_several_instruments_and_venues(tmp_path: Path) -> None:
    mine, other, same = Exchange(1).records(6_000), Exchange(2).records(4_000), Exchange(3).records(5_000)
    other["instrument_id"] = 77
    same["publisher_id"] = 2
    every = np.concatenate((mine, other, same))
    every = every[np.argsort(every["ts_recv"], kind="stable")]
    source = write(tmp_path / "mixed.dbn", every)
    expected = rebuilt(source, INSTRUMENT)
    assert replayed(imported(source), tmp_path) == expected
    assert replayed(imported(source, instrument="77"), tmp_path) == rebuilt(source, 77) != expected


def test_the_book_holds_what_a_clear_left(tmp_path: Path) -> None:
    source = write(
        tmp_path / "clear.dbn",
        [
            record("A", "B", 100_000_000_000, 5, 1, at_ns=1),
            record("A", "A", 101_000_000_000, 6, 2, at_ns=2),
            record("A", "B", 100_000_000_000, 7, 1, at_ns=3, publisher=2),
            record("R", at_ns=4),
            record("A", "A", 102_000_000_000, 8, 2, at_ns=5),
        ],
    )
    assert replayed(imported(source), tmp_path) == {("B", 1_000_000): 7, ("A", 1_020_000): 8}


@pytest.mark.parametrize("speed_permille", [1000, 10_000, 500])
def test_arrivals_are_spaced_as_in_the_file(speed_permille: int, tmp_path: Path) -> None:
    """Exactly: one virtual nanosecond before its time a transaction has not come, at its time it has."""
    out = imported(write(tmp_path / "day.dbn", Exchange(9).records(400)))
    times_ns = transactions(out)["ts_ns"].astype(object)
    due_ns = np.array([(one - times_ns[0]) * 1000 // speed_permille for one in times_ns])
    with simulated(out, tmp_path, speed_permille=speed_permille) as (simulation, segment):
        for moment in np.unique(due_ns):
            if moment > simulation.now_ns:
                simulation.run_until(int(moment) - 1)
                assert word(segment, "ingress_generated_total") == (due_ns < moment).sum()
            simulation.run_until(int(moment))
            assert word(segment, "ingress_generated_total") == (due_ns <= moment).sum()


def test_times_in_the_file_are_those_of_the_capture(tmp_path: Path) -> None:
    records = Exchange(3).records(2_000)
    out = imported(write(tmp_path / "day.dbn", records))
    assert set(transactions(out)["ts_ns"]) <= set(records["ts_recv"])
    assert header(out)["count"] == len(transactions(out)) > 2_000 * 0.7
    assert transactions(out)["ts_ns"][0] >= START_NS
