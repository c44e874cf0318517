"""`velox-tui attach`: a pipeline of another process, shown, recorded and outlived."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import one_line
from test_console_live import Terminal

from velox_tui.cli.attach import run
from velox_tui.errors import UsageError
from velox_tui.recording.intervals import intervals, parts_of

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


@pytest.fixture
def place() -> Iterator[Path]:
    """A name for whichever segment runs at present; others' pipelines on this machine do not matter then."""
    path = Path(f"/dev/shm/test-{os.getpid()}-{time.monotonic_ns()}.seg")
    yield path
    path.unlink(missing_ok=True)


def put(one: Kept, place: Path) -> None:
    """Gives the pipeline's segment the name, in place of an older one."""
    new = place.with_suffix(".new")
    os.link(one.line.split()[4].rstrip(";"), new)
    new.replace(place)


def recorded(path: Path) -> list[dict[str, str]]:
    """The complete rows of a recording that may not have begun."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file.read().rpartition("\n")[0].splitlines()))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_recordings_go_on_with_the_pipeline_that_runs_in_its_place(
    kept: Callable[..., Kept], start: Start, tmp_path: Path, place: Path, number: signal.Signals
) -> None:
    first = kept()
    put(first, place)
    watch = ("attach", str(place), "--interval", "50ms")
    watchers = [start(*watch, "--record", f"{name}.csv") for name in ("a", "b")]
    wait_for(watchers, lambda: all(len(recorded(tmp_path / f"{name}.csv")) > 2 for name in ("a", "b")))
    first.end(number)
    over = "lost" if number == signal.SIGKILL else "stopped"
    wait_for(watchers, lambda: recorded(tmp_path / "a.csv")[-1]["state"] == over)
    second = kept()
    put(second, place)
    wait_for(watchers, lambda: all(len(runs(tmp_path / f"{name}.csv")) == 2 for name in ("a", "b")))
    watchers[0].kill()
    watchers[0].communicate()
    wait_for(watchers[1:], lambda: recorded(tmp_path / "b.csv")[-1]["ledger_residual"] == "0")
    assert second.process.poll() is None, "a killed watcher leaves the pipeline alone"
    watchers[1].send_signal(signal.SIGTERM)
    out, err = watchers[1].communicate(timeout=60)
    assert (watchers[1].returncode, out) == (0, b"")
    said = err.decode().splitlines()
    assert [first.pid in said[0], second.pid in said[1], len(said)] == [True, True, 2], said
    check_two_runs(tmp_path / "b.csv", over)


def runs(path: Path) -> list[str]:
    """The runs of a recording, in order."""
    return list(dict.fromkeys(row["run_id"] for row in recorded(path)))


def wait_for(watchers: list[subprocess.Popen[bytes]], true: Callable[[], object]) -> None:
    """Waits for something that must come while these live."""
    deadline = time.monotonic() + 120
    while not true():
        assert all(watcher.poll() is None for watcher in watchers)
        assert time.monotonic() < deadline
        time.sleep(0.02)


def check_two_runs(path: Path, over: str) -> None:
    """Rows, marks, meta file and frames of a recording that went on with another pipeline."""
    rows = recorded(path)
    before, after = ([row for row in rows if row["run_id"] == run] for run in runs(path))
    assert before[-1]["state"] == over and {row["state"] for row in after} <= {"starting", "running"}
    (event,) = (event for event in json.loads(after[0]["events"]) if event["name"] == "restarted")
    assert event["kind"] == "life"
    assert after[0]["interval_ns"] == "" and int(after[1]["interval_ns"]) > 0
    assert [int(row["seq"]) for row in rows] == list(range(len(rows)))
    facts = json.loads(path.with_suffix(".meta.json").read_text())["runs"]
    assert [one["run_id"] for one in facts] == runs(path)
    assert [one["exit_reason"] for one in facts] == ["pipeline ended", "SIGTERM"]
    assert sum(one["rows"] for one in facts) == len(rows) and not any(one["lost_rows"] for one in facts)
    told = list(intervals(parts_of(path), pytest.fail))
    assert {one.run.run_id for one in told} == set(runs(path))


def test_until_end_follows_no_other(kept: Callable[..., Kept], start: Start, place: Path) -> None:
    one = kept()
    put(one, place)
    watcher = start("attach", str(place), "--until-end", "--interval", "50ms")
    assert watcher.stdout is not None and watcher.stdout.readline()
    one.end(signal.SIGKILL)
    assert watcher.communicate(timeout=60)[1] == b"" and watcher.returncode == 0


def test_console_goes_on_with_the_pipeline_that_runs_in_its_place(
    kept: Callable[..., Kept], place: Path
) -> None:
    one = kept()
    put(one, place)
    console = Terminal("attach", str(place))
    try:
        console.read_until(lambda: "ATTACHED" in console.text and "Ingress" in console.text)
        one.end(signal.SIGKILL)
        console.read_until(lambda: "LOST" in console.text)
        seen = len(console.text)
        put(kept(), place)
        console.read_until(lambda: "ATTACHED" in console.text[seen:])
        console.type("5")
        console.read_until(lambda: "another pipeline goes on" in console.text[seen:])
        console.type("q")
        assert console.wait() == 0
        assert "Traceback" not in console.text
    finally:
        console.close()
