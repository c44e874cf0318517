"""Running the command line: in this process on canned readings, and for real."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from velox_tui.cli.faults import say
from velox_tui.cli.run import run
from velox_tui.errors import VeloxError
from velox_tui.settings import Settings
from velox_tui.sources.base import Source
from velox_tui.sources.canned import CannedSource

COMMAND = (sys.executable, "-m", "velox_tui")


@pytest.fixture(autouse=True)
def own_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty folder and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in list(os.environ):
        if (name.startswith("VELOX_") and name != "VELOX_LIBRARY") or name == "XDG_CONFIG_HOME":
            monkeypatch.delenv(name)


@pytest.fixture
def canned_run() -> Callable[..., int]:
    """`velox-tui` with these flags on a canned pipeline that ends by itself; the exit code."""

    def go(*arguments: str, seconds: int = 6, source: Source | None = None) -> int:
        def make(settings: Settings) -> Source:
            return source or CannedSource(seconds)

        try:
            return run([*arguments, "--interval", "10ms"], source_factory=make)
        except VeloxError as error:
            say(str(error))
            return error.exit_code

    return go


@pytest.fixture
def velox() -> Callable[..., subprocess.CompletedProcess[str]]:
    """`velox-tui` for real, in a process of its own; waits for its end."""

    def go(*arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*COMMAND, *arguments],
            env={**os.environ, **(environ or {})},
            capture_output=True,
            text=True,
            timeout=120,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    return go


@pytest.fixture
def start() -> Callable[..., subprocess.Popen[bytes]]:
    """`velox-tui` for real, left running."""

    def go(*arguments: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return go


def one_line(text: str) -> str:
    """The only line of a program's stderr."""
    lines = text.splitlines()
    assert len(lines) == 1, text
    assert "Traceback" not in text
    return lines[0]
