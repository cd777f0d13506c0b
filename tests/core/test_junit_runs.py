"""The XML of runs: their own cases, attempts, what is tolerated, labels, and places of steps."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from junitparser import xunit2
from lxml import etree
from msgspec.structs import replace

from gatekeeper.core.masking import masked
from gatekeeper.core.model import Gate, Reason, Run, Verdict, with_label
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.reports import junit_size
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.junit_names import names_of
from gatekeeper.core.reports.junit_size import too_many_cases
from gatekeeper.core.result_file.read import gate_of
from gatekeeper.core.result_file.schema import read_saved
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.source_map import SourceMap, read_source_map
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from support.builders import PLAIN_POLICY, Json, finished, greeting, response, run_of, step, text
from support.consumers import CONSUMERS, RUN_CASE, Truth, misreadings

SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "junit-10.xsd"
START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
KNOWN = Policy(known_failures=(KnownFailure("pay", "BOT-1432", date(2030, 1, 31)),))
LOST = Run("Booking", "ctr-9", Verdict(Outcome.ERROR, (Reason(Outcome.ERROR, "HTTP 503"),)))
DOT = "\N{ONE DOT LEADER}"
WHY = 'the text assertion of response 1 failed: expected "Yes.", actual "No."'


def fails(said: str) -> Json:
    return step(said, response("No.", text=text("Yes.", status="failed")), status="failed")


def passes(said: str) -> Json:
    return step(said, response("Yes.", text=text("Yes.")))


def attempt(*steps: Json, policy: Policy = PLAIN_POLICY) -> Run:
    failed = any(each["status"] == "failed" for each in steps)
    return run_of(finished(*steps, status="failed" if failed else "passed"), policy=policy)


def attempts(*runs: Run, fail_on_flaky: bool = False) -> Run:
    return with_attempts(runs, fail_on_flaky=fail_on_flaky)


def written(*runs: Run, **options: Any) -> str:
    return "".join(junit(Gate(runs, START, 1.0), **options))


def cases(xml: str) -> dict[str, ET.Element]:
    """Return the cases of a single suite by their names."""
    return {case.attrib["name"]: case for case in ET.fromstring(xml).iter("testcase")}


def results(case: ET.Element) -> list[str]:
    return [child.tag for child in case if child.tag != "system-out"]


def reds(xml: str) -> list[str]:
    """Return the names of the cases that readers show in red."""
    found = cases(xml).items()
    return [name for name, case in found if {"failure", "error"}.intersection(results(case))]


def output(case: ET.Element) -> str:
    return case.findtext("system-out", "")


def hold_counters(xml: str) -> None:
    """Hold the counters of the root and of each suite to the elements, and all to the schema."""
    root = ET.fromstring(xml)
    if SCHEMA.exists():
        etree.XMLSchema(etree.parse(SCHEMA)).assertValid(etree.fromstring(xml.encode()))
    for scope in (root, *root):
        counted = {
            "tests": len(list(scope.iter("testcase"))),
            "failures": len(list(scope.iter("failure"))),
            "errors": len(list(scope.iter("error"))),
        }
        assert {name: int(scope.attrib[name]) for name in counted} == counted
    for suite in root:
        assert int(suite.attrib["skipped"]) == len(list(suite.iter("skipped")))


RUNS = {
    "passed": attempt(passes("pay")),
    "failed": attempt(passes("hi"), fails("pay")),
    "skipped steps": attempt(passes("hi"), step("pay", status="notexecuted")),
    "tolerated": attempt(passes("hi"), fails("pay"), policy=KNOWN),
    "not blocking": attempt(passes("hi"), fails("pay"), policy=Policy(blocking=False)),
    "rate missed": attempt(passes("hi"), fails("pay"), policy=Policy(min_pass_rate=90)),
    "counters": run_of(finished(greeting(), totalTestStepsCount=9)),
    "no step details": run_of({"status": "failed", "result": {"status": "failed"}}),
    "no steps": run_of(finished(status="passed")),
    "lost": LOST,
    "timeout": replace(LOST, verdict=Verdict(Outcome.TIMEOUT, (Reason(Outcome.TIMEOUT, "late"),))),
    "accepted": attempt(
        passes("hi"), step("pay", status="notexecuted"), policy=Policy(accept=frozenset(Check))
    ),
}
BEFORE = {
    "once": (),
    "failed before": (attempt(passes("hi"), fails("pay")),),
    "failed twice before": (attempt(fails("hi"), fails("pay")), attempt(passes("hi"), fails("x"))),
}


@pytest.mark.parametrize("fail_on_flaky", [False, True])
@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("last", RUNS)
def test_every_end_after_any_attempts_has_a_run_case_and_counters_that_agree(
    last: str, before: str, fail_on_flaky: bool
) -> None:
    run = attempts(*BEFORE[before], RUNS[last], fail_on_flaky=fail_on_flaky)
    xml = written(run)
    hold_counters(xml)
    found = cases(xml)
    assert next(iter(found)) == RUN_CASE
    assert len(found) == len(run.verdict.cases) + 1
    is_green = run.verdict.outcome.is_green
    assert bool(reds(xml)) is not is_green
    has_failures = ET.fromstring(xml).attrib["failures"] != "0"
    assert has_failures is (run.verdict.outcome is Outcome.FAILED)
    truth = Truth(not is_green, tuple((KINDS[each.outcome], "") for each in run.verdict.cases))
    assert [wrong for each in CONSUMERS for wrong in misreadings(each, xml, truth)] == []
    saved = gate_of(read_saved(b"".join(result_json(Gate((run,), START, 1.0)))))
    assert "".join(junit(saved)) == xml


KINDS = {outcome: outcome.value for outcome in Outcome} | {Outcome.TOLERATED: "skipped"}


@pytest.mark.parametrize("name", ["passed", "failed", "tolerated"])
def test_the_times_of_the_cases_add_up_to_the_run(name: str) -> None:
    run = RUNS[name]
    root = ET.fromstring(written(run, replace(run, duration=None)))
    times = [sum(float(case.get("time", "0")) for case in suite.iter("testcase")) for suite in root]
    assert times == [float(suite.attrib["time"]) for suite in root] == [14.364, 0.0]
    assert sum(times) == float(root.attrib["time"])
    # Readers take a time that is missing for unknown, not for 0.
    assert [cases(written(replace(run, duration=0.0)))[RUN_CASE].get("time")] == ["0.000"]


@pytest.mark.parametrize("count", [2, 3])
def test_a_suite_that_fails_after_its_retries_has_one_red(count: int) -> None:
    xml = written(attempts(*[attempt(passes("hi"), fails("pay"))] * count))
    assert reds(xml) == ["pay"]
    assert f"\nattempt {count} of {count}\n" in (cases(xml)["pay"][0].text or "")
    whole = cases(xml)[RUN_CASE]
    assert results(whole) == []
    assert f"attempt {count} of {count}: 1 of 2 steps failed" in output(whole)
    for number in range(1, count):
        assert f"warning: attempt {number} failed: 1 of 2 steps passed, 1 failed" in output(whole)


def test_an_attempt_without_a_verdict_is_a_reason_of_the_run_itself() -> None:
    xml = written(attempts(attempt(fails("pay"), passes("hi")), LOST))
    assert reds(xml) == [RUN_CASE, "pay"]
    assert "the failure of attempt 1 stands" in cases(xml)[RUN_CASE][0].attrib["message"]


def test_a_flaky_suite_that_has_to_fail_has_one_red_and_still_shows_which_step_is_flaky() -> None:
    runs = (attempt(passes("hi"), fails("pay")), attempt(passes("hi"), passes("pay")))
    xml = written(attempts(*runs, fail_on_flaky=True))
    assert reds(xml) == [RUN_CASE]
    assert results(cases(xml)["pay"]) == ["flakyFailure"]


def test_a_step_that_passed_on_a_later_attempt_has_its_earlier_failures() -> None:
    runs = (attempt(passes("hi"), fails("pay")), attempt(passes("hi"), fails("pay")))
    xml = written(attempts(*runs, attempt(passes("hi"), passes("pay"))))
    found = cases(xml)
    assert reds(xml) == []
    assert results(found["hi"]) == []
    for number, flaky in enumerate(found["pay"], 1):
        assert flaky.tag == "flakyFailure"
        assert flaky.attrib == {
            "type": "gatekeeper.assertion.text",
            "message": f"attempt {number}: {WHY}",
        }
        trace = flaky.findtext("stackTrace", "")
        assert trace.startswith(f"attempt {number}: {WHY}\nuser said: pay\n")
        assert "request id: ctr-1-0" in trace
    assert len(found["pay"]) == 2
    assert "warning: flaky: passed only on attempt 3" in output(found[RUN_CASE])


def test_a_reader_of_flaky_failures_finds_them() -> None:
    xml = written(attempts(attempt(fails("pay")), attempt(passes("pay"))))
    [suite] = xunit2.JUnitXml.fromstring(xml.encode())
    case: Any = list(suite)[1]
    assert (case.is_passed, case.is_flaky) == (True, True)
    [flaky] = case.flaky_failures()
    assert (flaky.message, flaky.stack_trace.startswith(flaky.message)) == (
        f"attempt 1: {WHY}",
        True,
    )


def test_a_step_is_flaky_also_in_a_run_that_fails_and_for_an_error() -> None:
    odd = greeting() | {"status": "odd"}
    runs = (
        attempt(odd, fails("pay"), fails("bye")),
        attempt(greeting(), passes("pay"), fails("bye")),
    )
    xml = written(attempts(*runs))
    found = cases(xml)
    assert reds(xml) == ["bye"]
    assert results(found["bye"]) == ["failure"]
    assert results(found["pay"]) == ["flakyFailure"]
    assert results(found["hello"]) == ["flakyError"]


def test_a_tolerated_failure_that_passed_later_says_that_it_was_tolerated() -> None:
    runs = (
        attempt(fails("pay"), fails("bye"), policy=KNOWN),
        attempt(passes("pay"), passes("bye")),
    )
    [flaky] = cases(written(attempts(*runs)))["pay"]
    assert flaky.attrib["message"].startswith("attempt 1: tolerated (BOT-1432 until 2030-01-31): ")


def test_only_what_was_attempted_before_makes_a_step_flaky() -> None:
    run = replace(attempt(passes("pay")), earlier=(replace(attempt(fails("pay")), attempt=2),))
    assert results(cases(written(run))["pay"]) == []


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (KNOWN, "BOT-1432 until 2030-01-31"),
        (Policy(blocking=False), "the suite is not blocking"),
        (Policy(min_pass_rate=50), "50 % of the steps passed, 50 % required"),
    ],
)
def test_a_tolerated_case_says_why_it_is_let_pass_and_what_failed(policy: Policy, why: str) -> None:
    xml = written(attempt(passes("hi"), fails("pay"), policy=policy))
    [skipped] = cases(xml)["pay"]
    message, body = skipped.attrib["message"], skipped.text or ""
    assert message == f"tolerated ({why}): {WHY}"
    assert body.startswith(f"{message}\nuser said: pay\n")
    assert "expected:  Yes." in body
    whole = cases(xml)[RUN_CASE]
    assert (results(whole), output(whole)) == ([], "1 of 2 steps tolerated")


def test_a_reason_made_to_look_like_another_one_stays_in_its_place() -> None:
    known = (KnownFailure("pay", "x): passed\nknown failure until 1", date(2030, 1, 31)),)
    run = attempt(passes("hi"), fails("pay"), policy=Policy(known_failures=known))
    [skipped] = cases(written(run))["pay"]
    why = "x): passed known failure until 1 until 2030-01-31"
    assert skipped.attrib["message"] == f"tolerated ({why}): {WHY}"


texts = st.text(st.characters() | st.sampled_from(f".:{DOT}\N{TWO DOT LEADER} ()"), max_size=8)


@pytest.mark.proves(
    "suites whose names differ only in what stands for a dot in the XML",
    "their cases have different classes, in one file and in several",
)
@given(st.lists(texts, min_size=2, max_size=4))
@settings(deadline=None)
def test_suites_of_different_names_have_different_classes_also_in_different_files(
    suites: Sequence[str],
) -> None:
    runs = [Run(suite, None, LOST.verdict, language="en") for suite in suites]
    classes = {name.step_class for run in runs for name in names_of([run])}
    assert len(classes) == len({name.suite for run in runs for name in names_of([run])})


def test_a_name_of_leaders_alone_stays_within_what_readers_keep() -> None:
    names = names_of([Run(DOT * 600, None, LOST.verdict)] * 12)
    assert len({name.step_class for name in names}) == 12
    assert max(len(part) for name in names for part in name) <= 512


def test_the_label_of_a_gate_begins_its_names_and_survives_a_merge() -> None:
    labelled = with_label(Gate((attempt(passes("pay")),), START, 1.0), "eu.1")
    [suite] = ET.fromstring("".join(junit(labelled)))
    assert suite.attrib["name"] == "eu.1: Booking"
    assert [case.attrib["classname"] for case in suite.iter("testcase")] == [
        f"eu{DOT}1: Booking: run",
        f"eu{DOT}1: Booking",
    ]
    assert 'name="label" value="eu.1"' in "".join(junit(labelled))
    again = gate_of(read_saved(b"".join(result_json(labelled))))
    assert "".join(junit(with_label(again, "merged"))) == "".join(junit(labelled))
    assert b'"label"' not in b"".join(result_json(Gate((attempt(passes("pay")),), START, 1.0)))


def test_a_secret_in_a_label_is_masked() -> None:
    gate = with_label(Gate((attempt(passes("pay")),), START, 1.0), "my s3cret")
    shown = masked(gate, lambda text: text.replace("s3cret", "***"))
    assert "s3cret" not in "".join(junit(shown)) + str(b"".join(result_json(shown)))


def test_the_rich_profile_adds_the_file_and_line_of_each_step_and_nothing_else() -> None:
    messages = [{"input": said} for said in ("hi", "pay", "twice", "twice")]
    source = read_source_map(
        "suites/b&q.json", json.dumps({"testCases": [{"messages": messages}]}, indent=1)
    )
    run = attempts(attempt(fails("hi")), attempt(passes("hi"), fails("pay"), passes("new")))
    rich = written(run, source_map=source)
    found = cases(rich)
    places = {name: (case.get("file"), case.get("line")) for name, case in found.items()}
    assert places == {
        RUN_CASE: (None, None),
        "hi": ("suites/b&q.json", "6"),
        "pay": ("suites/b&q.json", "9"),
        "new": (None, None),
    }
    assert re.sub(r' file="[^"]*" line="[0-9]+"', "", rich) == written(run)


def test_the_runs_own_cases_count_towards_what_readers_accept() -> None:
    run = attempt(*[passes("hi")] * 2_499)
    assert too_many_cases(Gate((run, run), START, 1.0)) == ""
    assert "has 5,001 cases" in too_many_cases(Gate((run, run, LOST), START, 1.0))


@pytest.mark.proves(
    "failing texts of earlier attempts that would make the XML too large for its readers",
    "it stays within the limit: the longest texts are cut, and say where all of them are",
)
def test_the_failures_of_earlier_attempts_count_towards_the_size(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limit = 250_000
    monkeypatch.setattr(junit_size, "_LARGEST", limit)
    said = [f"{number} please" for number in range(20)]
    long = response("&<>" * 3_000, text=text("Hi!", status="failed"))
    failing = attempt(*(step(each, long, status="failed") for each in said))
    source = SourceMap("suites/" + "x" * 1_000, tuple((1, each) for each in said))
    for run in (
        attempts(failing, failing, attempt(*map(passes, said))),
        attempts(failing, failing, failing),
    ):
        xml = written(run, source_map=source)
        assert 0.8 * limit < len(xml.encode()) < limit
        hold_counters(written(run))
        for flaky in ET.fromstring(xml).iter("flakyFailure"):
            assert flaky.findtext("stackTrace", "").startswith(flaky.attrib["message"])
        assert "characters left out: see result.json" in xml


def test_what_an_output_says_attaches_no_file() -> None:
    reason = Reason(Outcome.FAILED, "[[ATTACHMENT|/etc/passwd]]")
    run = replace(attempt(fails("[[ATTACHMENT|x]]")), duration=1.0)
    odd = replace(run.verdict, warnings=(reason,), next_step="[[ATTACHMENT|y]]")
    assert "[[" not in output(cases(written(replace(run, verdict=odd)))[RUN_CASE])
