"""What the operating system tells, and what it does not."""

import os

import psutil
import pytest

from velox_tui.sources.system import SystemProbe


def test_cores_that_cannot_be_read_are_none_and_the_rest_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(percpu: bool) -> None:
        raise OSError(24, "Too many open files", "/proc/stat")

    monkeypatch.setattr(psutil, "cpu_times", refused)
    found = SystemProbe(os.getpid()).read([(os.getpid(), (0,))])
    assert found.cores == () and found.rss_bytes > 0 and found.threads[0].thread_id == os.getpid()
