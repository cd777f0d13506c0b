"""Builders of status responses with a known verdict, in the platform's format."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Run
from gatekeeper.core.verdict.judged_run import judged_run, malformed_run
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.target import Target
from gatekeeper.errors import MalformedResult

Json = dict[str, Any]
TODAY = date(2026, 5, 4)
PLAIN_POLICY = Policy()


def copy_of(value: Any) -> Any:
    """Return a copy of what was decoded from JSON; `copy.deepcopy` takes six times as long."""
    if isinstance(value, dict):
        return {name: copy_of(inner) for name, inner in value.items()}
    return [copy_of(inner) for inner in value] if isinstance(value, list) else value


def assertion(*items: Json, status: str | None = "passed") -> Json:
    """Build an enabled assertion; without a status if that is `None`."""
    built: Json = {"enabled": True, "contains": list(items)}
    if status is not None:
        built["status"] = status
    return built


def text(*variations: str, status: str = "passed") -> Json:
    """Build a text assertion; if it passed, its first variation did."""
    items = [{"text": variation, "status": "failed"} for variation in variations]
    if status == "passed":
        items[0]["status"] = "passed"
    return assertion(*items, status=status)


def flow(node: str, status: str = "passed") -> Json:
    """Build a flow assertion about a node."""
    return assertion({"nodeId": node, "status": status}, status=status)


def context(name: str, value: Any, status: str = "passed") -> Json:
    """Build a context assertion about a variable."""
    return assertion({"name": name, "value": value, "status": status}, status=status)


def response(says: str, **assertions: Json) -> Json:
    """Build a bot response; kinds of assertion that are not given are disabled."""
    disabled = {"enabled": False, "contains": []}
    kinds = ("flowLevel", "text", "context")
    return {
        "text": says,
        "nodeId": "Answer0",
        "nodeName": "Answer",
        "transitionNodeNames": ["Welcome", "Answer"],
        "assertions": {kind: assertions.get(kind, dict(disabled)) for kind in kinds},
    }


def step(user: Any, *responses: Json, status: str = "passed", **fields: Any) -> Json:
    """Build a step whose expected and actual responses are equal."""
    return {
        "actualOutput": copy_of(list(responses)),
        "intents": [],
        "input": user,
        "outputs": copy_of(list(responses)),
        "requestId": "ctr-1-0",
        "nlpVersion": "v3",
        "status": status,
        **fields,
    }


def greeting(status: str = "passed") -> Json:
    """Build a plain step that passed or failed."""
    return step("hello", response("Hi!", text=text("Hi!", status=status)), status=status)


def finished(*steps: Json, status: str = "passed", **fields: Any) -> Json:
    """Build the response about a finished run, with counters that match its steps."""
    states = [each.get("status") for each in steps]
    return {
        "_id": "ctr-1",
        "streamId": "st-1",
        "testSuiteId": "ctc-1",
        "status": status,
        "totalTestStepsCount": len(steps),
        "result": {
            "nlpVersion": ["v3"] * len(steps),
            "startTime": "2026-05-04T03:02:01.000Z",
            "version": "published",
            "status": status,
            "stepDetails": {
                "passed": states.count("passed"),
                "failed": states.count("failed"),
                "total": len(steps),
            },
            "errorDetails": None,
            "executionResults": list(steps),
            "duration": 14364,
        },
        "percentageCompleted": 100,
        **fields,
    }


def run_of(
    answer: Json | bytes, suite: str = "Booking", policy: Policy = PLAIN_POLICY, **target: Any
) -> Run:
    """Judge an answer as the gate does."""
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    asked = Target(suite, **target)
    try:
        return judged_run(read_result(body), asked, policy, TODAY)
    except MalformedResult as error:
        return malformed_run(asked, error)
