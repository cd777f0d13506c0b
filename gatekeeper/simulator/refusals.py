"""The error responses of the platform, in its own words."""

from __future__ import annotations

from http import HTTPStatus


class Refusal(Exception):
    """The refusal of a request: the HTTP status, and `msg` and `code` of the error body."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.status = int(status)
        self.message = message
        self.code = self.status if code is None else code

    @property
    def body(self) -> dict[str, object]:
        """The error body, before encoding."""
        return {"errors": [{"msg": self.message, "code": self.code}]}


_NOT_AUTHORISED = 4002


def wrong_credentials() -> Refusal:
    """Return the refusal of a missing, expired or foreign token, or of a wrong stream id."""
    return Refusal(HTTPStatus.UNAUTHORIZED, "Invalid SDK credentials", _NOT_AUTHORISED)


def invalid_token() -> Refusal:
    """Return the refusal of a malformed JWT, or of one of another kind than the app requires."""
    return Refusal(HTTPStatus.UNAUTHORIZED, "Invalid JWT token", _NOT_AUTHORISED)


def replayed_token() -> Refusal:
    """Return the refusal of a token whose `jti` was used before."""
    return Refusal(HTTPStatus.UNAUTHORIZED, "error verifying the jwt: possibly a replay")


def long_lived_token() -> Refusal:
    """Return the refusal of a token with a `jti` that does not expire within an hour."""
    message = 'if "jti" claim "exp" must be <= 1 hour(s)'
    return Refusal(HTTPStatus.UNAUTHORIZED, message)


def wrong_scope() -> Refusal:
    """Return the refusal of an app without the scope of the call."""
    message = "Permission denied. Scope is incorrect!"
    return Refusal(HTTPStatus.UNAUTHORIZED, message, _NOT_AUTHORISED)


def wrong_path() -> Refusal:
    """Return the refusal of an unknown path or method."""
    return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed")


def unknown_suite() -> Refusal:
    """Return the refusal of a suite that the app does not have."""
    return Refusal(HTTPStatus.BAD_REQUEST, "Test Suite not found")


def unknown_run() -> Refusal:
    """Return the refusal of a run that the suite does not have."""
    return Refusal(HTTPStatus.BAD_REQUEST, "Test Result not found.")


def wrong_stream() -> Refusal:
    """Return the refusal of a stream id that does not exist, as other calls of the API word it."""
    return Refusal(HTTPStatus.BAD_REQUEST, "Invalid StreamId")


def invalid_arguments() -> Refusal:
    """Return the refusal of a request whose values the platform does not accept."""
    return Refusal(HTTPStatus.PRECONDITION_FAILED, "Validation errors/ Invalid arguments")


def bad_request(message: str) -> Refusal:
    """Return the refusal of a request with a missing or invalid header or body."""
    return Refusal(HTTPStatus.BAD_REQUEST, message)


def rate_limited(window: str) -> Refusal:
    """Return the refusal of a request over a limit; `window` is "per-minute" or "hourly"."""
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"You've exceeded the {window} rate limit. Please wait for sometime before retrying.",
    )


REFUSALS = {
    "credentials": wrong_credentials,
    "token": invalid_token,
    "replay": replayed_token,
    "lifetime": long_lived_token,
    "scope": wrong_scope,
    "path": wrong_path,
    "suite": unknown_suite,
    "run": unknown_run,
    "stream": wrong_stream,
    "arguments": invalid_arguments,
}
"""The documented refusals, by the name that a script of faults has for each."""
