"""A merge of jobs has all of their runs, and an error in these words for all that is wrong."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gatekeeper.core.model import Case, Gate, Pipeline, Reason, Run, Shard, Steps, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.result_file.merging import (
    MERGE_THIS_PIPELINE,
    JobReport,
    merge_error,
    merged,
    read_job_report,
    unusable,
)
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.result_file.write import result_json
from support.builders import Json

NOW = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
OWN = Pipeline("abc", "https://ci.example/jobs/9", "ci/7")
CHECK_THE_JOB = "check that the job ran to its end and that its reports were kept for this one"
MERGE_ONE_PLAN = "merge the reports of all jobs of one plan, each of them once"
DIFFERENT_PLANS = "the reports are from different plans"
MISMATCH = "its verdict does not match its runs"


def run(suite: str, test_run_id: str | None = None, **fields: Any) -> Run:
    verdict = Verdict(Outcome.PASSED, cases=(Case(1, Outcome.PASSED),), steps=Steps(1, 1))
    return Run(suite, test_run_id, verdict, **fields)


def report(place: str, *runs: Run, shard: str = "", pipeline: Pipeline = OWN) -> JobReport:
    """Build the report of a job, its shard as in `2/3`; without runs, of one that is its own."""
    index, _, total = shard.partition("/")
    numbered = Shard(int(index), int(total)) if shard else None
    return JobReport(place, Gate(runs or (run(place, place),), NOW, 1.0, pipeline, shard=numbered))


def errors_of(
    *reports: JobReport, shards: int | None = None, own: Pipeline = OWN
) -> list[tuple[str, str, str]]:
    """Return each error of a merge: whose it is, what happened, and what to do next."""
    gate = merged(reports, (), shards, own, NOW)
    errors = gate.runs[sum(len(report.gate.runs) for report in reports) :]
    for error in errors:
        assert error.verdict.outcome is Outcome.ERROR
        [reason] = error.verdict.reasons
        assert reason == Reason(Outcome.ERROR, reason.text, firm=True)
    return [
        (error.test_suite, error.verdict.reasons[0].text, error.verdict.next_step)
        for error in errors
    ]


def test_an_error_stands_for_a_run_without_a_verdict() -> None:
    reason = Reason(Outcome.ERROR, "it is gone", firm=True)
    verdict = Verdict(Outcome.ERROR, (reason,), next_step="look")
    expected = Run("a", None, verdict, is_suite=False)
    assert merge_error("a", "it is gone", "look") == expected
    assert unusable("a", "it is gone") == merge_error("a", "it is gone", CHECK_THE_JOB)


def test_a_gate_is_merged_of_the_runs_in_the_order_of_their_shards_then_the_errors() -> None:
    later = NOW + timedelta(hours=1)
    second = JobReport("a", Gate((run("A"), run("B", language="en")), later, 5.0, OWN))
    first = JobReport("b", Gate((run("B", language="de"),), NOW, 3.0, OWN))
    error = merge_error("c", "it is gone", "look")
    gate = merged([second, first], [error], None, OWN, later + timedelta(hours=1))
    names = [each.name for each in gate.runs]
    assert names == ["A", "B (en)", "B (de)", "c"]
    assert (gate.started_at, gate.duration, gate.pipeline) == (NOW, 5.0, OWN)
    gate = merged([second, first], [error], 3, OWN, NOW)
    assert [each.name for each in gate.runs[3:]] == ["c", "shards"]
    sharded = [report(f"{index}", shard=f"{index}/3") for index in (3, 1, 2)]
    assert [each.name for each in merged(sharded, [], None, OWN, NOW).runs] == ["1", "2", "3"]
    # A report that does not say which shard it is comes first.
    mixed = merged([report("1", shard="1/1"), report("x")], [], None, OWN, NOW)
    assert [each.name for each in mixed.runs] == ["x", "1", "x"]


def test_a_merge_of_nothing_starts_now_and_has_no_verdict() -> None:
    assert merged([], [], None, OWN, NOW) == Gate((), NOW, 0.0, OWN)
    assert merged([], [], None, OWN, NOW).outcome is Outcome.ERROR


def test_a_report_is_named_by_its_path_and_its_shard() -> None:
    assert report("a").name == "a"
    assert report("a", shard="2/3").name == "a (shard 2/3)"


@pytest.mark.parametrize(
    ("reports", "shards", "expected"),
    [
        ([], None, []),
        ([], 1, [("shards", "--shards is 1, but 0 reports can be read", MERGE_ONE_PLAN)]),
        ([report("a"), report("b")], 2, []),
        (
            [report("a"), report("b")],
            3,
            [("shards", "--shards is 3, but 2 reports can be read", MERGE_ONE_PLAN)],
        ),
        ([report("a", shard="1/2"), report("b", shard="2/2")], None, []),
        ([report("a", shard="1/2"), report("b", shard="2/2")], 2, []),
        (
            [report("a", shard="1/1"), report("b"), report("c")],
            None,
            [
                (
                    place,
                    "the result does not say which shard it is, but other results do",
                    MERGE_ONE_PLAN,
                )
                for place in ("b", "c")
            ],
        ),
        (
            [report("a", shard="1/2"), report("b", shard="2/3")],
            None,
            [
                (
                    "shards",
                    f"{DIFFERENT_PLANS}: a (shard 1/2), b (shard 2/3)",
                    MERGE_ONE_PLAN,
                )
            ],
        ),
        (
            [report("a", shard="1/2"), report("b", shard="2/2")],
            3,
            [
                (
                    "shards",
                    f"{DIFFERENT_PLANS}: a (shard 1/2), b (shard 2/2); --shards is 3",
                    MERGE_ONE_PLAN,
                )
            ],
        ),
        (
            [report("a", shard="2/3")],
            3,
            [
                (f"shard {index}/3", "there is no report of this shard", CHECK_THE_JOB)
                for index in (1, 3)
            ],
        ),
        (
            [report("a", shard="1/2"), report("b", shard="1/2"), report("c", shard="2/2")],
            None,
            [
                (
                    "shard 1/2",
                    "there is more than one report of this shard: a and b",
                    MERGE_ONE_PLAN,
                )
            ],
        ),
        (
            [report("a", shard="2/2"), report("b", shard="2/2")],
            2,
            [
                ("shard 1/2", "there is no report of this shard", CHECK_THE_JOB),
                (
                    "shard 2/2",
                    "there is more than one report of this shard: a and b",
                    MERGE_ONE_PLAN,
                ),
            ],
        ),
    ],
)
def test_a_plan_has_a_report_of_each_of_its_shards_and_no_others(
    reports: list[JobReport], shards: int | None, expected: Any
) -> None:
    assert errors_of(*reports, shards=shards) == expected


def reported(run_id: str, *places: str) -> tuple[str, str, str]:
    times = f"the run is reported {len(places)} times, but counts only once: {', '.join(places)}"
    return f"run {run_id}", times, MERGE_ONE_PLAN


WITHOUT_ID = [run("A"), run("A", language="en"), run("B", language="en")]


@pytest.mark.parametrize(
    ("reports", "expected"),
    [
        ([report("a", run("A", "1"), run("A", "2")), report("b", run("A", "3"))], []),
        ([report("a", run("A", "1")), report("b", run("B", "1"))], [reported("1", "a", "b")]),
        ([report("a", run("A", "1"), run("A", "1"))], [reported("1", "a", "a")]),
        (
            [
                report("a", run("A", "2", earlier=(run("A", "1"),))),
                report("b", run("A", "3"), run("A", "1")),
            ],
            [reported("1", "a", "b")],
        ),
        # An earlier attempt without an id says nothing about the run.
        ([report("a", run("A", "1", earlier=(run("A"),))), report("b", run("A"))], []),
        ([report("a", *WITHOUT_ID)], []),
        (
            [report("a", *WITHOUT_ID), report("b", run("A", language="en"))],
            [reported("of A, en, without an id", "a", "b")],
        ),
        (
            [report("a", run("A", "1"), shard="1/2"), report("b", run("A", "2"), shard="2/2")],
            [("A", "the suite is in both a (shard 1/2) and b (shard 2/2)", MERGE_ONE_PLAN)],
        ),
        (
            [
                report(
                    "a", run("A", "1", stream_id="x"), run("A", "2", stream_id="x"), shard="1/2"
                ),
                report("b", run("A", "3", stream_id="y"), shard="2/2"),
            ],
            [],
        ),
        (
            [
                report("a", run("A", "1", language="en"), shard="1/2"),
                report("b", run("A", "2", language="de"), run("B", "3"), shard="2/2"),
            ],
            [],
        ),
        (
            [
                report("a", run("A", "1", bot_version="x"), shard="1/2"),
                report("b", run("A", "2", bot_version="y"), shard="2/2"),
            ],
            [],
        ),
    ],
)
def test_a_run_counts_once_and_a_suite_is_in_one_shard(reports: Any, expected: Any) -> None:
    assert errors_of(*reports) == expected


@pytest.mark.parametrize(
    ("pipelines", "own", "expected"),
    [
        ([OWN, OWN], OWN, []),
        ([Pipeline(), Pipeline()], OWN, []),
        ([OWN, OWN], Pipeline(), []),
        (
            [Pipeline(id="ci/6"), Pipeline(id="ci/7")],
            OWN,
            [
                (
                    "pipelines",
                    "the reports are not all from one pipeline: ci/6 (1); ci/7 (2, this job)",
                )
            ],
        ),
        ([Pipeline("abc"), Pipeline("abc")], Pipeline("ab\x00c", None, "ci/8"), []),
        (
            [Pipeline("abc"), Pipeline()],
            Pipeline(),
            [("commits", "the reports are not all from one commit: abc (1); unknown (2)")],
        ),
        (
            [Pipeline("old", None, "ci/6")] * 2,
            OWN,
            [
                ("commits", "the reports are not all from one commit: old (1, 2); abc (this job)"),
                (
                    "pipelines",
                    "the reports are not all from one pipeline: ci/6 (1, 2); ci/7 (this job)",
                ),
            ],
        ),
        (
            [Pipeline(), Pipeline("a\nb")],
            Pipeline("abc"),
            [
                (
                    "commits",
                    "the reports are not all from one commit: unknown (1); a b (2); abc (this job)",
                )
            ],
        ),
    ],
)
def test_reports_are_of_one_commit_and_one_pipeline(
    pipelines: list[Pipeline], own: Pipeline, expected: Any
) -> None:
    reports = [report(f"{place}", pipeline=each) for place, each in enumerate(pipelines, 1)]
    assert errors_of(*reports, own=own) == [
        (name, text, MERGE_THIS_PIPELINE) for name, text in expected
    ]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, []),
        (
            {"exit_code": 130, "interrupted_by": 2},
            ["the job was interrupted (exit code 130), so its result is incomplete"],
        ),
        (
            {"exit_code": 5, "unwritten": ["junit.xml: no space", "a\nb"]},
            ["the job could not write a report (exit code 5): junit.xml: no space, a b"],
        ),
        (
            {"partial": {"not_run": 1}},
            ["the job ran only suites that had not passed before, so its result is partial"],
        ),
        (
            {"exit_code": 2, "runs": [], "verdict": "error"},
            ["the job's settings were invalid (exit code 2), so it ran no suite"],
        ),
        (
            {"exit_code": 5},
            [
                "the job could not write a report (exit code 5): the result does not say which one",
                f"{MISMATCH}: the file has passed with exit code 5, the runs make passed with 0",
            ],
        ),
    ],
)
def test_a_job_that_ended_badly_is_read_with_an_error_for_each_defect(
    fields: Json, expected: list[str]
) -> None:
    gate = Gate((run("A", "1"),), NOW, 1.0, OWN)
    saved = read_saved(json.dumps(json.loads(b"".join(result_json(gate))) | fields).encode())
    read, errors = read_job_report("a/b", saved)
    assert read.place == "a/b"
    assert [each.test_suite for each in read.gate.runs] == ["A"][: len(saved.runs)]
    assert errors == [unusable("a/b", why) for why in expected]
