"""Requests as they arrive: independent of each other and complete."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from email.message import Message
from typing import Any

import pytest

from gatekeeper.errors import ApiError
from gatekeeper.kore.token import SigningKey
from gatekeeper.kore.transport import Transport
from gatekeeper.redaction import Redactor
from support.http_server import QuietHandler, http_server

KEY = SigningKey("cs-1", "0123456789abcdef" * 4)
Arrived = tuple[str, str, Message, bytes]


@contextmanager
def listening() -> Iterator[tuple[Transport, list[Arrived]]]:
    """Serve a host that sets a cookie; yield a transport to it, and the requests it receives."""
    arrived: list[Arrived] = []

    class Handler(QuietHandler):
        protocol_version = "HTTP/1.1"

        def respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            arrived.append((self.command, self.path, self.headers, body))
            self.send_response(200)
            self.send_header("Set-Cookie", "node=seven")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        do_GET = do_POST = respond  # noqa: N815 - as the server wants them

    with http_server(Handler) as host:
        yield Transport(host, KEY, {"bot-language": "de"}, None, Redactor(KEY.secrets)), arrived


def test_each_request_has_its_own_token_path_and_body_and_nothing_of_another() -> None:
    sent: list[tuple[str, str, Any]] = [
        ("GET", "/a/status", None),
        ("POST", "/a/run", {"version": "published"}),
        ("GET", "/..%2E/%2E%2E/status", None),
        ("POST", "/b/run", {"version": "ö"}),
        ("GET", "/a/status", None),
    ]
    with listening() as (transport, arrived):
        for method, path, body in sent:
            assert transport.send(method, path, body, 10.0).body == b"{}"
    assert [(method, path) for method, path, *_ in arrived] == [request[:2] for request in sent]
    for (*_, expected), (_, _, headers, body) in zip(sent, arrived, strict=True):
        assert json.loads(body or b"null") == expected
        assert headers["bot-language"] == "de"
        assert headers.get("Content-Type") == (None if expected is None else "application/json")
    assert len({headers["auth"] for _, _, headers, _ in arrived}) == len(sent)


def test_a_request_can_be_sent_without_a_token() -> None:
    with listening() as (transport, arrived):
        transport.send("GET", "/with", None, 10.0)
        transport.send("GET", "/without", None, 10.0, token=False)
    (_, _, first, _), (_, _, second, _) = arrived
    assert first["auth"]
    assert second["auth"] is None


def test_a_cookie_goes_back_to_the_host_that_set_it() -> None:
    """Some load balancers use it to find the machine that holds the run."""
    with listening() as (transport, arrived):
        for _ in range(2):
            transport.send("GET", "/status", None, 10.0)
    assert [headers["Cookie"] for _, _, headers, _ in arrived] == [None, "node=seven"]


def test_an_invalid_host_is_an_error_of_the_host_not_an_internal_error() -> None:
    transport = Transport("https://*.kore.ai", KEY, {"bot-language": "en"}, None, Redactor(()))
    with pytest.raises(ApiError, match="URL has an invalid label") as error:
        transport.send("GET", "/status", None, 10.0)
    assert not error.value.took_effect


@pytest.mark.parametrize("threads", [1, 20])
def test_requests_can_come_from_many_threads(threads: int) -> None:
    with listening() as (transport, arrived):
        with ThreadPoolExecutor(threads) as pool:
            sending = [
                pool.submit(transport.send, "GET", f"/{number}", None, 10.0)
                for number in range(threads)
            ]
        assert {request.result().body for request in sending} == {b"{}"}
    assert {path for _, path, *_ in arrived} == {f"/{number}" for number in range(threads)}
