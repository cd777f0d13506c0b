"""Gates and runs to draw the page from, as text and in a browser."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports.earlier import Earlier
from gatekeeper.core.reports.page.document import page
from gatekeeper.core.result_file.trends import NO_TRENDS, Trends
from gatekeeper.core.verdict.attempts import with_attempts
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from gatekeeper.simulator.library import scenario
from gatekeeper.simulator.status_bodies import Identity, encoded
from gatekeeper.simulator.status_bodies import finished as answer_of
from support import builders
from support.builders import (
    PLAIN_POLICY,
    Json,
    context,
    finished,
    flow,
    greeting,
    response,
    step,
    text,
)

START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
PIPELINE = Pipeline("0123abc", "https://ci.example/jobs/1")
MESSAGES = Path(__file__).parents[1] / "data" / "messages"
SHAPES: dict[str, Json] = json.loads((MESSAGES / "index.json").read_text(encoding="utf-8"))
GOLDEN = sorted((Path(__file__).parents[1] / "golden").glob("*.answer.json"))
HOSTILE = (
    "</script></style></title><script>alert(1)</script><img src=x onerror=alert(2)>"
    "<a href='javascript:alert(3)'>x</a> {{ 7*7 }} {% raw %} \u202egnp.exe\u202c \x1b[31mred "
    "مرحبا 😀 \" ' & &lt; <!-- ]]>"
)


def run_of(answer: Json | bytes, suite: str = "Booking", **fields: Any) -> Run:
    """Judge an answer in English; further fields of the run replace those that it has."""
    run = builders.run_of(answer, suite, test_run_id="ctr-1", language="en")
    return replace(run, **fields)


def scenario_run(name: str) -> Run:
    """Return the run of a scenario."""
    identity = Identity("ctr-1", "st-1", "ctc-1", "published", START.isoformat())
    return run_of(encoded(answer_of(identity, scenario(name))), name)


def gate_of(*runs: Run, **fields: Any) -> Gate:
    """Return a gate of runs."""
    return Gate(runs, START, 16.4, **{"pipeline": PIPELINE} | fields)


def drawn(*runs: Run, trends: Trends = NO_TRENDS, **fields: Any) -> str:
    """Return the page of some runs."""
    return "".join(page(gate_of(*runs, **fields), Earlier(trends)))


def failing(request_id: str = "ctr-1-4") -> Json:
    """Build a step in which a text, a flow and a context assertion failed."""
    expected = response("Booked for two.", text=text("Booked for two.", "Done.", status="failed"))
    expected["transitionNodeNames"] = ["Welcome", "Confirm"]
    expected["nodeName"] = "Confirm"
    expected["assertions"]["flowLevel"] = flow("Confirm", status="failed")
    expected["assertions"]["context"] = context("session.guests", 2, status="failed")
    actual = expected | {
        "text": "Booked for one.",
        "nodeName": "Answer",
        "transitionNodeNames": ["Welcome", "Answer"],
    }
    sides = {"outputs": [expected], "actualOutput": [actual]}
    return step("a table for two", **sides, status="failed", requestId=request_id)


def template(**payload: Any) -> str:
    """Build a message template, as in the text of a bot response."""
    return json.dumps({"type": "template", "payload": payload})


def mixed(count: int = 8) -> Run:
    """Return a run in which every fourth step failed, and every eighth has a warning."""
    steps = [failing(f"ctr-1-{at}") if at % 4 == 0 else greeting() for at in range(1, count + 1)]
    for at in range(1, count, 8):
        steps[at]["actualOutput"][0]["textMismatch"] = True
    return run_of(finished(*steps, status="failed"), "Booking")


def every_outcome() -> list[Run]:
    """Return suites of every outcome, the worst neither first nor last."""

    def judged(name: str, *steps: Json, policy: Policy = PLAIN_POLICY) -> Run:
        status = "failed" if any(each["status"] == "failed" for each in steps) else "passed"
        body = json.dumps(finished(*steps, status=status)).encode()
        return builders.run_of(body, name, policy, test_run_id="ctr-1", language="en")

    def ended(name: str, outcome: Outcome, reason: str, next_step: str) -> Run:
        return Run(name, None, Verdict(outcome, (Reason(outcome, reason),), next_step=next_step))

    skipped = step("more", status="notExecuted")
    known = KnownFailure("a table for two", "BOT-1432", date(2030, 1, 31))
    warned = greeting()
    warned["actualOutput"][0]["textMismatch"] = True
    good = [judged(f"Good {number}", *[greeting()] * 4) for number in (1, 2, 3)]
    flaky = [judged("Flaky", greeting(), failing()), judged("Flaky", greeting(), greeting())]
    return [
        *good,
        judged("Known", greeting(), failing(), policy=Policy(known_failures=(known,))),
        ended("Late", Outcome.TIMEOUT, "the run did not end within 30 min", "attach to it"),
        judged("Stopped", greeting(), greeting(), failing(), skipped, skipped),
        ended("Refused", Outcome.ERROR, "HTTP 401: invalid credentials", "check the secret"),
        judged("Warned", greeting(), greeting(), warned),
        with_attempts(flaky, fail_on_flaky=False),
        judged("Booking", failing(), greeting(), failing()),
    ]


def everywhere(attack: str) -> Run:
    """Return a run with a text wherever the page could show it."""
    message = template(
        text=attack,
        quick_replies=[{"title": attack}],
        buttons=[{"type": "web_url", "url": attack, "title": attack}],
        elements=[{"title": attack, "subtitle": attack, "buttons": [attack]}],
    )
    responses = [
        response(
            message_text,
            text=text(attack, f"{attack} {attack}", status="failed"),
            flowLevel=flow(attack, status="failed"),
            context=context(attack, attack, status="failed"),
        )
        | {"nodeName": attack, "transitionNodeNames": [attack, attack], "dialogName": attack}
        for message_text in (attack, message)
    ]
    fields = {"requestId": attack, "nlpVersion": attack, "intents": [attack], "event": "go"}
    hostile = step(attack, *responses, status="failed", **fields)
    answer = finished(hostile, status="failed", errors=attack)
    answer["result"]["errorDetails"] = {attack: attack}
    particulars = {"test_run_id": attack, "bot_version": attack, "language": attack}
    return run_of(answer, attack, **particulars, results_url=attack)


def message_of(shape: str) -> str:
    """Return a bot's message of a known shape, as in the text of a response."""
    return json.dumps(json.loads((MESSAGES / f"{shape}.json").read_text(encoding="utf-8")))


def compared_step(name: str, expected: str, actual: str) -> Json:
    """Build a step that failed because a response has another text."""
    failed = step(name, response(expected, text=text(expected, status="failed")), status="failed")
    failed["actualOutput"][0]["text"] = actual
    return failed


def every_shape() -> Run:
    """Return a run with a step for each known shape of message, of which one text changed."""
    steps = []
    for shape, facts in SHAPES.items():
        before, after = (json.dumps(part)[1:-1] for part in facts["change"])
        message = message_of(shape)
        steps.append(compared_step(shape, message, message.replace(before, after)))
    return run_of(finished(*steps, status="failed"), "Messages")
