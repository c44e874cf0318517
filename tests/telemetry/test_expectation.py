"""The model of the bundles' fill, against independent arithmetic."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.sources.canned import samples
from velox_tui.telemetry.expectation import MOST, Expectation, Pattern, expect, expected


def test_the_defaults_expect_what_the_design_says() -> None:
    found = expect(Pattern.POISSON, 100_000, 100_000, 16)
    assert found is not None
    assert found.fill == pytest.approx(10.8965, abs=1e-4)
    assert found.size_ratio == pytest.approx(0.0835, abs=1e-4)
    assert 100_000 / found.fill == pytest.approx(9_177, abs=1)


@given(st.floats(1, 1e7), st.integers(1_000, 10**8), st.integers(1, 16))
def test_the_sum_is_the_expectation_term_by_term(rate_hz: float, timeout_ns: int, most: int) -> None:
    found = expect(Pattern.POISSON, rate_hz, timeout_ns, most)
    mean = rate_hz * timeout_ns / 1e9
    chance = [math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(most - 1)]
    direct = sum((n + 1) * p for n, p in enumerate(chance)) + most * (1 - sum(chance))
    assert found is not None
    assert found.fill == pytest.approx(direct, abs=1e-6)
    assert found.size_ratio + found.timeout_ratio == 1
    assert 1 - 1e-9 <= found.fill <= most


def test_bundles_too_large_to_sum_over_have_no_expectation() -> None:
    assert expect(Pattern.POISSON, 100_000, 10**9, MOST) == Expectation(
        pytest.approx(MOST), pytest.approx(1.0)
    )
    assert expect(Pattern.POISSON, 100_000, 10**9, MOST + 1) is None


def test_constant_arrivals_fill_what_the_timeout_holds() -> None:
    found = expect(Pattern.CONSTANT, 100_000, 55_000, 16)
    assert found is not None and (found.fill, found.size_ratio) == (6, 0.0)
    full = expect(Pattern.CONSTANT, 1_000_000, 100_000, 16)
    assert full is not None and (full.fill, full.size_ratio) == (16, 1.0)


@pytest.mark.parametrize("pattern", [Pattern.BURSTS, Pattern.RAMP, Pattern.MAX, Pattern.FILE])
def test_other_patterns_expect_nothing(pattern: Pattern) -> None:
    assert expect(pattern, 100_000, 100_000, 16) is None


def test_nothing_is_expected_while_settings_change_or_something_drops() -> None:
    before, now = (one.words for one in samples(3)[-2:])
    topology = samples(1)[0].run.topology

    def with_word(name: str, value: int) -> np.ndarray:
        changed = now.copy()
        changed[topology.by_name[name].index] = value
        return changed

    assert expected(topology, before, now, 0) is not None
    assert expected(topology, before, now, 1) is None
    assert expected(topology, before, with_word("rate_millihz", 5), 0) is None
    assert expected(topology, before, with_word("bundle_max", 8), 0) is None
    assert expected(topology, with_word("hold", 1), with_word("hold", 1), 0) is None
    assert expected(topology, with_word("config_pattern", 77), with_word("config_pattern", 77), 0) is None
