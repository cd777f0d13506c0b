"""The XML, read as consumers read it: the same verdict for all of them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import junitparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.variants import with_variants
from gatekeeper.core.verdict.policy import Policy
from support.builders import Json, finished, flow, greeting, response, run_of, step, text

SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "junit-10.xsd"
START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)


def written(*runs: Run, **fields: Any) -> bytes:
    return "".join(junit(Gate(runs, START, 1.0, **fields))).encode()


def root_of(xml: bytes) -> ET.Element:
    root = ET.fromstring(xml)
    if SCHEMA.exists():
        etree.XMLSchema(etree.parse(SCHEMA)).assertValid(etree.fromstring(xml))
    return root


FAILING = step(
    "Book, please.", response("No.", text=text("Yes.", status="failed")), status="failed"
)
SKIPPED = step("bye", status="notexecuted")
MIXED = finished(greeting(), FAILING, SKIPPED, greeting() | {"status": "odd"}, status="failed")
TIMED_OUT = Run("Slow", "ctr-2", Verdict(Outcome.TIMEOUT, (Reason(Outcome.TIMEOUT, "too slow"),)))


def test_a_suite_for_each_run_and_a_case_for_each_step_never_nested() -> None:
    root = root_of(written(run_of(MIXED), run_of(finished(greeting()), "Other")))
    assert [suite.tag for suite in root] == ["testsuite", "testsuite"]
    assert [suite.get("id") for suite in root] == ["0", "1"]
    names = [case.get("name") for case in root[0].iter("testcase")]
    assert names[-4:] == ["hello", "Book, please\N{ONE DOT LEADER}", "bye", "hello (2)"]


def test_each_case_has_one_kind_of_result_at_most() -> None:
    for case in root_of(written(run_of(MIXED), TIMED_OUT)).iter("testcase"):
        kinds = [child.tag for child in case if child.tag != "system-out"]
        assert len(kinds) <= 1


def test_a_failure_repeats_its_message_in_its_body_and_has_all_details() -> None:
    root = root_of(written(run_of(MIXED)))
    [failure] = root.iter("failure")
    message, body = failure.get("message"), failure.text
    assert message is not None
    assert body is not None
    assert body.startswith(message)
    assert failure.get("type") == "gatekeeper.assertion.text"
    for expected in ('"Yes."', "Book, please.", "expected:  Yes.", "actual:    No.", "node Answer"):
        assert expected in body
    assert "request id: ctr-1-0" in body
    assert "Welcome → Answer" in body


def test_a_template_is_written_as_it_was_seen_with_the_raw_text_below() -> None:
    raw = json.dumps({"type": "template", "payload": {"text": "Sure?"}})
    failing = step("hi", response(raw, text=text("Sure!", status="failed")), status="failed")
    [failure] = root_of(written(run_of(finished(failing, status="failed")))).iter("failure")
    assert failure.text is not None
    seen, below = failure.text.index("actual:    Sure{+?+}"), failure.text.index(raw)
    assert seen < below


@pytest.mark.parametrize(
    ("run", "outcome"),
    [
        (run_of(finished(greeting(), totalTestStepsCount=2)), "error"),
        (run_of(finished(status="passed")), "error"),
        (run_of(finished(greeting(), SKIPPED)), "error"),
        (TIMED_OUT, "error"),
        (run_of({"status": "failed", "result": {"status": "failed"}}), "failure"),
    ],
)
def test_a_red_run_is_red_in_a_case_even_when_no_step_is(run: Run, outcome: str) -> None:
    root = root_of(written(run))
    [case] = [case for case in root.iter("testcase") if case.get("name") == "the run as a whole"]
    assert case.get("classname") == f"{run.test_suite}: run"
    assert [child.tag for child in case if child.tag != "system-out"] == [outcome]


def test_a_passed_run_without_step_details_has_a_case_that_passed() -> None:
    answer = finished(greeting())
    answer["result"]["executionResults"] = None
    [case] = root_of(written(run_of(answer))).iter("testcase")
    assert [child.tag for child in case] == ["system-out"]


@pytest.mark.parametrize(
    ("counters", "says"),
    [
        ({"passed": 1, "failed": 2, "total": 3}, "the platform counts 2 failed steps"),
        # Neither which step failed nor how many did is known.
        (
            {"passed": 1, "total": 3},
            "the run failed, but the response does not say which step did",
        ),
    ],
)
def test_a_tolerated_run_without_step_details_has_a_case_that_says_so(
    counters: Json, says: str
) -> None:
    answer = finished(greeting(), greeting(), greeting(), status="failed")
    answer["result"] |= {"executionResults": None, "stepDetails": counters}
    policy = Policy(accept=frozenset(Check), blocking=False)
    run = run_of(answer, policy=policy)
    assert run.verdict.outcome is Outcome.TOLERATED
    [case] = root_of(written(run)).iter("testcase")
    skipped = case.find("skipped")
    assert skipped is not None
    assert skipped.get("message") == f"tolerated (the suite is not blocking): {says}"


def test_counters_are_plain_and_the_root_sums_them_up_without_skipped() -> None:
    root = root_of(written(run_of(MIXED), TIMED_OUT))
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "1",
        "errors": "2",
        "skipped": None,
    }
    assert root[0].get("skipped") == "1"
    assert root[0].get("time") == "14.364"
    assert "disabled" not in root[0].attrib


def test_names_hold_no_dot_and_no_line_end_and_fit_the_narrowest_consumer() -> None:
    answer = finished(step("a.b\nc" * 400))
    root = root_of(written(run_of(answer, "My.Bot v1.2" * 99)))
    for case in root.iter("testcase"):
        for name in (case.get("name", ""), case.get("classname", "")):
            assert not set(name) & set(".\n")
            assert len(name) <= 512


def names(root: ET.Element) -> list[tuple[str | None, ...]]:
    """Return the suite, the class and the name of each case."""
    return [
        (suite.get("name"), case.get("classname"), case.get("name"))
        for suite in root
        for case in suite.iter("testcase")
    ]


def step_names(root: ET.Element) -> list[tuple[str | None, ...]]:
    """Return the names of the cases of steps."""
    return [name for name in names(root) if not str(name[1]).endswith(": run")]


def test_the_language_stands_in_the_names_so_that_a_second_one_renames_nothing() -> None:
    english = replace(run_of(finished(greeting()), "My.Bot"), language="en")
    german = replace(english, language="de", test_run_id="ctr-2")
    alone = step_names(root_of(written(*with_variants([english]))))
    both = step_names(root_of(written(*with_variants([english, german]))))
    assert alone == [("My.Bot (en)", "My\N{ONE DOT LEADER}Bot (en)", "hello")]
    assert both[:1] == alone
    assert both[1][:2] == ("My.Bot (de)", "My\N{ONE DOT LEADER}Bot (de)")


def test_a_user_who_says_what_the_runs_own_case_is_called_is_not_taken_for_it() -> None:
    answer = finished(step("the run as a whole"), totalTestStepsCount=2)
    assert names(root_of(written(run_of(answer)))) == [
        ("Booking", "Booking: run", "the run as a whole"),
        ("Booking", "Booking", "the run as a whole"),
    ]


def test_no_two_runs_share_a_class_whatever_their_suites_are_called() -> None:
    suites = ("A", "A", "A (2)", "A: run", "a.b", "a\N{ONE DOT LEADER}b", "", "x" * 600, "x" * 601)
    runs = [run_of(finished(greeting()), suite) for suite in suites * 2]
    found = names(root_of(written(*runs)))
    assert len({suite for suite, _, _ in found}) == len(runs)
    assert len({kind for _, kind, _ in found}) == 2 * len(runs)
    assert all(len(kind or "") <= 512 for _, kind, _ in found)


def test_properties_tell_where_the_run_comes_from() -> None:
    root = root_of(written(run_of(MIXED), pipeline=Pipeline("abc123", "https://ci/1")))
    properties = {item.get("name"): item.get("value") for item in root.iter("property")}
    assert properties["test-run-id"] == "ctr-1"
    assert properties["started"] == "2026-05-04T03:02:01"
    assert (properties["commit"], properties["pipeline-url"]) == ("abc123", "https://ci/1")


def test_a_start_without_a_zone_is_taken_as_utc_wherever_this_runs() -> None:
    answer = finished(greeting())
    answer["result"]["startTime"] = "2026-05-04T03:02:01"
    assert root_of(written(run_of(answer)))[0].get("timestamp") == "2026-05-04T03:02:01"


def test_a_text_of_megabytes_is_cut_in_the_middle() -> None:
    failing = step(
        "hi", response("x" * 2_000_000, text=text("Hi!", status="failed")), status="failed"
    )
    xml = written(run_of(finished(failing, status="failed")))
    assert len(xml) < 1_000_000
    assert b"characters left out" in xml


hostile = st.text(
    st.characters() | st.sampled_from("\x1b\x00]>&<\"'\r\n\ud800\ufffe.:#"), max_size=30
)
states = st.sampled_from(["passed", "failed", "notexecuted", "odd", ""])


@given(hostile, st.lists(st.tuples(hostile, hostile, states), max_size=4), states)
@settings(deadline=None)
def test_whatever_a_bot_says_the_xml_is_well_formed_and_agrees_with_the_verdict(
    suite: str, turns: list[tuple[str, str, str]], state: str
) -> None:
    answer = finished(
        *(
            step(user, response(bot, text=text(bot, status=how), flowLevel=flow(bot)), status=how)
            for user, bot, how in turns
        ),
        status=state,
    )
    run = run_of(answer, suite)
    xml = written(run)
    root_of(xml)
    [parsed] = junitparser.JUnitXml.fromstring(xml)
    cases = list(parsed)
    kinds = [type(case.result[0]).__name__ if case.result else "" for case in cases]
    assert (parsed.tests, parsed.failures, parsed.errors, parsed.skipped) == (
        len(cases),
        kinds.count("Failure"),
        kinds.count("Error"),
        kinds.count("Skipped"),
    )
    assert bool(parsed.failures + parsed.errors) is (run.verdict.outcome is not Outcome.PASSED)
    assert bool(parsed.failures) is (run.verdict.outcome is Outcome.FAILED)
    assert cases
    assert len({(case.classname, case.name) for case in cases}) == len(cases)
