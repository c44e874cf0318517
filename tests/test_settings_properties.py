"""Any text for any setting is a value that is allowed, or one line that says what is wrong."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from velox_tui.errors import ConfigError
from velox_tui.settings import TABLE, Setting
from velox_tui.settings_load import load

ONE = st.sampled_from(TABLE)
NEARLY = st.text(alphabet="0123456789.,-+eE_ kMGusmhdn%>=<abpoisrt'\"[]\n", max_size=20)
TEXT = st.one_of(st.text(st.characters(exclude_categories=("Cs",)), max_size=40), NEARLY)


@settings(max_examples=1000)
@given(ONE, TEXT)
def test_any_text_is_a_value_or_one_line(one: Setting, text: str) -> None:
    try:
        found = load({}, {"HOME": "/nonexistent", one.variable: text})
    except ConfigError as error:
        said = str(error)
        assert said.isprintable() and one.variable in said
    else:
        value = one.of(found.settings)
        assert value == one.default or one.kind.within(value)
