"""Finds the call that a request makes, and the names in its path."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote_to_bytes, urlsplit

CallName = Literal["start", "status", "other"]


@dataclass(frozen=True, slots=True)
class Route:
    """A call and the names in its path; "other" is any call that the API does not have."""

    call: CallName
    stream_id: str = ""
    suite: str = ""
    run_id: str = ""


def route(method: str, target: str) -> Route:
    """Return the route of a request's method and target.

    The path is split before it is decoded, because a suite's name can contain an encoded slash.
    """
    if not target.startswith("/"):
        # Requests to a proxy have a URL as the target, which a proxy may forward.
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
    # The HTTP server decodes the request line as Latin-1.
    return unquote_to_bytes(segment.encode("latin-1", "replace")).decode("utf-8", "replace")
