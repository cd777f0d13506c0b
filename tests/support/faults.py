"""Faults for the relay: actions that replace a proper response."""

from __future__ import annotations

import functools
import gzip
import json
import socket
import struct
import time
import zlib
from collections.abc import Callable
from email.utils import formatdate

from support.relay import Action, Exchange, http_response

CLOSING = {"Connection": "close"}
"""For proper responses: without it, the next request could be sent on a closing connection."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MB = 1024 * 1024
_HUGE_BYTES = 500 * _MB


def error_body(message: str, code: int = 400) -> bytes:
    """Return an error body in the platform's format."""
    return json.dumps({"errors": [{"msg": message, "code": code}]}).encode()


def answering(body: bytes | str = b"", status: int = 200, **headers: str) -> Action:
    """Respond with this; `_` in a header's name becomes `-`, and an empty header is left out."""
    content = body if isinstance(body, bytes) else body.encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def action(exchange: Exchange) -> None:
        exchange.connection.sendall(http_response(status, content, {"Connection": "close"} | named))

    return action


def retry_at(seconds: float, status: int) -> Action:
    """Reject, with a date this many seconds from now as `Retry-After`."""

    def action(exchange: Exchange) -> None:
        at = formatdate(time.time() + seconds, usegmt=True)
        answering(b"", status, Retry_After=at)(exchange)

    return action


def saying(raw: bytes) -> Action:
    """Send exactly these bytes."""

    def action(exchange: Exchange) -> None:
        exchange.connection.sendall(raw)

    return action


def interim(*statuses: int) -> Action:
    """Forward the request, and send interim responses before its response."""

    def action(exchange: Exchange) -> None:
        for status in statuses:
            head = f"HTTP/1.1 {status} Interim\r\nLink: </style.css>; rel=preload\r\n\r\n"
            exchange.connection.sendall(head.encode())
        exchange.connection.sendall(http_response(200, exchange.proper_body(), CLOSING))

    return action


def late(seconds: float) -> Action:
    """Forward the request, and respond this many seconds later."""

    def action(exchange: Exchange) -> None:
        body = exchange.proper_body()
        time.sleep(seconds)
        exchange.connection.sendall(http_response(200, body, CLOSING))

    return action


def also_saying(status: int, text: str) -> Action:
    """Forward the request; respond with the proper body, a status and the text of an error."""

    def action(exchange: Exchange) -> None:
        body = json.loads(exchange.proper_body()) | json.loads(error_body(text))
        answering(json.dumps(body), status)(exchange)

    return action


def hang_up(_: Exchange) -> None:
    """Close the connection properly, without a response."""


def reset(exchange: Exchange) -> None:
    """Reset the connection."""
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)


def reset_midway(exchange: Exchange) -> None:
    """Forward the request, send half of its response, and reset the connection."""
    cut(exchange)
    # The other side loses what it has not read before the reset.
    time.sleep(0.05)
    reset(exchange)


def cut(exchange: Exchange) -> None:
    """Forward the request, and close the connection after half of the announced body."""
    body = exchange.proper_body()
    exchange.connection.sendall(http_response(200, body, {})[: -len(body) // 2])


def cut_without_length(exchange: Exchange) -> None:
    """Forward the request, announce no length, and close the connection after half of the body."""
    body = exchange.proper_body()
    answering(body[: len(body) // 2], Content_Length="")(exchange)


def short_length(exchange: Exchange) -> None:
    """Forward the request, and announce half of the length of the body."""
    body = exchange.proper_body()
    answering(body, Content_Length=str(len(body) // 2))(exchange)


Encoding = Callable[[bytes], bytes]


def encoded(coding: str, encode: Encoding) -> Action:
    """Forward the request, and send the body of its response encoded by a content coding."""

    def action(exchange: Exchange) -> None:
        answering(encode(exchange.proper_body()), Content_Encoding=coding)(exchange)

    return action


def without_last_byte(encode: Encoding) -> Encoding:
    """Return an encoding that leaves its last byte out."""
    return lambda body: encode(body)[:-1]


def followed(encode: Encoding) -> Encoding:
    """Return an encoding after whose end there are more bytes."""
    return lambda body: encode(body) + b"{}"


def two_members(body: bytes) -> bytes:
    """Compress a body as two members of a gzip file; the second contains only a line end."""
    return gzip.compress(body) + gzip.compress(b"\n")


def raw_deflate(body: bytes) -> bytes:
    """Compress a body without the header of zlib, as some servers do for `deflate`."""
    pack = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return pack.compress(body) + pack.flush()


def forwarded_as(status: int, **headers: str) -> Action:
    """Forward the request, and send its body with another status and more headers."""

    def action(exchange: Exchange) -> None:
        answering(exchange.proper_body(), status, **headers)(exchange)

    return action


def without_last_chunk(exchange: Exchange) -> None:
    """Forward the request, and close the connection before the chunk that ends the body."""
    body = exchange.proper_body()
    head = http_response(200, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
    exchange.connection.sendall(head + f"{len(body):x}\r\n".encode() + body + b"\r\n")


def cut_chunks(exchange: Exchange) -> None:
    """Forward the request, and close the connection in the middle of a chunk."""
    body = exchange.proper_body()
    head = http_response(200, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
    exchange.connection.sendall(head + f"{len(body):x}\r\n".encode() + body[: len(body) // 2])


def garbled_chunks(exchange: Exchange) -> None:
    """Announce a chunk with an invalid size."""
    head = http_response(200, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
    exchange.connection.sendall(head + b"many\r\n{}\r\n0\r\n\r\n")


def hang(exchange: Exchange) -> None:
    """Never respond."""
    for _ in exchange.until_closed():
        time.sleep(0.02)


def drip(exchange: Exchange) -> None:
    """Forward the request, and send the body of its response byte by byte."""
    body = exchange.proper_body()
    response = http_response(200, body, {})
    _drip(exchange, response[: -len(body)], response[-len(body) :])


def drip_head(exchange: Exchange) -> None:
    """Send an endless header byte by byte."""
    _drip(exchange, b"HTTP/1.1 200 OK\r\nX-Endless: ", b"x" * 10_000)


def _drip(exchange: Exchange, at_once: bytes, slowly: bytes) -> None:
    exchange.connection.sendall(at_once)
    for byte, _ in zip(slowly, exchange.until_closed(), strict=False):
        exchange.connection.sendall(bytes([byte]))
        time.sleep(0.2)


def _endless(head: bytes, repeated: bytes) -> Action:
    def action(exchange: Exchange) -> None:
        exchange.connection.sendall(head)
        many = repeated * (64 * 1024 // len(repeated))
        for _ in exchange.until_closed():
            exchange.connection.sendall(many)

    return action


_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"
endless_headers = _endless(_OK, b"X-Endless: x\r\n")
endless_header = _endless(_OK + b"X-Endless: ", b"x")
endless_status = _endless(b"", b"HTTP/1.1 ")
endless_continue = _endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n")
endless_chunk_size = _endless(_CHUNKED + b"1;", b"x")
endless_trailers = _endless(_CHUNKED + b"0\r\n", b"X-Endless: x\r\n")


def vanish(seconds: float) -> Action:
    """Reset the connection, and refuse others for some seconds."""

    def action(exchange: Exchange) -> None:
        exchange.relay.vanish(seconds)
        reset(exchange)

    return action


def huge_announced(exchange: Exchange) -> None:
    """Announce a body of 500 MB, and send it."""
    head = http_response(200, b"", {"Content-Length": str(_HUGE_BYTES)})
    exchange.connection.sendall(head)
    for _, _ in zip(range(_HUGE_BYTES // _MB), exchange.until_closed(), strict=False):
        exchange.connection.sendall(b" " * _MB)


def huge_chunks(status: int) -> Action:
    """Send a body of 500 MB in chunks, without announcing its length."""
    head = http_response(status, b"", {"Content-Length": "", "Transfer-Encoding": "chunked"})
    chunk = f"{_MB:x}\r\n".encode() + b" " * _MB + b"\r\n"

    def action(exchange: Exchange) -> None:
        exchange.connection.sendall(head)
        for _, _ in zip(range(_HUGE_BYTES // _MB), exchange.until_closed(), strict=False):
            exchange.connection.sendall(chunk)

    return action


def bomb(exchange: Exchange) -> None:
    """Send 1 GB of spaces, compressed to a megabyte."""
    answering(_compressed_spaces(), Content_Encoding="gzip")(exchange)


def double_bomb(exchange: Exchange) -> None:
    """Send 1 GB of spaces, compressed twice, to a few kilobytes."""
    answering(gzip.compress(_compressed_spaces()), Content_Encoding="gzip, gzip")(exchange)


@functools.cache
def _compressed_spaces() -> bytes:
    # Independent blocks can be repeated without compressing them again.
    pack = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    head = pack.compress(b" " * _MB) + pack.flush(zlib.Z_FULL_FLUSH)
    block = pack.compress(b" " * _MB) + pack.flush(zlib.Z_FULL_FLUSH)
    return head + 1023 * block + pack.flush()
