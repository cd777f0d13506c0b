"""The live display: a row per suite at any width and height, the worst first, with a total."""

import re
from unicodedata import east_asian_width

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.progress import GateProgress, SuiteProgress
from gatekeeper.core.reports.live import live_rows
from gatekeeper.core.wording.styled import Mark, rendered

SUITES = [
    SuiteProgress("Waiting", is_waiting=True),
    SuiteProgress("Passed", outcome=Outcome.PASSED, elapsed=75.0, ending="passed"),
    SuiteProgress("Running", percentage=42.0, elapsed=61.0, remaining=1739.0),
    SuiteProgress("Tolerated", outcome=Outcome.TOLERATED, elapsed=5.0, ending="tolerated"),
    SuiteProgress("Late", outcome=Outcome.TIMEOUT, elapsed=1800.0, ending="timed out"),
    SuiteProgress("Already failing", percentage=90.0, elapsed=9.0, remaining=1.0, failed=2),
    SuiteProgress("Failed", outcome=Outcome.FAILED, elapsed=7.0, ending="2 of 8 failed"),
    SuiteProgress("Refused", outcome=Outcome.ERROR, ending="could not run"),
]


def texts(suites: list[SuiteProgress], width: int, height: int) -> list[str]:
    return [rendered(row, {}) for row in live_rows(GateProgress(suites, 125.0), width, height)]


def test_at_60_columns_every_suite_has_a_row_the_worst_first() -> None:
    assert texts(SUITES, 60, 24) == [
        "✗ Failed                      2 of 8 failed              7 s",
        "! Refused                     could not run              0 s",
        "! Late                        timed out           30 min 0 s",
        "✗ Already failing             ━━━━━━━━━━━─  90 %         9 s",
        "▶ Running                     ━━━━━───────  42 %   1 min 1 s",
        "~ Tolerated                   tolerated                  5 s",
        "✓ Passed                      passed              1 min 15 s",
        "  Waiting                     waiting",
        "5 of 8 suites done, 2 running, 1 failed; 2 min 5 s",
    ]


def test_a_wide_terminal_shows_when_a_suite_times_out() -> None:
    [running] = [row for row in texts(SUITES, 120, 24) if "Running" in row]
    assert running.endswith(" 42 %   1 min 1 s  times out in 28 min 59 s")
    assert len(running) <= 120


def test_what_does_not_fit_is_counted() -> None:
    assert texts(SUITES, 60, 6) == [
        "✗ Failed                      2 of 8 failed              7 s",
        "! Refused                     could not run              0 s",
        "! Late                        timed out           30 min 0 s",
        "✗ Already failing             ━━━━━━━━━━━─  90 %         9 s",
        "  … 4 more: 1 running, 1 tolerated, 1 passed, 1 waiting",
        "5 of 8 suites done, 2 running, 1 failed; 2 min 5 s",
    ]


def test_one_suite_has_one_row_and_no_total() -> None:
    assert texts([SUITES[2]], 60, 24) == [
        "▶ Running                     ━━━━━───────  42 %   1 min 1 s"
    ]


def test_colours_are_neutral_while_nothing_is_wrong() -> None:
    fine = [suite for suite in SUITES if suite.name in ("Running", "Passed", "Tolerated")]
    rows = live_rows(GateProgress(fine, 1.0), 60, 24)
    assert {mark for row in rows for _, mark in row} == {Mark.NONE}
    rows = live_rows(GateProgress(SUITES, 1.0), 60, 24)
    assert [row[0].mark for row in rows] == [
        *(Mark.BAD, Mark.ODD, Mark.ODD, Mark.BAD),
        *(Mark.NONE, Mark.NONE, Mark.NONE, Mark.ASIDE, Mark.NONE),
    ]


def test_two_hundred_suites_fit_any_terminal() -> None:
    rows = texts(SUITES * 25, 60, 24)
    assert len(rows) == 24
    assert rows[-2].startswith("  … 178 more: ")
    assert rows[-1].startswith("125 of 200 suites done")


def cells(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


NAMES = st.text(st.sampled_from("aZ _-界안é")) | st.just("x" * 500)
ANY_SUITE = st.builds(
    SuiteProgress,
    name=NAMES,
    is_waiting=st.booleans(),
    percentage=st.none() | st.floats(0, 100) | st.just(1e300),
    elapsed=st.floats(0, 1e6),
    remaining=st.floats(0, 1e6),
    failed=st.integers(0, 5),
    outcome=st.none() | st.sampled_from([*Outcome]),
    ending=NAMES,
)


@given(st.lists(ANY_SUITE, min_size=1, max_size=30), st.integers(1, 130), st.integers(1, 40))
def test_no_row_is_too_wide_and_there_are_not_too_many(
    suites: list[SuiteProgress], width: int, height: int
) -> None:
    rows = texts(suites, width, height)
    assert 0 < len(rows) <= height
    assert max(map(cells, rows)) <= width
    assert not re.search(r"[\x00-\x1f]", "".join(rows))


@pytest.mark.parametrize("height", [1, 2, 3, 5])
def test_in_a_small_terminal_the_total_stays(height: int) -> None:
    rows = texts(SUITES, 60, height)
    assert len(rows) == height
    assert rows[-1] == "5 of 8 suites done, 2 running, 1 failed; 2 min 5 s"
