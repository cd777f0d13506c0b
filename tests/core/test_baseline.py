"""An earlier gate's end read back: which steps failed in it, and for which runs that counts."""

import json
from typing import Any

import pytest

from gatekeeper.core.model import Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.history import read_past
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.verdict.baseline import NO_FAILURES, Baseline, Failures, baseline_of
from gatekeeper.core.versions import normalized_version


def document(*runs: dict[str, Any]) -> bytes:
    gate = {
        "schema": 1,
        "verdict": "failed",
        "started_at": "2026-05-04T03:02:01Z",
        "duration": 1.0,
        "runs": runs,
    }
    return json.dumps(gate).encode()


def baseline(*runs: dict[str, Any]) -> Baseline:
    return baseline_of(read_saved(document(*runs)), "old.json")


def saved(*cases: tuple[str, str], **fields: Any) -> dict[str, Any]:
    told = [
        {"index": number, "name": f"{number:03d} {text}", "outcome": outcome}
        for number, (text, outcome) in enumerate(cases, 1)
    ]
    target = {"stream_id": "st-1", "language": "en", "bot_version": "published"}
    return {"test_suite": "Booking", "verdict": "failed", "cases": told} | target | fields


def run(suite: str = "Booking", version: str | None = "published", language: str = "en") -> Run:
    verdict = Verdict(Outcome.FAILED)
    return Run(suite, "ctr-1", verdict, "st-1", version, language)


def test_what_failed_is_known_apart_from_what_was_tolerated_and_nothing_else_is() -> None:
    outcomes = ("failed", "tolerated", "error", "skipped", "passed", "timeout")
    failures, odd = baseline(saved(*((one, one) for one in outcomes))).failures(run())
    assert (failures, odd) == (Failures(frozenset({"failed"}), frozenset({"tolerated"})), "")


def test_a_step_is_known_by_its_id_and_in_older_files_by_its_name_without_the_number() -> None:
    old = saved(("yes", "passed"), ("no", "failed"), ("yes", "failed"))
    assert baseline(old).failures(run())[0].failed == {"no", "yes (2)"}
    old["cases"] = [one | {"id": f"id {one['index']}"} for one in old["cases"]]
    assert baseline(old).failures(run())[0].failed == {"id 2", "id 3"}


def test_several_runs_of_one_target_are_joined() -> None:
    two = baseline(saved(("a", "failed")), saved(("b", "failed")), saved(language="de"))
    assert two.failures(run())[0].failed == {"a", "b"}


@pytest.mark.parametrize(
    "version", ["configured", "inDevelopment", "in-development", "IN DEVELOPMENT"]
)
def test_a_version_is_the_same_in_each_spelling(version: str) -> None:
    old = baseline(saved(("a", "failed"), bot_version="configured"))
    assert old.failures(run(version=version))[0].failed == {"a"}
    assert normalized_version(version) == "inDevelopment"


def test_an_unknown_version_stays_as_it_is_and_fits_only_itself() -> None:
    assert [normalized_version(one) for one in ("v7", "", None)] == ["v7", "", None]
    old = baseline(saved(("a", "failed"), bot_version=None))
    failures, why = old.failures(run(version=None))
    assert failures is NO_FAILURES
    unknown = "stream st-1, language en, version (unknown)"
    assert why.endswith(f"it has this suite with {unknown}, but this run has {unknown}")


@pytest.mark.parametrize("runs", [1, 3, 4])
def test_at_most_three_other_targets_of_the_suite_are_named(runs: int) -> None:
    old = baseline(*(saved(("a", "failed"), stream_id=f"st-{at}") for at in range(2, runs + 2)))
    failures, why = old.failures(run())
    assert failures is NO_FAILURES
    named = [f"stream st-{at}, language en, version published" for at in range(2, runs + 2)]
    assert f" {'; '.join(named[:3])}, " in why
    assert named[3:] == [name for name in named[3:] if name not in why]
    assert why.endswith(" stream st-1, language en, version published")


def test_a_suite_is_found_by_its_name_as_the_file_shows_it() -> None:
    old = baseline(saved(("a", "failed")))
    assert old.failures(run("Book\x1b[1ming"))[0].failed == {"a"}


def test_steps_can_be_compared_with_a_baseline_as_with_any_earlier_result() -> None:
    old = saved(("a", "failed"), ("b", "passed"))
    assert baseline(old).gate == read_past(document(old))
