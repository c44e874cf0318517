"""A pipeline's shape as JSON, so that a recording can be understood without the engine that made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from velox_tui.telemetry.sample import Run
from velox_tui.telemetry.topology import Histogram, Kind, Ring, Role, Stage, Topology, Unit, Window, Word


def as_fields(topology: Topology) -> dict[str, Any]:
    """The topology as an object of JSON; enumerations by number."""
    return asdict(topology)


def of_fields(fields: Mapping[str, Any]) -> Topology:
    """The inverse of `as_fields`; keys it does not know are ignored. KeyError, TypeError or ValueError for
    others' JSON.

    A kind, unit or role that a newer program wrote counts as none.
    """
    book = fields.get("book")
    return Topology(
        tuple(Stage(**_known(Stage, one)) for one in fields["stages"]),
        tuple(Ring(**_known(Ring, one) | {"unit": _unit(one)}) for one in fields["rings"]),
        tuple(
            Word(**_known(Word, one) | _meaning(one) | {"kind": Kind(one["kind"])}) for one in fields["words"]
        ),
        tuple(Histogram(**_known(Histogram, one) | _meaning(one)) for one in fields["histograms"]),
        None if book is None else Window(**_known(Window, book)),
        tuple((str(name), str(value)) for name, value in fields.get("texts", ())),
    )


def _known(kind: type, fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: fields[name] for name in kind.__dataclass_fields__}  # type: ignore[attr-defined]


def _unit(fields: Mapping[str, Any]) -> Unit:
    return Unit(fields["unit"]) if fields["unit"] in set(Unit) else Unit.NONE


def _meaning(fields: Mapping[str, Any]) -> dict[str, Any]:
    role = Role(fields["role"]) if fields["role"] in set(Role) else Role.NONE
    return {"unit": _unit(fields), "role": role}


def run_of(fields: Mapping[str, Any]) -> Run:
    """The run that a frame of kind RUN tells of. KeyError, TypeError or ValueError for others' JSON."""
    facts = fields["run"]
    return Run(
        str(fields["run_id"]),
        of_fields(fields["topology"]),
        "replay",
        str(facts["host"]),
        int(facts["pid"]),
        int(facts["start_mono_ns"]),
        int(facts["start_unix_ns"]),
        str(facts["clock"]),
    )
