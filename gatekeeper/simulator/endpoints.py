"""The two endpoints of the API, which check requests in the same order as the platform."""

from __future__ import annotations

import json
import threading
import uuid
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from gatekeeper.simulator.auth import Guard
from gatekeeper.simulator.faults import Reply
from gatekeeper.simulator.library import scenario, scenario_names
from gatekeeper.simulator.limits import RollingLimits
from gatekeeper.simulator.refusals import (
    Refusal,
    bad_request,
    unknown_run,
    unknown_suite,
    wrong_credentials,
    wrong_path,
)
from gatekeeper.simulator.routing import Route
from gatekeeper.simulator.runs import Run, SimulatedSuite, suite_of_scenario
from gatekeeper.simulator.status_bodies import VERSIONS, Identity, encoded

if TYPE_CHECKING:
    # Importing it at run time would take longer than the rest of the simulator.
    from email.message import Message


class Endpoints:
    """The test suites of one app and their runs. Thread-safe."""

    def __init__(self, stream_id: str, guard: Guard, limits: RollingLimits, speed: float) -> None:
        self._stream_id = stream_id
        self._guard = guard
        self._limits = limits
        self._speed = speed
        self._suites: dict[str, SimulatedSuite] = {}
        self._runs: dict[str, Run] = {}
        self._lock = threading.Lock()

    def reply(self, route: Route, headers: Message, body: bytes) -> Reply:
        """Carry out a request, or refuse it as the platform would."""
        try:
            with self._lock:
                return Reply(HTTPStatus.OK.value, self._carry_out(route, headers, body))
        except Refusal as refusal:
            return Reply(refusal.status, encoded(refusal.body))

    def add(self, suite: SimulatedSuite) -> None:
        """Add a suite; it replaces one of the same name."""
        with self._lock:
            self._suites[suite.name] = suite

    def start(self, suite: str) -> str:
        """Start a run of the published version and return its id; raises `ValueError`."""
        try:
            with self._lock:
                return self._start(suite, "published")
        except Refusal as refusal:
            raise ValueError(f"{refusal.message}: {suite!r}") from None

    def finish(self, run_id: str) -> None:
        """End a run now; raises `ValueError`."""
        with self._lock:
            if run_id not in self._runs:
                raise ValueError(f"no such run: {run_id!r}")
            self._runs[run_id].finish()

    def _carry_out(self, route: Route, headers: Message, body: bytes) -> bytes:
        if route.call == "other":
            raise wrong_path()
        self._guard.check(headers.get("auth"))
        if route.stream_id != self._stream_id:
            raise wrong_credentials()
        if not headers.get("bot-language"):
            raise bad_request("Missing bot-language header")
        if route.call == "start":
            # Starts are limited per app, status requests per run.
            self._limits.admit(("start", route.stream_id))
            self._suite(route.suite)
            run_id = self._start(route.suite, _version(body))
            return encoded({"status": "IN_PROGRESS", "testRunId": run_id})
        self._limits.admit(("status", route.run_id))
        self._suite(route.suite)
        run = self._runs.get(route.run_id)
        if run is None or run.suite.name != route.suite:
            raise unknown_run()
        return run.status_body()

    def _suite(self, name: str) -> SimulatedSuite:
        if name not in self._suites:
            if name not in scenario_names():
                raise unknown_suite()
            self._suites[name] = suite_of_scenario(scenario(name))
        return self._suites[name]

    def _start(self, suite_name: str, version: str) -> str:
        suite = self._suite(suite_name)
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        run_id = f"ctr-{uuid.uuid4()}"
        identity = Identity(
            run_id=run_id,
            stream_id=self._stream_id,
            suite_id=suite.suite_id,
            version=VERSIONS[version],
            start_time=now.replace("+00:00", "Z"),
        )
        self._runs[run_id] = Run(suite, identity, self._speed)
        return run_id


def _version(body: bytes) -> str:
    """Return the version that a start request names; raises `Refusal`."""
    request: Any
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise bad_request("Invalid request body: it is not JSON") from None
    if not isinstance(request, dict):
        raise bad_request("Invalid request body: it is not an object")
    version = request.get("version")
    if not isinstance(version, str) or version not in VERSIONS:
        raise bad_request("Invalid version: it must be published or inDevelopment")
    user = request.get("userEmailId")
    if not isinstance(user, str) or not user.strip():
        raise bad_request("Missing userEmailId")
    return version
