"""Answers of every shape and end, each with what is truly known by it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import NamedTuple

from gatekeeper.core.outcomes import Check
from support.builders import Json, finished, response, step, text
from support.soundness.platform import STREAM

SHAPES = ("detailed", "no step results", "no counters", "neither")
_NAMES = ("one", "two", "three")


class Known(NamedTuple):
    """What can be known about a run from its response.

    `failed` are the names of the failed steps, if the response has them; `doubts` is what keeps
    the run from being judged, of which those that are not a check cannot be accepted.
    """

    passed: int = 3
    total: int = 3
    failed: frozenset[str] = frozenset()
    fails: bool = False
    doubts: frozenset[Check | str] = frozenset()
    mismatch: bool = False
    endless: bool = False


class _Run(NamedTuple):
    """A run in detail, and the check that it violates: with step results, and without."""

    steps: tuple[str, ...] = ("passed",) * 3
    status: str = "passed"
    detailed: Check | str | None = None
    counted: Check | str | None = None
    change: Callable[[Json], object] = lambda _answer: None


def _mismatch(answer: Json) -> None:
    answer["result"]["executionResults"][1]["actualOutput"][0]["textMismatch"] = True


def _not_evaluated(answer: Json) -> None:
    judged = answer["result"]["executionResults"][1]["actualOutput"][0]["assertions"]["text"]
    del judged["status"], judged["contains"][0]["status"]


_FIRM = "firm"
ENDS: Mapping[str, _Run] = {
    "passed": _Run(),
    "failed": _Run(("failed", "passed", "passed"), "failed"),
    "all failed": _Run(("failed",) * 3, "failed"),
    "mixed": _Run(
        ("failed", "passed", "notexecuted"), "failed", Check.NOT_EXECUTED, Check.NOT_EXECUTED
    ),
    "skipped": _Run(
        ("passed", "passed", "notexecuted"), "passed", Check.NOT_EXECUTED, Check.NOT_EXECUTED
    ),
    "nothing executed": _Run(("notexecuted",) * 3, "passed", _FIRM, _FIRM),
    "error": _Run(
        change=lambda answer: answer["result"].update(errorDetails="the bot crashed"),
        detailed=_FIRM,
        counted=_FIRM,
    ),
    "failed and error": _Run(
        ("failed", "passed", "passed"),
        "failed",
        change=lambda answer: answer["result"].update(errorDetails="the bot crashed"),
        detailed=_FIRM,
        counted=_FIRM,
    ),
    "timeout": _Run(status="IN_PROGRESS"),
    "unknown state": _Run(
        ("passed", "passed", "dormant"), "passed", Check.UNKNOWN_STATE, Check.NOT_EXECUTED
    ),
    "no status": _Run(
        change=lambda answer: answer["result"].pop("status"),
        detailed=Check.MISSING_STATUS,
        counted=Check.MISSING_STATUS,
    ),
    "not evaluated": _Run(change=_not_evaluated, detailed=Check.NOT_EVALUATED),
    "other run": _Run(
        change=lambda answer: answer.update(_id="ctr-of-somebody-else"),
        detailed=Check.CONTRADICTION,
        counted=Check.CONTRADICTION,
    ),
    "more steps": _Run(
        change=lambda answer: answer.update(totalTestStepsCount=7),
        detailed=Check.COUNTERS,
        counted=Check.COUNTERS,
    ),
    "other version": _Run(
        change=lambda answer: answer["result"].update(version="configured"),
        detailed=Check.VERSION,
        counted=Check.VERSION,
    ),
    "text mismatch": _Run(change=_mismatch),
}


def answer_of(end: str, shape: str, run_id: str) -> Json:
    """Return the response about a run that ended like this, in this shape."""
    answer: Json = json.loads(_body_of(end, shape).replace(_RUN_ID, run_id))
    return answer


_RUN_ID = "ctr-of-the-run"


@cache
def _body_of(end: str, shape: str) -> str:
    run = ENDS[end]
    steps = []
    for name, status in zip(_NAMES, run.steps, strict=True):
        spoken = response(
            "Hi!", text=text("Hi!", status="failed" if status == "failed" else "passed")
        )
        steps.append(step(name, *([] if status == "notexecuted" else [spoken]), status=status))
    answer = finished(*steps, status=run.status) | {"_id": _RUN_ID, "streamId": STREAM}
    run.change(answer)
    result: Json = answer["result"]
    if shape in ("no step results", "neither"):
        del result["executionResults"]
    if shape in ("no counters", "neither"):
        del result["stepDetails"], answer["totalTestStepsCount"]
    return json.dumps(answer)


def known_by(end: str, shape: str) -> Known:
    """Return what can be known from such a response."""
    run = ENDS[end]
    detailed = shape in ("detailed", "no counters")
    doubt = run.detailed if detailed else run.counted
    failed = {name for name, status in zip(_NAMES, run.steps, strict=True) if status == "failed"}
    if shape == "neither":
        return Known(
            0,
            0,
            fails=run.status == "failed",
            doubts=frozenset({_FIRM}),
            endless=end == "timeout",
        )
    if end == "more steps" and shape == "no counters":
        doubt = None
    return Known(
        run.steps.count("passed"),
        3,
        frozenset(failed if detailed else ()),
        fails=bool(failed),
        doubts=frozenset({doubt} if doubt else ()),
        mismatch=end == "text mismatch" and detailed,
        endless=end == "timeout",
    )
