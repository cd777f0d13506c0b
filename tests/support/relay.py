"""A server in front of the simulator: it forwards requests, or does something else instead."""

from __future__ import annotations

import contextlib
import http.client
import json
import select
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from email.utils import formatdate
from http import HTTPStatus
from types import TracebackType
from typing import BinaryIO, Literal, Self

from gatekeeper.simulator import Simulator

Stage = Literal["start", "poll", "last", "other"]
# The longest that anything here lasts after its test.
_LONGEST_SECONDS = 60.0


@dataclass(frozen=True)
class Exchange:
    """A request, and the connection that waits for its response.

    `stage` is "start", "poll" while the run is in progress, "last" from its end on, and "other" for
    requests that are not of the API; `number` counts the requests of a stage from 1.
    """

    connection: socket.socket = field(repr=False)
    stage: Stage
    number: int
    method: str
    path: str
    headers: Message = field(repr=False)
    body: bytes = field(repr=False)
    time: float
    relay: Relay = field(repr=False)

    @property
    def run_id(self) -> str:
        """The id of the run in the request's path."""
        return self.path.split("/")[-2]

    def proper_body(self) -> bytes:
        """Forward the request to the simulator, and return the body of its response."""
        return self.relay.forward(self)[1]

    def until_closed(self) -> Iterator[None]:
        """Yield until the client closes the connection, or the test is over."""
        end = time.monotonic() + _LONGEST_SECONDS
        while not self.relay.closing.is_set() and time.monotonic() < end:
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1):
                return
            yield


Action = Callable[[Exchange], None]
"""Replaces a response; the connection is closed when it returns."""


@dataclass(frozen=True)
class Override:
    """An action that replaces the response to one request of a stage.

    `at` is the number of that request; if it is `lasting`, it applies to all later ones too.
    """

    stage: Stage
    action: Action
    at: int = 1
    lasting: bool = False

    def applies_to(self, stage: Stage, number: int) -> bool:
        """Return whether it applies to this request."""
        return stage == self.stage and (number == self.at or (self.lasting and number > self.at))


class Relay:
    """Serves on loopback while its `with` block lasts.

    A run is in progress for `polls` proper responses, and has ended from then on. If several
    overrides apply to a request, the first one is used.
    """

    def __init__(self, simulator: Simulator, *overrides: Override, polls: int = 0) -> None:
        self._simulator = simulator
        self._oddities = overrides
        self._polls = polls
        self._lock = threading.Lock()
        self._requests: list[Exchange] = []
        self._connections: set[socket.socket] = set()
        self._numbers: Counter[Stage] = Counter()
        self._polls_done = 0
        self.connections = 0
        self._away_until = 0.0
        self._run_id: str | None = None
        self.closing = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._port: int = self._listener.getsockname()[1]
        self._place_holder: socket.socket | None = None

    def __enter__(self) -> Self:
        threading.Thread(target=self._listen, name="relay", daemon=True).start()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.closing.set()
        with self._lock:
            for connection in (self._listener, *self._connections):
                # Wakes the thread that waits on it; that of a connection closes it as well.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            if self._place_holder:
                self._place_holder.close()

    @property
    def host(self) -> str:
        """The URL to use as host."""
        return f"http://127.0.0.1:{self._port}"

    def environment(self, suite: str = "banking-transfer") -> dict[str, str]:
        """Return the environment variables for a gate that runs a suite through this relay."""
        return self._simulator.environment(suite) | {"GATEKEEPER_HOST": self.host}

    @property
    def requests(self) -> list[Exchange]:
        """All requests so far, in order of arrival."""
        with self._lock:
            return list(self._requests)

    def count(self, stage: Stage) -> int:
        """Return the number of requests of a stage."""
        return sum(request.stage == stage for request in self.requests)

    @property
    def run_id(self) -> str:
        """The id of the started run; raises `RuntimeError` if none was started."""
        if self._run_id is None:
            raise RuntimeError("no run was started")
        return self._run_id

    def forward(self, exchange: Exchange) -> tuple[int, bytes]:
        """Forward a request to the simulator; return the status and body of its response."""
        if exchange.stage == "last":
            self._simulator.finish(exchange.run_id)
        connection = http.client.HTTPConnection(self._simulator.host.removeprefix("http://"))
        with contextlib.closing(connection):
            headers = dict(exchange.headers.items())
            connection.request(exchange.method, exchange.path, exchange.body, headers)
            response = connection.getresponse()
            status, body = response.status, response.read()
        if exchange.stage == "start" and status == HTTPStatus.OK:
            self._run_id = json.loads(body)["testRunId"]
        return status, body

    def vanish(self, seconds: float) -> None:
        """Refuse connections for some seconds."""
        with self._lock:
            self._away_until = time.monotonic() + seconds
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            if self._place_holder is None:
                # Bound without listening, so that no other server gets this port meanwhile.
                self._place_holder = socket.socket()
                self._place_holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                self._place_holder.bind(("127.0.0.1", self._port))

    def _listen(self) -> None:
        while not self.closing.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                self._come_back()
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self._connections.add(connection)
                self.connections += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _come_back(self) -> None:
        while not self.closing.wait(0.02):
            with self._lock:
                if time.monotonic() >= self._away_until and not self.closing.is_set():
                    self._listener = socket.create_server(("127.0.0.1", self._port))
                    return

    def _serve(self, connection: socket.socket) -> None:
        # Ends when the client goes away or the test is over.
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            connection,
            connection.makefile("rb") as stream,
        ):
            while (exchange := self._read(connection, stream)) and self._respond(exchange):
                pass
        with self._lock:
            self._connections.discard(connection)

    def _read(self, connection: socket.socket, stream: BinaryIO) -> Exchange | None:
        line = stream.readline().decode("latin-1").split(" ")
        if len(line) != len(("method", "target", "version")):
            return None
        headers = http.client.parse_headers(stream)
        body = stream.read(int(headers.get("Content-Length", "0")))
        method, path, _ = line
        with self._lock:
            stage = self._stage(method, path)
            self._numbers[stage] += 1
            exchange = Exchange(
                connection,
                stage,
                self._numbers[stage],
                method,
                path,
                headers,
                body,
                time.monotonic(),
                self,
            )
            self._requests.append(exchange)
        return exchange

    def _stage(self, method: str, path: str) -> Stage:
        if method == "POST" and path.endswith("/run"):
            return "start"
        if method == "GET" and path.endswith("/status"):
            return "poll" if self._polls_done < self._polls else "last"
        return "other"

    def _respond(self, exchange: Exchange) -> bool:
        """Respond to a request; return whether the connection can be used again."""
        for override in self._oddities:
            if override.applies_to(exchange.stage, exchange.number):
                override.action(exchange)
                return False
        status, body = self.forward(exchange)
        exchange.connection.sendall(http_response(status, body, {}))
        if exchange.stage == "poll":
            self._polls_done += 1
        return True


def http_response(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return the bytes of a response; `headers` override the usual ones."""
    usual = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Date": formatdate(usegmt=True),
    }
    lines = [f"{name}: {value}" for name, value in (usual | dict(headers)).items() if value]
    return "\r\n".join([f"HTTP/1.1 {status} Status", *lines, "", ""]).encode() + body
