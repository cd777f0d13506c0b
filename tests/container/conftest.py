"""The platform that passes, once for all tests of a module."""

from collections.abc import Iterator

import pytest

from support.containers import Platform, platform


@pytest.fixture(scope="module")
def passing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("passing"), "banking-transfer") as served:
        yield served


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("failing"), "banking-card-block") as served:
        yield served


@pytest.fixture(scope="module")
def endless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    with platform(tmp_path_factory.mktemp("endless"), "never-ends") as served:
        yield served
