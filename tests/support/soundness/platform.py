"""A scripted platform that replaces the transport; the truth about its runs is known."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import unquote

from gatekeeper.kore.transport import HttpResponse
from support.builders import Json, finished, response, step, text

STREAM = "st-1"
STEPS = ("one", "two", "three")
FAILING: Mapping[str, tuple[str, ...]] = {
    "pass": (),
    "fail one": ("one",),
    "fail two": ("two",),
    "fail all": STEPS,
}
"""The attempts that get a verdict, with the steps that fail."""
BROKEN = (
    "refused",
    "start 500",
    "no id",
    "same id",
    "contradiction",
    "counters",
    "aborted",
    "other version",
    "other run",
    "malformed",
    "empty",
    "not executed",
)
"""The attempts that get no verdict."""


class Killed(BaseException):
    """Stands for SIGKILL: nothing handles it."""


class Platform:
    """Responds to starts and polls as its script says; replaces `Transport`.

    `script` has the attempts of each suite, in order; `last` is the id of the latest run, empty
    before the first run of a gate.
    """

    host = "https://platform.example"
    script: ClassVar[dict[str, list[str]]] = {}
    killed: ClassVar[bool] = False
    last: ClassVar[str] = ""
    _runs: ClassVar[dict[str, str]] = {}

    def __init__(self, *_given: Any) -> None:
        pass

    def send(
        self, method: str, path: str, _body: Any, time_left: float, *, token: bool = True
    ) -> HttpResponse:
        """Respond to a request."""
        assert time_left > 0
        assert token
        if self.killed:
            raise Killed
        suite, *rest = map(unquote, path.partition("/testsuite/")[2].split("/"))
        if method == "POST":
            return self._start(suite)
        return HttpResponse(200, {}, json.dumps(self._status(rest[0])).encode())

    def _start(self, suite: str) -> HttpResponse:
        behaviour = self.script[suite].pop(0)
        if behaviour == "refused":
            return HttpResponse(403, {}, b'{"errors": [{"msg": "Permission denied"}]}')
        if behaviour == "start 500":
            return HttpResponse(500, {}, b"")
        if behaviour == "no id":
            return HttpResponse(200, {}, b'{"status": "IN_PROGRESS"}')
        cls = type(self)
        if behaviour != "same id" or not cls.last:
            cls.last = f"ctr-{len(cls._runs) + 1}"
            cls._runs[cls.last] = "pass" if behaviour == "same id" else behaviour
        return HttpResponse(200, {}, json.dumps({"testRunId": cls.last}).encode())

    def _status(self, run_id: str) -> Json:
        behaviour = self._runs[run_id]
        answer = _finished(FAILING.get(behaviour, ())) | {"_id": run_id, "streamId": STREAM}
        result: Json = answer["result"]
        if behaviour == "contradiction":
            answer["status"] = "failed"
        elif behaviour == "counters":
            answer["totalTestStepsCount"] = 7
        elif behaviour == "aborted":
            answer["status"] = result["status"] = "aborted"
        elif behaviour == "other version":
            result["version"] = "configured"
        elif behaviour == "other run":
            answer["_id"] = "ctr-of-somebody-else"
        elif behaviour == "malformed":
            result["executionResults"] = "none"
        elif behaviour == "empty":
            answer |= finished() | {"_id": run_id, "streamId": STREAM}
        elif behaviour == "not executed":
            result["executionResults"][2]["status"] = "notexecuted"
        return answer


class Scripted(Platform):
    """Responds with the given responses, one run after the other; repeats the last one."""

    answers: ClassVar[list[Any]] = []
    started: ClassVar[int] = 0

    def send(
        self, method: str, path: str, _body: Any, time_left: float, *, token: bool = True
    ) -> HttpResponse:
        """Respond to a request."""
        assert (time_left > 0) is token
        cls = type(self)
        if method == "POST":
            if cls.answers[min(cls.started, len(cls.answers) - 1)] is None:
                return HttpResponse(403, {}, b'{"errors": [{"msg": "Permission denied"}]}')
            cls.started += 1
            return HttpResponse(200, {}, json.dumps({"testRunId": f"ctr-m{cls.started}"}).encode())
        number = int(unquote(path).rpartition("ctr-m")[2].partition("/")[0])
        return HttpResponse(200, {}, json.dumps(cls.answers[number - 1]).encode())


def _finished(failing: tuple[str, ...]) -> Json:
    steps = []
    for name in STEPS:
        status = "failed" if name in failing else "passed"
        steps.append(step(name, response("Hi!", text=text("Hi!", status=status)), status=status))
    return finished(*steps, status="failed" if failing else "passed")
