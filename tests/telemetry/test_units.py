"""Numbers from people are exact; numbers for people have three significant digits."""

import re
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.telemetry import units


@pytest.mark.parametrize(
    ("text", "value"), [("0", 0), ("1500", 1500), ("100k", 100_000), ("1.5M", 1_500_000), (" 2G ", 2 * 10**9)]
)
def test_counts_are_read(text: str, value: int) -> None:
    assert units.parse_count(text) == value


@pytest.mark.parametrize(
    "text", ["", "k", "abc", "-1", "1,000", "1.0001k5", "1e3", "١", "100K", "1 k k", "1.00005k"]
)
def test_what_is_no_count_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=re.escape(repr(text))):
        units.parse_count(text)


@pytest.mark.parametrize(
    ("text", "value_ns"),
    [("100us", 100_000), ("100µs", 100_000), ("2ms", 2_000_000), ("1m", 60 * 10**9), ("1.5h", 5400 * 10**9)],
)
def test_times_are_read(text: str, value_ns: int) -> None:
    assert units.parse_duration_ns(text) == value_ns


def test_a_bare_number_is_a_time_only_where_a_unit_is_understood() -> None:
    assert units.parse_duration_ns("60", bare="s") == 60 * 10**9
    with pytest.raises(ValueError, match="60"):
        units.parse_duration_ns("60")


def test_fractions_of_a_nanosecond_are_refused() -> None:
    with pytest.raises(ValueError, match="whole number of nanoseconds"):
        units.parse_duration_ns("0.5ns")


def test_rates_keep_thousandths() -> None:
    assert units.parse_rate_millihz("0.5") == 500
    assert units.parse_rate_hz("100k") == 100_000.0
    with pytest.raises(ValueError, match="1000 s"):
        units.parse_rate_millihz("0.0001")


@given(st.integers(0, 10**18))
def test_exact_texts_read_back(value: int) -> None:
    assert units.parse_count(units.exact_count(value)) == value
    assert units.parse_duration_ns(units.exact_duration(value)) == value
    assert units.parse_rate_millihz(units.exact_rate(value)) == value


DIGITS = st.integers(1, 6000).map(lambda count: "9" * count)
ANY = st.one_of(st.text(max_size=40), st.from_regex(r"[0-9.]{0,60}[a-zA-Zµ ]{0,3}", fullmatch=True), DIGITS)
PARSERS = (
    units.parse_count,
    units.parse_rate_millihz,
    units.parse_rate_hz,
    units.parse_duration_ns,
    units.parse_bytes,
)


@given(st.sampled_from(PARSERS), ANY, st.sampled_from(["", "k", "M", "T", "d", "Gi"]))
def test_any_text_is_a_number_of_bounded_size_or_a_value_error(
    parse: Callable[[str], float], text: str, unit: str
) -> None:
    try:
        assert 0 <= parse(text + unit) < 10**units.DIGITS_MAX
    except units.TooLargeError as error:
        assert len(str(error)) < 120, "the forms of the console have a few lines for it"
    except ValueError as error:
        assert repr(text + unit) in str(error)


@pytest.mark.parametrize("parse", PARSERS)
def test_numbers_longer_than_any_are_refused_whatever_their_length(parse: Callable[[str], float]) -> None:
    unit = "d" if parse is units.parse_duration_ns else "k"
    for text in ("9" * 400 + unit, "9" * 39 + unit, "0" * 5000 + unit, "1" + "0" * 1_000_000 + unit):
        with pytest.raises(units.TooLargeError, match="too large"):
            parse(text)


def test_no_digit_is_rounded_away() -> None:
    for text in (f"1.{'0' * 30}1", f"{'9' * 20}.{'9' * 19}"):
        with pytest.raises(ValueError, match="whole number"):
            units.parse_count(text)


def test_exact_texts_are_short() -> None:
    assert units.exact_count(100_000) == "100k"
    assert units.exact_duration(100_000) == "100us"
    assert units.exact_duration(0) == "0ns"
    assert units.exact_rate(1500) == "1.5"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (999, "999"),
        (999.4, "999"),
        (999.6, "1.00k"),
        (9177, "9.18k"),
        (99_849, "99.8k"),
        (100_000, "100k"),
        (0.5, "0.50"),
    ],
)
def test_rates_are_shown(value: float, text: str) -> None:
    assert units.format_rate(value) == text


@pytest.mark.parametrize(
    ("value_ns", "text"),
    [
        (0, "0ns"),
        (312, "312ns"),
        (54_000, "54.0µs"),
        (101_375, "101µs"),
        (1.2e6, "1.20ms"),
        (999_999, "1.00ms"),
    ],
)
def test_times_are_shown(value_ns: float, text: str) -> None:
    assert units.format_ns(value_ns) == text


@given(st.floats(1, 1e14))
def test_a_shown_rate_is_within_half_a_percent(value: float) -> None:
    shown = units.format_rate(value)
    assert units.parse_rate_hz(shown) == pytest.approx(value, rel=0.0051)
    assert len(shown) <= 5


@given(st.floats(0, 999e9))
def test_a_shown_time_fits_its_column(value_ns: float) -> None:
    assert len(units.format_ns(value_ns)) <= 6


def test_unknown_is_a_dash_and_never_zero() -> None:
    every = (units.format_count, units.format_rate, units.format_ns, units.format_percent, units.format_bytes)
    assert {show(None) for show in every} == {"—"}
    assert units.format_price(None) == units.format_elapsed(None) == units.format_grouped(None) == "—"


def test_prices_have_four_decimals() -> None:
    assert units.format_price(1_000_016) == "100.0016"
    assert units.format_price(-5) == "-0.0005"


def test_elapsed_time_counts_days() -> None:
    assert units.format_elapsed(761 * 10**9) == "00:12:41"
    assert units.format_elapsed((2 * 86_400 + 3_661) * 10**9) == "2d01:01:01"
