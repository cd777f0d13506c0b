"""The bodies of status responses, field by field as in the documentation's two samples."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass
from typing import Any

from gatekeeper.simulator.evaluation import evaluate, has_passed, unevaluated
from gatekeeper.simulator.overrides import override
from gatekeeper.simulator.scenario import Place, Response, Scenario, Step

_NLP_VERSION = "v3"
# The requested version, and its name in a result.
VERSIONS = {"published": "published", "inDevelopment": "configured"}
_IN_PROGRESS = "inprogress"
_COMPLETE = 100


@dataclass(frozen=True, slots=True)
class Identity:
    """What a body says about the run itself; `version` is named as in a result."""

    run_id: str
    stream_id: str
    suite_id: str
    version: str
    start_time: str


def encoded(body: object) -> bytes:
    """Return a body as JSON in UTF-8, with lone surrogates as JSON escapes."""
    text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def in_progress(identity: Identity, total_steps: int, percentage: int) -> dict[str, Any]:
    """Return the body for a run in progress."""
    return {
        **_head(identity, _IN_PROGRESS, total_steps),
        "result": _result_head(identity, _IN_PROGRESS, []),
        "percentageCompleted": percentage,
    }


def finished(identity: Identity, scenario: Scenario) -> dict[str, Any]:
    """Return the body for a scenario's finished run, with the scenario's overrides applied."""
    steps = [
        _step(scenario, step, f"{identity.run_id}{index}")
        for index, step in enumerate(scenario.steps)
    ]
    statuses = [step["status"] for step in steps]
    status = "failed" if "failed" in statuses else "passed"
    body = {
        **_head(identity, status, len(steps)),
        "result": {
            **_result_head(identity, status, [_NLP_VERSION] * len(steps)),
            "stepDetails": {
                "passed": statuses.count("passed"),
                "failed": statuses.count("failed"),
                "total": len(steps),
            },
            "errorDetails": None,
            "executionResults": steps,
            "duration": round(scenario.duration * 1000),
        },
        "percentageCompleted": _COMPLETE,
    }
    override(body, scenario.overrides)
    return body


def _head(identity: Identity, status: str, total_steps: int) -> dict[str, Any]:
    return {
        "_id": identity.run_id,
        "streamId": identity.stream_id,
        "testSuiteId": identity.suite_id,
        "status": status,
        "totalTestStepsCount": total_steps,
    }


def _result_head(identity: Identity, status: str, nlp_version: list[str]) -> dict[str, Any]:
    return {
        "nlpVersion": nlp_version,
        "startTime": identity.start_time,
        "version": identity.version,
        "status": status,
    }


def _step(scenario: Scenario, step: Step, request_id: str) -> dict[str, Any]:
    if step.executed:
        actual = [response for response in step.responses if response.says is not None]
        passed = all(has_passed(evaluate(response)) for response in step.responses)
        status = "passed" if passed else "failed"
    else:
        actual = []
        status = "notexecuted"
    event = {} if step.event is None else {"event": step.event}
    return {
        "actualOutput": [_actual(scenario, response) for response in actual],
        "intents": [],
        "faqs": [],
        "smalltalk": [],
        "input": step.input,
        "outputs": [
            _expected(scenario, response, executed=step.executed) for response in step.responses
        ],
        **event,
        "requestId": request_id,
        "nlpVersion": _NLP_VERSION,
        "status": status,
    }


def _actual(scenario: Scenario, response: Response) -> dict[str, Any]:
    """Return a response as the bot sent it."""
    assertions = evaluate(response)
    return _response(scenario, response, response.actual, response.says or "", assertions)


def _expected(scenario: Scenario, response: Response, *, executed: bool) -> dict[str, Any]:
    """Return a response as the suite expects it, with its first variation as the text."""
    text = response.expects[0] if response.expects else response.says or ""
    assertions = evaluate(response) if executed else unevaluated(response)
    return _response(scenario, response, response.expected, text, assertions)


def _response(
    scenario: Scenario, response: Response, place: Place, text: str, assertions: dict[str, Any]
) -> dict[str, Any]:
    if response.standard is not None:
        return {
            "text": text,
            "category": response.standard,
            "isStandardResponse": True,
            "userPrompts": [],
            "assertions": assertions,
        }
    names = list(place.transitions)
    return {
        "text": text,
        "nodeId": place.node,
        "componentType": scenario.nodes.get(place.node, ""),
        "intentId": place.intent,
        "nodeName": place.node,
        "intentType": "dialog" if place.intent else "",
        "taskId": f"dg-{uuid.uuid5(uuid.NAMESPACE_OID, place.dialog)}" if place.dialog else "",
        "dialogName": place.dialog,
        "transitions": names,
        "transitionNodeNames": [*names],
        "transitionNodeType": [scenario.nodes.get(name, "") for name in names],
        "assertions": assertions,
    }
