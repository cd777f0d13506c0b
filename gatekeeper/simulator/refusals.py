"""The error answers of the platform, in its own words."""

from __future__ import annotations

from http import HTTPStatus


class Refusal(Exception):
    """A request that is not served: the HTTP status, and `msg` and `code` of the error body."""

    def __init__(self, status: int, message: str, code: int | None = None) -> None:
        super().__init__(message)
        self.status = int(status)
        self.message = message
        self.code = self.status if code is None else code

    @property
    def body(self) -> dict[str, object]:
        """The error body, as it goes over the wire."""
        return {"errors": [{"msg": self.message, "code": self.code}]}


_NOT_AUTHORISED = 4002


def wrong_credentials() -> Refusal:
    """Refuse a token that is missing, expired or not of this app; a wrong stream id as well."""
    return Refusal(HTTPStatus.UNAUTHORIZED, "Invalid SDK credentials", _NOT_AUTHORISED)


def invalid_token() -> Refusal:
    """Refuse what is no JWT of the kind that the app asks for."""
    return Refusal(HTTPStatus.UNAUTHORIZED, "Invalid JWT token", _NOT_AUTHORISED)


def wrong_scope() -> Refusal:
    """Refuse an app that was not given the scope of the call."""
    message = "Permission denied. Scope is incorrect!"
    return Refusal(HTTPStatus.UNAUTHORIZED, message, _NOT_AUTHORISED)


def wrong_path() -> Refusal:
    """Refuse a path, or a method on a path, that the API does not have."""
    return Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "Method Not Allowed")


def unknown_suite() -> Refusal:
    """Refuse the name of a suite that the app does not have."""
    return Refusal(HTTPStatus.BAD_REQUEST, "Test Suite not found")


def unknown_run() -> Refusal:
    """Refuse the id of a run that the suite does not have."""
    return Refusal(HTTPStatus.BAD_REQUEST, "Test Result not found.")


def bad_request(message: str) -> Refusal:
    """Refuse a request whose header or body is not what the documentation asks for."""
    return Refusal(HTTPStatus.BAD_REQUEST, message)


def rate_limited(window: str) -> Refusal:
    """Refuse a request over a limit; `window` is "per-minute" or "hourly"."""
    return Refusal(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"You've exceeded the {window} rate limit. Please wait for sometime before retrying.",
    )
