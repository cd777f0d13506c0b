"""The badge states verdict and counts, and is a self-contained image."""

from datetime import UTC, datetime

import pytest
from lxml import etree
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Run, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.badge import badge


def gate(outcome: Outcome, steps: Steps) -> Gate:
    run = Run("<&>", "ctr-1", Verdict(outcome, steps=steps))
    return Gate((run,), datetime(2026, 5, 4, tzinfo=UTC), 16.4)


@pytest.mark.parametrize(
    ("drawn", "says"),
    [
        (gate(Outcome.PASSED, Steps(10, 10)), "passed 10/10"),
        (gate(Outcome.FAILED, Steps(8, 6, 2)), "failed 6/8"),
        (gate(Outcome.ERROR, Steps()), "error"),
        (gate(Outcome.TIMEOUT, Steps()), "timeout"),
        (replace(gate(Outcome.PASSED, Steps(10, 10)), interrupted_by=2), "interrupted"),
        (Gate((), datetime(2026, 5, 4, tzinfo=UTC), 0.0), "error"),
    ],
)
def test_it_says_the_verdict_and_how_many_passed(drawn: Gate, says: str) -> None:
    svg = etree.fromstring(badge(drawn).encode())
    assert svg.get("aria-label") == f"conversations: {says}"
    assert [text.text for text in svg.iterfind(".//{*}text")] == ["conversations", says]


def test_only_a_gate_that_passed_is_green() -> None:
    green = {
        outcome: "#1a7f37" in badge(gate(outcome, Steps(1, 1)))
        for outcome in Outcome
        if outcome is not Outcome.SKIPPED
    }
    let_pass = (Outcome.PASSED, Outcome.TOLERATED)
    assert green == {outcome: outcome in let_pass for outcome in green}
    interrupted = replace(gate(Outcome.PASSED, Steps(1, 1)), interrupted_by=15)
    assert "#1a7f37" not in badge(interrupted)
