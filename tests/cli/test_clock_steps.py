"""Somebody sets the clock while it records: the time of day jumps, nothing else does.

The clock of a machine is not a test's to set: the program runs with a library before the C library, made
here, that adds to the time of day what a file says. CLOCK_MONOTONIC, which no one can set, it leaves alone.
"""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from test_console_live import Terminal
from test_record_live import check, read, wait_for_rows

from velox_tui.recording.rotation import Rotation

Start = Callable[..., subprocess.Popen[bytes]]

HOUR_NS = 3600 * 10**9
STEPS_NS = (HOUR_NS, -25 * HOUR_NS, 366 * 24 * HOUR_NS)
"""Forward, back across midnight, into another year."""

SHIFTED = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static volatile long long *shift_ns;

__attribute__((constructor)) static void open_shift(void)
{
    const int file = open(getenv("CLOCK_SHIFT"), O_RDONLY | O_CLOEXEC);
    shift_ns = mmap(NULL, sizeof *shift_ns, PROT_READ, MAP_SHARED, file, 0);
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    static int (*real)(clockid_t, struct timespec *);
    if (real == NULL)
        real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const int status = real(clock, now);
    if (clock == CLOCK_REALTIME && shift_ns != NULL) {
        const long long ns = now->tv_sec * 1000000000LL + now->tv_nsec + *shift_ns;
        now->tv_sec = ns / 1000000000;
        now->tv_nsec = ns % 1000000000;
    }
    return status;
}
"""


def set_clock(file: Path, shift_ns: int) -> None:
    """Away from the true time by so much. The file stays the same, as programs have it mapped."""
    with file.open("r+b" if file.exists() else "wb") as shifts:
        shifts.write(struct.pack("<q", shift_ns))


@pytest.fixture
def shift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that shifts the time of day of programs started from here on, by 0 at first."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    source, library, file = (tmp_path / name for name in ("shift.c", "shift.so", "shift"))
    source.write_text(SHIFTED)
    made = subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no library can be made that comes before the C library")
    set_clock(file, 0)
    monkeypatch.setenv("CLOCK_SHIFT", str(file))
    monkeypatch.setenv("LD_PRELOAD", f"{os.environ.get('LD_PRELOAD', '')} {library}".strip())
    return file


def step_through(
    shift: Path, process: subprocess.Popen[bytes], path: Path, rows: Callable[[int], None]
) -> None:
    """Every step in turn, some rows after each."""
    rows(3)
    total = 0
    for step_ns in STEPS_NS:
        total += step_ns
        set_clock(shift, total)
        rows(path.read_bytes().count(b"\n") + 4)
    process.send_signal(signal.SIGTERM)


def check_steps(frame: pd.DataFrame) -> None:
    """The steps are there to be seen, and only there."""
    check(frame)
    day = pd.to_datetime(frame["ts_utc"], format="ISO8601")
    apart = (day.astype("datetime64[ns, UTC]").astype("int64") - frame["mono_ns"]).diff()[1:]
    jumps = [round(jump / HOUR_NS) for jump in apart if abs(jump) > HOUR_NS / 2]
    assert jumps == [step // HOUR_NS for step in STEPS_NS]
    assert (frame["interval_ns"][1:] == frame["mono_ns"].diff()[1:]).all()
    per_s = frame["output_delivered_total"].diff()[1:] * 1e9 / frame["mono_ns"].diff()[1:]
    assert frame["output_per_s"][1:].to_list() == pytest.approx(per_s.to_list())


def test_recording_goes_on_by_the_clock_that_nobody_sets(shift: Path, start: Start, tmp_path: Path) -> None:
    process = start("--record", "run.csv", "--interval", "50ms")
    path = tmp_path / "run.csv"
    step_through(shift, process, path, lambda count: wait_for_rows(process, path, count))
    assert process.communicate(timeout=60) == (b"", b"")
    assert process.returncode == 0
    check_steps(read(path))


def test_console_goes_on_too(shift: Path, tmp_path: Path) -> None:
    one = Terminal("--record", "run.csv", "--console")
    path = tmp_path / "run.csv"

    def rows(count: int) -> None:
        one.read_until(lambda: path.exists() and path.read_bytes().count(b"\n") > count)

    try:
        step_through(shift, one.process, path, rows)
        assert one.wait() == 0
        assert "Traceback" not in one.text
    finally:
        one.close()
    check_steps(read(path))


def until(condition: Callable[[], bool]) -> None:
    """Waits for it."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_parts_follow_a_clock_that_was_set_back(shift: Path, start: Start, tmp_path: Path) -> None:
    """The part in hand is not kept until the clock has caught up."""
    process = start("--record", "run.csv", "--interval", "50ms", "--rotate", "1h")
    for number, total_ns in enumerate((0, HOUR_NS, -24 * HOUR_NS), start=1):
        set_clock(shift, total_ns)
        part = tmp_path / f"run.{number:04d}.csv"
        until(part.exists)
        wait_for_rows(process, part)
    process.send_signal(signal.SIGTERM)
    assert process.communicate(timeout=60) == (b"", b"")
    check(pd.concat([read(path) for path in sorted(tmp_path.glob("run.*.csv"))], ignore_index=True))


@pytest.mark.parametrize(
    ("now_ns", "due"),
    [(0, False), (-1, False), (-HOUR_NS, False), (-HOUR_NS - 1, True), (1, False), (2, True)],
)
def test_a_clock_put_right_about_the_hour_begins_no_part(now_ns: int, due: bool) -> None:
    part_ns = 1000 * HOUR_NS - 2
    found = Rotation(period_ns=HOUR_NS).due(
        part_unix_ns=part_ns, now_unix_ns=part_ns + now_ns, size_bytes=0, row_bytes=1
    )
    assert found == due
