"""Some damaged inputs for each parser in every run of the tests; fuzz.py makes as many as one likes."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import broken
from mutation import Mutator
from parsers import PARSERS

INPUTS = 60


@pytest.mark.parametrize("name", PARSERS)
def test_damaged_input_is_a_result_or_an_error_of_one_line(name: str, tmp_path: Path) -> None:
    parser = PARSERS[name]
    mutator = Mutator(1, parser.corpus(tmp_path))
    for _ in range(INPUTS):
        data = mutator.next()
        assert broken(parser, data, tmp_path) is None, data


@pytest.mark.parametrize("name", PARSERS)
def test_the_corpus_is_understood(name: str, tmp_path: Path) -> None:
    for data in PARSERS[name].corpus(tmp_path):
        try:
            PARSERS[name].run(data, tmp_path)
        except Exception as error:
            assert name == "flags", error  # not every text suits every setting
