"""Which of the two calls a request is, and the names in its path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_to_bytes, urlsplit

CallName = Literal["start", "status", "other"]


@dataclass(frozen=True, slots=True)
class Route:
    """A call and what its path names; "other" is whatever the API does not have."""

    call: CallName
    stream_id: str = ""
    suite: str = ""
    run_id: str = ""


def route(method: str, target: str) -> Route:
    """Return the route of a request's method and target.

    The path is split before it is decoded, because a suite's name can hold an encoded slash.
    """
    if not target.startswith("/"):
        # The form that a proxy is asked in, and may pass on: with scheme and host before the path.
        target = urlsplit(target).path
    path = target.partition("?")[0]
    match (method, *map(_decoded, path.split("/"))):
        case ("POST", "", "api", "public", "stream", stream, "conversation", "testsuite", *rest):
            match rest:
                case (suite, "run"):
                    return Route("start", stream, suite)
        case ("GET", "", "api", "public", "stream", stream, "conversation", "testsuite", *rest):
            match rest:
                case (suite, run_id, "status"):
                    return Route("status", stream, suite, run_id)
    return Route("other")


def _decoded(segment: str) -> str:
    # The HTTP server hands over each byte of the request line as one character.
    return unquote_to_bytes(segment.encode("latin-1", "replace")).decode("utf-8", "replace")
