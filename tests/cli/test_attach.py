"""`velox-tui attach`: a pipeline of another process, shown, recorded and outlived."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import one_line
from test_console_live import Terminal

from velox_tui.cli.attach import run
from velox_tui.errors import UsageError

Velox = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[bytes]]


class Kept:
    """A pipeline kept going by `velox-tui --headless`."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        assert process.stderr is not None
        self.line = process.stderr.readline().decode()
        self.pid = str(process.pid)

    def end(self, number: signal.Signals) -> tuple[int, bytes, bytes]:
        """Sends the signal; exit code and what it said since."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def kept(start: Start) -> Iterator[Callable[..., Kept]]:
    made: list[Kept] = []

    def make(*arguments: str) -> Kept:
        made.append(Kept(start("--headless", *arguments)))
        return made[-1]

    yield make
    for one in made:
        one.process.kill()
        one.process.communicate()


def test_headless_says_once_who_and_where_and_drains_on_a_signal(kept: Callable[..., Kept]) -> None:
    one = kept()
    words = one.line.split()
    assert words[:3] == ["velox-tui:", "pid", f"{one.pid},"] and words[-1] == one.pid
    segment = Path(words[4].rstrip(";"))
    assert segment.exists()
    assert one.end(signal.SIGTERM) == (0, b"", b"")
    assert not segment.exists()


def test_lines_until_the_pipeline_stops(kept: Callable[..., Kept], start: Start) -> None:
    one = kept()
    watcher = start("attach", one.pid, "--interval", "100ms")
    assert watcher.stdout is not None
    lines = [watcher.stdout.readline().decode() for _ in range(4)]
    assert lines[0].split()[:2] == ["elapsed", "in/s"] and lines[2].split()[-1] == "exact"
    assert one.end(signal.SIGINT)[0] == 0
    out, err = watcher.communicate(timeout=60)
    assert (watcher.returncode, err) == (0, b"")
    assert out.decode().splitlines()[-1].split()[-1] == "exact"


@pytest.mark.parametrize(
    ("number", "state"), [(signal.SIGTERM, "stopped"), (signal.SIGKILL, "lost")], ids=["stopped", "lost"]
)
def test_recording_ends_with_the_pipeline(
    kept: Callable[..., Kept], start: Start, tmp_path: Path, number: signal.Signals, state: str
) -> None:
    one = kept()
    watchers = [
        start("attach", one.pid, "--record", f"{name}.csv", "--interval", "50ms") for name in ("a", "b")
    ]
    for name in ("a", "b"):
        while not (path := tmp_path / f"{name}.csv").exists() or path.read_bytes().count(b"\n") < 4:
            assert all(watcher.poll() is None for watcher in watchers)
    one.end(number)
    for name, watcher in zip(("a", "b"), watchers, strict=True):
        assert watcher.communicate(timeout=60) == (b"", b"")
        assert watcher.returncode == 0
        with (tmp_path / f"{name}.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert rows[-1]["state"] == state and {row["ledger_residual"] for row in rows} == {"0"}
        (facts,) = json.loads((tmp_path / f"{name}.meta.json").read_text())["runs"]
        assert facts["exit_reason"] == "pipeline ended" and facts["arguments"][0] == "attach"
        assert "rate" not in facts["settings"] and "interval" in facts["settings"]


def test_watcher_that_is_killed_leaves_the_pipeline_alone(kept: Callable[..., Kept], start: Start) -> None:
    one = kept()
    watcher = start("attach", one.pid, "--interval", "20ms")
    assert watcher.stdout is not None and watcher.stdout.readline()
    watcher.kill()
    watcher.communicate()
    assert one.process.poll() is None
    assert one.end(signal.SIGTERM) == (0, b"", b"")


def test_console_shows_the_end_and_stays_until_its_user_leaves(kept: Callable[..., Kept]) -> None:
    one = kept()
    console = Terminal("attach", one.pid)
    try:
        console.read_until(lambda: "ATTACHED" in console.text and "Ingress" in console.text)
        one.end(signal.SIGKILL)
        console.read_until(lambda: "LOST" in console.text)
        assert console.process.poll() is None
        console.type("q")
        assert console.wait() == 0
        assert "Traceback" not in console.text
    finally:
        console.close()


def test_console_opens_on_what_a_killed_pipeline_left(kept: Callable[..., Kept]) -> None:
    one = kept()
    segment = one.line.split()[4].rstrip(";")
    one.end(signal.SIGKILL)
    console = Terminal("attach", segment)
    try:
        console.read_until(lambda: "LOST" in console.text and "Ingress" in console.text)
        console.type("q")
        assert console.wait() == 0
    finally:
        console.close()
        Path(segment).unlink(missing_ok=True)


def test_of_several_pipelines_one_must_be_named(kept: Callable[..., Kept], velox: Velox) -> None:
    pids = [kept().pid, kept().pid]
    done = velox("attach")
    assert done.returncode == 66
    line = one_line(done.stderr)
    assert all(f"-{pid}-" in line for pid in pids)


def test_what_is_no_pipeline_is_66_or_65_in_one_line(velox: Velox, tmp_path: Path) -> None:
    (tmp_path / "other.seg").write_bytes(b"x" * 5000)
    os.mkfifo(tmp_path / "pipe")
    for target, code in (("1", 66), ("none.seg", 66), ("other.seg", 65), (".", 65), ("pipe", 65)):
        done = velox("attach", target)
        assert (done.returncode, done.stdout) == (code, ""), (target, done.stderr)
        assert target in one_line(done.stderr)


@pytest.mark.parametrize("flag", ["--rate", "--rings=64,64,64", "--no-loop", "--input"])
def test_flags_of_a_pipeline_are_refused(flag: str) -> None:
    with pytest.raises(UsageError, match=r"--\S+ is for a pipeline of one's own"):
        run([flag, "1k"])


def test_attach_after_the_flags_is_refused_too(velox: Velox) -> None:
    done = velox("--rate", "1k", "attach")
    assert done.returncode == 2 and "'attach'" in one_line(done.stderr)
