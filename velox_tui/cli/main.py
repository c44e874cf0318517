"""The command `velox-tui`: finds the subcommand, imports it, and turns every error into one line and an exit
code.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

from velox_tui.cli import streams
from velox_tui.cli.faults import report_fault, say
from velox_tui.errors import UsageError, VeloxError


@dataclass(frozen=True, slots=True)
class Command:
    """One subcommand: a module with `run(arguments) -> exit code` and `make_parser()`, imported only when it
    is asked for.
    """

    name: str
    module: str
    summary: str


PIPELINE = Command("", "velox_tui.cli.run", "the console on a pipeline of its own, or a recording")
COMMANDS = (
    Command("attach", "velox_tui.cli.attach", "the console, or a recording, of another process's pipeline"),
    Command("bench", "velox_tui.cli.bench", "this machine's figures beside the documented goals"),
    Command("completions", "velox_tui.cli.completions", "tab completion for your shell"),
    Command("config", "velox_tui.cli.config", "the effective settings as TOML, and who set each"),
    Command("diff", "velox_tui.cli.diff", "two recordings side by side: what differs, beyond their spread"),
    Command("doctor", "velox_tui.cli.doctor", "what this machine offers a pipeline, and what would help"),
    Command("export", "velox_tui.cli.export", "a recording for other tools"),
    Command("import", "velox_tui.cli.import_", "market data (DBN, CSV) as transactions for --input"),
    Command("replay", "velox_tui.cli.replay", "the console on a recording, also one being written"),
    Command("serve", "velox_tui.cli.serve", "/metrics, /healthz and /readyz of another process's pipeline"),
    Command("stat", "velox_tui.cli.stat", "one reading of another process's pipeline, also as JSON"),
    Command("themes", "velox_tui.cli.themes", "the themes that can be chosen, and where each comes from"),
)
"""A new subcommand is one module and one line here."""


_LOADING = 200_000
"""New objects before the collector looks: modules alone make half as many, and all of them stay."""


def find(arguments: Sequence[str]) -> tuple[Command, Sequence[str]]:
    """The command that these arguments ask for, and what is left for it. UsageError for an unknown one."""
    if not arguments or arguments[0].startswith("-"):
        return PIPELINE, arguments
    for command in COMMANDS:
        if command.name == arguments[0]:
            return command, arguments[1:]
    from velox_tui.settings_load import nearest

    near = nearest(arguments[0], [command.name for command in COMMANDS])
    raise UsageError(f"unknown command {arguments[0]!r}{near}; see velox-tui --help")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; the exit code, as the README lists them."""
    gc.set_threshold(_LOADING)
    # numpy's linear algebra, unused here, would start threads that spin at first, on the pipeline's cores.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        if arguments is None:
            streams.prepare()
        command, rest = find(sys.argv[1:] if arguments is None else arguments)
        code: int = import_module(command.module).run(rest)
        sys.stdout.flush()
        return code
    except VeloxError as error:
        say(str(error))
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    except Exception as error:
        return report_fault(error)
