"""An earlier gate's end read back: which steps of a suite failed in it."""

import json
from typing import Any

import pytest

from gatekeeper.core.saved import SavedGate, failed_steps, read_saved


def gate(*runs: dict[str, Any]) -> SavedGate:
    document = {
        "schema": 1,
        "verdict": "failed",
        "started_at": "2026-05-04T03:02:01Z",
        "duration": 1.0,
        "runs": runs,
    }
    return read_saved(json.dumps(document).encode())


def run(language: str | None, *cases: tuple[str, str], suite: str = "Booking") -> dict[str, Any]:
    told = [
        {"index": number, "name": name, "outcome": outcome}
        for number, (name, outcome) in enumerate(cases, 1)
    ]
    return {"test_suite": suite, "verdict": "failed", "language": language, "cases": told}


def test_what_failed_is_named_also_if_it_was_tolerated_and_nothing_else() -> None:
    outcomes = ("failed", "tolerated", "error", "skipped", "passed", "timeout")
    saved = gate(run("en", *((outcome, outcome) for outcome in outcomes)))
    assert failed_steps(saved, "Booking", "en") == frozenset({"failed", "tolerated"})


@pytest.mark.parametrize(("suite", "language"), [("Booking", "de"), ("Refund", "en"), ("", "")])
def test_another_suite_or_language_did_not_run(suite: str, language: str) -> None:
    assert failed_steps(gate(run("en", ("001 a", "failed"))), suite, language) is None


def test_a_run_of_no_known_language_fits_any_and_several_runs_are_joined() -> None:
    saved = gate(run(None, ("001 a", "failed")), run("en", ("002 b", "failed")))
    assert failed_steps(saved, "Booking", "en") == frozenset({"001 a", "002 b"})
    assert failed_steps(saved, "Booking", "de") == frozenset({"001 a"})


def test_a_run_that_passed_has_none_that_failed() -> None:
    assert failed_steps(gate(run("en", ("001 a", "passed"))), "Booking", "en") == frozenset()


def test_a_suite_is_found_by_its_name_as_the_file_shows_it() -> None:
    saved = gate(run("en", ("001 a", "failed"), suite="Booking"))
    assert failed_steps(saved, "Book\x1b[1ming", "en") == frozenset({"001 a"})
