"""One run from its start to its exit code: source, recorder and Session are opened and ended here."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from velox_tui.cli.ending import CLOSED, LEFT, Ending
from velox_tui.cli.faults import say
from velox_tui.cli.gate import Gate
from velox_tui.cli.verdict import LedgerWatch, exit_code
from velox_tui.cli.views import VIEWS, ViewName
from velox_tui.errors import UsageError
from velox_tui.recording.pipe_recorder import PipeRecorder
from velox_tui.recording.recorder import FileRecorder, Mode
from velox_tui.recording.recorder_of_runs import RecorderOfRuns
from velox_tui.recording.rotation import Rotation
from velox_tui.session import Session
from velox_tui.session_protocols import Recorder
from velox_tui.settings import ALERTS, GROUPS, Settings
from velox_tui.settings_load import Effective
from velox_tui.settings_text import literals
from velox_tui.sources.base import Source
from velox_tui.telemetry.sample import Run
from velox_tui.telemetry.topology import Role
from velox_tui.telemetry.units import exact_duration

SourceFactory = Callable[[Settings], Source]
STDOUT = "-"
_RUNNING = 5_000
"""New objects before the collector looks: some readings' worth."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asks for. `record`: a file, `-` or None."""

    effective: Effective
    arguments: tuple[str, ...]
    record: str | None
    append: bool
    force: bool
    view: ViewName
    groups: tuple[str, ...] = (*GROUPS, ALERTS)
    """The settings that this run has: another process's pipeline is not made by ours."""

    @property
    def settings(self) -> Settings:
        """The effective settings."""
        return self.effective.settings

    @property
    def facts(self) -> dict[str, object]:
        """What goes into a recording's meta file."""
        return {"arguments": list(self.arguments), "settings": literals(self.effective, self.groups)}


def drive(order: Order, ending: Ending, source_factory: SourceFactory) -> int:
    """Runs until the ending; the exit code."""
    settings, ledger = order.settings, LedgerWatch()
    _refuse_blind_gate(settings)
    with ExitStack() as undo:
        source = source_factory(settings)
        undo.callback(source.release)
        gate = Gate(settings.fail_on or (), source.run.topology, warm_up_ns=settings.warm_up_ns)
        recorder = _recorder(order, source.run, ending)
        if recorder is not None:
            undo.callback(recorder.close, None, "failed")
        recorders: list[Recorder] = [recorder] if recorder is not None else []
        session = _session(order, source, recorders)
        undo.callback(session.close, "failed")
        for see in (ledger.see, gate.see, ending.on_sample):
            session.subscribe(see)
        if recorder is not None:
            session.attach_recorder(recorder)
        session.start()
        view = VIEWS[order.view](settings, session, ending)
        gc.freeze()  # modules and classes stay: the collector need not look at them again while the run lasts
        gc.set_threshold(_RUNNING)
        view.watch()
        view.last(ending.aside(lambda: session.close(source.failure or ending.cause or LEFT)))
    if source.failure:
        say(source.failure)
    return _conclude(order, ending, ledger, gate, recorders, input_cut=source.failure is not None)


def _refuse_blind_gate(settings: Settings) -> None:
    """UsageError where the warm-up leaves no interval for the conditions to look at."""
    looked_at = [one.text for one in settings.fail_on or () if one.scope == "interval"]
    duration_ns, warm_up_ns = settings.duration_ns, settings.warm_up_ns
    if looked_at and duration_ns is not None and warm_up_ns >= duration_ns:
        warm_up, duration = exact_duration(warm_up_ns), exact_duration(duration_ns)
        raise UsageError(
            f"--warm-up {warm_up} leaves nothing of --duration {duration} to check: "
            f"--fail-on {looked_at[0]!r} would never be looked at"
        )


def _session(order: Order, source: Source, recorders: list[Recorder]) -> Session:
    """The Session; recordings that the console starts are added to the recorders."""
    settings = order.settings

    def open_recording(path: Path, run: Run) -> Recorder:
        facts = order.facts
        recorders.append(RecorderOfRuns(FileRecorder(path, run, facts), run, path, facts, None))
        return recorders[-1]

    return Session(
        source,
        interval_ns=settings.interval_ns,
        alert_limits=settings.alerts,
        read_only=settings.read_only,
        open_recording=open_recording,
    )


def _recorder(order: Order, run: Run, ending: Ending) -> PipeRecorder | RecorderOfRuns | None:
    if order.record is None:
        return None
    if order.record == STDOUT:
        return PipeRecorder(sys.stdout.fileno(), run, on_closed=lambda: ending.end(CLOSED))
    mode = Mode.APPEND if order.append else Mode.FORCE if order.force else Mode.NEW
    wanted = order.settings.rotate
    rotation = Rotation(wanted.period_ns, wanted.size_bytes) if wanted else None
    recorder = FileRecorder(Path(order.record), run, order.facts, mode=mode, rotation=rotation)
    for old, new in recorder.moved.items():
        say(f"{old} is now {new}")
    if recorder.cut_bytes:
        say(f"{order.record}: cut off {recorder.cut_bytes} bytes of an unterminated row")
    return RecorderOfRuns(recorder, run, Path(order.record), order.facts, rotation)


def _conclude(
    order: Order,
    ending: Ending,
    ledger: LedgerWatch,
    gate: Gate,
    recorders: Sequence[Recorder],
    *,
    input_cut: bool,
) -> int:
    """Says what went wrong, if anything did; the exit code."""
    held = gate.finish()
    journal = order.settings.journal
    unkept = ending.newest.total(Role.JOURNAL_LOST) if journal and ending.newest else 0
    if unkept:
        say(f"{journal}: {unkept} transactions were delivered that it does not hold")
    if ledger.violation:
        say(ledger.violation)
    for condition in held:
        say(condition)
    cut_short = ending.signal if order.settings.duration_ns is not None else None
    return exit_code(
        violated=ledger.violation is not None,
        lost_rows=unkept + sum(_conclude_recording(recorder) for recorder in recorders),
        input_cut=input_cut,
        held=bool(held),
        cut_short_by=cut_short,
    )


def _conclude_recording(recorder: Recorder) -> int:
    """Says what a recording came to: when something is wrong, or on a terminal. Gives the rows lost."""
    status = recorder.status
    where = status.path or "stdout"
    if status.lost_rows or status.degraded:
        say(f"{where}: {status.lost_rows} rows lost; {status.degraded or 'written again since'}")
    elif sys.stderr is not None and sys.stderr.isatty():
        say(f"{status.rows} rows recorded to {where}")
    return status.lost_rows
