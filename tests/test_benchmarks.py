"""Measures of speed run to their end; how fast anything is is not asked here."""

from __future__ import annotations

import math

import pytest

from benchmarks.measures import MEASURES


@pytest.mark.slow
@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_gives_a_number(name: str) -> None:
    assert math.isfinite(MEASURES[name].value(0.02))
