"""Turns velox.h into the binding: writes the module velox_tui/engine/_velox_abi.py that cffi loads at run
time.

Out-of-line ABI mode: the declarations are parsed once, here; loading needs neither a C compiler nor the
parser. Usage: python ffi.py DIRECTORY
"""

from __future__ import annotations

import sys
from pathlib import Path

import cffi

HEADER = Path(__file__).with_name("velox.h")
MODULE = "_velox_abi"


def declarations(text: str) -> str:
    """The header without the lines that only a C compiler understands: the guard, includes and extern "C"."""
    skipped = ("#ifndef", "#ifdef", "#endif", "#include", "#define VELOX_H", 'extern "C"')
    lines: list[str] = []
    inside_cplusplus = False
    for line in text.splitlines():
        if line.startswith("#ifdef __cplusplus"):
            inside_cplusplus = True
        if not inside_cplusplus and not (
            line.startswith(skipped) and not line.startswith("#define VELOX_HEADER")
        ):
            lines.append(line)
        if line.startswith("#endif"):
            inside_cplusplus = False
    return "\n".join(lines)


def main(directory: str) -> None:
    """Write the module into `directory`."""
    ffi = cffi.FFI()
    ffi.cdef(declarations(HEADER.read_text(encoding="utf-8")))
    ffi.set_source(MODULE, None)
    ffi.emit_python_code(str(Path(directory) / f"{MODULE}.py"))


if __name__ == "__main__":
    main(sys.argv[1])
