"""However it ends, on a real terminal: the pipeline is drained, once, off the event loop, and the terminal is
as before.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from terminal_run import TerminalRun, samples

ENTERS_SCREEN = b"\x1b[?1049h"
LEAVES_SCREEN = b"\x1b[?1049l"
SHOWS_CURSOR = b"\x1b[?25h"
MOUSE_OFF = b"\x1b[?1003l"


def started(folder: Path, *words: str) -> TerminalRun:
    run = TerminalRun(str(folder / "report"), *words)
    run.until("help")
    return run


def report(folder: Path) -> list[str]:
    """What was reported but for Samples; nothing yet where even the first Sample is to come."""
    path = folder / "report"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in lines if not line.startswith("sample")]


def assert_restored(run: TerminalRun) -> None:
    """Main screen, cursor, no mouse, settings as before; in that order nothing is drawn afterwards."""
    run.wait_for(lambda: SHOWS_CURSOR in run.output)
    assert run.attributes() == run.attributes_before
    assert LEAVES_SCREEN in run.output
    assert MOUSE_OFF in run.output
    assert ENTERS_SCREEN not in run.output.split(LEAVES_SCREEN)[-1]


@pytest.mark.parametrize("keys", [b"q", b"\x03", b"\x11"], ids=["q", "ctrl+c", "ctrl+q"])
def test_keys_leave(folder: Path, keys: bytes) -> None:
    with started(folder) as run:
        run.type(keys)
        assert run.wait() == 0
        assert_restored(run)
    assert report(folder) == [
        "closed quit: STOPPED in console-work_0",
        "closed console ended: STOPPED in MainThread",
        "returned 0",
    ]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=lambda n: n.name)
def test_signals_drain_and_leave(folder: Path, number: signal.Signals) -> None:
    with started(folder) as run:
        os.kill(run.pid, number)
        assert run.wait() == 128 + number
        assert_restored(run)
    assert report(folder)[0] == f"closed {number.name}: STOPPED in console-work_0"


def test_a_lost_terminal_drains_and_ends(folder: Path) -> None:
    with started(folder, "recording") as run:
        run.hang_up()
        assert run.wait() == 128 + signal.SIGHUP
    assert report(folder)[0] == "closed SIGHUP: STOPPED in console-work_0", (
        "not asked, though a recording runs"
    )


def test_a_hung_loop_is_ended_by_ctrl_c_twice(folder: Path) -> None:
    with started(folder, "hang") as run:
        run.type(b"x")
        run.wait_for(lambda: "hanging" in report(folder))
        run.type(b"\x03\x03")
        assert run.wait() == 128 + signal.SIGINT
        assert_restored(run)
    assert report(folder) == ["hanging", "closed forced after SIGINT: STOPPED in console-guard"]


def test_a_third_ctrl_c_does_not_wait_for_the_drain(folder: Path) -> None:
    with started(folder, "hang") as run:
        run.type(b"x")
        run.wait_for(lambda: "hanging" in report(folder))
        run.type(b"\x03\x03\x03")
        assert run.wait() == 128 + signal.SIGINT
        assert_restored(run)


def test_ctrl_c_asks_while_recording_and_a_second_one_means_yes(folder: Path) -> None:
    with started(folder, "recording") as run:
        run.until("REC")
        run.type(b"\x03")
        run.until("Leave?")
        assert run.ended() is None
        run.type(b"n")
        count = samples(folder)
        run.wait_for(lambda: samples(folder) > count + 3)
        run.type(b"\x03")
        run.until("Leave?", count=2)
        run.type(b"\x03")
        assert run.wait() == 0
        assert_restored(run)


def test_a_terminal_that_is_not_read_delays_no_tick_and_is_drawn_again(folder: Path) -> None:
    with started(folder, "fast") as run:
        run.stop_reading()
        count = samples(folder)
        run.wait_for(lambda: samples(folder) > count + 200)
        run.read_on()
        drawn = len(run.output)
        run.wait_for(lambda: len(run.output) > drawn + 20_000)
        run.type(b"q")
        assert run.wait() == 0
        assert_restored(run)


def test_a_signal_ends_it_while_the_terminal_is_not_read(folder: Path) -> None:
    with started(folder, "fast") as run:
        run.stop_reading()
        count = samples(folder)
        run.wait_for(lambda: samples(folder) > count + 200)
        os.kill(run.pid, signal.SIGTERM)
        run.wait_for(lambda: any(line.startswith("closed") for line in report(folder)))
        assert run.wait() == 128 + signal.SIGTERM
        run.read_on()
        assert_restored(run)


def test_a_crash_of_the_console_drains_and_says_so_in_one_line(folder: Path) -> None:
    with started(folder, "crash") as run:
        run.type(b"x")
        assert run.wait() == 70
        assert_restored(run)
        run.until(
            "velox-tui: internal fault: RuntimeError: planted; the pipeline is stopped, its recording whole; "
            "details: "
        )
        assert "Traceback" not in run.text
    assert report(folder)[0] == "closed console ended: STOPPED in MainThread"


def test_a_crash_of_the_input_thread_is_a_crash_of_the_console(folder: Path) -> None:
    with TerminalRun(str(folder / "report"), "deaf") as run:
        run.type(b"x")
        assert run.wait() == 70
        assert_restored(run)
        run.until("velox-tui: internal fault: RuntimeError: planted")
        assert "Traceback" not in run.text
    assert report(folder)[0] == "closed console ended: STOPPED in MainThread"


@pytest.mark.parametrize(
    "noise", [b"\xff", b"\xe9", b"\x1b[M\xff\xfe\xfd"], ids=["no byte of UTF-8", "Latin-1", "X10"]
)
def test_bytes_that_are_no_text_are_left_out(folder: Path, noise: bytes) -> None:
    with started(folder) as run:
        for _ in range(3):
            run.type(noise)
        run.type(noise + b"5")
        run.until("Alerts")
        run.type(b"q")
        assert run.wait() == 0
        assert_restored(run)
    assert report(folder)[0].startswith("closed quit")


def test_a_stop_and_a_go_draw_it_again_and_add_nothing(folder: Path) -> None:
    with started(folder) as run:
        run.type(b"5")
        run.until("Alerts")
        before = threads(run.pid)
        for turn in range(1, 4):
            os.kill(run.pid, signal.SIGSTOP)
            run.wait_for(lambda: state(run.pid) == "T")
            os.kill(run.pid, signal.SIGCONT)
            run.until("Alerts", count=turn + 1)
        assert threads(run.pid) == before
        run.type(b"q")
        assert run.wait() == 0
        assert_restored(run)


def test_a_go_amid_a_drawing_blocks_nothing(folder: Path) -> None:
    """A handler that waited for what the interrupted code holds would wait for ever."""
    with started(folder, "goes-on") as run:
        run.type(b"5")
        run.until("Alerts")
        run.type(b"x")
        run.until("Alerts", count=2)
        run.wait_for(lambda: "went on" in report(folder))
        run.type(b"q")
        assert run.wait() == 0
        assert_restored(run)


def test_a_go_that_interrupts_another_thread_is_not_left_for_the_next_reading(folder: Path) -> None:
    with started(folder, "elsewhere") as run:
        (folder / "hold").touch()
        run.wait_for(lambda: run.output.count(ENTERS_SCREEN) == 2)


def threads(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/task").iterdir()))


def state(pid: int) -> str:
    """`T` while stopped."""
    return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
