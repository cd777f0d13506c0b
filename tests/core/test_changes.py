"""What changed since earlier results: new, fixed and still failing steps, and their last pass."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from gatekeeper.core.masking import Mask
from gatekeeper.core.model import Gate, Pipeline
from gatekeeper.core.result_file.changes import NO_CHANGES, Change, Changes, changes_of
from gatekeeper.core.result_file.history import PastGate, past_of, read_past
from gatekeeper.core.result_file.schema import SavedResponse, read_saved
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from support.builders import TODAY, Json, finished, response, run_of, step, text

START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
COMMIT = "0123abcd" * 5
KNOWN = Policy(known_failures=(KnownFailure("*", "BOT-1", TODAY),))


def passes(said: str, answer: str = "Yes.") -> Json:
    return step(said, response(answer, text=text(answer)))


def fails(said: str, answer: str = "No.") -> Json:
    return step(said, response(answer, text=text("Yes.", status="failed")), status="failed")


def skipped(said: str) -> Json:
    return step(said, response("Yes."), status="notexecuted", actualOutput=[])


def gate(
    *steps: Json, day: int = 0, commit: str | None = COMMIT, policy: Policy = KNOWN, **target: Any
) -> Gate:
    """Return a gate of one run; a failure in it is tolerated by default, which makes no difference.

    That is because most earlier gates are of a policy of their own.
    """
    status = "failed" if any(each["status"] == "failed" for each in steps) else "passed"
    run = run_of(finished(*steps, status=status), policy=policy, **{"language": "en"} | target)
    return Gate((run,), START + day * DAY, 1.0, Pipeline(commit))


def now(*steps: Json, **target: Any) -> Gate:
    return gate(*steps, day=9, policy=Policy(), **target)


def past(kept: Gate) -> PastGate:
    """Read a gate as the history does, which is what a baseline is too."""
    body = b"".join(result_json(kept))
    assert read_past(body) == past_of(read_saved(body))
    return read_past(body)


def compare(current: Gate, *earlier: Gate, mask: Mask = str) -> Changes:
    return changes_of(current, [past(kept) for kept in earlier], mask)


def listed(current: Gate, changes: Changes) -> list[Change | None]:
    [run] = current.runs
    return [changes.of(run, case) for case in run.verdict.cases]


def test_each_step_is_new_fixed_or_still_failing_by_what_the_user_says() -> None:
    earlier = gate(passes("hello"), fails("pay"), fails("refund"), skipped("bye"))
    current = now(
        fails("new step"),
        fails("hello"),
        passes("pay"),
        fails("refund"),
        fails("bye"),
        passes("thanks"),
    )
    changes = compare(current, earlier)
    new, fixed, still = Change.NEW, Change.FIXED, Change.STILL
    assert listed(current, changes) == [new, new, fixed, still, new, None]
    since = "since 0123abcd (2026-05-04)"
    assert changes.sentence == f"3 new failures, 1 fixed, 1 still failing {since}"


def test_nothing_is_compared_without_an_earlier_result() -> None:
    current = now(fails("pay"))
    for changes in (NO_CHANGES, compare(current)):
        assert changes.sentence == ""
        assert listed(current, changes) == [None]


@pytest.mark.parametrize(
    "target", [{"language": "de"}, {"stream_id": "st-2"}, {"bot_version": "configured"}]
)
def test_runs_of_another_stream_language_or_version_are_not_compared(target: Any) -> None:
    current = now(fails("pay"))
    changes = compare(current, gate(fails("pay"), started=True, **target))
    assert (changes.sentence, listed(current, changes)) == ("", [None])
    assert changes.last_pass(current.runs[0], current.runs[0].verdict.cases[0]) is None


def test_the_first_result_that_lists_the_steps_of_the_suite_counts() -> None:
    without_steps = finished(status="failed")
    del without_steps["result"]["executionResults"]
    empty = Gate((run_of(without_steps, language="en"),), START + 3 * DAY, 1.0)
    other = gate(fails("pay"), day=2, language="de")
    current = now(fails("pay"))
    changes = compare(current, empty, other, gate(passes("pay"), day=1), gate(fails("pay")))
    assert changes.sentence == "1 new failure since 0123abcd (2026-05-05)"


@pytest.mark.parametrize(
    ("commit", "since"),
    [
        (None, "2026-05-04 03:02 UTC"),
        (COMMIT, "0123abcd (2026-05-04)"),
        ("v1.2", "v1.2 (2026-05-04)"),
        ("\x1b[1mlong\n name of a commit", "long name of a comm… (2026-05-04)"),
    ],
)
def test_a_result_is_named_by_its_commit_and_its_day(commit: str | None, since: str) -> None:
    changes = compare(now(passes("hello")), gate(passes("hello"), commit=commit))
    assert changes.sentence == f"no new failures since {since}"


def test_results_of_several_gates_are_named_by_their_days() -> None:
    english, german = gate(fails("pay")), gate(fails("pay"), day=2, language="de")
    runs = (*now(passes("pay")).runs, *now(passes("pay"), language="de").runs)
    current = Gate(runs, START, 1.0)
    since = "2 fixed since the results of 2026-05-04 to 2026-05-06"
    assert compare(current, english, german).sentence == since
    assert compare(current, german, english).sentence == since


def test_tolerated_failures_count_and_are_marked() -> None:
    earlier = gate(passes("a"), passes("b"), fails("c"))
    policy = Policy(known_failures=(KnownFailure("a", "BOT-1", TODAY),))
    run = run_of(
        finished(fails("a"), fails("b"), fails("c"), status="failed"), language="en", policy=policy
    )
    sentence = compare(Gate((run,), START, 1.0), earlier).sentence
    assert sentence.startswith("2 new failures (1 tolerated), 1 still failing since")
    only = compare(gate(fails("a"), passes("b"), passes("c")), earlier).sentence
    assert only.startswith("1 new failure (tolerated), 1 fixed since")


def test_a_failing_step_has_what_it_answered_when_it_last_passed() -> None:
    current = now(fails("pay"), passes("hello"))
    [run] = current.runs
    failed, passed = run.verdict.cases
    latest = gate(fails("pay"), passes("hello"), day=2)
    changes = compare(
        current, latest, gate(passes("pay", "It costs £5."), day=1), gate(passes("pay"))
    )
    found = changes.last_pass(run, failed)
    assert found is not None
    assert found.when == "at 0123abcd (2026-05-05)"
    [answer] = found.responses
    assert (answer.text, answer.node, answer.path) == (
        "It costs £5.",
        "Answer",
        ("Welcome", "Answer"),
    )
    assert not found.is_same
    assert changes.last_pass(run, passed) is None


def test_a_last_pass_at_an_unknown_commit_is_dated() -> None:
    current = now(fails("pay"))
    changes = compare(current, gate(passes("pay"), commit=None))
    found = changes.last_pass(current.runs[0], current.runs[0].verdict.cases[0])
    assert found is not None
    assert found.when == "on 2026-05-04 03:02 UTC"


def test_it_is_known_if_the_answer_is_the_same_and_only_the_expectation_changed() -> None:
    current = now(fails("pay", "It costs £5."))
    [run] = current.runs
    changes = compare(current, gate(passes("pay", "It costs £5.")))
    found = changes.last_pass(run, run.verdict.cases[0])
    assert found is not None
    assert found.is_same


def test_texts_of_an_earlier_result_are_masked_and_can_be_shown() -> None:
    hostile = gate(passes("pay", "x \x1b[31m\u202esecret"), commit="secret")
    saved = read_saved(b"".join(result_json(hostile)))
    raw = SavedResponse(text="x \x1b[31m\u202esecret", path=("\x1b[1msecret",))
    earlier = past_of(saved)
    earlier = changed_answers(earlier, raw)
    current = now(fails("pay"))
    changes = changes_of(current, [earlier], lambda shown: shown.replace("secret", "***"))
    found = changes.last_pass(current.runs[0], current.runs[0].verdict.cases[0])
    assert found is not None
    assert found.responses == (SavedResponse(text="x ***", path=("***",)),)
    assert found.when == "at *** (2026-05-04)"
    assert changes.sentence == "1 new failure since *** (2026-05-04)"


def changed_answers(earlier: PastGate, raw: SavedResponse) -> PastGate:
    """Return a gate whose file was written by somebody else."""
    [run] = earlier.runs
    return replace(earlier, runs=(replace(run, answers={"pay": (raw,)}),))


def test_of_each_step_only_the_latest_answer_is_kept_in_memory() -> None:
    newer, older = past(gate(passes("a"), passes("b"))), past(gate(passes("b"), passes("c")))
    known = set(newer.answered())
    assert {step for _, step in known} == {"a", "b"}
    assert [step for _, step in older.without_answers(known).answered()] == ["c"]


def test_a_run_that_is_not_compared_hides_none_of_those_after_it_in_a_file() -> None:
    runs = (*gate(fails("pay"), language="de").runs, *gate(fails("pay")).runs)
    changes = compare(now(fails("pay")), Gate(runs, START, 1.0))
    assert changes.sentence == "1 still failing since 2026-05-04 03:02 UTC"


def test_of_two_runs_of_one_suite_in_a_file_a_failure_in_either_counts() -> None:
    twice = Gate((*gate(passes("pay")).runs, *gate(fails("pay")).runs), START, 1.0)
    for runs in (twice.runs, twice.runs[::-1]):
        changes = compare(now(fails("pay")), Gate(runs, START, 1.0))
        assert changes.sentence == "1 still failing since 2026-05-04 03:02 UTC"
