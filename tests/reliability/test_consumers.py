"""JUnit consumers: the same verdict for every tool that reads the XML."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gatekeeper.core.model import Gate, Reason, Run, Verdict
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.wording.failures import headline
from gatekeeper.core.wording.verdicts import OUTCOMES
from gatekeeper.simulator import scenario_names, status_bodies
from gatekeeper.simulator.library import scenario
from support.builders import Json, assertion, finished, greeting, response, run_of, step
from support.consumers import (
    AZURE,
    BUILDKITE,
    CONSUMERS,
    DORNY,
    ENRICOMI,
    GITLAB,
    JENKINS,
    MIKEPENZ,
    RUN_CASE,
    RUN_CLASS,
    XUNIT,
    Consumer,
    Truth,
    misreadings,
)
from support.program import Program

START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
IDENTITY = status_bodies.Identity("ctr-1", "st-1", "ctc-1", "published", "2026-05-04T03:02:01.000Z")


def truth_of(*runs: Run) -> Truth:
    cases = [case for run in runs for case in run.verdict.cases]
    return Truth(
        red=any(run.verdict.outcome is not Outcome.PASSED for run in runs),
        steps=tuple(
            (case.outcome.value, "")
            if case.outcome is Outcome.PASSED
            else (case.outcome.value, headline(case) if case.reasons else OUTCOMES[case.outcome])
            for case in cases
        ),
    )


def misread(*runs: Run) -> list[str]:
    """Say what any of the consumers does not show as it is."""
    xml = "".join(junit(Gate(runs, START, 1.0)))
    truth = truth_of(*runs)
    return [problem for one in CONSUMERS for problem in misreadings(one, xml, truth)]


hostile = st.text(
    st.characters() | st.sampled_from("\x1b\x00]>&<\"'\r\n\t\ud800\ufffe.:#=|[("), max_size=20
) | st.sampled_from(
    ["", ".", "symbol", "[[ATTACHMENT|/etc/passwd]]", "[[[ATTACHMENT|x]]", "<![CDATA[x]]>", "NaN"]
)
words = st.sampled_from(["passed", "failed", "notexecuted", "odd", "error", "", "running"])
states = st.none() | words | hostile


@st.composite
def assertions(draw: st.DrawFn) -> Json:
    items: list[Json] = [
        {draw(hostile): draw(hostile), "status": draw(states)}
        for _ in range(draw(st.integers(0, 2)))
    ]
    return assertion(*items, status=draw(states)) | {"enabled": draw(st.booleans())}


@st.composite
def odd_answers(draw: st.DrawFn) -> Json:
    """Draw an answer of any outcome, with its odds and ends in any place."""
    steps = []
    for _ in range(draw(st.integers(0, 4))):
        responses = []
        for _ in range(draw(st.integers(0, 2))):
            one = response(draw(hostile), text=draw(assertions()), flowLevel=draw(assertions()))
            one["assertions"][draw(hostile)] = draw(assertions())
            responses.append(one | {"nodeName": draw(hostile), "textMismatch": draw(st.booleans())})
        shown = draw(st.sampled_from(["passed", "failed", "passed"]) | words)
        steps.append(step(draw(hostile), *responses, status=shown))
    status = draw(st.sampled_from(["passed", "failed"]) | words)
    answer = finished(*steps, status=status)
    if draw(st.booleans()):
        answer["result"]["errorDetails"] = draw(st.none() | hostile)
        answer["result"]["status"] = draw(words)
        answer["result"]["duration"] = draw(st.integers() | st.floats() | hostile)
        answer["result"]["startTime"] = draw(hostile)
    if draw(st.integers(0, 9)) == 0:
        answer["result"]["executionResults"] = draw(st.none() | hostile)
    return answer


policies = st.builds(Policy, st.frozensets(st.sampled_from(list(Check)), max_size=6), st.booleans())


@pytest.mark.proves(
    "a response with any outcome, with texts made to break a report",
    "every known consumer of the XML shows the same counts, failures and reasons",
)
@given(st.lists(st.tuples(hostile, odd_answers()), min_size=1, max_size=3), policies)
@settings(max_examples=200, deadline=None, derandomize=True)
def test_every_consumer_shows_the_verdict_of_any_answer(
    told: list[tuple[str, Json]], policy: Policy
) -> None:
    runs = [run_of(json.dumps(answer).encode(), suite, policy) for suite, answer in told]
    assert misread(*runs) == []


@pytest.mark.proves(
    "several attempts at a suite, with any outcomes and texts",
    "every known consumer shows the attempt that counts, and no other one in red",
)
@given(
    hostile,
    st.lists(odd_answers(), min_size=2, max_size=3),
    policies,
    st.booleans(),
    st.none() | hostile,
)
@settings(max_examples=100, deadline=None, derandomize=True)
def test_every_consumer_shows_the_attempt_that_counts(
    suite: str, answers: list[Json], policy: Policy, fail_on_flaky: bool, label: str | None
) -> None:
    runs = [run_of(json.dumps(answer).encode(), suite, policy) for answer in answers]
    run = with_attempts(runs, fail_on_flaky=fail_on_flaky)
    assert misread(replace(run, label=label or "")) == []


@pytest.mark.parametrize("name", scenario_names())
def test_every_consumer_shows_the_verdict_of_each_scenario(name: str) -> None:
    one = scenario(name)
    ended = status_bodies.encoded(status_bodies.finished(IDENTITY, one))
    going = status_bodies.encoded(status_bodies.in_progress(IDENTITY, len(one.steps), 85))
    assert misread(run_of(ended, name)) == []
    assert misread(run_of(going, name)) == []


@pytest.mark.parametrize("outcome", [Outcome.ERROR, Outcome.TIMEOUT])
def test_every_consumer_shows_a_run_without_a_result_as_red(outcome: Outcome) -> None:
    lost = Run("Lost", None, Verdict(outcome, (Reason(outcome, "HTTP 503"),)))
    good = run_of(json.dumps(finished(greeting())).encode(), "Good")
    assert misread(lost) == []
    assert misread(good, lost) == []


@pytest.mark.proves(
    "several runs of one suite in one report, the failing one first",
    "no consumer mixes them up: both are shown",
)
def test_a_run_does_not_hide_another_one_of_the_same_suite(program: Program) -> None:
    failing = finished(greeting(status="failed"), status="failed")
    for folder, answer in (("1", failing), ("2", finished(greeting()))):
        (program.folder / folder).mkdir()
        path = program.folder / folder / "answer.json"
        path.write_text(json.dumps(answer), encoding="utf-8")
    assert program.run("check", "1/answer.json", "2/answer.json").returncode == 1
    headline_of_it = "the text assertion of response 1 failed"
    truth = Truth(red=True, steps=(("failed", headline_of_it), ("passed", "")))
    xml = program.report()
    assert [problem for one in CONSUMERS for problem in misreadings(one, xml, truth)] == []


RIGHT = f"""<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="all" tests="5" failures="1" errors="2" time="1.5">
<testsuite name="Bot" tests="5" failures="1" errors="2" skipped="1" time="1.500" id="0">
<properties><property name="verdict" value="failed"/></properties>
<testcase name="{RUN_CASE}" classname="Bot{RUN_CLASS}"><error message="odd">odd</error></testcase>
<testcase name="yes" classname="Bot"/>
<testcase name="no" classname="Bot"><failure type="a.b" message="no">no: it said</failure>\
<system-out>beware</system-out></testcase>
<testcase name="perhaps" classname="Bot"><error type="a.b" message="bad">bad</error></testcase>
<testcase name="yes (2)" classname="Bot"><skipped message="not run">not run</skipped></testcase>
</testsuite>
</testsuites>
"""
TRUTH = Truth(
    red=True, steps=(("passed", ""), ("failed", "no"), ("error", "bad"), ("skipped", "not run"))
)
FAILURE = '<failure type="a.b" message="no">no: it said</failure>'
OUTPUT = "<system-out>beware</system-out>"
ONE = '<testcase name="yes" classname="Bot"/>'


@pytest.mark.parametrize("consumer", CONSUMERS, ids=str)
def test_a_right_report_is_read_rightly_by_each_model(consumer: Consumer) -> None:
    assert misreadings(consumer, RIGHT, TRUTH) == []


@pytest.mark.parametrize("consumer", CONSUMERS, ids=str)
@pytest.mark.parametrize(
    ("old", "new"), [("</testsuites>", ""), (ONE, ""), (FAILURE, ""), ("it said", "\x00")]
)
def test_a_report_that_misleads_everyone_is_noticed_by_each_model(
    consumer: Consumer, old: str, new: str
) -> None:
    assert misreadings(consumer, RIGHT.replace(old, new), TRUTH)


def nested(xml: str) -> str:
    inner = '<testsuite name="In" tests="1" failures="0" errors="0" skipped="0" time="0">'
    return xml.replace(ONE, f"{inner}{ONE}</testsuite>")


@pytest.mark.parametrize(
    ("consumer", "old", "new"),
    [
        (DORNY, RIGHT, nested(RIGHT)),
        (DORNY, ' name="yes"', ""),
        (DORNY, ' name="Bot"', ""),
        (DORNY, ' time="1.500"', ""),
        (MIKEPENZ, FAILURE, f"{FAILURE}<skipped/>"),
        (MIKEPENZ, "no: it said", "<![CDATA[no: it said]]>"),
        (MIKEPENZ, 'classname="Bot"', 'classname="My.Bot"'),
        (ENRICOMI, '"yes"', '"no"'),
        (ENRICOMI, ' skipped="1"', ""),
        (ENRICOMI, 'tests="5"', 'tests="5.0"'),
        (ENRICOMI, 'time="1.500"', 'time="NaN"'),
        (ENRICOMI, "it said", "x" * 10_000_001),
        (ENRICOMI, FAILURE, f"{FAILURE}<error/>"),
        (GITLAB, "no: it said", ""),
        (GITLAB, "yes (2)", "no"),
        (GITLAB, OUTPUT, OUTPUT * 2),
        (GITLAB, 'type="a.b"', 'type="symbol"'),
        (GITLAB, 'type="a.b"', 'type="array"'),
        (GITLAB, ONE, f"{ONE} and so on"),
        (GITLAB, "beware", "[[ATTACHMENT|/etc/passwd]]"),
        (GITLAB, ONE, ONE.replace("/>", ' file="bot.py"/>')),
        (GITLAB, "it said", "x" * 30_000_001),
        (JENKINS, FAILURE, f"{FAILURE}<skipped/>"),
        (JENKINS, FAILURE, f"{FAILURE}<error/>"),
        (JENKINS, 'classname="Bot"', 'classname="My.Bot"'),
        (JENKINS, "</testsuites>", f"{RIGHT[RIGHT.index('<testsuite '):]}"),
        (JENKINS, RIGHT, '<testsuites><testsuite name="Bot"/></testsuites>'),
        (XUNIT, ONE, ONE.replace("/>", ' file="bot.py"/>')),
        (XUNIT, ONE, ONE.replace("/>", "><properties/></testcase>")),
        (XUNIT, ' time="1.500"', ' time="1.500" disabled="0"'),
        (XUNIT, ' time="1.5"', ' time="1.5" skipped="1"'),
        (XUNIT, 'time="1.500"', 'time="1.5001"'),
        (XUNIT, OUTPUT, OUTPUT * 2),
        (XUNIT, '<testcase name="yes"', "<testcase"),
        (AZURE, ' name="yes"', ""),
        (AZURE, '"yes"', f'"{"x" * 513}"'),
        (AZURE, FAILURE, f"{FAILURE}<error/>".replace("failure", "skipped")),
        (BUILDKITE, FAILURE, FAILURE * 2),
        (BUILDKITE, ONE, ONE * 5_000),
    ],
)  # fmt: skip
def test_what_breaks_a_consumer_is_noticed_by_its_model(
    consumer: Consumer, old: str, new: str
) -> None:
    wrong = RIGHT.replace(old, new)
    assert wrong != RIGHT
    assert misreadings(consumer, wrong, TRUTH)


def test_a_model_counts_what_it_shows() -> None:
    shown = Counter(one.outcome for one in GITLAB.look(RIGHT))
    assert shown == {"passed": 1, "failed": 1, "error": 2, "skipped": 1}
