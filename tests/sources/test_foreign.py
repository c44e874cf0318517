"""A pipeline that is not ours, published through native/velox_publish.h: another shape, no line of
Python for it.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from velox_tui.engine.segment import Segment
from velox_tui.recording.rows import Rows
from velox_tui.sources.reader import SegmentReader
from velox_tui.telemetry.alerts import AlertLimits
from velox_tui.telemetry.observer import Observer
from velox_tui.telemetry.sample import Sample, State
from velox_tui.telemetry.topology import Role, Unit

NATIVE = Path(__file__).parents[2] / "native"


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The example, built as its first lines say."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    assert compiler, "the package itself needs a C compiler"
    out = tmp_path_factory.mktemp("three") / "three_stages"
    source = NATIVE / "examples" / "three_stages.c"
    subprocess.run([compiler, "-std=c11", "-O2", "-pthread", "-I", NATIVE, source, "-o", out], check=True)
    return out


@contextmanager
def running(
    program: Path, folder: Path, *, rate: int = 20_000
) -> Iterator[tuple[SegmentReader, subprocess.Popen[str]]]:
    """A run that ends when it is told to, and keeps its file until its standard input ends."""
    process = subprocess.Popen(
        [program, "600", str(rate), folder], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    reader = SegmentReader(Segment(Path(process.stdout.readline().strip())), "attached")
    try:
        yield reader, process
    finally:
        reader.close()
        process.kill()
        process.communicate()


def samples(reader: SegmentReader, observer: Observer, cuts: int) -> Iterator[Sample]:
    """Samples until so many exact cuts were seen."""
    seen: set[int] = set()
    while len(seen) < cuts:
        sample = observer.take(reader.read())
        if sample.cut is not None:
            seen.add(sample.cut.sequence)
        yield sample
        time.sleep(0.01)


def stopped(reader: SegmentReader, process: subprocess.Popen[str], observer: Observer) -> Sample:
    process.terminate()
    while reader.read().state != State.STOPPED:
        assert process.poll() is None
        time.sleep(0.005)
    return observer.take(reader.read())


def test_its_shape_is_read_from_its_table(program: Path, tmp_path: Path) -> None:
    with running(program, tmp_path) as (reader, _):
        shape = reader.run.topology
        assert [stage.name for stage in shape.stages] == ["source", "pair", "sink"]
        assert [(one.name, one.producer, one.consumer, one.capacity, one.unit) for one in shape.rings] == [
            ("items", 0, 1, 1024, Unit.TRANSACTIONS),
            ("pairs", 1, 2, 256, Unit.BUNDLES),
        ]
        assert [one.name for one in shape.histograms] == [
            "source_exit",
            "items_occupancy",
            "pair_exit",
            "pairs_occupancy",
            "e2e",
        ]
        assert shape.book is None
        assert reader.run.run_id.startswith("three-stages-")


@pytest.mark.parametrize("rate", [20_000, 999_000_000], ids=["paced", "flood"])
def test_its_ledger_is_exact_at_every_cut_and_at_rest(rate: int, program: Path, tmp_path: Path) -> None:
    with running(program, tmp_path, rate=rate) as (reader, process):
        observer = Observer(AlertLimits())
        taken = list(samples(reader, observer, cuts=12))
        with_ledger = [one.ledger for one in taken if one.ledger is not None]
        assert all(one.residual == 0 for one in with_ledger)
        assert len(with_ledger[0].stages) == 3 and len(with_ledger[0].hops) == 2
        for one in taken:
            flow = [one.total(Role.IN, stage=stage) for stage in range(3)]
            assert flow == sorted(flow, reverse=True), "in >= out in every reading"
        final = stopped(reader, process, observer)
        assert final.ledger is not None and final.ledger.cut_sequence == 0 and final.ledger.residual == 0
        assert final.total(Role.HELD) == 0 and final.total(Role.OUT, stage=2) > 0
        assert final.total(Role.ID_GAPS) == final.total(Role.DROPPED)
        assert rate < 10**6 or final.total(Role.DROPPED) > 0, "a flood finds its ring full"
        assert final.total(Role.IN, stage=0) == final.total(Role.OUT, stage=2) + final.total(Role.DROPPED)


def test_what_holds_items_is_in_some_cut(program: Path, tmp_path: Path) -> None:
    """An odd item waits for its partner: a ledger without it would be off by one."""
    with running(program, tmp_path) as (reader, _):
        held = reader.run.topology.first(Role.HELD)
        assert held is not None
        observer = Observer(AlertLimits())
        assert any(
            one.cut is not None and one.cut.words[held.index] == 1
            for one in samples(reader, observer, cuts=60)
        )


def test_it_is_recorded_and_printed_as_ours(program: Path, tmp_path: Path) -> None:
    from velox_tui.cli.plain import line, progress

    with running(program, tmp_path) as (reader, _):
        *_, sample = samples(reader, Observer(AlertLimits()), cuts=3)
        columns = [column.name for column in Rows(reader.run.topology).columns]
        assert {"source_made_total", "pair_waiting", "sink_delivered_total", "ledger_residual"} <= set(
            columns
        )
        assert "e2e_p99_ns" in columns and not [name for name in columns if name.startswith("order_book")]
        assert "exact" in line(sample) and "ledger exact" in progress(sample, None, None)


def test_who_died_leaves_a_file_that_is_cleaned(program: Path, tmp_path: Path) -> None:
    from velox_tui.engine import segment as segments

    with running(program, tmp_path) as (_, process):
        assert segments.clean(tmp_path) == 0, "its owner lives"
        process.kill()
        process.wait()
        assert segments.clean(tmp_path) == 1
    assert list(tmp_path.iterdir()) == []


def test_the_header_is_cpp_too(tmp_path: Path) -> None:
    compiler = shutil.which("c++") or shutil.which("g++") or shutil.which("clang++")
    if compiler is None:
        pytest.skip("no C++ compiler on this machine")
    source = tmp_path / "program.cc"
    source.write_text('#include "velox_publish.h"\nint main() { static velox_pub p; velox_pub_init(&p); }\n')
    flags = ["-std=c++11", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only"]
    subprocess.run([compiler, *flags, "-I", NATIVE, source], check=True)
