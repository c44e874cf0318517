"""stdout and stderr as callers leave them: closed, full, gone."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import COMMAND, one_line

pytestmark = pytest.mark.shell

Velox = Callable[..., subprocess.CompletedProcess[str]]


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """The line, in which $VELOX is the command."""
    return subprocess.run(
        ["sh", "-c", line.replace("$VELOX", " ".join(COMMAND))],
        capture_output=True,
        text=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def whole(path: Path) -> list[dict[str, str]]:
    """The rows of a recording that nothing else was written into."""
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert rows[-1]["state"] == "stopped" and rows[-1]["ledger_residual"] == "0"
    assert all(None not in row and None not in row.values() for row in rows)
    return rows


@pytest.mark.parametrize("what", ["config", "themes", "completions bash", "serve --print rules"])
@pytest.mark.parametrize("to", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_stdout_that_cannot_be_written_is_73_and_one_line(what: str, to: str) -> None:
    done = shell(f"$VELOX {what} {to}")
    assert done.returncode == 73
    assert "stdout cannot be written" in one_line(done.stderr)


@pytest.mark.parametrize("to", [">/dev/full", ">&-"], ids=["full", "closed"])
def test_lines_that_nobody_keeps_do_not_end_the_pipeline(to: str) -> None:
    done = shell(f"$VELOX --duration 300ms --interval 100ms --journal run.vtx {to}")
    assert (done.returncode, done.stderr) == (0, "")
    assert Path("run.vtx").stat().st_size > 1000


def test_a_recording_is_whole_with_all_descriptors_closed() -> None:
    done = shell("$VELOX --record run.csv --duration 300ms --interval 50ms <&- >&- 2>&-")
    assert done.returncode == 0
    assert len(whole(Path("run.csv"))) > 3


@pytest.mark.parametrize("to", ["2>&-", "2>/dev/full"], ids=["closed", "full"])
def test_what_is_wrong_is_never_written_among_the_rows(to: str) -> None:
    done = shell(f"$VELOX --record - --duration 300ms --journal {Path.cwd()}/none/run.vtx {to}")
    assert (done.returncode, done.stdout) == (73, "")


def test_recording_to_a_closed_stdout_lost_its_rows() -> None:
    done = shell("$VELOX --record - --duration 300ms >&-")
    assert done.returncode == 74
    assert "rows lost" in one_line(done.stderr)


def test_slow_reader_of_a_pipe_that_does_not_block_gets_everything() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    with subprocess.Popen([*COMMAND, "completions", "bash"], stdout=write, stderr=subprocess.PIPE) as process:
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            text = pipe.read()
        assert process.stderr is not None and process.stderr.read() == b""
    assert process.returncode == 0
    assert text == subprocess.run([*COMMAND, "completions", "bash"], capture_output=True, check=True).stdout
