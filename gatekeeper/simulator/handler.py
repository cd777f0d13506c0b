"""The HTTP server, with persistent connections."""

from __future__ import annotations

import contextlib
import io
import re
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any

from gatekeeper.simulator.faults import Reply

if TYPE_CHECKING:
    # Slow to import, and rarely needed at run time.
    from ssl import SSLContext

Respond = Callable[[str, str, Message, bytes], Reply]
"""Returns the reply to a request, given as method, target, headers and body."""

_MAX_BODY_BYTES = 1024 * 1024
_LENGTH = re.compile(r"[0-9]{1,18}")
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_BODILESS = (HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED)


class HttpServer(ThreadingHTTPServer):
    """Serves each connection on a thread, logs nothing, and closes all connections at the end."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(
        self,
        address: tuple[str, int],
        respond: Respond,
        tls: SSLContext | None = None,
        clock_offset: float = 0.0,
    ) -> None:
        self.respond = respond
        self.clock_offset = clock_offset
        self.closing = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        super().__init__(address, _Handler)
        if tls is not None:
            # Each connection's own thread does the handshake.
            self.socket = tls.wrap_socket(
                self.socket, server_side=True, do_handshake_on_connect=False
            )

    def server_bind(self) -> None:
        """Bind without the lookup of the host name, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "localhost", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and keep track of it."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget a connection that has ended."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that went away; report other errors, which are bugs of the simulator."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def server_close(self) -> None:
        """Stop listening, and end open connections and delays."""
        self.closing.set()
        super().server_close()
        with self._lock:
            for connection in self._connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Otherwise a small response would wait for the acknowledgement of the previous one.
    disable_nagle_algorithm = True
    server_version = "simulator"
    sys_version = ""
    wbufsize = io.DEFAULT_BUFFER_SIZE
    server: HttpServer

    def _exchange(self) -> None:
        body = self._body()
        if body is None:
            self.close_connection = True
            return
        reply = self.server.respond(self.command, self.path, self.headers, body)
        if reply.delay:
            self.server.closing.wait(reply.delay)
        if reply.drop == "reset":
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            # Closing it here skips the shutdown, which would end it in order.
            self.connection.close()
        if reply.drop in ("before", "reset"):
            self.close_connection = True
        else:
            self._send(reply)

    # Unsupported methods get the platform's error response too.
    do_GET = do_POST = do_HEAD = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _exchange  # noqa: N815

    def _body(self) -> bytes | None:
        """Return the request's body; `None` if its length is invalid or the body incomplete."""
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not _LENGTH.fullmatch(length):
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return None
        if int(length) > _MAX_BODY_BYTES:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return None
        body = self.rfile.read(int(length))
        return body if len(body) == int(length) else None

    def _send(self, reply: Reply) -> None:
        body = reply.body
        headers = {"Content-Type": "application/json; charset=utf-8"}
        if reply.status in _BODILESS:
            body = b""
        else:
            length = len(body) if reply.content_length is None else reply.content_length
            headers["Content-Length"] = str(length)
            # A wrong length makes the connection unusable.
            self.close_connection = self.close_connection or length != len(body)
        self.send_response(reply.status)
        for name, value in (headers | _title_cased(reply.headers)).items():
            self.send_header(name, value)
        self.end_headers()
        if reply.drop == "middle":
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(body)

    def date_time_string(self, timestamp: float | None = None) -> str:
        """Return the `Date` of a response, by the server's clock."""
        now = time.time() if timestamp is None else timestamp
        return super().date_time_string(now + self.server.clock_offset)

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


def _title_cased(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.title(): value for name, value in headers.items()}
