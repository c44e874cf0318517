"""Loading the library: every failure is one clear line."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from velox_tui import engine
from velox_tui.engine import _library
from velox_tui.engine._library import library
from velox_tui.engine.built import OVERRIDE, built
from velox_tui.errors import EngineError

TRY = "from velox_tui.engine._library import library\nfrom velox_tui.errors import EngineError\n"
TRY += "try:\n    library()\nexcept EngineError as error:\n    print(error)\n"


def loaded_with(path: Path) -> str:
    environment = {**os.environ, "VELOX_LIBRARY": str(path)}
    run = subprocess.run(
        [sys.executable, "-c", TRY], env=environment, capture_output=True, text=True, check=True
    )
    return run.stdout


def test_what_was_built_is_found_beside_the_sources_or_apart_from_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(OVERRIDE, raising=False)
    (tmp_path / "libvelox.so").touch()
    monkeypatch.setattr(engine, "__path__", ["sources", str(tmp_path)])
    assert built("libvelox.so") == tmp_path / "libvelox.so"
    assert built("nothing").parent.name == "engine"


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    path = tmp_path / "libvelox.so"
    assert loaded_with(path) == f"the engine's library is missing: {path}; install the package again\n"


def test_a_file_that_is_no_library_is_told(tmp_path: Path) -> None:
    shutil.copy(built("_velox_abi.py"), tmp_path)
    (tmp_path / "libvelox.so").write_bytes(b"\x7fELF nonsense")
    assert "cannot be loaded" in loaded_with(tmp_path / "libvelox.so")


def test_another_interface_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_library, "INTERFACE", 999)
    library.cache_clear()
    try:
        with pytest.raises(EngineError, match=r"interface \d+, this program needs 999"):
            library()
    finally:
        monkeypatch.undo()
        library.cache_clear()


def test_the_interface_is_the_one_that_the_header_declares() -> None:
    assert library().lib.VELOX_INTERFACE == _library.INTERFACE
