"""`runs.json`: what is read from it, and which gate may judge its runs."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from msgspec.structs import replace

from gatekeeper.core.model import Pipeline, Shard, StartedBy
from gatekeeper.core.reports.starts import starts_summary
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.runs_file import (
    Origin,
    SavedStart,
    SavedStarts,
    misuses,
    read_starts,
    runs_json,
    starts_of,
)
from gatekeeper.core.verdict.target import Target
from gatekeeper.errors import MalformedResult
from scripts.result_schema import RUNS_FILE, runs_schema

SCHEMA = json.loads(RUNS_FILE.read_text(encoding="utf-8"))
JOB = Pipeline("0123abc", "https://ci.example/jobs/1", "ci/1")
HOST = "https://bots.example"
START = SavedStart(
    test_suite="Booking",
    stream_id="st-1",
    language="en",
    bot_version="published",
    test_run_id="ctr-1",
    started_at="2026-05-04T03:02:01+00:00",
)
FAILED = replace(START, test_suite="Loyalty", test_run_id=None, started_at=None, problem="HTTP 400")
STARTS = SavedStarts(
    schema=1,
    started_at="2026-05-04T03:02:00+00:00",
    host=HOST,
    commit=JOB.commit,
    pipeline_id=JOB.id,
    pipeline_url=JOB.url,
    runs=(START, FAILED),
)
OWN = Origin(HOST, None, JOB)
TARGETS = [
    Target("Booking", None, "st-1", "published", "en"),
    Target("Loyalty", None, "st-1", "published", "en"),
]


def document(**fields: Any) -> Any:
    return json.loads(runs_json(STARTS)) | fields


def read(value: Any) -> SavedStarts:
    return read_starts(json.dumps(value).encode())


def test_a_file_is_read_as_it_was_written_and_obeys_its_schema() -> None:
    starts = replace(STARTS, shard=Shard(1, 2))
    assert read_starts(runs_json(starts)) == starts
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(document())
    assert runs_schema() == SCHEMA, "run `make schema`"


def test_fields_of_later_versions_are_ignored() -> None:
    assert read(document(color="blue")) == STARTS


@pytest.mark.proves(
    "a runs.json that is cut off, of another form or schema, or that contradicts itself",
    "an error that says what is wrong with it",
)
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "truncated"),
        (runs_json(STARTS)[:-20], "truncated"),
        (b"[1]", "Expected `object`"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"schema": 1, "runs": []}', "started_at"),
        (b'{"schema": 1, "verdict": "passed", "runs": []}', "it is a result.json"),
        (json.dumps(document(schema=2)).encode(), "schema 2 is not supported"),
        (json.dumps(document(started_at="yesterday")).encode(), "yesterday"),
        (b'{"schema": 1,' + runs_json(STARTS)[1:], "schema"),
        (json.dumps(document(runs=[{"test_suite": "Booking"}])).encode(), "stream_id"),
    ],
)
def test_a_damaged_file_is_an_error(content: bytes, why: str) -> None:
    with pytest.raises(MalformedResult, match=why):
        read_starts(content)


def test_the_file_is_no_result() -> None:
    with pytest.raises(MalformedResult, match="no gate has judged"):
        read_saved(runs_json(STARTS))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)


@pytest.mark.proves(
    "a runs.json with any value in any field", "an error, or a file that can be compared"
)
@given(st.sampled_from(list(document())), st.sampled_from(list(document()["runs"][0])), JSON)
def test_any_value_is_refused_or_can_be_compared(top: str, field: str, value: Any) -> None:
    run = document()["runs"][0] | {field: value}
    for content in (document(**{top: value}), document(runs=[run])):
        try:
            starts = read(content)
        except MalformedResult:
            continue
        _, problems = starts_of(starts, TARGETS)
        for text in (*problems, *misuses(starts, OWN)):
            assert not set("\n\r\x1b\u202e") & set(text)


@pytest.mark.parametrize(
    "fields", [{"test_run_id": None}, {"test_run_id": ""}, {"problem": "HTTP 400"}]
)
def test_each_suite_has_either_a_run_or_a_problem(fields: dict[str, Any]) -> None:
    run = document()["runs"][0] | fields
    with pytest.raises(MalformedResult, match="either a test_run_id, or a problem"):
        read(document(runs=[run]))


def test_the_gate_finds_the_start_of_each_of_its_suites() -> None:
    assert starts_of(STARTS, TARGETS) == ([START, FAILED], [])
    assert starts_of(STARTS, TARGETS[::-1]) == ([FAILED, START], [])
    assert STARTS.started_by(START) == StartedBy(START.started_at or "", JOB.url)
    assert STARTS.started_by(FAILED) is None


def test_versions_are_compared_whatever_they_are_called() -> None:
    runs = tuple(replace(start, bot_version="configured") for start in STARTS.runs)
    targets = [replace(target, bot_version="inDevelopment") for target in TARGETS]
    assert starts_of(replace(STARTS, runs=runs), targets)[1] == []


@pytest.mark.proves(
    "a runs.json with a suite less or more than the gate has, or of another stream",
    "an error that names the suites; never a verdict on fewer suites",
)
@pytest.mark.parametrize(
    ("targets", "lacks", "has"),
    [
        ([*TARGETS, replace(TARGETS[0], test_suite="Small talk")], ["Small talk"], []),
        (TARGETS[:1], [], ["Loyalty"]),
        ([], [], ["Booking", "Loyalty"]),
        *(
            ([replace(TARGETS[0], **{field: value}), TARGETS[1]], ["Booking"], ["Booking"])
            for field, value in (
                ("stream_id", "st-2"),
                ("bot_version", "inDevelopment"),
                ("language", "de"),
                ("test_suite", "booking"),
            )
        ),
    ],
)
def test_other_suites_than_those_of_the_gate_are_a_problem(
    targets: list[Target], lacks: list[str], has: list[str]
) -> None:
    _, problems = starts_of(STARTS, targets)
    missing = [text for text in problems if text.startswith("it lacks suites of this gate: ")]
    more = [text for text in problems if text.startswith("it has suites that this gate does not")]
    assert len(missing) + len(more) == len(problems) == bool(lacks) + bool(has)
    assert all(name.lower() in missing[0].lower() for name in lacks)
    assert all(name in more[0] for name in has)


@given(
    st.lists(st.sampled_from("abc"), max_size=4),
    st.lists(st.sampled_from("abc"), max_size=4, unique=True),
)
def test_without_a_problem_each_suite_has_a_run_of_its_own_and_none_is_left_over(
    started: list[str], wanted: list[str]
) -> None:
    runs = tuple(
        replace(START, test_suite=name, test_run_id=f"ctr-{number}")
        for number, name in enumerate(started)
    )
    starts = replace(STARTS, runs=runs)
    found, problems = starts_of(starts, [replace(TARGETS[0], test_suite=name) for name in wanted])
    usable = not problems and not list(misuses(starts, OWN))
    assert usable is (sorted(started) == sorted(wanted) != [])
    if usable:
        assert [start and start.test_suite for start in found] == wanted


@pytest.mark.proves(
    "a runs.json of another commit, pipeline, host or shard",
    "an error with both values",
)
@pytest.mark.parametrize(
    ("starts", "own", "told"),
    [
        (replace(STARTS, commit="fff"), OWN, ("commit", "fff (runs.json); 0123abc (this job)")),
        (replace(STARTS, pipeline_id="ci/0"), OWN, ("pipeline", "ci/0 (runs.json); ci/1 (this")),
        (replace(STARTS, pipeline_id=None), OWN, ("does not say which pipeline", "ci/1")),
        (STARTS, replace(OWN, host="https://other"), (HOST, "https://other")),
        (STARTS, replace(OWN, shard=Shard(1, 2)), ("no shard", "shard 1/2")),
        (replace(STARTS, shard=Shard(2, 2)), OWN, ("shard 2/2", "no shard")),
        (replace(STARTS, runs=()), OWN, ("no suites",)),
        (replace(STARTS, runs=(START, START)), OWN, ("the same run or suite", 'ctr-1; "Booking"')),
    ],
)
def test_runs_that_are_not_this_gates_are_a_problem(
    starts: SavedStarts, own: Origin, told: tuple[str, ...]
) -> None:
    problem, *_ = misuses(starts, own)
    for text in told:
        assert text in problem


def test_what_the_job_does_not_know_is_not_compared() -> None:
    assert list(misuses(STARTS, OWN)) == []
    assert list(misuses(STARTS, replace(OWN, job=Pipeline()))) == []
    unknown = replace(STARTS, commit=None, pipeline_id=None)
    assert list(misuses(unknown, replace(OWN, job=Pipeline(commit="0123abc")))) == []


@pytest.mark.proves("suites and errors with markup, and the summary of their starts", "it is text")
def test_names_and_problems_are_no_markup_in_the_summary() -> None:
    text = "a|b\n# c <img src=x> [d](http://e) @f `g`"
    summary = starts_summary([text], [replace(FAILED, problem=text)])
    assert summary.count("\n") == len(("heading", "", "titles", "line", "row"))
    assert not set("<>[]@`") & set(summary.splitlines()[-1].replace("&#64;", ""))
    assert "0 of 1 run started" in summary


def test_the_summary_of_very_many_suites_fits_into_a_job() -> None:
    starts = [replace(FAILED, problem="@" * 2000)] * 3000
    summary = starts_summary(["@" * 500] * 3000, starts)
    assert len(summary.encode()) < 1024 * 1024
    assert "… and 2700 more.\n" in summary
