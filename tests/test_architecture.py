"""The house's arrows: who may import whom, and how large a file may be."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "velox_tui"
LINES_MAX = 300
FUNCTION_LINES_MAX = 40

ROOTS = {"errors", "settings", "texts"}
"""Modules at the top that anybody may know."""
ARROWS: dict[str, set[str]] = {
    "telemetry": set(),
    "engine": set(),
    "marketdata": set(),
    "machine": {"telemetry"},
    "sources": {"engine", "telemetry", "recording"},
    "session": {"sources", "telemetry", "session", "controls"},
    "controls": {"sources", "telemetry"},
    "recording": {"telemetry"},
    "exporters": {"telemetry"},
    "console": {"telemetry", "session", "controls"},
    "errors": set(),
    "texts": set(),
    "settings": {"telemetry"},
}
"""Which parts each part may import, besides itself and ROOTS; `cli` is where all come together."""


def files() -> list[Path]:
    """Every module; what the build makes is not ours."""
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "_velox_abi.py")


def part(path: Path) -> str:
    """The part of the house that a file belongs to; session_ticks belongs to session."""
    inside = path.relative_to(PACKAGE)
    name = inside.parts[0] if len(inside.parts) > 1 else inside.stem
    return name.split("_")[0] if name.startswith(("session_", "settings_")) else name


def imports(path: Path) -> Iterator[str]:
    """Every module that the file imports, also where it does so late or for types only."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names if node.module == "velox_tui")


def parts_imported(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path))
    return {part(PACKAGE / f"{name[1]}.py") for name in names if name[0] == "velox_tui" and len(name) > 1}


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_arrows_go_one_way(path: Path) -> None:
    own = part(path)
    if own in ("cli", "__init__", "__main__"):
        return
    assert own in ARROWS, f"{own} is a new part: say here whom it may know"
    wrong = parts_imported(path) - ARROWS[own] - ROOTS - {own, "__version__"}
    assert not wrong, f"{path.relative_to(ROOT)} imports {', '.join(sorted(wrong))}"


def test_sources_know_only_the_reader_of_recordings() -> None:
    for path in files():
        if part(path) == "sources":
            known = {name for name in imports(path) if name.startswith("velox_tui.recording")}
            assert known <= {"velox_tui.recording.reader"}, path


@pytest.mark.parametrize(
    ("module", "only"),
    [("cffi", {"engine"}), ("_cffi_backend", {"engine"}), ("textual", {"console"}), ("rich", {"console"})],
)
def test_a_heavy_library_has_one_place(module: str, only: set[str]) -> None:
    importers = {
        part(path) for path in files() if any(name.split(".")[0] == module for name in imports(path))
    }
    assert importers <= only


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            yield node.name, node.end_lineno - node.lineno + 1


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_file_is_one_idea(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES_MAX
    assert ast.get_docstring(ast.parse(text)), "a module says what it is"
    long = [(name, lines) for name, lines in functions(path) if lines > FUNCTION_LINES_MAX]
    assert not long


def loaded(statement: str) -> set[str]:
    """Top-level modules that are there after the statement, in a process of its own."""
    program = f"{statement}\nimport sys\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    run = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(run.stdout.split())


def test_a_session_brings_no_user_interface_and_no_parser_of_c() -> None:
    found = loaded("import velox_tui.session, velox_tui.sources.live")
    assert "numpy" in found and not found & {"textual", "rich", "asyncio", "pycparser"}


def test_telemetry_needs_no_engine() -> None:
    assert not loaded("import velox_tui.telemetry.observer, velox_tui.sources.canned") & {
        "cffi",
        "_cffi_backend",
        "psutil",
    }
