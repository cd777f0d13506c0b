"""The simulator as Python code uses it: an app with its credentials, suites and a server."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from gatekeeper.simulator.auth import EXECUTION_SCOPE, App, Guard
from gatekeeper.simulator.endpoints import Endpoints
from gatekeeper.simulator.faults import Fault, FaultScript, Reply
from gatekeeper.simulator.library import scenario
from gatekeeper.simulator.limits import DOCUMENTED, RollingLimits
from gatekeeper.simulator.routing import CallName, route
from gatekeeper.simulator.runs import suite_of_bodies, suite_of_scenario
from gatekeeper.simulator.signatures import PublicKey

if TYPE_CHECKING:
    # At run time they would be the larger part of what the import of the simulator costs.
    from email.message import Message
    from ssl import SSLContext

    from gatekeeper.simulator.handler import HttpServer

_EVERYWHERE = "0.0.0.0"  # noqa: S104 - only compared with; whoever binds it, chose it
_LOOPBACK = "127.0.0.1"
# How long leaving the simulator may take, in seconds; the price is that many wake-ups.
_POLL_SECONDS = 0.02


@dataclass(frozen=True, slots=True)
class Request:
    """A request that the simulator got.

    `call` is "start", "status", or "other" for a path that the API does not have; `time` is by the
    monotonic clock, in seconds; `status` is the HTTP status answered, 0 where none was (yet);
    `headers` are found under their names in any case.
    """

    call: CallName
    method: str
    path: str
    time: float
    status: int
    headers: Message = field(repr=False)
    body: bytes = field(default=b"", repr=False)


class Simulator:
    """The platform on this machine, while its `with` block lasts.

    One app with fixed credentials, none of which is worth anything elsewhere. Every scenario is
    the suite of that name.

    - `port`: 0 takes a free one. `bind`: the address to listen on; another than the default only
      within the private network of a container, since the credentials are known to everybody.
    - `speed`: how much faster than simulated time a run goes.
    - `faults`: the script of what goes wrong.
    - `algorithm`: the one that the app's tokens have to have; `public_key`: the pair of modulus
      and exponent that RS256 and RS512 are verified by.
    - `enforce_jti`, `scopes`: how the app is set up.
    - `limits`: how many requests are served in a minute and in an hour.
    - `tls`: the server's side of an encrypted connection; without one, the host is `http`.

    Raises `ValueError` for a setting that makes no sense, and, where the block begins, `OSError`
    for a port that is taken.
    """

    stream_id = "st-2f8c4c4e-6d0b-5f5c-9a4e-7b1d0c3e5a90"
    client_id = "cs-7a1e9d52-3b8f-5c64-8e20-4f6a9b0c1d37"
    # Long enough for HS512, which wants 64 bytes.
    client_secret = "simulated-client-secret-which-opens-nothing-but-this-very-simulator"  # noqa: S105 - known to all
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
        scopes: Collection[str] = (EXECUTION_SCOPE,),
        limits: tuple[int, int] = DOCUMENTED,
        tls: SSLContext | None = None,
    ) -> None:
        if not 0 < speed < math.inf:
            raise ValueError("speed must be a number more than 0")
        app = App(
            client_id=self.client_id,
            client_secret=self.client_secret,
            algorithm=algorithm,
            public_key=public_key,
            enforce_jti=enforce_jti,
            scopes=scopes,
        )
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

        self._server = HttpServer(self._address, self._respond, self._tls)
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
        """The URL to give as host; raises `RuntimeError` outside of the `with` block."""
        name = _LOOPBACK if self._address[0] in ("", _EVERYWHERE) else self._address[0]
        scheme = "http" if self._tls is None else "https"
        return f"{scheme}://{name}:{self._running.server_port}"

    @property
    def requests(self) -> list[Request]:
        """All requests so far, in the order of their arrival."""
        with self._lock:
            return list(self._requests)

    def environment(self, suite: str = "banking-transfer") -> dict[str, str]:
        """Return the environment variables that point the gate at a suite of this simulator."""
        return {
            "GATEKEEPER_HOST": self.host,
            "GATEKEEPER_STREAM_ID": self.stream_id,
            "GATEKEEPER_CLIENT_ID": self.client_id,
            "GATEKEEPER_CLIENT_SECRET": self.client_secret,
            "GATEKEEPER_USER_EMAIL": self.user_email,
            "GATEKEEPER_TEST_SUITE": suite,
        }

    def add_suite(self, name: str, *answers: dict[str, Any] | bytes, duration: float = 0.5) -> None:
        """Have a suite of this name, whose runs end after `duration` (simulated seconds).

        They end with the given answers as they are, one after the other and the last one ever
        after: none is made to fit a run's id.
        """
        self._endpoints.add(suite_of_bodies(name, answers, duration))

    def add_scenario(self, name: str, scenario_name: str) -> None:
        """Have a suite of this name, whose runs go as a scenario does; raises `ValueError`."""
        self._endpoints.add(replace(suite_of_scenario(scenario(scenario_name)), name=name))

    def add_file(self, path: str, content: bytes) -> None:
        """Serve a file to whoever asks for this path, as signed links are: without a token."""
        self._files[path] = content

    def start(self, suite: str) -> str:
        """Begin a run without a request and return its id; raises `ValueError`."""
        return self._endpoints.start(suite)

    def finish(self, run_id: str) -> None:
        """Let a run end now, also one that never would; raises `ValueError`."""
        self._endpoints.finish(run_id)

    @property
    def _running(self) -> HttpServer:
        if self._server is None:
            raise RuntimeError("the simulator runs in a `with` block only")
        return self._server

    def _respond(self, method: str, target: str, headers: Message, body: bytes) -> Reply:
        """Record a request, carry it out, and let a fault have its way with the answer."""
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
