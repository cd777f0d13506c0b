"""A simulator for each test, and a caller to ask it."""

from collections.abc import Iterator

import pytest

from gatekeeper.simulator import Simulator
from support.caller import Caller


@pytest.fixture
def sim() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def caller(sim: Simulator) -> Iterator[Caller]:
    with Caller(sim) as caller:
        yield caller
