"""HTTP servers on loopback for tests that bring their own handler."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ssl import SSLContext


class QuietHandler(BaseHTTPRequestHandler):
    """Logs nothing."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


class _Server(ThreadingHTTPServer):
    # The library's 5 lose requests of a busy machine, when more arrive than it accepts in time.
    request_queue_size = 128


@contextmanager
def http_server(handler: type[QuietHandler], tls: SSLContext | None = None) -> Iterator[str]:
    """Serve requests by a handler, each on a thread; yield the host, without a slash at the end."""
    with _Server(("127.0.0.1", 0), handler) as server:
        if tls:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        # Looks every 0.02 s whether it is to end.
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.server_port}"
        server.shutdown()
