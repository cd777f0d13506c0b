"""An answer is held against what was asked for: its run, its stream and its version."""

import json
from typing import Any

import pytest

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.answer.shape import Result
from gatekeeper.core.model import Reason
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.verdict.target import Target, check_target, in_progress, missing_ids
from support.builders import finished, greeting


def result(version: Any = "published", **fields: Any) -> Result:
    answer = finished(greeting()) | fields
    if answer["result"]:
        answer["result"]["version"] = version
    return read_result(json.dumps(answer).encode())


def reasons_against(of: Result, **asked: Any) -> list[Reason]:
    return [*check_target(of, Target("Booking", **asked))]


@pytest.mark.parametrize(
    ("field", "asked"), [("_id", "test_run_id"), ("streamId", "stream_id")], ids=str
)
@pytest.mark.parametrize("found", ["other", "", 7, ["x"]])
def test_another_run_or_stream_is_named_beside_the_one_that_was_asked_for(
    field: str, asked: str, found: Any
) -> None:
    [reason] = reasons_against(result(**{field: found}), **{asked: "mine"})
    assert (reason.outcome, reason.check) == (Outcome.ERROR, Check.CONTRADICTION)
    assert not reason.firm
    what = {"_id": "run", "streamId": "stream"}[field]
    assert f" {what} mine, " in reason.text
    assert reason.text.endswith(f" {found if isinstance(found, str) else json.dumps(found)}")


def test_what_is_asked_for_or_unknown_contradicts_nothing() -> None:
    mine = {"test_run_id": "ctr-1", "stream_id": "st-1", "bot_version": "published"}
    assert reasons_against(result(), **mine) == []
    assert reasons_against(result(_id=None, streamId=None), **mine) == []
    assert reasons_against(result(_id="other", streamId="other")) == []


def test_every_contradiction_is_listed_in_order() -> None:
    asked = {"test_run_id": "a", "stream_id": "b", "bot_version": "inDevelopment"}
    checks = [reason.check for reason in reasons_against(result(), **asked)]
    assert checks == [Check.CONTRADICTION, Check.CONTRADICTION, Check.VERSION]


@pytest.mark.parametrize(
    ("found", "asked", "check"),
    [
        ("published", "published", None),
        ("Published", None, None),
        ("configured", "inDevelopment", None),
        ("v2", "published", Check.VERSION),
        (7, "published", Check.VERSION),
        (7, None, None),
        (None, "published", Check.MISSING_STATUS),
        (" ", None, Check.MISSING_STATUS),
    ],
)
def test_a_version_is_there_and_the_one_that_was_asked_for(
    found: Any, asked: str | None, check: Check | None
) -> None:
    reasons = reasons_against(result(found), bot_version=asked)
    if check is Check.MISSING_STATUS:
        assert reasons[0].text == "its result has no version"
    assert [(reason.outcome, reason.check, reason.firm) for reason in reasons] == (
        [(Outcome.ERROR, check, False)] if check else []
    )


def test_a_version_of_another_kind_is_shown_as_the_answer_has_it_but_cut_short() -> None:
    for found, shown in ((["a", 1], """'["a", 1]'"""), ("v" * 101, f"'{'v' * 99}…'")):
        [reason] = reasons_against(result(found), bot_version="published")
        assert f" published, but the result is of version {shown}; " in reason.text


@pytest.mark.parametrize(
    ("status", "inner", "goes_on"),
    [
        ("running", "passed", True),
        ("passed", "running", True),
        ("passed", "passed", False),
        ("running", None, True),
        ("passed", None, False),
    ],
)
def test_a_run_that_goes_on_by_its_state_or_its_results_has_no_version_yet(
    status: str, inner: str | None, *, goes_on: bool
) -> None:
    execution = None if inner is None else {"status": inner}
    answer = read_result(json.dumps({"status": status, "result": execution}).encode())
    assert in_progress(answer) is goes_on
    assert bool(reasons_against(answer, bot_version="published")) is (
        inner is not None and not goes_on
    )


@pytest.mark.parametrize("missing", [None, ""])
def test_an_answer_warns_of_each_name_that_says_what_it_is_about_and_is_missing(
    missing: str | None,
) -> None:
    assert [*missing_ids(result())] == []
    reasons = [*missing_ids(result(_id=missing, streamId=missing))]
    assert [reason.outcome for reason in reasons] == [Outcome.PASSED] * 2
    for name, reason in zip(("_id", "streamId"), reasons, strict=True):
        assert f" no {name}, " in reason.text
