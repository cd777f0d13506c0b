"""What JSON from outside must not be: nested too deeply, or with a name twice in one object.

Both are told apart from sound JSON by numbers of our own, so the interpreter's stack has no say.
Of a name that stands twice, only one of its values would count.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import msgspec

from gatekeeper.core.text import one_line

# Far more than any answer has, and far less than any decoder's stack holds.
DEPTH = 200
_CHUNK = 1 << 16  # bytes


class UnsoundJson(ValueError):
    """JSON that is nested too deeply, or has a name twice in one object."""


def sound_json(text: str | bytes) -> Any:
    """Decode a small document; raises `ValueError`, which is `UnsoundJson` if it is too deep."""
    refuse_deep(text.encode("utf-8", "replace") if isinstance(text, str) else text)
    return json.loads(text)


def refuse_deep(body: bytes) -> None:
    """Raise `UnsoundJson` where more than `DEPTH` objects and lists stand within each other."""
    if body.count(b"{") + body.count(b"[") <= DEPTH:
        return
    brackets, levels = _brackets(body), 0
    # Each turn takes the innermost level away: of a large answer, a few turns leave nothing.
    while levels < _USUAL_DEPTH and b"[]" in brackets:
        brackets = brackets.replace(b"[]", b"")
        levels += 1
    if levels + max(accumulate(map(_STEPS.__getitem__, brackets)), default=0) > DEPTH:
        raise UnsoundJson(f"it is nested too deeply: more than {DEPTH} objects and lists")


_USUAL_DEPTH = 20
_STEPS = {ord("["): 1, ord("]"): -1}
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b'{}[]"'))


def _brackets(body: bytes) -> bytes:
    """Return the brackets outside of texts, all of one kind."""
    found: list[bytes] = []
    start = 0
    while start < len(body):
        # After a comma, for that is never the second half of an escape.
        end = body.find(b",", start + _CHUNK) + 1 or len(body)
        chunk = body[start:end]
        if b"\\" in chunk:
            chunk = chunk.replace(rb"\\", b"").replace(rb"\"", b"")
        # A text without brackets goes at once; two that touch are as good as one.
        found.append(chunk.translate(_ONE_KIND, _OTHERS).replace(b'""', b""))
        start = end
    return b"".join(b"".join(found).split(b'"')[::2])


# An escape for the colon, which is counted below; most bodies have not even its beginning.
_ESCAPED_COLON = re.compile(rb"\\u003[aA]")


def refuse_repeated_names(body: bytes) -> None:
    """Raise `UnsoundJson` where a name stands twice in one object; what is no JSON passes.

    Decoded and encoded again, a document keeps every colon but those of repeated names, and gets
    none unless one was escaped. Only where that does not tell, it is searched name by name.
    """
    try:
        kept = kept_colons(msgspec.json.decode(body))
    except (msgspec.MsgspecError, ValueError, OverflowError):
        kept = -1
    if not _tells(body, kept):
        _search(body)


def refuse_repeated_names_around(body: bytes, parts: Sequence[msgspec.Raw], kept: int) -> None:
    """Do the same for a large document, in parts.

    `parts` are objects that stand in it, in their order, and `kept` is how many colons it has
    decoded and encoded again.
    """
    if _tells(body, kept):
        return
    rest: list[bytes] = []
    start = 0
    for part in parts:
        whole = bytes(part)
        refuse_repeated_names(whole)
        # Where an equal object stands before it, that is left out instead: it is as sound.
        end = body.index(whole, start)
        rest.append(body[start:end])
        start = end + len(whole)
    refuse_repeated_names(b"0".join([*rest, body[start:]]))


def kept_colons(value: Any) -> int:
    """Count the colons of a value when it is encoded."""
    return _ENCODER.encode(value).count(b":")


_ENCODER = msgspec.json.Encoder()


def _tells(body: bytes, kept: int) -> bool:
    return body.count(b":") == kept and not (
        b"\\u003" in body and _ESCAPED_COLON.search(body) is not None
    )


def unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members; raises `UnsoundJson` where a name stands twice."""
    members = dict(pairs)
    if len(members) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise UnsoundJson(f"{one_line(name, 60)!r} stands twice in one object")
    return members


def _search(body: bytes) -> None:
    text = body.decode("utf-8-sig", "replace")
    try:
        json.loads(text, object_pairs_hook=unique_names, parse_int=str, parse_float=str)
    except UnsoundJson:
        raise
    except ValueError:
        return
