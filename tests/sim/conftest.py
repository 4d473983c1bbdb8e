"""Crises that a test opens are closed when it is over, so that a run of many tests does not keep them all."""

import pytest

from tests.support import worlds


@pytest.fixture(autouse=True)
def _close_what_the_test_opened():
    before = len(worlds.OPENED)
    yield
    for crisis in worlds.OPENED[before:]:
        crisis.close()
    del worlds.OPENED[before:]
