"""Decompression of response bodies that notices a missing end, which `urllib3` does not."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

ACCEPTED = "gzip, deflate"
_PIECE_BYTES = 256 * 1024
_MOST_CODINGS = 5
_GZIP = 16 + zlib.MAX_WBITS
_RAW_DEFLATE = -zlib.MAX_WBITS
_ZLIB_METHOD = 8


def decompressed(chunks: Iterable[bytes], content_encoding: str) -> Iterator[bytes]:
    """Yield a body without its content codings, in pieces of at most about 256 KB.

    Codings other than `ACCEPTED` are ignored: servers put other values there as well. Raises
    `ValueError` for a body that is corrupt, has no end, or goes on after its end.
    """
    codings = [coding.strip().lower() for coding in content_encoding.split(",")]
    if len(codings) > _MOST_CODINGS:
        raise ValueError(f"more than {_MOST_CODINGS} content codings")
    body = iter(chunks)
    for coding in reversed(codings):
        if coding in ("gzip", "x-gzip"):
            body = _gunzipped(body)
        elif coding == "deflate":
            body = _inflated(body)
    return body


def _gunzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the content of a gzip body, which may have several members."""
    member = None
    for chunk in chunks:
        rest = chunk
        while rest:
            member = member or zlib.decompressobj(_GZIP)
            yield _piece(member, rest)
            rest = member.unconsumed_tail or member.unused_data
            if member.eof:
                member = None
    if member:
        yield _last_piece(member)


def _inflated(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the content of a deflate body: with the header of zlib, or without, as some send it."""
    stream = None
    head = b""
    for chunk in chunks:
        rest = head + chunk
        if stream is None:
            if len(rest) < len(b"CF"):
                head = rest
                continue
            has_header = rest[0] & 0xF == _ZLIB_METHOD and int.from_bytes(rest[:2]) % 31 == 0
            stream = zlib.decompressobj(zlib.MAX_WBITS if has_header else _RAW_DEFLATE)
            head = b""
        while rest:
            if stream.eof:
                raise ValueError("the compressed body goes on after its end")
            yield _piece(stream, rest)
            rest = stream.unconsumed_tail or stream.unused_data
    if stream:
        yield _last_piece(stream)
    elif head:
        raise ValueError("the compressed body has no end")


def _piece(stream: zlib._Decompress, data: bytes) -> bytes:
    try:
        return stream.decompress(data, _PIECE_BYTES)
    except zlib.error as error:
        raise ValueError(f"the body cannot be decompressed: {error}") from None


def _last_piece(stream: zlib._Decompress) -> bytes:
    try:
        piece = stream.flush()
    except zlib.error as error:
        raise ValueError(f"the body cannot be decompressed: {error}") from None
    if not stream.eof:
        raise ValueError("the compressed body has no end")
    return piece
