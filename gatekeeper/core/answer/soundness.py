"""JSON from outside must not be nested too deeply, and no object may have a name twice.

The limit of the depth is explicit, so it does not depend on the interpreter's stack. If an object
had a name twice, a decoder would ignore one of the values.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from itertools import accumulate
from typing import Any

import msgspec

from gatekeeper.core.text import one_line

# Far more than any response has, and far less than any decoder's stack can hold.
DEPTH = 200
_CHUNK = 1 << 16  # bytes


class UnsoundJson(ValueError):
    """JSON that is nested too deeply, or has a name twice in one object."""


def sound_json(text: str | bytes) -> Any:
    """Decode a small document; raises `ValueError`, more precisely `UnsoundJson` if too deep."""
    refuse_deep(text.encode("utf-8", "replace") if isinstance(text, str) else text)
    return json.loads(text)


def refuse_deep(body: bytes) -> None:
    """Raise `UnsoundJson` if more than `DEPTH` objects and lists are nested in each other."""
    if body.count(b"{") + body.count(b"[") <= DEPTH:
        return
    brackets, levels = _brackets(body), 0
    # Each turn removes the innermost level: of a large response, a few turns leave nothing.
    while levels < _USUAL_DEPTH and b"[]" in brackets:
        brackets = brackets.replace(b"[]", b"")
        levels += 1
    if levels + max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > DEPTH:
        raise UnsoundJson(f"nested too deeply: more than {DEPTH} objects and lists")


_USUAL_DEPTH = 20
_STEPS = {ord("["): 1, ord("]"): -1}
_SAME_KIND = bytes.maketrans(b"{}", b"[]")
_OTHER_BYTES = bytes(set(range(256)) - set(b'{}[]"'))


def _brackets(body: bytes) -> bytes:
    """Return the brackets outside of strings, all of one kind."""
    found: list[bytes] = []
    start = 0
    while start < len(body):
        # Cut after a comma, which is never the second half of an escape.
        end = body.find(b",", start + _CHUNK) + 1 or len(body)
        chunk = body[start:end]
        if b"\\" in chunk:
            chunk = chunk.replace(rb"\\", b"").replace(rb"\"", b"")
        # Empty strings are removed at once; two adjacent ones are as good as one.
        found.append(chunk.translate(_SAME_KIND, _OTHER_BYTES).replace(b'""', b""))
        start = end
    return b"".join(b"".join(found).split(b'"')[::2])


# An escaped colon, as colons are counted below; most bodies do not even have its beginning.
_ESCAPED_COLON = re.compile(rb"\\u003[aA]")


def refuse_repeated_names(body: bytes) -> None:
    """Raise `UnsoundJson` if an object has a name twice; what is not JSON passes.

    Decoded and encoded again, a document loses only the colons of repeated names, and gains only
    escaped ones. If counting colons is not conclusive, all names are searched.
    """
    with suppress(msgspec.MsgspecError, ValueError):
        if _is_conclusive(body, kept_colons(msgspec.json.decode(body))):
            return
    _search(body)


def refuse_repeated_names_around(body: bytes, parts: Sequence[msgspec.Raw], kept: int) -> None:
    """Do the same for a large document, in parts.

    `parts` are objects in it, in order, and `kept` is how many colons it has once it is decoded and
    encoded again.
    """
    if _is_conclusive(body, kept):
        return
    rest: list[bytes] = []
    start = 0
    for part in parts:
        encoded = bytes(part)
        refuse_repeated_names(encoded)
        # An equal object before it may be left out instead: it is as sound.
        end = body.index(encoded, start)
        rest.append(body[start:end])
        start = end + len(encoded)
    refuse_repeated_names(b"0".join([*rest, body[start:]]))


def kept_colons(value: Any) -> int:
    """Count the colons of a value when it is encoded."""
    return _ENCODER.encode(value).count(b":")


_ENCODER = msgspec.json.Encoder()


def _is_conclusive(body: bytes, kept: int) -> bool:
    return body.count(b":") == kept and not (
        b"\\u003" in body and _ESCAPED_COLON.search(body) is not None
    )


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members; raises `UnsoundJson` if it has a name twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise UnsoundJson(f"{one_line(name, 60)!r} occurs twice in one object")
    return members


def _search(body: bytes) -> None:
    text = body.decode("utf-8-sig", "replace")
    try:
        # As text, because Python refuses integers of thousands of digits.
        json.loads(text, object_pairs_hook=unique_names, parse_int=str)
    except UnsoundJson:
        raise
    except ValueError:
        return
