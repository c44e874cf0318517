"""Settings: four places, one table."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from velox_tui.errors import ConfigError, UsageError
from velox_tui.settings import TABLE, Settings
from velox_tui.settings_conditions import parse as parse_conditions
from velox_tui.settings_load import load
from velox_tui.settings_text import as_toml


def config(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(text)
    return path


def effective(
    flags: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None, file: Path | None = None
) -> Any:
    return load(flags or {}, {"HOME": "/nonexistent", **(environ or {})}, file)


def test_defaults_are_those_of_the_table_and_allowed() -> None:
    settings = effective().settings
    for one in TABLE:
        assert one.of(settings) == one.default
        assert one.default is None or one.kind.within(one.default)


def test_keys_flags_and_variables_are_unique() -> None:
    assert len({one.key for one in TABLE}) == len({one.variable for one in TABLE}) == len(TABLE)


def test_flags_go_before_environment_before_file_before_defaults(tmp_path: Path) -> None:
    file = config(tmp_path, 'rate = "1k"\nbundle_max = 3\nseed = 5\n')
    found = effective({"rate": "2M"}, {"VELOX_RATE": "3k", "VELOX_BUNDLE_MAX": "4"}, file)
    assert (found.settings.rate_millihz, found.settings.bundle_max, found.settings.seed) == (2 * 10**9, 4, 5)
    assert found.settings.interval_ns == 10**9
    assert {key: found.origins[key] for key in ("rate", "bundle_max", "seed", "interval")} == {
        "rate": "--rate",
        "bundle_max": "VELOX_BUNDLE_MAX",
        "seed": str(file),
        "interval": "default",
    }


def test_file_is_found_where_xdg_says_or_under_home(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "velox-tui"
    folder.mkdir(parents=True)
    config(folder, "seed = 9")
    assert load({}, {"HOME": str(tmp_path)}).settings.seed == 9
    assert load({}, {"HOME": "/", "XDG_CONFIG_HOME": str(tmp_path / ".config")}).settings.seed == 9
    assert load({}, {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "none")}).settings.seed == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("rtae = 5", ("'rtae'", "5", "'rate'")),
        ('rate = "abc"', ("rate", "'abc'", "100k")),
        ("rate = true", ("rate", "True", "bool")),
        ("rate = 0", ("rate", "'0'", "1 to 1G")),
        ("rate = [1]", ("rate", "list")),
        ("rings = 4096", ("rings", "4096", "int")),
        ("rings = [4096, 4096]", ("rings", "4096,4096", "3 powers of two")),
        ("rings = [1000, 2, 2]", ("rings", "1000,2,2")),
        ('base_price = "1e9999999"', ("base_price", "'1e9999999'", "0 to ")),
        ('base_price = "1e999990"', ("base_price", "'1e999990'", "0 to ")),
        ('base_price = "-1e999999999"', ("base_price", "0 to ")),
        ('base_price = "1e-999999999"', ("base_price", "4 decimals")),
        ('base_price = "1e99999999999999999999"', ("base_price", "not a price")),
        ('base_price = "NaN"', ("base_price", "4 decimals")),
        (f'rate = "{"9" * 400}"', ("rate", "not allowed", "1 to 1G")),
        ("bundle_max = 17", ("bundle_max", "'17'", "1 to 16")),
        ("bundle_max = 1.5", ("bundle_max", "1.5", "float")),
        ('bundle_timeout = "5"', ("bundle_timeout", "'5'", "100us")),
        ("mouse = 1", ("mouse", "1", "true, false")),
        ('pattern = "poison"', ("pattern", "'poison'", "poisson")),
        ("cores = [0, 0]", ("cores", "0,0")),
        ('theme = ""', ("theme", "''")),
        ('fail_on = "x>1"', ("fail_on", "'x>1'")),
        ("duration = -1", ("duration", "'-1'")),
        ("[alerts]\ndrop = 1", ("'alerts.drop'", "'alerts.drops_per_s'")),
        ("[alerts]\nring_occupancy_ratio = 2", ("alerts.ring_occupancy_ratio", "'2'", "0 to 1")),
        ("alerts = 3", ("alerts", "3", "table")),
        ("keys = 3", ("keys", "3", "table")),
        ("[keys]\nburst = 3", ("keys.burst", "3")),
        ("rate = \n", ("not valid TOML", "line 1")),
        ("\x00", ("not valid TOML",)),
    ],
)
def test_bad_file_is_an_error_that_names_file_key_value_and_what_is_allowed(
    tmp_path: Path, text: str, named: tuple[str, ...]
) -> None:
    file = config(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        effective(file=file)
    message = str(caught.value)
    assert str(file) in message
    for part in named:
        assert part in message
    assert "\n" not in message


def test_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    binary = tmp_path / "binary.toml"
    binary.write_bytes(b"\xff\xfe")
    huge = tmp_path / "huge.toml"
    huge.write_bytes(b"#" * (1 << 21))
    for path, reason in (
        (tmp_path / "none.toml", "no such"),
        (tmp_path, "directory"),
        (binary, "UTF-8"),
        (huge, "longer"),
    ):
        with pytest.raises(ConfigError, match=reason):
            effective(file=path)
    with pytest.raises(ConfigError, match="no such"):
        effective(environ={"VELOX_CONFIG": str(tmp_path / "none.toml")})


def test_unknown_variable_is_an_error_but_not_one_of_kubernetes() -> None:
    with pytest.raises(ConfigError, match=r"VELOX_RTAE.*'5'.*'VELOX_RATE'"):
        effective(environ={"VELOX_RTAE": "5"})
    with pytest.raises(ConfigError, match="VELOX_RATE: '0'"):
        effective(environ={"VELOX_RATE": "0"})
    links = (
        "VELOX_PORT",
        "VELOX_PORT_80_TCP_ADDR",
        "VELOX_SERVICE_HOST",
        "VELOX_TUI_SERVICE_PORT_HTTP",
        "OTHER",
    )
    assert effective(environ=dict.fromkeys(links, "tcp://10.0.0.1:80")).settings == Settings()


def test_bad_flag_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="--rate: 'abc'"):
        effective({"rate": "abc"})


@pytest.mark.parametrize("name", ["~no-such-user/x.vtx", "a\0b"])
def test_names_that_no_file_can_have_are_told(name: str) -> None:
    with pytest.raises(UsageError, match="--input"):
        effective({"input": name})
    with pytest.raises(ConfigError, match="configuration file"):
        load({}, {}, Path(name))


def test_settings_made_directly_are_checked_too() -> None:
    with pytest.raises(UsageError, match="bundle_max: 17"):
        Settings(bundle_max=17)


def test_tables_reach_the_settings(tmp_path: Path) -> None:
    file = config(tmp_path, '[alerts]\ne2e_p99 = "2ms"\n[keys]\nburst = "f5"\n')
    settings = effective(environ={"VELOX_ALERTS_RING_OCCUPANCY_RATIO": "0.25"}, file=file).settings
    assert settings.alerts.e2e_p99_ns == 2_000_000
    assert settings.alerts.ring_occupancy_ratio == 0.25
    assert dict(settings.keys) == {"burst": "f5"}


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "rate": st.integers(1, 10**9).map(str),
        "pattern": st.sampled_from(["poisson", "max"]),
        "seed": st.integers(0, 2**64 - 1).map(str),
        "rings": st.lists(st.sampled_from(["2", "64", "65536"]), min_size=3, max_size=3).map(",".join),
        "bundle_timeout": st.integers(1000, 10**10).map(lambda ns: f"{ns}ns"),
        "base_price": st.integers(0, 2**53).map(lambda p: f"{p // 10**4}.{p % 10**4:04d}"),
        "speed": st.sampled_from(["max", "1", "0.5", "1000"]),
        "rotate": st.sampled_from(["1d", "100M", "90s"]),
        "fail_on": st.sampled_from(["run.a>1", "interval.b_ns<=5us,run.c!=-2.5"]),
        "mouse": st.sampled_from(["true", "false"]),
        "theme": st.text(min_size=1, max_size=9).filter(lambda t: t.isprintable()),
        "input": st.sampled_from(["/a b/ü.vtx", 'x".vtx']),
        "duration": st.sampled_from(["0.5", "60", "1.5h"]),
    },
)


@given(VALUES)
def test_what_config_prints_reads_back_as_the_same_settings(values: dict[str, str]) -> None:
    found = load(values, {"HOME": "/nonexistent"})
    document = tomllib.loads(as_toml(found))
    again = {one.attribute: one.kind.read_toml(document[one.key]) for one in TABLE if one.key in document}
    again |= {
        one.attribute: one.kind.read_toml(document["alerts"][one.key.removeprefix("alerts.")])
        for one in TABLE
        if one.group == "alerts"
    }
    assert Settings.of(again, {}) == found.settings


def test_config_says_who_set_what() -> None:
    text = as_toml(load({"rate": "5k"}, {"HOME": "/nonexistent", "VELOX_SEED": "3"}))
    assert next(line for line in text.splitlines() if line.startswith("rate = ")).endswith("# --rate")
    assert next(line for line in text.splitlines() if line.startswith("seed = ")).endswith("# VELOX_SEED")
    assert "# duration is not set" in text


@pytest.mark.parametrize(
    ("text", "value", "holds"),
    [
        ("run.a>1", 2, True),
        ("run.a>1", 1, False),
        ("run.a>=1k", 1000, True),
        ("run.a==2.5M", 2_500_000, True),
        ("run.a != -3", -3, False),
        ("run.a<0.1", 0.05, True),
        ("run.a_ns<=500us", 500_000, True),
        ("run.a_ns>500us", 500_000.5, True),
        ("run.a_ns>20", 21, True),
        ("run.a>18446744073709551614", 2**64 - 1, True),
        ("run.a<5", None, False),
        ("run.a!=5", None, False),
    ],
)
def test_condition_compares_exactly_and_never_with_the_unknown(text: str, value: Any, holds: bool) -> None:
    (condition,) = parse_conditions(text)
    assert condition.holds(value) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a>1",
        "run.a",
        "run.a>",
        "run.a=1",
        "run.a>>1",
        "all.a>1",
        "run.a>1,",
        "run.a>x",
        "run.a>1 2",
        "run.a_ns>1kg",
    ],
)
def test_what_is_no_condition_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_conditions(text)
