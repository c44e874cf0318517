"""`velox-tui replay` for real: what is refused, lines without a terminal, recordings still being written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import one_line

from velox_tui.recording.recorder import FileRecorder
from velox_tui.recording.rotation import Rotation
from velox_tui.session_replay import ReplaySession
from velox_tui.sources import canned
from velox_tui.sources.replay import Replay
from velox_tui.telemetry.sample import Sample, State

Velox = Callable[..., subprocess.CompletedProcess[str]]
PATIENCE_S = 120.0
SAMPLES = canned.samples(30)


def recorded(target: Path, samples: list[Sample] = SAMPLES, rotation: Rotation | None = None) -> Path:
    recorder = FileRecorder(target, samples[0].run, {}, rotation=rotation)
    for sample in samples:
        recorder.write(sample)
    recorder.close(None, "test")
    return target


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_without_a_terminal_every_row_is_a_line(velox: Velox) -> None:
    done = velox("replay", str(recorded(Path("run.csv"))))
    lines = done.stdout.splitlines()
    assert done.returncode == 0 and not done.stderr
    assert len(lines) == 1 + len(SAMPLES) and lines[0].split()[0] == "elapsed"
    assert [line.split()[0] for line in lines[1:4]] == ["00:00:01", "00:00:02", "00:00:03"]
    assert all(line.endswith("exact") for line in lines[1:])


def test_it_begins_where_it_is_told(velox: Velox) -> None:
    recorded(Path("run.csv"))
    for text, rows in (("00:00:10", 20), ("-5s", 6), ("12:00:29Z", 3)):
        done = velox("replay", "run.csv", "--at", text)
        assert abs(len(done.stdout.splitlines()) - 1 - rows) <= 1, text


def test_parts_are_one(velox: Velox) -> None:
    recorded(Path("day.csv"), rotation=Rotation(size_bytes=20_000))
    assert Path("day.0003.csv").exists() and not Path("day.csv").exists()
    assert len(velox("replay", "day.csv").stdout.splitlines()) == 1 + len(SAMPLES)


@pytest.mark.shell
def test_a_reader_that_leaves_ends_it_quietly() -> None:
    recorded(Path("run.csv"))
    command = f"{sys.executable} -m velox_tui replay run.csv | head -2; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.splitlines()[-1] == "0" and not done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("none.csv",), 66, "no such recording"),
        (("text.csv",), 65, "no column mono_ns"),
        (("empty.csv",), 65, "no header row"),
        (("huge.csv",), 65, "no header row"),
        (("binary.csv",), 65, "no header row"),
        (("header.csv",), 65, "no row yet"),
        (("folder",), 65, "a folder"),
        (("pipe.csv",), 65, "not a regular file"),
        (("/dev/zero",), 65, "not a regular file"),
        (("run.csv", "--rate", "100k"), 2, "--rate is for a pipeline"),
        (("run.csv", "--record=x.csv"), 2, "--record is for a pipeline"),
        (("run.csv", "--interval", "1s"), 2, "--interval is for a pipeline"),
        (("run.csv", "--speed", "0"), 2, "a factor from 0.01 to 3600"),
        (("run.csv", "--speed", "nan"), 2, "a factor from 0.01 to 3600"),
        (("run.csv", "--at", "1h"), 2, "not in the recording"),
        (("run.csv", "--at", "soon"), 2, "--at"),
        (("run.csv", "other.csv"), 2, "unknown argument"),
        ((), 2, "FILE.csv"),
    ],
)
def test_what_is_wrong_is_one_line(velox: Velox, arguments: tuple[str, ...], code: int, said: str) -> None:
    Path("text.csv").write_text("a,b\n1,2\n")
    Path("empty.csv").touch()
    Path("huge.csv").write_bytes(b"x" * (3 << 20))
    Path("binary.csv").write_bytes(bytes(range(11, 256)) * 5000)
    recorded(Path("run.csv"))
    Path("header.csv").write_bytes(Path("run.csv").read_bytes().splitlines(keepends=True)[0])
    Path("folder").mkdir()
    os.mkfifo("pipe.csv")
    done = velox("replay", *arguments)
    assert done.returncode == code and not done.stdout
    assert said in one_line(done.stderr)


def test_the_engine_is_not_needed(velox: Velox) -> None:
    recorded(Path("run.csv"))
    done = velox("replay", "run.csv", environ={"VELOX_LIBRARY": "/nowhere/libvelox.so"})
    assert done.returncode == 0 and len(done.stdout.splitlines()) == 1 + len(SAMPLES)
    program = """import sys; from velox_tui.cli.replay import run; run(["run.csv"])
import velox_tui.console.app
assert not {"_cffi_backend", "cffi", "velox_tui.engine"} & set(sys.modules)"""
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, timeout=120)


def test_a_recording_being_written_is_followed_until_its_writer_is_killed(
    start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    target = tmp_path / "run.csv"
    writer = start("--record", str(target), "--interval", "20ms", "--rate", "1k")
    try:
        until(lambda: target.exists() and target.read_bytes().count(b"\n") > 5)
        session = ReplaySession(Replay(target))
        assert session.writing and not session.ended
        rows = len(session.history)
        until(lambda: session.refresh() and len(session.history) > rows + 20)
        newest = session.newest
        assert newest is not None and newest.state is State.RUNNING and newest.seq == len(session.history) - 1
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    until(lambda: not session.refresh() and not session.writing)
    assert "without a stop" in session.ended
    newest = session.newest
    assert newest is not None and newest.ledger is not None and newest.ledger.residual == 0
    session.close("test")


def test_lines_follow_to_the_clean_end(start: Callable[..., subprocess.Popen[bytes]], tmp_path: Path) -> None:
    target = tmp_path / "run.csv"
    writer = start("--record", str(target), "--interval", "50ms", "--rate", "1k", "--duration", "3s")
    until(lambda: target.exists() and target.read_bytes().count(b"\n") > 2)
    follower = start("replay", str(target))
    assert writer.wait(timeout=PATIENCE_S) == 0
    told, errors = follower.communicate(timeout=PATIENCE_S)
    assert follower.returncode == 0 and not errors
    assert len(told.splitlines()) == target.read_bytes().count(b"\n")
