"""Tells good responses from errors, and errors that a retry may clear from permanent ones."""

from __future__ import annotations

import time
from http import HTTPStatus

from gatekeeper.core.answer.read import read_progress
from gatekeeper.core.answer.shape import Progress
from gatekeeper.core.text import one_line
from gatekeeper.errors import ApiError, MalformedResult
from gatekeeper.kore.credentials_names import UNNAMED, CredentialsNames
from gatekeeper.kore.error_responses import (
    RUN_NOT_FOUND,
    Cause,
    cause_of,
    error_messages,
    error_text,
    is_rate_limit,
    is_run_not_found,
    known_cause,
    rate_limit_window,
)
from gatekeeper.kore.retry import TransientError, retry_after, timestamp
from gatekeeper.kore.token_claims import time_fault
from gatekeeper.kore.transport import HttpResponse

_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)
_CLIENT_ERROR = range(400, 500)
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_ABSENT = (HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND)
_TRANSIENT_CLIENT_ERRORS = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


class ResponseReader:
    """Reads the responses to the requests of one client.

    It remembers whether a token was accepted: a single 401 after that is a transient error. Errors
    call the credentials by their `names`.
    """

    def __init__(self, host: str, names: CredentialsNames = UNNAMED) -> None:
        self._host = host
        self._names = names
        self._accepted = False
        self._doubted = False

    def progress(self, response: HttpResponse) -> Progress:
        """Return the progress that the JSON body reports; raises `TransientError`, `ApiError`."""
        if not is_success(response):
            raise self.error(response)
        try:
            progress = read_progress(response.body)
        except MalformedResult as error:
            if is_rate_limit(error_text(response.body)):
                raise self.error(response) from None
            what = f"HTTP {response.status}, but {error}"
            raise TransientError(what, took_effect=True) from None
        # An error can have a status of success, and a state as well.
        if progress.result is None and (
            is_rate_limit(error_text(response.body))
            or (progress.errors and progress.states == (None, None))
        ):
            raise self.error(response)
        self._accepted, self._doubted = True, False
        return progress

    def error(self, response: HttpResponse) -> TransientError | ApiError:
        """Return what an error response means: a transient error, or one with its next step."""
        if is_redirect(response):
            return _redirected(response, self._host)
        partial = _is_partial(response)
        text = "with only a part of the response" if partial else error_text(response.body)
        what = f"HTTP {response.status} {text}".rstrip()
        wait = retry_after(response.headers.get("retry-after"), response.headers.get("date"))
        if is_rate_limit(text):
            return TransientError(what, wait=wait or rate_limit_window(text))
        if response.status in _REDIRECT:
            return ApiError(what, next_step="check host")
        if partial or _is_transient(response.status):
            limited = response.status == HTTPStatus.TOO_MANY_REQUESTS
            return TransientError(what, wait=wait, took_effect=not limited)
        if response.status == HTTPStatus.UNAUTHORIZED and self._accepted and not self._doubted:
            self._doubted = True
            return TransientError(f"{what}, although an earlier token was accepted")
        cause = _time_fault(response, text) or cause_of(response.status, text)
        more = ""
        if response.status in _REFUSED:
            more = "; to find out more, run gatekeeper doctor"
            what = f"{what}, with {self._names.label}" if self._names.label else what
        what = f"{what}: {cause.likely}" if cause.likely else what
        return ApiError(what, next_step=f"{self._names.advice(cause.next_step)}{more}")


def _time_fault(response: HttpResponse, text: str) -> Cause | None:
    """Return what is wrong with the times of the token, if that may be why it was refused."""
    # A token that was refused for its scope, or because it was used before, is valid otherwise.
    is_valid = any(word in text.lower() for word in ("scope", "replay"))
    if response.status != HTTPStatus.UNAUTHORIZED or is_valid:
        return None
    date = timestamp(response.headers.get("date"))
    return time_fault(response.claims, time.time(), date) if response.claims else None


def is_success(response: HttpResponse) -> bool:
    """Whether the HTTP status reports success, and nothing says that the body is only a part."""
    return response.status in _SUCCESS and not _is_partial(response)


def is_redirect(response: HttpResponse) -> bool:
    """Whether a response names another URL to use instead."""
    return response.status in _REDIRECT and "location" in response.headers


def documented_cause(response: HttpResponse) -> Cause | None:
    """Return the cause of a refusal in the form and with a text of the platform's, if it is one.

    A page of another server can mention such a text, too; and as `RUN_NOT_FOUND` shows that all is
    well, nothing else may be in its text, and its status must fit.
    """
    if response.status not in _CLIENT_ERROR:
        return None
    text = "; ".join(error_messages(response.body))
    cause = known_cause(text)
    if cause is not RUN_NOT_FOUND:
        return cause
    return cause if response.status in _ABSENT and is_run_not_found(text) else None


def reports_rate_limit(response: HttpResponse) -> bool:
    """Whether the status or the text of a response reports a rate limit."""
    limited = response.status == HTTPStatus.TOO_MANY_REQUESTS
    return limited or is_rate_limit(error_text(response.body))


def _is_partial(response: HttpResponse) -> bool:
    """Whether the body is a part of what was requested, or a change to it."""
    # An error with status 416 has the header as well.
    has_range = response.status in _SUCCESS and "content-range" in response.headers
    return has_range or response.status in (HTTPStatus.PARTIAL_CONTENT, HTTPStatus.IM_USED)


def _is_transient(status: int) -> bool:
    return status in _TRANSIENT_CLIENT_ERRORS or status not in (*_SUCCESS, *_CLIENT_ERROR)


def _redirected(response: HttpResponse, host: str) -> ApiError:
    target = one_line(response.headers["location"], 200)
    return ApiError(
        f"HTTP {response.status}: {host} redirects to {target}; redirects are not followed, to "
        "keep the token from other hosts",
        next_step="if that host is the right one, set host to it",
    )
