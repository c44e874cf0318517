"""Whatever a text holds, it ends no line and controls no terminal; JSON and TOML read back as they were."""

from __future__ import annotations

import json
import tomllib
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from velox_tui.texts import json_line, replaced, shown, toml_string

ANY = st.text(st.characters(exclude_categories=()))
"""Also lone surrogates, as names of files have them."""
SOUND = st.text(st.characters(exclude_categories=("Cs",)))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(ANY, st.integers(), st.none()), lambda inner: st.lists(inner) | st.dictionaries(ANY, inner)
)


@given(ANY)
def test_a_text_is_one_line_that_controls_nothing(text: str) -> None:
    for plain in (shown(text), replaced(text), toml_string(text)):
        assert plain.isprintable()
    assert len(replaced(text)) == len(text)
    if text.isprintable():
        assert shown(text) == replaced(text) == text


@given(VALUES)
def test_json_reads_back(value: Any) -> None:
    line = json_line(value)
    assert line.endswith("\n") and line[:-1].isprintable()
    # As JSON a pair of surrogates is the character that it stands for.
    assert json.loads(line) == json.loads(json.dumps(value))


@given(SOUND)
def test_toml_reads_back(text: str) -> None:
    assert tomllib.loads(f"a = {toml_string(text)}") == {"a": text}


def test_letters_stay_letters() -> None:
    assert json_line("µ→\x1b\x7f\x9b\U000e0001") == '"µ→\\u001b\\u007f\\u009b\\udb40\\udc01"\n'
    assert toml_string("µ→\x1b\x7f\x9b\U000e0001") == '"µ→\\u001b\\u007f\\u009b\\U000e0001"'
    assert shown("µ→\x1b\n\x9b") == "µ→\\x1b\\n\\x9b"
