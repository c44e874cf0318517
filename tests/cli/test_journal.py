"""`--journal`: what a run delivered, played again, makes the same book and the same bundles."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import one_line

from velox_tui.engine.options import EngineOptions
from velox_tui.engine.pipeline import Pipeline
from velox_tui.engine.segment import Segment
from velox_tui.engine.simulation import Simulation
from velox_tui.errors import OutputError
from velox_tui.marketdata import vtx
from velox_tui.sources.table import topology
from velox_tui.telemetry.topology import Role

Velox = Callable[..., subprocess.CompletedProcess[str]]
FOR_EVER_NS = 2**62


class Rest:
    """What a run left in its segment."""

    def __init__(self, path: Path) -> None:
        segment = Segment(path)
        shape, words, book = topology(segment), segment.words(), segment.book()
        segment.close()
        assert book is not None
        self.book = book
        self.fill = [int(words[word.index]) for word in shape.find(Role.FILL)]
        self.totals = {
            role: sum(int(words[word.index]) for word in shape.find(role))
            for role in (Role.DROPPED, Role.JOURNAL_WRITTEN, Role.JOURNAL_LOST, Role.UNITS_OUT)
        }
        (delivered,) = (word for word in shape.words if word.name == "output_delivered_total")
        self.delivered = int(words[delivered.index])


def simulated(folder: Path, journal: Path) -> Rest:
    """The journal played in simulation."""
    options = EngineOptions(pattern="file", input_path=journal, segment_dir=folder)
    with Simulation(options) as simulation:
        simulation.run_until(FOR_EVER_NS)
        return Rest(simulation.segment_path)


def test_a_real_run_played_again_has_its_book(tmp_path: Path) -> None:
    journal = tmp_path / "run.vtx"
    pipeline = Pipeline(EngineOptions(segment_dir=tmp_path, journal_path=journal, on_full="block"))
    pipeline.start()
    path = pipeline.segment_path
    while Rest(path).totals[Role.JOURNAL_WRITTEN] < 20_000:
        time.sleep(0.02)
    pipeline.stop()
    run = Rest(path)
    pipeline.destroy()
    assert run.totals[Role.JOURNAL_LOST] == 0
    assert run.totals[Role.JOURNAL_WRITTEN] == run.delivered
    assert journal.stat().st_size == vtx.HEADER.itemsize + 32 * run.delivered
    first, again = (simulated(tmp_path, journal) for _ in range(2))
    assert np.array_equal(first.book, run.book) and first.delivered == run.delivered
    assert first.totals[Role.DROPPED] == 0
    assert first.fill == again.fill and np.array_equal(first.book, again.book)


def test_a_simulated_run_played_again_has_its_bundles(tmp_path: Path) -> None:
    """All of them but the last, which the run's end closed and the journal's timeout closes."""
    journal = tmp_path / "run.vtx"
    with Simulation(EngineOptions(segment_dir=tmp_path, journal_path=journal, seed=5)) as simulation:
        simulation.run_until(300_000_000)
        simulation.stop()
        run = Rest(simulation.segment_path)
    assert run.delivered > 25_000 and sum(run.fill) == run.totals[Role.UNITS_OUT]
    again = simulated(tmp_path, journal)
    assert (again.fill, again.delivered) == (run.fill, run.delivered)
    assert np.array_equal(again.book, run.book)


def test_from_the_command_line(velox: Velox) -> None:
    done = velox("--journal", "j.vtx", "--headless", "--duration", "500ms", "--on-full", "block")
    assert (done.returncode, done.stdout) == (0, "")
    done = velox("--input", "j.vtx", "--speed", "max", "--on-full", "block", "--record", "again.csv")
    assert (done.returncode, done.stderr) == (0, "")
    with Path("again.csv").open(newline="") as file:
        row = list(csv.DictReader(file))[-1]
    assert row["state"] == "stopped"
    assert 32 * int(row["output_delivered_total"]) == Path("j.vtx").stat().st_size - vtx.HEADER.itemsize > 0


def test_a_killed_run_leaves_a_journal_that_can_be_played(
    start: Callable[..., subprocess.Popen[bytes]], velox: Velox
) -> None:
    run = start("--journal", "j.vtx", "--headless")
    while not Path("j.vtx").exists() or Path("j.vtx").stat().st_size < 50_000:
        assert run.poll() is None
        time.sleep(0.02)
    run.kill()
    run.communicate()
    size = Path("j.vtx").stat().st_size
    assert (size - vtx.HEADER.itemsize) % 32 == 0
    assert velox("--input", "j.vtx", "--speed", "max", "--headless").returncode == 0


@pytest.mark.parametrize(("harm", "left"), [("delete", None), ("empty", 0), ("cut", 28)])
def test_what_another_takes_from_a_journal_is_counted(
    start: Callable[..., subprocess.Popen[bytes]], velox: Velox, harm: str, left: int | None
) -> None:
    """`left`: the transactions that the file then holds."""
    journal = Path("j.vtx")
    run = start("--journal", "j.vtx", "--headless", "--rate", "20k", "--wait", "backoff")
    while not journal.exists() or journal.stat().st_size < 50_000:
        assert run.poll() is None
        time.sleep(0.02)
    if harm == "delete":
        journal.unlink()
    else:
        os.truncate(journal, 0 if left == 0 else 5_000)
    time.sleep(0.1)
    run.terminate()
    said = run.communicate()[1].decode()
    assert run.returncode == 74
    assert "j.vtx: " in said and "transactions were delivered that it does not hold" in said
    assert journal.exists() == (left is not None)
    if left is not None:
        played = velox("--input", "j.vtx", "--speed", "max", "--record", "again.csv")
        assert played.returncode == (0 if left else 65)
    if left:
        with Path("again.csv").open(newline="") as file:
            assert int(list(csv.DictReader(file))[-1]["output_delivered_total"]) == left


@pytest.mark.parametrize("there", ["file", "folder", "link", "missing folder"])
def test_what_cannot_be_created_is_73_in_one_line(velox: Velox, tmp_path: Path, there: str) -> None:
    path = tmp_path / "j.vtx"
    if there == "file":
        path.write_text("mine")
    elif there == "folder":
        path.mkdir()
    elif there == "link":
        path.symlink_to(tmp_path / "elsewhere")
    else:
        path = tmp_path / "none" / "j.vtx"
    done = velox("--journal", str(path), "--duration", "1s")
    assert (done.returncode, done.stdout) == (73, "")
    assert str(path) in one_line(done.stderr)
    assert there != "file" or path.read_text() == "mine"
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("flags", "code"),
    [
        (("--record", "there.csv"), 73),
        (("--fail-on", "run.no_such_column>0"), 2),
        (("--input", "none.vtx"), 66),
    ],
)
def test_a_start_that_fails_leaves_no_journal(
    velox: Velox, tmp_path: Path, flags: tuple[str, str], code: int
) -> None:
    (tmp_path / "there.csv").write_text("mine")
    done = velox("--journal", "j.vtx", "--duration", "1s", *flags)
    assert done.returncode == code, done.stderr
    one_line(done.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]


def test_losses_are_said_and_74(tmp_path: Path) -> None:
    """A file that may not grow beyond a fifth of what would be written; the segment is smaller."""
    program = (
        "import resource, sys\n"
        "from velox_tui.cli.main import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))\n"
        "sys.exit(main(['--journal', 'j.vtx', '--headless', '--duration', '1s']))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 74, done.stderr
    assert "j.vtx: " in done.stderr.splitlines()[-1] and "does not hold" in done.stderr
    assert (Path("j.vtx").stat().st_size - vtx.HEADER.itemsize) % 32 == 0


def test_a_refusal_is_an_output_error(tmp_path: Path) -> None:
    (tmp_path / "j.vtx").write_text("")
    with pytest.raises(OutputError, match="exists"):
        Pipeline(EngineOptions(segment_dir=tmp_path, journal_path=tmp_path / "j.vtx"))
    assert [path.name for path in tmp_path.iterdir()] == ["j.vtx"]
