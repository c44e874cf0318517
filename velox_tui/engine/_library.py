"""The native library: found, loaded, its interface checked; statuses become exceptions.

The library and its binding, made from velox.h by native/ffi.py, are products of the build (built.py).
"""

from __future__ import annotations

import importlib.util
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from velox_tui.engine.built import LIBRARY, built
from velox_tui.errors import EngineError, InputError, InputMissingError, OutputError, UsageError, VeloxError

INTERFACE = 1
"""The interface that this binding was written for (VELOX_INTERFACE)."""
_ABI = "_velox_abi"


class Library(NamedTuple):
    """cffi's two objects: `ffi` makes memory, `lib` calls."""

    ffi: Any
    lib: Any


@lru_cache(maxsize=1)
def library() -> Library:
    """The loaded library; raises EngineError when it cannot be had."""
    path = built(LIBRARY)
    if not path.exists():
        raise EngineError(f"the engine's library is missing: {path}; install the package again")
    ffi = _binding(built(f"{_ABI}.py"))
    try:
        lib = ffi.dlopen(str(path))
    except OSError as error:
        raise EngineError(f"the engine's library cannot be loaded: {error}") from None
    found = lib.velox_interface()
    if found != INTERFACE:
        raise EngineError(
            f"the engine's library {path} has interface {found}, this program needs {INTERFACE}: "
            "install the package again, or unset VELOX_LIBRARY"
        )
    return Library(ffi, lib)


def _binding(path: Path) -> Any:
    """The binding's ffi object."""
    spec = importlib.util.spec_from_file_location(_ABI, path)
    if not path.exists() or spec is None or spec.loader is None:
        raise EngineError(f"the engine's binding is missing: {path}; install the package again")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except ImportError as error:
        raise EngineError(f"the engine's binding cannot be loaded: {error}") from None
    return module.ffi


def _kinds(lib: Any) -> dict[int, type[VeloxError]]:
    return {
        lib.VELOX_INVALID_ARGUMENT: UsageError,
        lib.VELOX_SEGMENT_MISSING: InputMissingError,
        lib.VELOX_INPUT_MISSING: InputMissingError,
        lib.VELOX_SEGMENT_FOREIGN: InputError,
        lib.VELOX_SEGMENT_NEWER: InputError,
        lib.VELOX_SEGMENT_TRUNCATED: InputError,
        lib.VELOX_INPUT_INVALID: InputError,
        lib.VELOX_NOT_READY: InputError,
        lib.VELOX_OUTPUT_REFUSED: OutputError,
    }


def status_text(status: int) -> str:
    """The status in words."""
    ffi, lib = library()
    return str(ffi.string(lib.velox_status_text(status)).decode())


def error_buffer() -> Any:
    """Room for the message of one call."""
    ffi, lib = library()
    return ffi.new("char[]", lib.VELOX_ERROR_BYTES)


def check(status: int, what: str, error: Any = None, *, refused: type[VeloxError] = UsageError) -> None:
    """Raises the exception that fits a failed call: the engine's own message, else `what` and the status in
    words. `refused`: the exception for what is not permitted.
    """
    ffi, lib = library()
    if status == lib.VELOX_OK:
        return
    said = ffi.string(error).decode(errors="replace") if error is not None else ""
    kind = refused if status == lib.VELOX_NOT_PERMITTED else _kinds(lib).get(status, EngineError)
    raise kind(said or f"{what}: {status_text(status)}")
