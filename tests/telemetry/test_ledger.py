"""The ledger follows from roles alone, is exact where nothing is lost, and shows whatever is."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.sources.canned import samples
from velox_tui.sources.canned_topology import canned_topology
from velox_tui.telemetry import ledger
from velox_tui.telemetry.sample import Equation
from velox_tui.telemetry.topology import Kind, Ring, Role, Stage, Topology, Unit, Word

CANNED = samples(3)
RULES = ledger.rules(canned_topology())


def words(**values: int) -> np.ndarray:
    topology = canned_topology()
    array = np.zeros(len(topology.words), np.uint64)
    for name, value in values.items():
        array[topology.by_name[name].index] = value
    return array


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.integers(0, 15))
def test_nothing_lost_leaves_no_residual(delivered: int, dropped: int, held: int) -> None:
    pushed = delivered + held
    found = RULES.at(
        words(
            ingress_generated_total=pushed + dropped,
            ingress_dropped_total=dropped,
            ingress_pushed_total=pushed,
            order_book_in_total=pushed,
            order_book_applied_total=pushed,
            order_book_out_total=pushed,
            bundle_in_total=pushed,
            bundle_open=held,
            bundle_out_total=delivered,
            output_in_total=delivered,
            output_delivered_total=delivered,
        ),
        1,
    )
    assert found is not None and found.residual == 0 and found.position == pushed


LEDGER_NAMES = [word.name for word in RULES.words]


@given(st.sampled_from(LEDGER_NAMES), st.sampled_from([1, -1, 7, 2**32]))
def test_any_word_that_is_off_is_seen(name: str, by: int) -> None:
    whole = CANNED[-1]
    assert whole.cut is not None and whole.ledger is not None
    changed = whole.cut.words.copy()
    place = canned_topology().by_name[name].index
    changed[place] = (int(changed[place]) + by) % 2**64
    found = RULES.at(changed, 0 if name == "output_id_gaps_total" else 1)
    assert found is not None and found.residual != 0


def test_the_equations_are_one_a_stage_one_a_hop_and_the_whole() -> None:
    found = samples(2)[-1].ledger
    assert found is not None
    assert [one.name for one in found.stages] == ["Ingress", "OrderBook", "Bundle", "Output", "OrderBook"]
    assert [one.name for one in found.hops] == ["Ingress→Book", "Book→Bundle", "Bundle→Output"]
    assert found.whole.left[0] == "generated"
    assert [label for label, _ in found.whole.right] == ["delivered", "dropped, ring full", "open bundle"]
    # The same by ids, which OrderBook's results have none of.
    assert [one.name for one in found.witness] == [
        *("Ingress", "OrderBook", "Bundle", "Output"),
        *("Ingress→Book", "Book→Bundle", "Bundle→Output", "whole"),
    ]
    assert all(one.modulo for one in found.witness)


def test_sums_of_ids_agree_across_the_end_of_64_bits() -> None:
    wrapped = Equation("ids", ("in", 3), (("out", 2**64 - 2), ("held", 5)), modulo=True)
    assert wrapped.residual == 0
    assert dataclasses.replace(wrapped, left=("in", 2)).residual == -1


def test_missing_ids_are_held_against_drops_at_rest_only() -> None:
    values = {"output_id_gaps_total": 5}
    live, rest = RULES.at(words(**values), 3), RULES.at(words(**values), 0)
    assert live is not None and live.residual == 0
    assert rest is not None and rest.residual == 5


def test_a_pipeline_of_another_shape_has_its_own_ledger() -> None:
    def word(index: int, name: str, role: Role, stage: int) -> Word:
        return Word(index, name, name, Kind.COUNTER, Unit.TRANSACTIONS, role, stage, None)

    shape = Topology(
        (Stage(0, "read", "Read"), Stage(1, "write", "Write")),
        (Ring(0, "queue", "Queue", 0, 1, 64, Unit.TRANSACTIONS),),
        (
            word(0, "read", Role.IN, 0),
            word(1, "bad", Role.DROPPED, 0),
            word(2, "late", Role.DROPPED, 0),
            word(3, "passed", Role.OUT, 0),
            word(4, "got", Role.IN, 1),
            word(5, "written", Role.OUT, 1),
        ),
        (),
    )
    rules = ledger.rules(shape)
    exact = rules.at(np.array([10, 1, 2, 7, 7, 7], np.uint64), 1)
    lost = rules.at(np.array([10, 1, 2, 7, 6, 6], np.uint64), 1)
    assert exact is not None and exact.residual == 0 and exact.witness == ()
    assert lost is not None and [one.residual for one in lost.hops] == [1] and lost.whole.residual == 1


@pytest.mark.parametrize("shape", [Topology((), (), (), ()), Topology((Stage(0, "a", "A"),), (), (), ())])
def test_a_pipeline_that_counts_nothing_has_no_ledger(shape: Topology) -> None:
    assert ledger.rules(shape).at(np.zeros(0, np.uint64), 1) is None
