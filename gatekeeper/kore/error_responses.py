"""What the platform's error answers mean, and what a person should do about each of them.

The platform tells causes apart by the text of `msg` only: one `code` stands for several of them.
"""

from __future__ import annotations

import re
from http import HTTPStatus

import msgspec

from gatekeeper.core.answer.soundness import sound_json
from gatekeeper.core.text import as_text, one_line

HOUR = 3600.0
MINUTE = 60.0


class Cause(msgspec.Struct, frozen=True):
    """The likely cause of an error answer, and the next step, each a sentence or nothing."""

    likely: str
    next_step: str


# Patterns over the lower-case text, the more specific first.
_BY_TEXT = (
    (
        r"invalid sdk credentials",
        Cause(
            "the token was not accepted, or the stream id is not the app's: both get this answer",
            "hold client-id, client-secret, jwt-algorithm and stream-id against the app's own",
        ),
    ),
    (
        r"scope is incorrect|permission denied",
        Cause(
            "the credentials lack the scope, or the app was not published since it was given",
            'give them the scope "Conversation Tests Execution", then publish the app',
        ),
    ),
    (
        r"invalid jwt",
        Cause(
            "the token is not what the app asks for",
            "check jwt-algorithm and jwt-claims; an app that demands encrypted tokens (JWE) needs "
            "that turned off",
        ),
    ),
    (
        r"test suite not found",
        Cause(
            "the app has no test suite of this name in this version and language",
            "check test-suite letter by letter, then bot-version and bot-language",
        ),
    ),
    (
        r"test result not found",
        Cause(
            "there is no run of this id in this suite",
            "check test-run-id (ctr-…), and that test-suite is the suite it belongs to",
        ),
    ),
    (
        r"invalid streamid",
        Cause("the stream id is wrong", "check stream-id (st-…) in the app's General Settings"),
    ),
    (
        r"email|\buser\b",
        Cause(
            "the user is not accepted",
            "check user-email: it has to be the app's owner or a developer, not a tester",
        ),
    ),
)
_BY_STATUS: dict[int, Cause] = {
    HTTPStatus.UNAUTHORIZED: Cause("the token was not accepted", "check the credentials"),
    HTTPStatus.FORBIDDEN: Cause(
        "access is denied, by the platform or by something before it",
        "check the credentials' scope, and whether a firewall lets this job through",
    ),
    HTTPStatus.NOT_FOUND: Cause("this host has no such path", "check host"),
    HTTPStatus.METHOD_NOT_ALLOWED: Cause("this host has no such path", "check host"),
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: Cause(
        "the proxy asks for a login", "check the proxy's user and password in HTTPS_PROXY"
    ),
}

_UNKNOWN = Cause("", "hold the settings against the app; if they agree, ask who runs the platform")


def cause_of(status: int, text: str) -> Cause:
    """Return what an error answer means, by its text and else by its HTTP status."""
    lowered = text.lower()
    for pattern, cause in _BY_TEXT:
        if re.search(pattern, lowered):
            return cause
    return _BY_STATUS.get(status, _UNKNOWN)


def error_text(body: bytes) -> str:
    """Return what an answer says is wrong, in one line.

    Its `errors[].msg`, `message` or `msg` where it has one of them, its beginning otherwise.
    """
    return one_line("; ".join(_messages(body)) or body[:2000].decode("utf-8", "replace"), 300)


def _messages(body: bytes) -> list[str]:
    try:
        document = sound_json(body)
        if not isinstance(document, dict):
            return []
        errors = document.get("errors") or [{"msg": document.get("message") or document["msg"]}]
        return [as_text(error["msg"]) for error in errors]
    except (ValueError, KeyError, TypeError):
        return []


# The documented sentences, and no others: a suite, a bot or a server of the platform's own can
# speak of rate limits as well.
_RATE_LIMIT = re.compile(
    r"exceeded the ([\w-]+) rate limit|rate limit for this api has been reached"
)
_WINDOWS = {"per-minute": MINUTE, "hourly": HOUR}


def is_rate_limit(text: str) -> bool:
    """Whether an error text is that of a rate limit; its HTTP status is not documented."""
    return _RATE_LIMIT.search(text.lower()) is not None


def rate_limit_window(text: str) -> float | None:
    """Return how long the limit that an error text names lasts, in seconds, where it tells."""
    match = _RATE_LIMIT.search(text.lower())
    return _WINDOWS.get(match[1]) if match else None
