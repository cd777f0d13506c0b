"""Calls to the simulator's API over HTTP, with tokens from PyJWT."""

from __future__ import annotations

import http.client
import json
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from types import MappingProxyType
from typing import Any, Self
from urllib.parse import quote

import jwt

from gatekeeper.simulator import Simulator


@dataclass(frozen=True)
class Response:
    """An HTTP response; `json` is its decoded body."""

    status: int
    body: bytes
    headers: Message

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> tuple[int, str, int]:
        """The status, and the text and code of the only error in the body."""
        (error,) = self.json["errors"]
        assert self.json.keys() == {"errors"}
        assert list(error) == ["msg", "code"]
        return self.status, error["msg"], error["code"]


class Caller:
    """Calls one simulator, on one connection that is kept alive until the `with` block ends."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.connection = http.client.HTTPConnection(
            simulator.host.removeprefix("http://"), timeout=10
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.connection.close()

    def token(self, key: Any = None, algorithm: str = "HS256", **changes: Any) -> str:
        """Return a token of the app; a claim that is changed to `None` is left out."""
        now = int(time.time())
        claims = {
            "sub": "tests",
            "appId": self.simulator.client_id,
            "iat": now,
            "exp": now + 60,
            "jti": str(uuid.uuid4()),
            **changes,
        }
        kept = {name: value for name, value in claims.items() if value is not None}
        return jwt.encode(kept, key or self.simulator.client_secret, algorithm=algorithm)

    @staticmethod
    def path(stream_id: str, *names: str) -> str:
        """Return a path below an app's test suites, with each name quoted."""
        stream, *rest = (quote(name, safe="") for name in (stream_id, *names))
        return f"/api/public/stream/{stream}/conversation/testsuite/{'/'.join(rest)}"

    def suite_path(self, *names: str, stream_id: str | None = None) -> str:
        """Return such a path for the simulator's own app."""
        return self.path(stream_id or self.simulator.stream_id, *names)

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str | None] = MappingProxyType({}),
    ) -> Response:
        """Send a request, with a valid token and language unless `headers` override them."""
        given = {"auth": self.token(), "bot_language": "en", **headers}
        sent = {name.replace("_", "-"): value for name, value in given.items() if value is not None}
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        return Response(response.status, response.read(), response.headers)

    def start(self, suite: str, version: str = "published", **headers: str | None) -> Response:
        """Start a run."""
        body = {"version": version, "userEmailId": self.simulator.user_email}
        path = self.suite_path(suite, "run")
        return self.send("POST", path, json.dumps(body).encode(), headers)

    def status(self, suite: str, run_id: str, **headers: str | None) -> Response:
        """Get the status of a run."""
        return self.send("GET", self.suite_path(suite, run_id, "status"), None, headers)

    def result(self, suite: str, version: str = "published") -> Any:
        """Run a suite, finish it at once, and return the response."""
        run_id = self.start(suite, version).json["testRunId"]
        self.simulator.finish(run_id)
        return self.status(suite, run_id).json
