"""What a policy accepts becomes a warning; the worst of what is left decides."""

from datetime import date
from typing import Any

import pytest

from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome, worst
from gatekeeper.core.verdict.baseline import Baseline
from gatekeeper.core.verdict.policy import KnownFailure, Policy

COUNTERS = Reason(Outcome.ERROR, "a", Check.COUNTERS)
FIRM = Reason(Outcome.ERROR, "b", Check.COUNTERS, firm=True)
VERSION = Reason(Outcome.ERROR, "c", Check.VERSION)
PLAIN = Reason(Outcome.FAILED, "d")
ALL = (COUNTERS, FIRM, VERSION, PLAIN)


@pytest.mark.parametrize(
    ("accept", "accepted"),
    [
        ((), ()),
        ((Check.COUNTERS,), (COUNTERS,)),
        ((Check.VERSION,), (VERSION,)),
        ((Check.COUNTERS, Check.VERSION), (COUNTERS, VERSION)),
        (tuple(Check), (COUNTERS, VERSION)),
    ],
)
def test_only_what_is_accepted_and_not_firm_becomes_a_warning_in_its_order(
    accept: tuple[Check, ...], accepted: tuple[Reason, ...]
) -> None:
    reasons, warnings = Policy(accept=frozenset(accept)).split_accepted(ALL)
    assert warnings == accepted
    assert reasons == tuple(reason for reason in ALL if reason not in accepted)


def test_the_worst_outcome_counts_and_without_any_it_passed() -> None:
    assert worst([]) is Outcome.PASSED
    assert worst([Outcome.ERROR]) is Outcome.ERROR
    assert worst([Outcome.ERROR, Outcome.FAILED, Outcome.ERROR]) is Outcome.FAILED
    assert worst(reversed(Outcome)) is Outcome.FAILED


@pytest.mark.parametrize(
    ("rules", "has_tolerance"),
    [
        ({}, False),
        ({"accept": frozenset(Check), "strict_text": True}, False),
        ({"blocking": False}, True),
        ({"min_pass_rate": 0.0}, True),
        ({"baseline": Baseline("old.json")}, True),
        ({"known_failures": (KnownFailure("*", "BOT-1", date(2026, 1, 1)),)}, True),
    ],
)
def test_any_rule_about_failures_is_a_tolerance(rules: Any, *, has_tolerance: bool) -> None:
    assert Policy(**rules).has_tolerance is has_tolerance
