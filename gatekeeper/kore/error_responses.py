"""What the platform's error responses mean, and what a person should do about each of them.

The platform distinguishes causes only by the text of `msg`: several of them share one `code`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from http import HTTPStatus

import msgspec

from gatekeeper.core.answer.soundness import sound_json
from gatekeeper.core.text import as_text, one_line

HOUR = 3600.0
MINUTE = 60.0


class Cause(msgspec.Struct, frozen=True):
    """The likely cause of an error response (may be empty), and the next step."""

    likely: str
    next_step: str


RUN_NOT_FOUND = Cause(
    "this suite has no run with this id",
    "check test-run-id (ctr-…), and that test-suite is the suite it belongs to",
)
"""The only error that shows that the token, the stream id, the scope and the suite are right."""
SUITE_NOT_FOUND = Cause(
    "the app has no test suite of this name in this version and language",
    "check the exact spelling of test-suite, then bot-version and bot-language",
)
"""An error that shows that the token, the stream id and the scope are right."""
WRONG_TOKEN_OR_STREAM = Cause(
    "the token was rejected or the stream id is wrong; the error is the same for both",
    "compare client-id, client-secret, jwt-algorithm and stream-id with the app's settings",
)
_USED_BEFORE = Cause(
    "the app accepts each token only once (by its jti), and this one was used before",
    "instead of jwt, set client-id and client-secret, or set jwt-command to a program that prints "
    "a new token for each request",
)
_LONG_LIVED = Cause(
    "a token with a jti may expire in one hour at most",
    "create tokens that expire sooner, and check the clock of the machine that makes them",
)
OTHER_TOKEN = Cause(
    "the app expects a different kind of token: another algorithm, other claims, or an encrypted "
    "token (JWE)",
    "check jwt-algorithm and jwt-claims; if the app enforces JWE, set jwe-key to its current "
    "public key, and check jwe-algorithm and jwe-encryption",
)
TOKEN_REFUSED = (WRONG_TOKEN_OR_STREAM, OTHER_TOKEN)
"""The errors of a request whose token was not valid, or that had none."""
_NO_SCOPE = Cause(
    "the credentials lack the scope, or the app was not published after it was granted",
    'grant the scope "Conversation Tests Execution", then publish the app',
)
_WRONG_USER = Cause(
    "the user is not accepted",
    "check user-email: it must be the app's owner or a developer, not a tester",
)
_INVALID_ARGUMENTS = Cause(
    "the platform does not accept a value of the request",
    "check stream-id (st-…), test-suite, bot-version, bot-language and user-email",
)
_NO_RESULT = "test result not found"
# Patterns for the platform's own texts, in lower case, the more specific ones first.
_BY_TEXT = (
    (r"invalid sdk credentials", WRONG_TOKEN_OR_STREAM),
    (r"scope is incorrect", _NO_SCOPE),
    (r"possibly a replay", _USED_BEFORE),
    (r"\bexp\b.*\b1 hour", _LONG_LIVED),
    (r"invalid jwt token", OTHER_TOKEN),
    (r"test suite not found", SUITE_NOT_FOUND),
    (_NO_RESULT, RUN_NOT_FOUND),
    (
        r"invalid streamid",
        Cause("the stream id is wrong", "check stream-id (st-…) in the app's General Settings"),
    ),
    (r"validation errors/ ?invalid arguments", _INVALID_ARGUMENTS),
)
# Patterns for words that only suggest a cause: other servers use them too.
_BY_WORDS = (
    (r"permission denied", _NO_SCOPE),
    (r"invalid jwt", OTHER_TOKEN),
    (r"email|\buser\b", _WRONG_USER),
)
_BY_STATUS: dict[int, Cause] = {
    HTTPStatus.UNAUTHORIZED: Cause("the token was rejected", "check the credentials"),
    HTTPStatus.FORBIDDEN: Cause(
        "access was denied by the platform, or by a proxy or firewall in front of it",
        "check the credentials' scope, and whether a firewall blocks this job",
    ),
    HTTPStatus.NOT_FOUND: Cause("the host has no such path", "check host"),
    HTTPStatus.METHOD_NOT_ALLOWED: Cause("the host has no such path", "check host"),
    HTTPStatus.PROXY_AUTHENTICATION_REQUIRED: Cause(
        "the proxy requires a login", "check the proxy's user and password in HTTPS_PROXY"
    ),
    HTTPStatus.PRECONDITION_FAILED: _INVALID_ARGUMENTS,
}

_UNKNOWN = Cause("", "compare the settings with the app's; if they match, ask the platform's admin")


def known_cause(text: str) -> Cause | None:
    """Return the cause of an error if the platform is known to use its text, otherwise nothing."""
    return _first_match(_BY_TEXT, text)


def is_run_not_found(text: str) -> bool:
    """Whether a text is the platform's for a run that does not exist, and nothing more."""
    return text.lower().strip(" .") == _NO_RESULT


def cause_of(status: int, text: str) -> Cause:
    """Return the cause of an error response, by its text, otherwise by its HTTP status."""
    by_text = known_cause(text) or _first_match(_BY_WORDS, text)
    return by_text or _BY_STATUS.get(status, _UNKNOWN)


def _first_match(causes: Iterable[tuple[str, Cause]], text: str) -> Cause | None:
    lowered = text.lower()
    return next((cause for pattern, cause in causes if re.search(pattern, lowered)), None)


def error_text(body: bytes) -> str:
    """Return the error message of a response in one line.

    That is its `errors[].msg`, `message` or `msg` if it has one, otherwise the start of the body.
    """
    return one_line("; ".join(error_messages(body)) or body[:2000].decode("utf-8", "replace"), 300)


def error_messages(body: bytes) -> list[str]:
    """Return the messages of an error body; empty if it is not in one of the platform's forms."""
    try:
        document = sound_json(body)
        if not isinstance(document, dict):
            return []
        errors = document.get("errors") or [{"msg": document.get("message") or document["msg"]}]
        return [as_text(error["msg"]) for error in errors]
    except (ValueError, KeyError, TypeError):
        return []


# Only the documented sentences: suite names, bots and other servers mention rate limits too.
_RATE_LIMIT = re.compile(
    r"exceeded the ([\w-]+) rate limit|rate limit for this api has been reached"
)
_WINDOWS = {"per-minute": MINUTE, "hourly": HOUR}


def is_rate_limit(text: str) -> bool:
    """Whether an error text reports a rate limit, whose HTTP status is not documented."""
    return _RATE_LIMIT.search(text.lower()) is not None


def rate_limit_window(text: str) -> float | None:
    """Return the window, in seconds, of the rate limit that an error text names, if any."""
    match = _RATE_LIMIT.search(text.lower())
    return _WINDOWS.get(match[1]) if match else None
