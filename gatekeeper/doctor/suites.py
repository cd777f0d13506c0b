"""Asking the platform about each suite, by the status of a run that cannot exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus

from gatekeeper.core.text import one_line
from gatekeeper.doctor.credentials import Tokens
from gatekeeper.doctor.finding import Finding, State, not_checked
from gatekeeper.doctor.network import REQUEST_SECONDS
from gatekeeper.errors import ApiError
from gatekeeper.kore.client import status_path
from gatekeeper.kore.credentials_names import UNNAMED, CredentialsNames
from gatekeeper.kore.error_responses import (
    RUN_NOT_FOUND,
    SUITE_NOT_FOUND,
    WRONG_TOKEN_OR_STREAM,
    cause_of,
    error_text,
)
from gatekeeper.kore.responses import ResponseReader, documented_cause, is_redirect
from gatekeeper.kore.retry import TransientError
from gatekeeper.kore.transport import HttpResponse, Transport
from gatekeeper.settings.catalogue import STREAM_ID
from gatekeeper.settings.load import SuiteSettings

SUITE = "suite"
# The platform's ids have a UUID.
NO_RUN = "ctr-gatekeeper-doctor"


def check_suites(
    suites: Sequence[SuiteSettings],
    connect: Callable[[SuiteSettings], Transport],
    tokens: Mapping[str, Tokens],
    why_not: str = "",
) -> Iterator[Finding]:
    """Send one status request for each suite, with a token, and judge the response.

    `connect` returns the transport for a suite. `tokens` says what is known of them, by the names
    of their credentials, and `why_not` why nothing can be sent. Nothing is sent for a stream whose
    credentials were refused, nor after a request without a response.
    """
    if not suites:
        yield not_checked(SUITE, "none is set")
    names = Counter(suite.test_suite for suite in suites)
    transports: dict[tuple[str, str], Transport] = {}
    refused: dict[tuple[str, str], str] = {}
    for suite in suites:
        subject = one_line(suite.test_suite)
        if names[suite.test_suite] > 1:
            subject += f" ({suite.bot_language})"
        credentials = suite.credentials
        known, stream = tokens[credentials.name], (credentials.name, suite.stream_id)
        no_stream = "" if suite.stream_id else f"there is a problem with {STREAM_ID.name}"
        if why := known.why_unsent or why_not or no_stream or refused.get(stream):
            yield not_checked(SUITE, why, subject)
            continue
        # A transport has credentials of its own.
        key = (credentials.name, suite.bot_language)
        transport = transports[key] = transports.get(key) or connect(suite)
        path = status_path(suite.stream_id, suite.test_suite, NO_RUN)
        try:
            response = transport.send("GET", path, None, REQUEST_SECONDS)
        except (TransientError, ApiError) as error:
            next_step = error.next_step if isinstance(error, ApiError) else ""
            again = next_step or "run gatekeeper doctor again"
            yield Finding(SUITE, State.FAILED, str(error), next_step=again, subject=subject)
            why_not = "an earlier request had no response"
            continue
        if documented_cause(response) is WRONG_TOKEN_OR_STREAM:
            refused[stream] = (
                "the platform has already refused these credentials for this stream id"
            )
        yield judged(subject, response, transport.host, known.doubt, credentials)


def judged(
    subject: str,
    response: HttpResponse,
    host: str,
    doubt: str = "",
    names: CredentialsNames = UNNAMED,
) -> Finding:
    """Return what the response to a status request for an impossible run says about a suite."""
    text = error_text(response.body)
    what = f"HTTP {response.status} {text}".rstrip()
    if names.label and response.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        what = f"{what}, with {names.label}"
    known = documented_cause(response)
    if known is RUN_NOT_FOUND:
        text = "found; the platform accepts the token, the stream id and the scope"
        return Finding(SUITE, State.OK, text, subject=subject)
    if known:
        likely, next_step = known.likely, known.next_step
        if known is SUITE_NOT_FOUND:
            likely = f"the token, the stream id and the scope are right, but {likely}"
        elif known is WRONG_TOKEN_OR_STREAM and doubt:
            likely = (
                f"{doubt}; the credentials or the stream id may be wrong too, because the error is "
                "the same"
            )
            next_step = "fix that first, then run gatekeeper doctor again"
        return Finding(SUITE, State.FAILED, what, likely, names.advice(next_step), subject)
    error = ResponseReader(host, names).error(response)
    if isinstance(error, TransientError):
        cause = "the platform reports a problem that may be temporary"
        return Finding(
            SUITE, State.UNKNOWN, what, cause, "run gatekeeper doctor again later", subject
        )
    if is_redirect(response):
        return Finding(SUITE, State.FAILED, error.what, next_step=error.next_step, subject=subject)
    unknown = cause_of(response.status, text)
    cause = "; ".join(filter(None, ("gatekeeper does not know this text", unknown.likely)))
    return Finding(SUITE, State.UNKNOWN, what, cause, names.advice(unknown.next_step), subject)
