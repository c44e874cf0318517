"""What all tests share."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import psutil
import pytest

# Programs that tests start import the installed package, not the source tree that they may be started in.
os.environ["PYTHONSAFEPATH"] = "1"
# Under nohup or in the background they would inherit that a hang-up or an interrupt is ignored, which the
# program respects. A handler of Python's own is the default again in what is started.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)
# An example may take as long as it takes: the machine may be busy with something else.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")


@pytest.fixture(autouse=True)
def leaves_no_process() -> Iterator[None]:
    """Ends what a test that failed left running. Fixtures of wider scope have started theirs by now."""
    before = set(psutil.Process().children(recursive=True))
    yield
    left = set(psutil.Process().children(recursive=True)) - before
    for process in left:
        process.kill()
    psutil.wait_procs(left, timeout=10)
    for process in left:
        _remove_segments(process.pid)


@pytest.fixture(autouse=True, scope="session")
def leaves_no_segment() -> Iterator[None]:
    """Nor one of a pipeline in this very process."""
    yield
    _remove_segments(os.getpid())


def _remove_segments(process_id: int) -> None:
    """What the process had in memory and can no longer remove."""
    for path in Path("/dev/shm").glob(f"velox-{os.geteuid()}-{process_id}-*.seg"):
        path.unlink(missing_ok=True)
