"""The ledger: nothing is lost, shown by equations whose residual is exactly 0 at every exact cut and at rest.

Built from the roles of the table alone (velox_role in native/velox.h). Per stage: in = out + dropped + held,
and in = applied + rejected where a stage applies. Per ring: what the producer put out = what the consumer
took in. The whole: first in = last out + every drop + all that is held. The same by sums of ids, modulo
2**64, which the counts do not share; at rest also: ids missing at the end = drops.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from velox_tui.telemetry.sample import Cut, Equation, Ledger
from velox_tui.telemetry.topology import Role, Topology, Word


@dataclass(frozen=True, slots=True)
class Rule:
    """One equation to be: the words on both sides."""

    name: str
    left: Word
    right: tuple[Word, ...]
    modulo: bool = False

    def at(self, words: NDArray[np.uint64]) -> Equation:
        """The equation with its values at a cut."""
        right = tuple((word.label, int(words[word.index])) for word in self.right)
        return Equation(self.name, (self.left.label, int(words[self.left.index])), right, self.modulo)


@dataclass(frozen=True, slots=True)
class Rules:
    """All equations of a topology; `whole` and `position` are None for one without a ledger."""

    position: Word | None
    stages: tuple[Rule, ...]
    hops: tuple[Rule, ...]
    whole: Rule | None
    witness: tuple[Rule, ...]
    rest: tuple[Rule, ...]
    """Those that hold at rest only."""

    @property
    def words(self) -> tuple[Word, ...]:
        """Every word that the ledger needs, in table order."""
        every = (*self.stages, *self.hops, *((self.whole,) if self.whole else ()), *self.witness, *self.rest)
        used = {word.index: word for rule in every for word in (rule.left, *rule.right)}
        if self.position:
            used[self.position.index] = self.position
        return tuple(used[index] for index in sorted(used))

    def at(self, words: NDArray[np.uint64], cut_sequence: int) -> Ledger | None:
        """The ledger from the words of one exact cut, or at rest (cut_sequence 0)."""
        if self.position is None or self.whole is None:
            return None
        witness = (*self.witness, *self.rest) if cut_sequence == 0 else self.witness
        return Ledger(
            cut_sequence,
            int(words[self.position.index]),
            tuple(rule.at(words) for rule in self.stages),
            tuple(rule.at(words) for rule in self.hops),
            self.whole.at(words),
            tuple(rule.at(words) for rule in witness),
        )


_COUNTS = (Role.IN, Role.OUT, (Role.DROPPED, Role.HELD))
_IDS = (Role.ID_IN, Role.ID_OUT, (Role.ID_DROPPED, Role.ID_HELD))
_Roles = tuple[Role, Role, tuple[Role, ...]]


def _stage_rules(topology: Topology, roles: _Roles) -> list[Rule]:
    inward, outward, kept = roles
    rules = []
    for stage in topology.stages:
        left = topology.first(inward, stage=stage.index)
        out = topology.first(outward, stage=stage.index)
        if left and out:
            right = (out, *(word for role in kept for word in topology.find(role, stage=stage.index)))
            rules.append(Rule(stage.label, left, right, inward == Role.ID_IN))
    return rules


def _applied_rules(topology: Topology) -> list[Rule]:
    rules = []
    for stage in topology.stages:
        left = topology.first(Role.IN, stage=stage.index)
        applied = tuple(topology.find(Role.APPLIED, stage=stage.index))
        if left and applied:
            right = (*applied, *topology.find(Role.REJECTED, stage=stage.index))
            rules.append(Rule(stage.label, left, right))
    return rules


def _hop_rules(topology: Topology, roles: _Roles) -> list[Rule]:
    inward, outward, _ = roles
    rules = []
    for ring in topology.rings:
        left = topology.first(outward, stage=ring.producer)
        right = topology.first(inward, stage=ring.consumer)
        if left and right:
            rules.append(Rule(ring.label, left, (right,), inward == Role.ID_IN))
    return rules


def _whole_rule(topology: Topology, roles: _Roles) -> Rule | None:
    inward, outward, kept = roles
    if not topology.stages:
        return None
    left = topology.first(inward, stage=topology.stages[0].index)
    out = topology.first(outward, stage=topology.stages[-1].index)
    if left is None or out is None:
        return None
    right = (out, *(word for role in kept for word in topology.find(role)))
    return Rule("whole", left, right, inward == Role.ID_IN)


def _rest_rules(topology: Topology) -> list[Rule]:
    dropped = tuple(topology.find(Role.DROPPED))
    return [Rule("id gaps", gaps, dropped) for gaps in topology.find(Role.ID_GAPS) if dropped]


def rules(topology: Topology) -> Rules:
    """The ledger's equations for a pipeline of this shape; made once a run."""
    whole_by_ids = _whole_rule(topology, _IDS)
    ids = (*_stage_rules(topology, _IDS), *_hop_rules(topology, _IDS))
    first = topology.stages[0].index if topology.stages else None
    return Rules(
        topology.first(Role.OUT, stage=first) if first is not None else None,
        (*_stage_rules(topology, _COUNTS), *_applied_rules(topology)),
        tuple(_hop_rules(topology, _COUNTS)),
        _whole_rule(topology, _COUNTS),
        (*ids, whole_by_ids) if whole_by_ids else ids,
        tuple(_rest_rules(topology)),
    )


def at_cut(using: Rules, cut: Cut | None) -> Ledger | None:
    """The live ledger, from the newest complete cut; None before the first."""
    return None if cut is None else using.at(cut.words, cut.sequence)


def at_rest(using: Rules, words: NDArray[np.uint64]) -> Ledger | None:
    """The ledger of a stopped pipeline, from its final words."""
    return using.at(words, 0)
