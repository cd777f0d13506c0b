"""A server in the place of the platform: passes calls on to the simulator, or does worse."""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.client
import json
import select
import socket
import struct
import threading
import time
import zlib
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
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MB = 1024 * 1024
_HUGE_BYTES = 500 * _MB
# Nothing here outlives the test that it is for by more than this.
_LONGEST_SECONDS = 60.0


@dataclass(frozen=True)
class Exchange:
    """A request, and the connection on which its answer is waited for.

    `stage` is "start", "poll" while the run goes on, "last" for the answers from its end on, and
    "other" for whatever the API does not have; `number` counts the requests of a stage from 1.
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
        """The id of the run that is asked about."""
        return self.path.split("/")[-2]

    def right_body(self) -> bytes:
        """Have the simulator carry the call out, and return the body that it answers with."""
        return self.relay.carry_out(self)[1]

    def patient(self) -> Iterator[None]:
        """Go on until the client goes away, or the test is over."""
        end = time.monotonic() + _LONGEST_SECONDS
        while not self.relay.closing.is_set() and time.monotonic() < end:
            readable, _, _ = select.select([self.connection], [], [], 0)
            if readable and not self.connection.recv(1):
                return
            yield


Odd = Callable[[Exchange], None]
"""Does something in place of answering; the connection is closed when it returns."""

CLOSING = {"Connection": "close"}
"""Says so, where the answer itself is right: else the next request could run into the closing."""


@dataclass(frozen=True)
class Oddity:
    """Something that happens in place of the answer to one request of a stage.

    `at` is the number of that request; a `lasting` one meets all that follow as well.
    """

    stage: Stage
    odd: Odd
    at: int = 1
    lasting: bool = False

    def meets(self, stage: Stage, number: int) -> bool:
        """Whether it is for this request."""
        return stage == self.stage and (number == self.at or (self.lasting and number > self.at))


class Relay:
    """Serves on loopback while its `with` block lasts.

    A run goes on for `polls` right answers, and has ended from then on. Each oddity takes the place
    of an answer; where several are for the same request, the first one does.
    """

    def __init__(self, simulator: Simulator, *oddities: Oddity, polls: int = 0) -> None:
        self._simulator = simulator
        self._oddities = oddities
        self._polls = polls
        self._lock = threading.Lock()
        self._seen: list[Exchange] = []
        self._connections: set[socket.socket] = set()
        self._numbers: Counter[Stage] = Counter()
        self._told = 0
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
        """The URL to give as host."""
        return f"http://127.0.0.1:{self._port}"

    def environment(self, suite: str = "banking-transfer") -> dict[str, str]:
        """Return the environment variables that point the gate at a suite behind this relay."""
        return self._simulator.environment(suite) | {"GATEKEEPER_HOST": self.host}

    @property
    def requests(self) -> list[Exchange]:
        """All requests so far, in the order of their arrival."""
        with self._lock:
            return list(self._seen)

    def count(self, stage: Stage) -> int:
        """Return how many requests of a stage there were."""
        return sum(request.stage == stage for request in self.requests)

    @property
    def run_id(self) -> str:
        """The id of the run that was started; raises `RuntimeError` where none was."""
        if self._run_id is None:
            raise RuntimeError("no run was started")
        return self._run_id

    def carry_out(self, exchange: Exchange) -> tuple[int, bytes]:
        """Have the simulator carry a call out; return the status and body of its answer."""
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
        """Refuse connections for a while."""
        with self._lock:
            self._away_until = time.monotonic() + seconds
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            if self._place_holder is None:
                # Bound, though nobody listens: meanwhile no other server is given this port.
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
        # A client that goes away, and the end of the test, both end the serving.
        with (
            contextlib.suppress(OSError, http.client.HTTPException),
            connection,
            connection.makefile("rb") as stream,
        ):
            while (exchange := self._read(connection, stream)) and self._answered(exchange):
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
            self._seen.append(exchange)
        return exchange

    def _stage(self, method: str, path: str) -> Stage:
        if method == "POST" and path.endswith("/run"):
            return "start"
        if method == "GET" and path.endswith("/status"):
            return "poll" if self._told < self._polls else "last"
        return "other"

    def _answered(self, exchange: Exchange) -> bool:
        """Answer a request; return whether the connection can be used again."""
        for oddity in self._oddities:
            if oddity.meets(exchange.stage, exchange.number):
                oddity.odd(exchange)
                return False
        status, body = self.carry_out(exchange)
        exchange.connection.sendall(http_answer(status, body, {}))
        if exchange.stage == "poll":
            self._told += 1
        return True


def http_answer(status: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Return an answer as it goes over the wire; a header that is given beats the usual one."""
    usual = {
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Date": formatdate(usegmt=True),
    }
    lines = [f"{name}: {value}" for name, value in (usual | dict(headers)).items() if value]
    return "\r\n".join([f"HTTP/1.1 {status} Status", *lines, "", ""]).encode() + body


def error_body(message: str, code: int = 400) -> bytes:
    """Return the platform's own error body."""
    return json.dumps({"errors": [{"msg": message, "code": code}]}).encode()


def answering(body: bytes | str = b"", status: int = 200, **headers: str) -> Odd:
    """Answer with this; `_` in a header's name is a dash, and an empty header is left out."""
    content = body if isinstance(body, bytes) else body.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def odd(exchange: Exchange) -> None:
        exchange.connection.sendall(http_answer(status, content, {"Connection": "close"} | named))

    return odd


def retry_at(seconds: float, status: int) -> Odd:
    """Refuse, and ask by a date to be left alone for so many seconds from now on."""

    def odd(exchange: Exchange) -> None:
        at = formatdate(time.time() + seconds, usegmt=True)
        answering(b"", status, Retry_After=at)(exchange)

    return odd


def saying(raw: bytes) -> Odd:
    """Send these very bytes."""

    def odd(exchange: Exchange) -> None:
        exchange.connection.sendall(raw)

    return odd


def interim(*statuses: int) -> Odd:
    """Carry the call out, and send interim responses before its answer."""

    def odd(exchange: Exchange) -> None:
        for status in statuses:
            head = f"HTTP/1.1 {status} Interim\r\nLink: </style.css>; rel=preload\r\n\r\n"
            exchange.connection.sendall(head.encode())
        exchange.connection.sendall(http_answer(200, exchange.right_body(), CLOSING))

    return odd


def late(seconds: float) -> Odd:
    """Carry the call out, and answer so much later."""

    def odd(exchange: Exchange) -> None:
        body = exchange.right_body()
        time.sleep(seconds)
        exchange.connection.sendall(http_answer(200, body, CLOSING))

    return odd


def also_saying(status: int, text: str) -> Odd:
    """Carry the call out, and answer with the right body, a status and the text of an error."""

    def odd(exchange: Exchange) -> None:
        body = json.loads(exchange.right_body()) | json.loads(error_body(text))
        answering(json.dumps(body), status)(exchange)

    return odd


def hang_up(_: Exchange) -> None:
    """Close the connection in an orderly way, without a word."""


def reset(exchange: Exchange) -> None:
    """Reset the connection."""
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


def reset_midway(exchange: Exchange) -> None:
    """Carry the call out, send half of the right answer, and reset the connection."""
    cut(exchange)
    # What a reset overtakes is lost to the other side.
    time.sleep(0.05)
    reset(exchange)


def cut(exchange: Exchange) -> None:
    """Carry the call out, announce the right length, and hang up after half of the body."""
    body = exchange.right_body()
    exchange.connection.sendall(http_answer(200, body, {})[: -len(body) // 2])


def cut_without_length(exchange: Exchange) -> None:
    """Carry the call out, announce no length, and hang up after half of the body."""
    body = exchange.right_body()
    answering(body[: len(body) // 2], Content_Length="")(exchange)


def short_length(exchange: Exchange) -> None:
    """Carry the call out, and announce half of the length of the body that is sent."""
    body = exchange.right_body()
    answering(body, Content_Length=str(len(body) // 2))(exchange)


def cut_chunks(exchange: Exchange) -> None:
    """Carry the call out, and hang up in the middle of a chunk."""
    body = exchange.right_body()
    head = http_answer(200, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
    exchange.connection.sendall(head + f"{len(body):x}\r\n".encode() + body[: len(body) // 2])


def garbled_chunks(exchange: Exchange) -> None:
    """Announce a chunk of no size."""
    head = http_answer(200, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
    exchange.connection.sendall(head + b"many\r\n{}\r\n0\r\n\r\n")


def hang(exchange: Exchange) -> None:
    """Never answer."""
    for _ in exchange.patient():
        time.sleep(0.02)


def drip(exchange: Exchange) -> None:
    """Carry the call out, and send its answer's body byte by byte."""
    body = exchange.right_body()
    answer = http_answer(200, body, {})
    _drip(exchange, answer[: -len(body)], answer[-len(body) :])


def drip_head(exchange: Exchange) -> None:
    """Send a header byte by byte, and never come to its end."""
    _drip(exchange, b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x" * 10_000)


def _drip(exchange: Exchange, at_once: bytes, slowly: bytes) -> None:
    exchange.connection.sendall(at_once)
    for byte, _ in zip(slowly, exchange.patient(), strict=False):
        exchange.connection.sendall(bytes([byte]))
        time.sleep(0.2)


def _endless(head: bytes, again: bytes) -> Odd:
    def odd(exchange: Exchange) -> None:
        exchange.connection.sendall(head)
        many = again * (64 * 1024 // len(again))
        for _ in exchange.patient():
            exchange.connection.sendall(many)

    return odd


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
endless_headers = _endless(_OK, b"X-Endless: x\r\n")
endless_header = _endless(_OK + b"X-Endless: ", b"x")
endless_status = _endless(b"", b"HTTP/1.1 ")
endless_continue = _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
endless_chunk_size = _endless(_CHUNKED + b"1;", b"x")
endless_trailers = _endless(_CHUNKED + b"0\r\n", b"X-Endless: x\r\n")


def vanish(seconds: float) -> Odd:
    """Reset the connection, and refuse others for a while."""

    def odd(exchange: Exchange) -> None:
        exchange.relay.vanish(seconds)
        reset(exchange)

    return odd


def huge_announced(exchange: Exchange) -> None:
    """Announce a body of 500 MB, and send it."""
    head = http_answer(200, b"", {"Content-Length": str(_HUGE_BYTES)})
    exchange.connection.sendall(head)
    for _, _ in zip(range(_HUGE_BYTES // _MB), exchange.patient(), strict=False):
        exchange.connection.sendall(b" " * _MB)


def huge_chunks(status: int) -> Odd:
    """Send a body of 500 MB in chunks, without telling beforehand how long it is."""
    head = http_answer(status, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
    chunk = f"{_MB:x}\r\n".encode() + b" " * _MB + b"\r\n"

    def odd(exchange: Exchange) -> None:
        exchange.connection.sendall(head)
        for _, _ in zip(range(_HUGE_BYTES // _MB), exchange.patient(), strict=False):
            exchange.connection.sendall(chunk)

    return odd


def bomb(exchange: Exchange) -> None:
    """Send 1 GB of blanks, packed to a megabyte."""
    answering(_packed_blanks(), Content_Encoding="gzip")(exchange)


def double_bomb(exchange: Exchange) -> None:
    """Send 1 GB of blanks, packed twice, to a few kilobytes."""
    answering(gzip.compress(_packed_blanks()), Content_Encoding="gzip, gzip")(exchange)


@functools.cache
def _packed_blanks() -> bytes:
    # Blocks that know nothing of each other can be repeated without being packed again.
    pack = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    head = pack.compress(b" " * _MB) + pack.flush(zlib.Z_FULL_FLUSH)
    block = pack.compress(b" " * _MB) + pack.flush(zlib.Z_FULL_FLUSH)
    return head + 1023 * block + pack.flush()
