"""Another process's pipeline: found, watched, outlived."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from velox_tui.engine import segment as engine_segments
from velox_tui.engine.options import EngineOptions
from velox_tui.engine.pipeline import Pipeline
from velox_tui.errors import ControlError, InputError, InputMissingError
from velox_tui.session import Session
from velox_tui.sources import attached
from velox_tui.sources.attached import AttachedSource
from velox_tui.telemetry.sample import State
from velox_tui.telemetry.topology import Role

OWNER = """
import sys
from pathlib import Path
from velox_tui.engine import segment as engine_segments
from velox_tui.engine.options import EngineOptions
from velox_tui.engine.pipeline import Pipeline
pipeline = Pipeline(EngineOptions(segment_dir=Path(sys.argv[1]), cut_interval_ns=5_000_000, wait="backoff"))
pipeline.start()
print(pipeline.segment_path, flush=True)
sys.stdin.readline()
pipeline.stop()
print("stopped", flush=True)
sys.stdin.readline()
pipeline.destroy()
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    yield process
    process.kill()
    process.communicate()


def segment_of(owner: "subprocess.Popen[str]") -> Path:
    assert owner.stdout is not None
    return Path(owner.stdout.readline().strip())


def test_it_is_found_by_pid_by_file_or_because_it_is_alone(
    owner: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    path = segment_of(owner)
    assert attached.segments(tmp_path) == (path,)
    assert attached.find(None, tmp_path) == attached.find(str(owner.pid), tmp_path) == path
    assert attached.find(str(path), tmp_path) == path
    with pytest.raises(InputMissingError, match="process 1:"):
        attached.find("1", tmp_path)


def test_another_users_file_under_this_users_name_is_not_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: other)
    path = tmp_path / f"velox-{other}-1-0.seg"
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert attached.segments(tmp_path) == ()
        with pytest.raises(InputMissingError, match="no pipeline runs here"):
            attached.find(None, tmp_path)
        assert attached.find(str(path), tmp_path) == path


def test_of_several_one_must_be_named(owner: "subprocess.Popen[str]", tmp_path: Path) -> None:
    path = segment_of(owner)
    ours = Pipeline(EngineOptions(segment_dir=tmp_path))
    with pytest.raises(InputError, match=path.name):
        attached.find(None, tmp_path)
    ours.destroy()
    assert attached.find(None, tmp_path) == path


def test_it_is_watched_to_its_end(owner: "subprocess.Popen[str]") -> None:
    source = AttachedSource(segment_of(owner))
    assert source.run.pid == owner.pid and source.run.source == "attached"
    while (reading := source.read()).cut is None:
        assert reading.state == State.RUNNING
    with pytest.raises(ControlError, match="another process"):
        source.command(0, 0, 1)
    assert reading.system is not None and not reading.system.stages_here
    assert reading.system.threads[0].cpu_ns is not None
    assert owner.stdin is not None and owner.stdout is not None
    owner.stdin.write("\n")
    owner.stdin.flush()
    assert owner.stdout.readline() == "stopped\n"
    assert source.read().state == State.STOPPED
    owner.communicate("\n")
    assert source.read().state == State.STOPPED, "still readable when its owner has gone"
    source.release()
    source.release()


def test_a_killed_pipeline_is_lost_and_its_last_reading_stays(
    owner: "subprocess.Popen[str]", tmp_path: Path
) -> None:
    session = Session(AttachedSource(segment_of(owner)), interval_ns=5_000_000)
    session.start()
    while (
        session.newest is None or not session.newest.total(Role.OUT, stage=3) or session.newest.ledger is None
    ):
        assert not session.controls.available
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    while session.newest is None or session.newest.state != State.LOST:
        pass
    assert engine_segments.clean(tmp_path) == 1, "who watches a dead one does not keep it"
    final = session.close("left")
    assert final.state == State.LOST and final.ledger is not None and final.ledger.residual == 0
    assert final.total(Role.OUT, stage=3) > 0
    assert "pipeline_lost" in {alert.name for alert in session.alerts}
    assert attached.segments(tmp_path) == ()
    with pytest.raises(InputMissingError, match="no pipeline runs here"):
        attached.find(None, tmp_path)


def test_a_stopped_process_is_not_lost(owner: "subprocess.Popen[str]") -> None:
    source = AttachedSource(segment_of(owner))
    owner.send_signal(signal.SIGSTOP)
    assert source.read().state == State.RUNNING
    owner.send_signal(signal.SIGCONT)
    source.release()


def test_what_is_no_segment_cannot_be_attached_to(tmp_path: Path) -> None:
    path = tmp_path / f"velox-{os.geteuid()}-1-0.seg"
    path.write_bytes(b"something else")
    with pytest.raises(InputError):
        AttachedSource(path)
    with pytest.raises(InputMissingError):
        AttachedSource(tmp_path / "nothing.seg")


def test_a_file_cut_short_is_a_pipeline_that_is_lost(owner: "subprocess.Popen[str]") -> None:
    path = segment_of(owner)
    source = AttachedSource(path)
    whole = source.read()
    assert whole.state == State.RUNNING
    os.kill(owner.pid, signal.SIGSTOP)  # it would fall over
    last = source.read()
    os.truncate(path, 8192)
    lost = [source.read() for _ in range(2)]
    assert [one.state for one in lost] == [State.LOST, State.LOST]
    assert (lost[1].words == last.words).all() and lost[1].mono_ns > lost[0].mono_ns > last.mono_ns
    assert [event.name for one in lost for event in one.events] == ["segment_lost"]
    assert "truncated" in lost[0].events[0].text
    source.release()


def test_a_file_cut_short_before_the_first_reading_is_refused(owner: "subprocess.Popen[str]") -> None:
    path = segment_of(owner)
    source = AttachedSource(path)
    os.kill(owner.pid, signal.SIGSTOP)
    os.truncate(path, 8192)
    with pytest.raises(InputError, match="truncated"):
        source.read()
    source.release()
