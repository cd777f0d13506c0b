"""Faults for the relay: what it does in place of a proper response."""

from __future__ import annotations

import functools
import gzip
import json
import socket
import struct
import time
import zlib
from email.utils import formatdate

from support.relay import Exchange, Odd, http_answer

CLOSING = {"Connection": "close"}
"""Says so, where the answer itself is right: else the next request could run into the closing."""
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_MB = 1024 * 1024
_HUGE_BYTES = 500 * _MB


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
