"""Repositories that the tests of the gate share."""

import pytest

from tests.support.pulls import Pulls, of_level


@pytest.fixture
def pulls() -> Pulls:
    return of_level("L0")


@pytest.fixture
def at_l2() -> Pulls:
    return of_level("L2")
