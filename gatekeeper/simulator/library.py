"""The built-in scenarios, each in a file that is read when it is first needed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gatekeeper.simulator.scenario import Scenario, read_scenario

_FOLDER = Path(__file__).with_name("scenarios")
# Conversations, then special runs, then unusual responses.
_NAMES = (
    "banking-transfer",
    "banking-card-block",
    "airline-rebooking",
    "airline-arrival-de",
    "hotel-arabic",
    "retail-returns-ja",
    "insurance-claim-stops",
    "flaky",
    "long",
    "never-ends",
    "aborted",
    "empty",
    "completed",
    "no-step-detail",
    "no-step-detail-failed",
    "lying-pass",
    "counters-disagree",
    "contradiction",
    "not-evaluated",
    "missing-status",
    "unknown-state",
    "error-details",
    "malformed",
    "hostile-text",
)


def scenario_names() -> tuple[str, ...]:
    """Return the names of all scenarios and their suites; the first is the demo's default."""
    return _NAMES


def scenario_title(name: str) -> str:
    """Return one line on what a scenario is about and how it ends; raises `ValueError`."""
    return scenario(name).title


@cache
def scenario(name: str) -> Scenario:
    """Return the scenario of this name; raises `ValueError` if there is none."""
    if name not in _NAMES:
        raise ValueError(f"unknown scenario {name!r}; choose from {', '.join(_NAMES)}")
    return read_scenario(name, (_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
