"""Recordings through what real machines do: pauses, moved threads, folders that cannot be written, kills."""

from __future__ import annotations

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from test_console_live import Terminal
from test_record_live import check, read, wait_for_rows

Velox = Callable[..., subprocess.CompletedProcess[str]]
Start = Callable[..., subprocess.Popen[bytes]]
SHM = Path("/dev/shm")


def end(process: subprocess.Popen[bytes]) -> None:
    """By SIGTERM: a clean end, nothing said."""
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 0


def segments_of(pid: int) -> list[Path]:
    """Segments of this user that the process made."""
    return list(SHM.glob(f"velox-{os.geteuid()}-{pid}-*.seg"))


def pause(process: subprocess.Popen[bytes], path: Path, seconds: float) -> None:
    """Stops it between two rows, and waits until it records again."""
    wait_for_rows(process, path)
    process.send_signal(signal.SIGSTOP)
    time.sleep(seconds)
    process.send_signal(signal.SIGCONT)
    wait_for_rows(process, path, path.read_bytes().count(b"\n") + 5)


@pytest.mark.parametrize("pattern", ["poisson", "max"])
@pytest.mark.parametrize("seconds", [1.5, pytest.param(8.0, marks=pytest.mark.deep)])
def test_a_pause_is_a_gap_that_is_shown_and_counted(
    start: Start, tmp_path: Path, seconds: float, pattern: str
) -> None:
    process = start("--record", "run.csv", "--interval", "50ms", "--pattern", pattern)
    pause(process, tmp_path / "run.csv", seconds)
    end(process)
    frame = read(tmp_path / "run.csv")
    check(frame)
    across = frame.loc[frame["interval_ns"].idxmax()]
    assert across["interval_ns"] > seconds * 1e9 * 0.9
    # Rates over the gap are by its measured time: no spike that was not there.
    delivered = frame["output_delivered_total"].diff()[across.name]
    assert across["output_per_s"] == pytest.approx(delivered * 1e9 / across["interval_ns"])


def test_threads_moved_while_they_run_stay_exact(start: Start, tmp_path: Path) -> None:
    cores = sorted(os.sched_getaffinity(0))
    process = start(
        "--record", "run.csv", "--interval", "50ms", "--threading", "dedicated", "--wait", "yield"
    )
    wait_for_rows(process, tmp_path / "run.csv")
    moved = 0
    for turn in range(200):
        for place, task in enumerate(sorted(Path(f"/proc/{process.pid}/task").iterdir())):
            os.sched_setaffinity(int(task.name), {cores[(turn + place) % len(cores)]})
            moved += 1
        time.sleep(0.005)
    assert moved >= 200 * 5
    end(process)
    check(read(tmp_path / "run.csv"))


@pytest.mark.skipif(
    os.geteuid() == 0 and not Path("/usr/bin/setpriv").exists(), reason="needs setpriv as root"
)
def test_a_folder_that_cannot_be_written_is_73_and_one_line(tmp_path: Path) -> None:
    """Without root's right to write wherever it likes, where root runs the test."""
    place = tmp_path / "sealed"
    place.mkdir(mode=0o555)
    drop = ["setpriv", "--bounding-set=-dac_override"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*drop, sys.executable, "-m", "velox_tui", "--record", str(place / "run.csv"), "--duration", "1s"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 73, done.stderr
    assert len(done.stderr.splitlines()) == 1 and "run.csv" in done.stderr
    assert list(place.iterdir()) == []


def test_a_file_system_that_became_read_only_is_73_and_one_line(start: Start, tmp_path: Path) -> None:
    place = tmp_path / "small"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount")
    try:
        before = start("--record", str(place / "run.csv"), "--interval", "50ms", "--duration", "1s")
        assert before.communicate(timeout=60) == (b"", b"")
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        again = start("--record", str(place / "run.csv"), "--append", "--duration", "1s")
        _, err = again.communicate(timeout=60)
        assert again.returncode == 73 and len(err.splitlines()) == 1
        check(read(place / "run.csv"))
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def kill_consoles(times: int, chance: random.Random) -> None:
    """Kills recording consoles at random moments; what each leaves is whole, and the next start cleans up."""
    left = 0
    for number in range(times):
        one = Terminal("--record", f"{number}.csv", "--console")
        begin, after_s = time.monotonic(), chance.uniform(0.2, 3.0)
        one.read_until(lambda begin=begin, after_s=after_s: time.monotonic() - begin > after_s)
        one.process.kill()
        one.process.wait(60)
        left += len(segments_of(one.process.pid))
        one.close()
        check_whole(Path(f"{number}.csv"))
    assert left, "no kill left a segment: they all came before the start"


def check_whole(path: Path) -> None:
    """No torn row, and a ledger without a residual in each."""
    if not path.exists():
        return
    text = path.read_bytes()
    rows = list(csv.DictReader(text[: text.rfind(b"\n") + 1].decode().splitlines()))
    assert all(None not in row and None not in row.values() for row in rows)
    assert {row["ledger_residual"] for row in rows} <= {"", "0"}
    assert [row["seq"] for row in rows] == [str(number) for number in range(len(rows))]


def dead_segments() -> list[Path]:
    """Segments of this user whose process is gone, by the id in their name."""
    found = SHM.glob(f"velox-{os.geteuid()}-*-*.seg")
    return [path for path in found if not Path("/proc", path.name.split("-")[2]).exists()]


@pytest.mark.parametrize("times", [3, pytest.param(60, marks=pytest.mark.deep)])
def test_killed_consoles_leave_whole_rows_and_the_next_start_cleans_up(velox: Velox, times: int) -> None:
    kill_consoles(times, random.Random(times))
    assert velox("--headless", "--duration", "300ms").returncode == 0
    assert dead_segments() == []


def test_a_recording_that_is_deleted_is_told_and_its_rows_are_lost(start: Start, tmp_path: Path) -> None:
    process = start("--record", "run.csv", "--interval", "50ms")
    path = tmp_path / "run.csv"
    wait_for_rows(process, path)
    path.unlink()
    frames = tmp_path / "run.frames"
    before = frames.stat().st_size
    while frames.stat().st_size == before:  # the pipeline, and what is left of the recording, go on
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (74, b"")
    assert len(err.splitlines()) == 1 and b"deleted" in err and b"rows lost" in err
    assert not path.exists()
    (run,) = json.loads(path.with_suffix(".meta.json").read_text())["runs"]
    assert run["rows"] == 0 and run["lost_rows"] > 3


def test_a_segment_cut_short_ends_its_readers_whole(start: Start, velox: Velox, tmp_path: Path) -> None:
    owner = start("--headless")
    assert owner.stderr is not None
    segment = Path(owner.stderr.readline().decode().split()[4].rstrip(";"))
    recorder = start("attach", str(owner.pid), "--record", "run.csv", "--interval", "50ms")
    lines = start("attach", str(owner.pid), "--interval", "50ms")
    console = Terminal("attach", str(owner.pid))
    try:
        wait_for_rows(recorder, tmp_path / "run.csv")
        console.read_until(lambda: "Ingress" in console.text)
        assert lines.stdout is not None and lines.stdout.readline()
        owner.send_signal(signal.SIGSTOP)  # a write beyond the new end would be its own fault
        os.truncate(segment, 8192)
        assert recorder.communicate(timeout=60) == (b"", b"") and recorder.returncode == 0
        assert lines.communicate(timeout=60)[1] == b"" and lines.returncode == 0
        console.read_until(lambda: "LOST" in console.text)
        console.type("q")
        assert console.wait() == 0 and "Traceback" not in console.text
    finally:
        console.close()
    check_whole(tmp_path / "run.csv")
    assert (tmp_path / "run.csv").read_text().splitlines()[-1].split(",")[5] == "lost"
    done = velox("stat", str(segment))
    assert done.returncode == 65 and len(done.stderr.splitlines()) == 1


def make_input(velox: Velox) -> Path:
    """Some thousands of transactions."""
    made = velox("--headless", "--wait", "backoff", "--journal", "k.vtx", "--duration", "300ms")
    assert made.returncode == 0
    return Path("k.vtx").absolute()


@pytest.mark.parametrize("harm", ["cut", "emptied", "written over"])
def test_an_input_cut_short_ends_the_run_whole_and_is_told(
    start: Start, velox: Velox, tmp_path: Path, harm: str
) -> None:
    source = make_input(velox)
    play = ("--input", str(source), "--speed", "0.001", "--wait", "backoff")
    process = start(*play, "--record", "run.csv", "--interval", "50ms", "--duration", "100s")
    wait_for_rows(process, tmp_path / "run.csv")
    if harm == "written over":
        source.write_bytes(source.read_bytes()[:8192])
    else:
        os.truncate(source, 4096 if harm == "cut" else 0)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (65, b"")
    (said,) = err.decode().splitlines()
    assert str(source) in said and "cut short while it was read" in said
    frame = read(tmp_path / "run.csv")
    assert (frame["ledger_residual"].dropna() == 0).all() and frame["state"].iloc[-1] == "stopped"
    assert f'"{said[11:]}"' in frame["events"].str.cat()
    (run,) = json.loads((tmp_path / "run.meta.json").read_text())["runs"]
    assert run["exit_reason"] in said
    assert segments_of(process.pid) == []


def test_an_input_cut_short_leaves_the_console_usable(velox: Velox) -> None:
    source = make_input(velox)
    console = Terminal("--input", str(source), "--speed", "0.001", "--wait", "backoff")
    try:
        console.read_until(lambda: "Ingress" in console.text)
        os.truncate(source, 4096)
        console.read_until(lambda: "STOPPED" in console.text)
        console.type("q")
        assert console.wait() == 65
        assert "cut short while it was read" in console.text and "Traceback" not in console.text
    finally:
        console.close()


def test_an_input_cut_short_is_survived_beside_pythons_own_handler(velox: Velox) -> None:
    source = make_input(velox)
    program = (
        "import faulthandler, os, sys; from velox_tui.cli.main import main; faulthandler.enable();"
        f"sys.exit(main(['--input', {str(source)!r}, '--speed', 'max', '--loop', '--headless']))"
    )
    process = subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.PIPE)
    time.sleep(1)
    os.truncate(source, 4096)
    err = process.communicate(timeout=60)[1].decode()
    assert process.returncode == 65 and "cut short" in err and "Fatal" not in err
