"""A run on canned readings: views, recordings, gates, exit codes."""

from __future__ import annotations

import csv
import itertools
import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from velox_tui.cli.gate import Gate
from velox_tui.cli.verdict import LedgerWatch, exit_code
from velox_tui.errors import UsageError
from velox_tui.settings_conditions import parse
from velox_tui.sources import canned
from velox_tui.sources.canned import CannedSource
from velox_tui.telemetry import histogram
from velox_tui.telemetry.rates import Reading
from velox_tui.telemetry.sample import Ledger, Sample, State

CannedRun = Callable[..., int]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


class Leaking(CannedSource):
    """Loses a transaction without counting it."""

    def read(self) -> Reading:
        """A reading with one delivered transaction too few."""
        reading = super().read()
        words = reading.words.copy()
        words[reading.run.topology.by_name["output_delivered_total"].index] -= 1
        return replace(reading, words=words)


def test_recording_ends_stopped_with_an_exact_ledger(canned_run: CannedRun, tmp_path: Path) -> None:
    assert canned_run("--record", "run.csv") == 0
    found = rows(tmp_path / "run.csv")
    assert found[-1]["state"] == "stopped" and {row["ledger_residual"] for row in found} == {"0"}
    (run,) = json.loads((tmp_path / "run.meta.json").read_text())["runs"]
    assert run["exit_reason"] == "pipeline ended" and run["rows"] == len(found)
    assert run["arguments"][:2] == ["--record", "run.csv"]
    assert run["settings"]["interval"] == {"value": '"10ms"', "set_by": "--interval"}


def test_nothing_is_said_when_all_is_well(canned_run: CannedRun, capfd: pytest.CaptureFixture[str]) -> None:
    assert canned_run("--record", "run.csv") == 0
    assert capfd.readouterr() == ("", "")


def test_existing_recording_is_refused_and_untouched(
    canned_run: CannedRun, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "run.csv").write_text("precious")
    assert canned_run("--record", "run.csv") == 73
    assert "run.csv exists; --append" in capfd.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["run.csv"]
    assert canned_run("--record", "run.csv", "--append") == 73
    assert "column 1" in capfd.readouterr().err
    assert (tmp_path / "run.csv").read_text() == "precious"
    assert canned_run("--record", "run.csv", "--force") == 0
    assert "run.csv is now run.csv.~1~" in capfd.readouterr().err
    assert (tmp_path / "run.csv.~1~").read_text() == "precious"


@pytest.mark.parametrize("target", ["none/run.csv", "/proc/run.csv", ".", "..", "/"])
def test_output_that_cannot_be_created_is_73(
    canned_run: CannedRun, target: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert canned_run("--record", target) == 73
    assert len(capfd.readouterr().err.splitlines()) == 1


def test_append_and_rotate(canned_run: CannedRun, tmp_path: Path) -> None:
    assert canned_run("--record", "run.csv") == 0
    count = len(rows(tmp_path / "run.csv"))
    assert canned_run("--record", "run.csv", "--append") == 0
    assert len(rows(tmp_path / "run.csv")) == 2 * count
    assert canned_run("--record", "day.csv", "--rotate", "100k", seconds=80) == 0
    assert len(list(tmp_path.glob("day.*.csv"))) > 1


def test_stdout_has_rows_and_nothing_else(canned_run: CannedRun, capfd: pytest.CaptureFixture[str]) -> None:
    assert canned_run("--record", "-") == 0
    out, err = capfd.readouterr()
    found = list(csv.DictReader(out.splitlines()))
    assert found[-1]["state"] == "stopped" and err == ""


def test_without_a_terminal_there_are_aligned_lines(
    canned_run: CannedRun, capfd: pytest.CaptureFixture[str]
) -> None:
    assert canned_run() == 0
    out, err = capfd.readouterr()
    lines = out.splitlines()
    assert err == "" and len({len(line) for line in lines}) == 1
    assert lines[0].split()[:3] == ["elapsed", "in/s", "out/s"]
    assert lines[-1].split()[-1] == "exact"


def test_headless_says_nothing(canned_run: CannedRun, capfd: pytest.CaptureFixture[str]) -> None:
    assert canned_run("--headless") == 0
    assert capfd.readouterr() == ("", "")


def test_violated_ledger_is_3_and_named(canned_run: CannedRun, capfd: pytest.CaptureFixture[str]) -> None:
    code = canned_run("--record", "run.csv", "--fail-on", "run.seq>0", source=Leaking(4))
    assert code == 3
    err = capfd.readouterr().err
    assert "ledger violated at row seq" in err and "!=" in err


def test_lost_rows_are_74_and_said(
    canned_run: CannedRun, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    class Deleting(CannedSource):
        def read(self) -> Reading:
            """Deletes the recording meanwhile."""
            (tmp_path / "run.csv").unlink(missing_ok=True)
            return super().read()

    assert canned_run("--record", "run.csv", "--fail-on", "run.seq>0", source=Deleting(4)) == 74
    assert "rows lost; run.csv was deleted while recording" in capfd.readouterr().err


def test_condition_that_held_is_4_and_said_with_its_value(
    canned_run: CannedRun, capfd: pytest.CaptureFixture[str]
) -> None:
    assert canned_run("--headless", "--fail-on", "run.ledger_residual!=0,interval.e2e_p99_ns>1h") == 0
    assert capfd.readouterr().err == ""
    assert canned_run("--headless", "--fail-on", "interval.e2e_p99_ns>50us,run.e2e_count>1k") == 4
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) == 2 and "held" in lines[0] and "in row seq 1" in lines[0]


def test_unknown_name_in_a_condition_is_a_usage_error_before_anything_is_made(
    canned_run: CannedRun, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert canned_run("--record", "run.csv", "--fail-on", "run.e2e_p99>5") == 2
    assert "'e2e_p99_ns'" in capfd.readouterr().err
    assert canned_run("--headless", "--fail-on", "run.state==1") == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("violated", "lost", "input_cut", "held", "cut"),
    list(itertools.product((False, True), (0, 3), (False, True), (False, True), (None, 2, 15, 1))),
)
def test_exit_codes_in_their_order(
    violated: bool, lost: int, input_cut: bool, held: bool, cut: int | None
) -> None:
    expected = next(
        (
            code
            for code, applies in (
                (3, violated),
                (74, lost),
                (65, input_cut),
                (4, held),
                (128 + (cut or 0), cut),
            )
            if applies
        ),
        0,
    )
    ended = exit_code(violated=violated, lost_rows=lost, input_cut=input_cut, held=held, cut_short_by=cut)
    assert ended == expected


def gate(conditions: str, samples: list[Sample], warm_up_ns: int = 0) -> tuple[str, ...]:
    one = Gate(parse(conditions), samples[0].run.topology, warm_up_ns=warm_up_ns)
    for sample in samples:
        one.see(sample)
    return one.finish()


@pytest.fixture(scope="module")
def samples() -> list[Sample]:
    """With a burst of 8,000 that drops some in second 12."""
    return list(canned.samples(30))


def test_whole_run_is_judged_by_totals_means_and_merged_percentiles(samples: list[Sample]) -> None:
    topology = samples[0].run.topology
    e2e = next(one for one in topology.histograms if one.name == "e2e")
    parts = [part for one in samples if (part := (one.histograms or ())[e2e.index]) is not None]
    p99 = histogram.value_at(histogram.merge(parts), 0.99)
    word = topology.by_name["ingress_pushed_total"].index
    change = int(samples[-1].words[word]) - int(samples[0].words[word])
    per_s = change * 1e9 / (samples[-1].mono_ns - samples[0].mono_ns)
    assert len(gate(f"run.e2e_p99_ns=={p99},run.ingress_per_s>{per_s - 1:.3f}", samples)) == 2
    assert len(gate(f"run.ingress_per_s>{per_s + 1:.3f}", samples)) == 0
    assert max(int(one.quantiles[e2e.index].p99) for one in samples[1:] if one.quantiles[e2e.index]) > p99  # type: ignore[union-attr, operator]


def test_interval_conditions_leave_out_warm_up_and_drain(samples: list[Sample]) -> None:
    assert len(gate("interval.ingress_dropped_per_s>0", samples)) == 1
    after_ns = samples[12].mono_ns - samples[0].mono_ns
    assert len(gate("interval.ingress_dropped_per_s>0", samples, after_ns - 10**9)) == 1
    assert len(gate("interval.ingress_dropped_per_s>0", samples, after_ns)) == 0
    stopped = [replace(one, state=State.STOPPED) for one in samples]
    assert gate("interval.ingress_dropped_per_s>0", stopped) == ()


def test_runs_that_follow_one_another_are_judged_one_by_one(samples: list[Sample]) -> None:
    again = [replace(one, run=replace(one.run, run_id="second")) for one in samples]
    (held,) = gate("run.ingress_per_s>1", [*samples, *again])
    assert gate("run.ingress_per_s>1", samples) == (held,)
    assert gate("run.ingress_per_s>10M", [*samples, *again]) == ()
    assert len(gate("run.ingress_dropped_per_s>0", [*samples, *again[:10]])) == 1


def test_gate_that_is_broken_does_not_pass(samples: list[Sample]) -> None:
    one = Gate(parse("interval.e2e_p99_ns>1h"), samples[0].run.topology, warm_up_ns=0)
    one.see(samples[0])
    one.see(replace(samples[1], words=samples[1].words[:2]))
    one.see(samples[2])
    with pytest.raises(IndexError):
        one.finish()


def test_gate_refuses_names_that_are_no_numbers(samples: list[Sample]) -> None:
    for name in ("state", "events", "no_such"):
        with pytest.raises(UsageError, match=name):
            gate(f"run.{name}>0", samples)


def test_first_violation_of_the_ledger_is_kept(samples: list[Sample]) -> None:
    watch = LedgerWatch()
    ledger = samples[3].ledger
    assert isinstance(ledger, Ledger)
    wrong = replace(ledger, whole=replace(ledger.whole, left=("generated", 1)))
    for sample in (samples[1], replace(samples[3], ledger=wrong), replace(samples[4], ledger=wrong)):
        watch.see(sample)
    assert watch.violation is not None and watch.violation.startswith(
        "ledger violated at row seq 3: whole: generated 1 !="
    )


ENDLESS = """
import sys
from velox_tui.cli.faults import say
from velox_tui.cli.run import run
from velox_tui.sources.canned import CannedSource

class Stubborn(CannedSource):
    def close(self):
        if "stubborn" in sys.argv[1]:
            import time
            time.sleep(60)
        super().close()

print("ready", file=sys.stderr, flush=True) if "stubborn" not in sys.argv[1] else None
sys.exit(run(sys.argv[2:], source_factory=lambda settings: Stubborn(10**6)))
"""


def launch(*arguments: str, kind: str = "-", **options: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", ENDLESS, kind, *arguments, "--interval", "20ms"],
        stdin=subprocess.DEVNULL,
        stdout=options.pop("stdout", subprocess.DEVNULL),
        stderr=options.pop("stderr", subprocess.PIPE),
        **options,
    )


def wait_for_rows(process: subprocess.Popen[bytes], path: Path, count: int = 3) -> None:
    """Until the process has written so many rows; fails at once when it ends."""
    deadline = time.monotonic() + 60
    while not path.exists() or path.read_bytes().count(b"\n") <= count:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no rows"
        time.sleep(0.01)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.parametrize("duration", [None, "60s"])
def test_signal_ends_the_run_whole(tmp_path: Path, number: signal.Signals, duration: str | None) -> None:
    more = [] if duration is None else ["--duration", duration]
    process = launch("--record", "run.csv", *more)
    wait_for_rows(process, tmp_path / "run.csv")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert err == b"ready\n"
    assert process.returncode == (0 if duration is None else 128 + number)
    found = rows(tmp_path / "run.csv")
    assert found[-1]["state"] == "stopped"
    (run,) = json.loads((tmp_path / "run.meta.json").read_text())["runs"]
    assert run["exit_reason"] == number.name and run["rows"] == len(found)


def test_repeated_hang_up_does_not_force_the_end(tmp_path: Path) -> None:
    process = launch("--record", "run.csv")
    wait_for_rows(process, tmp_path / "run.csv")
    for number in (signal.SIGHUP, signal.SIGHUP, signal.SIGHUP):
        process.send_signal(number)
    assert process.wait(60) == 0
    assert rows(tmp_path / "run.csv")[-1]["state"] == "stopped"
    process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_delivered_twice_at_once_is_one_request(tmp_path: Path, number: signal.Signals) -> None:
    """As timeout(1) does, which signals the process and then its group."""
    process = launch("--record", "run.csv")
    wait_for_rows(process, tmp_path / "run.csv")
    process.send_signal(number)
    process.send_signal(number)
    assert process.wait(60) == 0
    process.communicate()
    assert rows(tmp_path / "run.csv")[-1]["state"] == "stopped"


@pytest.mark.parametrize(
    ("first", "second"), [(signal.SIGINT, signal.SIGINT), (signal.SIGINT, signal.SIGTERM)]
)
def test_second_signal_forces_the_end_and_every_row_is_whole(
    tmp_path: Path, first: signal.Signals, second: signal.Signals
) -> None:
    process = launch("--record", "run.csv", kind="stubborn")
    wait_for_rows(process, tmp_path / "run.csv")
    process.send_signal(first)
    time.sleep(0.6)
    assert process.poll() is None
    process.send_signal(second)
    assert process.wait(60) == 128 + second
    process.communicate()
    assert (tmp_path / "run.csv").read_bytes().endswith(b"\n")


def test_ignored_signals_stay_ignored(tmp_path: Path) -> None:
    process = launch("--record", "run.csv", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    wait_for_rows(process, tmp_path / "run.csv")
    process.send_signal(signal.SIGHUP)
    wait_for_rows(process, tmp_path / "run.csv", len(rows(tmp_path / "run.csv")) + 3)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0
    process.communicate()


def test_duration_ends_it_with_code_0(tmp_path: Path) -> None:
    process = launch("--record", "run.csv", "--duration", "200ms")
    assert process.wait(60) == 0
    process.communicate()
    (run,) = json.loads((tmp_path / "run.meta.json").read_text())["runs"]
    assert run["exit_reason"] == "duration"


@pytest.mark.parametrize("arguments", [("--record", "-"), ()])
def test_reader_that_goes_away_ends_the_run_cleanly(arguments: tuple[str, ...]) -> None:
    process = launch(*arguments, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline()
    process.stdout.close()
    assert process.wait(60) == 0
    assert process.stderr.read() == b"ready\n"
    process.stderr.close()


def test_reader_that_stops_reading_does_not_keep_signals_away() -> None:
    read, write = os.pipe()
    process = launch("--record", "-", stdout=write)
    os.close(write)
    assert os.read(read, 10)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    assert process.wait(60) in (0, 74)
    process.communicate()
    os.close(read)


def read_terminal(descriptor: int, process: subprocess.Popen[bytes]) -> str:
    """Everything that appears on it until the process ends."""
    text = b""
    while True:
        if select.select([descriptor], [], [], 0.2)[0]:
            try:
                chunk = os.read(descriptor, 65536)
            except OSError:
                break
            if not chunk:
                break
            text += chunk
        elif process.poll() is not None:
            break
    return text.decode()


def test_progress_is_one_line_written_over_on_a_terminal(tmp_path: Path) -> None:
    main, side = pty.openpty()
    process = launch("--record", "run.csv", "--duration", "300ms", stderr=side)
    os.close(side)
    text = read_terminal(main, process)
    assert process.wait(60) == 0
    os.close(main)
    lines = text.split("\n")
    assert (
        "rows" in lines[1] and "\r" in lines[1] and "ledger exact" in lines[1] and "of 00:00:00" in lines[1]
    )
    assert lines[1].rstrip("\r").endswith("rows recorded to run.csv")


@pytest.mark.parametrize("term", ["dumb", ""])
def test_dumb_terminal_gets_plain_lines(term: str) -> None:
    main, side = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", ENDLESS, "-", "--interval", "20ms", "--duration", "200ms"],
        stdin=side,
        stdout=side,
        stderr=side,
        env={**os.environ, "TERM": term},
    )
    os.close(side)
    text = read_terminal(main, process)
    os.close(main)
    assert process.wait(60) == 0
    assert "\x1b" not in text and "elapsed" in text and "exact" in text
