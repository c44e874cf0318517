"""What the user sees of an error: one line; of a fault of ours also where its details are."""

from __future__ import annotations

import os
import sys

from velox_tui.texts import shown

INTERNAL_FAULT = 70


def say(message: str) -> None:
    """One line on stderr; what could control a terminal is shown escaped. Silent when stderr is gone."""
    try:
        print(f"velox-tui: {shown(message)}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return


def report_fault(error: BaseException) -> int:
    """Says that we failed and where the details are; the exit code. VELOX_DEBUG=1 shows them at once."""
    what = "; ".join([f"internal fault: {type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    try:
        return _report(error, what)
    except Exception:  # memory or descriptors have run out: the details cannot even be made
        say(what)
        return INTERNAL_FAULT


def _report(error: BaseException, what: str) -> int:
    import tempfile
    import traceback

    details = "".join(traceback.format_exception(error))
    if os.environ.get("VELOX_DEBUG", "") not in ("", "0"):
        say(what)
        sys.stderr.write(details)
        return INTERNAL_FAULT
    try:
        with tempfile.NamedTemporaryFile("w", prefix="velox-tui-fault-", suffix=".txt", delete=False) as file:
            file.write(details)
        say(f"{what}; details: {file.name}")
    except OSError:
        say(f"{what}; VELOX_DEBUG=1 shows the details")
    return INTERNAL_FAULT
