"""A platform with two apps on one host, which records whose token came with which stream."""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager

from gatekeeper.kore.token_claims import read_claims
from gatekeeper.simulator import Simulator
from support.http_server import QuietHandler, http_server


class Booking(Simulator):
    """An app."""

    stream_id = "st-booking"
    client_id = "cs-booking"
    client_secret = "booking-app-client-secret-for-this-test-only-" * 2


class Loyalty(Simulator):
    """Another app, with other credentials."""

    stream_id = "st-loyalty"
    client_id = "cs-loyalty"
    client_secret = "loyalty-app-client-secret-for-this-test-only-" * 2


FILE = """
user-email = "developer@example.com"

[credentials.booking]
stream-id = "st-booking"
client-id = "cs-booking"
client-secret-variable = "GATEKEEPER_BOOKING_CLIENT_SECRET"

[credentials.loyalty]
stream-id = "st-loyalty"
client-id = "cs-loyalty"
client-secret-variable = "GATEKEEPER_LOYALTY_CLIENT_SECRET"

[[suite]]
name = "banking-transfer"
credentials = "booking"

[[suite]]
name = "hotel-arabic"
credentials = "loyalty"
"""
"""A configuration file with a suite of each app."""

SECRETS = {
    "GATEKEEPER_BOOKING_CLIENT_SECRET": Booking.client_secret,
    "GATEKEEPER_LOYALTY_CLIENT_SECRET": Loyalty.client_secret,
}

Sent = list[tuple[str, str | None]]
"""The stream and the client id of each request that had a token."""


@contextmanager
def two_apps() -> Iterator[tuple[str, Sent]]:
    """Serve both apps; yield the host, and what was sent to it so far."""
    sent: Sent = []
    with Booking(speed=1_000_000) as first, Loyalty(speed=1_000_000) as second:
        hosts = {app.stream_id: app.host.removeprefix("http://") for app in (first, second)}

        class Forwarding(QuietHandler):
            protocol_version = "HTTP/1.1"

            def _forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
                found = re.search(r"/stream/([^/]+)/", self.path)
                stream = found[1] if found else ""
                if token := self.headers.get("auth"):
                    claims = read_claims(token)
                    sent.append((stream, claims.app_id if claims else None))
                connection = http.client.HTTPConnection(hosts.get(stream, second.host[7:]))
                connection.request(self.command, self.path, body, dict(self.headers.items()))
                response = connection.getresponse()
                content = response.read()
                connection.close()
                self.send_response(response.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = _forward  # noqa: N815 - the library's names

        with http_server(Forwarding) as host:
            yield host, sent
