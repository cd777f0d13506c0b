"""The simulator's Python interface: an app with credentials and suites, and a server."""

from __future__ import annotations

import json
import math
import threading
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gatekeeper.simulator.auth import EXECUTION_SCOPE, App, Guard
from gatekeeper.simulator.encryption import public_jwk
from gatekeeper.simulator.endpoints import Endpoints
from gatekeeper.simulator.faults import Fault, FaultScript, Reply
from gatekeeper.simulator.library import scenario
from gatekeeper.simulator.limits import DOCUMENTED, RollingLimits
from gatekeeper.simulator.routing import CallName, route
from gatekeeper.simulator.runs import suite_of_bodies, suite_of_scenario
from gatekeeper.simulator.signatures import PublicKey

if TYPE_CHECKING:
    # Importing them at run time would take longer than the rest of the simulator.
    from email.message import Message
    from ssl import SSLContext

    from gatekeeper.simulator.handler import HttpServer

_EVERYWHERE = "0.0.0.0"  # noqa: S104 - only compared with an address that the caller chose
_LOOPBACK = "127.0.0.1"
# Seconds between checks for the end: leaving the `with` block takes no longer.
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the simulator received.

    `call` is "start", "status", or "other" for an unknown path; `time` is in seconds on the
    monotonic clock; `status` is the HTTP status of the response, 0 if none was sent (yet); the
    names of `headers` are case-insensitive.
    """

    call: CallName
    method: str
    path: str
    time: float
    status: int
    headers: Message = field(repr=False)
    body: bytes = field(default=b"", repr=False)


class Simulator:
    """A server of the platform's API on this machine, for the duration of its `with` block.

    It has one app with fixed credentials, which are valid nowhere else. Each scenario is a suite
    of the same name.

    - `port`: 0 selects a free port. `bind`: the address to listen on; as the credentials are
      public, use another than the default only in a container's private network.
    - `speed`: how many times faster than simulated time a run goes.
    - `faults`: the faults to inject.
    - `algorithm`: the required algorithm of the app's tokens; `public_key`: modulus and exponent
      of the key that verifies RS256 and RS512.
    - `enforce_jti`, `enforce_jwe`, `scopes`: settings of the app. JWE needs `cryptography`.
    - `clock_offset`: how many seconds the platform's clock is ahead of this machine's.
    - `limits`: the rate limits per minute and per hour.
    - `tls`: the TLS context of the server; without it, the host is `http`.

    Raises `ValueError` for an invalid setting and, on entering the block, `OSError` for a port
    that is in use.
    """

    stream_id = "st-2f8c4c4e-6d0b-5f5c-9a4e-7b1d0c3e5a90"
    client_id = "cs-7a1e9d52-3b8f-5c64-8e20-4f6a9b0c1d37"
    # HS512 requires 64 bytes.
    client_secret = "simulated-client-secret-which-opens-nothing-but-this-very-simulator"  # noqa: S105 - public
    user_email = "developer@example.com"

    def __init__(  # noqa: PLR0913 - each is a property of the simulated platform
        self,
        *,
        port: int = 0,
        bind: str = _LOOPBACK,
        speed: float = 1.0,
        faults: Iterable[Fault] = (),
        algorithm: str = "HS256",
        public_key: PublicKey | None = None,
        enforce_jti: bool = True,
        enforce_jwe: bool = False,
        clock_offset: float = 0.0,
        scopes: Collection[str] = (EXECUTION_SCOPE,),
        limits: tuple[int, int] = DOCUMENTED,
        tls: SSLContext | None = None,
    ) -> None:
        if not 0 < speed < math.inf:
            raise ValueError("speed must be greater than 0")
        app = App(
            client_id=self.client_id,
            client_secret=self.client_secret,
            algorithm=algorithm,
            public_key=public_key,
            enforce_jti=enforce_jti,
            enforce_jwe=enforce_jwe,
            clock_offset=clock_offset,
            scopes=scopes,
        )
        self._jwe_key = json.dumps(public_jwk()) if enforce_jwe else ""
        self._clock_offset = clock_offset
        self._address = (bind, port)
        self._tls = tls
        self._files: dict[str, bytes] = {}
        self._endpoints = Endpoints(self.stream_id, Guard(app), RollingLimits(*limits), speed)
        self._faults = FaultScript(faults)
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._server: HttpServer | None = None

    def __enter__(self) -> Self:
        from gatekeeper.simulator.handler import HttpServer

        self._server = HttpServer(self._address, self._respond, self._tls, self._clock_offset)
        threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": _POLL_SECONDS},
            name="simulator",
            daemon=True,
        ).start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        server = self._running
        server.shutdown()
        server.server_close()

    @property
    def host(self) -> str:
        """The URL of the server; raises `RuntimeError` outside of the `with` block."""
        name = _LOOPBACK if self._address[0] in ("", _EVERYWHERE) else self._address[0]
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{name}:{self._running.server_port}"

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in order of arrival."""
        with self._lock:
            return list(self._requests)

    def environment(self, suite: str = "banking-transfer") -> dict[str, str]:
        """Return the environment variables for a gate that runs a suite of this simulator."""
        jwe = {"GATEKEEPER_JWE_KEY": self._jwe_key} if self._jwe_key else {}
        return {
            "GATEKEEPER_HOST": self.host,
            "GATEKEEPER_STREAM_ID": self.stream_id,
            "GATEKEEPER_CLIENT_ID": self.client_id,
            "GATEKEEPER_CLIENT_SECRET": self.client_secret,
            "GATEKEEPER_USER_EMAIL": self.user_email,
            "GATEKEEPER_TEST_SUITE": suite,
            **jwe,
        }

    def add_suite(self, name: str, *bodies: dict[str, Any] | bytes, duration: float = 0.5) -> None:
        """Add a suite whose runs end after `duration` (simulated seconds).

        Each run ends with the next of the status bodies, sent as it is, without the run's own id;
        later runs end with the last one.
        """
        self._endpoints.add(suite_of_bodies(name, bodies, duration))

    def add_scenario(self, name: str, scenario_name: str) -> None:
        """Add a suite whose runs follow a scenario; raises `ValueError`."""
        self._endpoints.add(replace(suite_of_scenario(scenario(scenario_name)), name=name))

    def add_file(self, path: str, content: bytes) -> None:
        """Serve a file at this path without a token, as with a signed link."""
        self._files[path] = content

    def start(self, suite: str) -> str:
        """Start a run without a request and return its id; raises `ValueError`."""
        return self._endpoints.start(suite)

    def finish(self, run_id: str) -> None:
        """End a run now, even one that never would; raises `ValueError`."""
        self._endpoints.finish(run_id)

    @property
    def _running(self) -> HttpServer:
        if self._server is None:
            raise RuntimeError("the simulator runs only in a `with` block")
        return self._server

    def _respond(self, method: str, target: str, headers: Message, body: bytes) -> Reply:
        """Record a request, and return the reply, with a fault applied if there is one for it."""
        where = route(method, target)
        request = Request(where.call, method, target, time.monotonic(), 0, headers, body)
        with self._lock:
            index = len(self._requests)
            self._requests.append(request)
            fault = self._faults.next(where.call)
        if target in self._files:
            reply = Reply(200, self._files[target], {"Content-Type": "application/octet-stream"})
        elif fault is None:
            reply = self._endpoints.reply(where, headers, body)
        elif fault.takes_effect:
            reply = fault.apply(self._endpoints.reply(where, headers, body))
        else:
            reply = fault.apply(None)
        status = 0 if reply.drop in ("before", "reset") else reply.status
        with self._lock:
            self._requests[index] = replace(request, status=status)
        return reply
