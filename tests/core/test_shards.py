"""Suites across shards: each in one, and the longest shard not much longer than necessary."""

from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.schema import SavedGate, SavedRun
from gatekeeper.core.result_file.shards import PlannedSuite, balanced, durations_of, split_suites

seconds = st.floats(0, 1e6)
shards = st.integers(1, 6)


@given(st.lists(seconds | st.none(), max_size=40), shards)
def test_every_suite_is_in_one_shard_and_no_shard_is_empty(
    durations: list[float | None], most: int
) -> None:
    split = balanced(durations, most)
    assert sorted(index for indexes in split for index in indexes) == list(range(len(durations)))
    assert len(split) == min(most, len(durations))
    assert all(split)
    assert split == balanced(durations, most)


@given(st.lists(seconds, min_size=1, max_size=7), st.integers(1, 3))
def test_the_fullest_shard_is_at_most_a_third_fuller_than_it_has_to_be(
    durations: list[float], most: int
) -> None:
    best = min(
        max(
            sum(took for took, shard in zip(durations, chosen, strict=True) if shard == number)
            for number in range(most)
        )
        for chosen in product(range(most), repeat=len(durations))
    )
    split = balanced(durations, most)
    fullest = max(sum(durations[index] for index in indexes) for indexes in split)
    assert fullest <= best * 4 / 3 + 1e-6


def test_the_longest_suite_has_a_shard_of_its_own_where_it_fills_one() -> None:
    assert balanced([10.0, 60.0, 20.0, 30.0], 2) == [[1], [0, 2, 3]]
    assert balanced([4.0, 3.0, 3.0, 3.0], 2) == [[0, 3], [1, 2]]


def test_an_unknown_duration_is_the_usual_one() -> None:
    assert balanced([None, 10.0, 10.0, None], 2) == [[0, 2], [1, 3]]
    assert balanced([None, None, 5.0, 100.0, 1.0], 2) == [[3], [0, 1, 2, 4]]
    assert balanced([None, None, None], 2) == [[0, 2], [1]]


def test_suites_keep_their_order_and_the_runs_that_they_attach_to() -> None:
    suites = [PlannedSuite("A", None), PlannedSuite("B", "ctr-1"), PlannedSuite("C", None)]
    assert split_suites(suites, {"C": 9.0, "A": 1.0, "B": 2.0}, 2) == [
        [("C", None)],
        [("A", None), ("B", "ctr-1")],
    ]


@pytest.mark.parametrize(
    ("line", "suite"),
    [
        ("A", ("A", None)),
        ("A=B", ("A=B", None)),
        ("A=", ("A=", None)),
        ("A=ctr-1", ("A", "ctr-1")),
        # A name that looks like a suite and its run.
        ("A=ctr-1=", ("A=ctr-1", None)),
    ],
)
def test_a_planned_suite_is_written_as_the_setting_has_it_and_read_from_that(
    line: str, suite: tuple[str, str | None]
) -> None:
    assert str(PlannedSuite(*suite)) == line
    assert PlannedSuite.from_line(line) == suite


def test_blanks_around_the_sign_between_a_suite_and_its_run_do_not_count() -> None:
    assert PlannedSuite.from_line("A = ctr-1") == ("A", "ctr-1")


def saved(day: int, *runs: tuple[str, Outcome, float | None]) -> SavedGate:
    saved_runs: list[Any] = [
        SavedRun(test_suite=name, verdict=verdict, duration=duration)
        for name, verdict, duration in runs
    ]
    return SavedGate(
        schema=1,
        verdict=Outcome.PASSED,
        started_at=datetime(2026, 5, day, tzinfo=UTC).isoformat(),
        duration=1.0,
        runs=tuple(saved_runs),
    )


def test_the_last_run_that_came_to_its_end_tells_how_long_a_suite_takes() -> None:
    newer = saved(2, ("A", Outcome.FAILED, 7.0), ("B", Outcome.ERROR, 0.5))
    older = saved(1, ("A", Outcome.PASSED, 5.0), ("B", Outcome.PASSED, 3.0), ("C", *UNKNOWN))
    assert durations_of([newer, older]) == {"A": 7.0, "B": 3.0}


def test_a_run_that_took_no_time_tells_nothing_and_the_shortest_one_does() -> None:
    runs = [("A", Outcome.PASSED, 0.0), ("B", Outcome.TIMEOUT, 0.5), ("C", Outcome.PASSED, -1.0)]
    assert durations_of([saved(1, *runs)]) == {"B": 0.5}


UNKNOWN = (Outcome.PASSED, None)
