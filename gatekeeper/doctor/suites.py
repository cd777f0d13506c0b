"""Asking the platform about each suite, by the status of a run that cannot exist."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from gatekeeper.core.text import one_line
from gatekeeper.doctor.finding import Finding, State, not_checked
from gatekeeper.doctor.network import REQUEST_SECONDS
from gatekeeper.errors import ApiError
from gatekeeper.kore.client import status_path
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
from gatekeeper.settings.load import SuiteSettings

SUITE = "suite"
# The platform's ids have a UUID.
NO_RUN = "ctr-gatekeeper-doctor"


def check_suites(
    suites: Sequence[SuiteSettings],
    connect: Callable[[str], Transport],
    *,
    doubt: str = "",
    why_not: str = "",
) -> Iterator[Finding]:
    """Send one status request for each suite, with a token, and judge the response.

    `connect` returns the transport for a language. `doubt` is a known reason for the platform to
    refuse the tokens, if there is one, and `why_not` why nothing can be sent. Nothing is sent for
    a stream whose credentials were refused, nor after a request without a response.
    """
    if not suites:
        yield not_checked(SUITE, "none is set")
    names = Counter(suite.test_suite for suite in suites)
    transports: dict[str, Transport] = {}
    refused: dict[str, str] = {}
    for suite in suites:
        subject = one_line(suite.test_suite)
        if names[suite.test_suite] > 1:
            subject += f" ({suite.bot_language})"
        if why := why_not or refused.get(suite.stream_id):
            yield not_checked(SUITE, why, subject)
            continue
        language = suite.bot_language
        transport = transports[language] = transports.get(language) or connect(language)
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
            refused[suite.stream_id] = "the platform refused the same credentials and stream id"
        yield judged(subject, response, transport.host, doubt)


def judged(subject: str, response: HttpResponse, host: str, doubt: str = "") -> Finding:
    """Return what the response to a status request for an impossible run says about a suite."""
    text = error_text(response.body)
    what = f"HTTP {response.status} {text}".rstrip()
    known = documented_cause(response)
    if known is RUN_NOT_FOUND:
        text = "found; the platform accepts the token, the stream id and the scope"
        return Finding(SUITE, State.OK, text, subject=subject)
    if known:
        likely, next_step = known.likely, known.next_step
        if known is SUITE_NOT_FOUND:
            likely = f"the token, the stream id and the scope are right, but {likely}"
        elif known is WRONG_TOKEN_OR_STREAM and doubt:
            likely = f"{doubt}; otherwise, {likely}"
            next_step = "fix that first, then run gatekeeper doctor again"
        return Finding(SUITE, State.FAILED, what, likely, next_step, subject)
    error = ResponseReader(host).error(response)
    if isinstance(error, TransientError):
        cause = "the platform reports a problem that may pass"
        return Finding(
            SUITE, State.UNKNOWN, what, cause, "run gatekeeper doctor again later", subject
        )
    if is_redirect(response):
        return Finding(SUITE, State.FAILED, error.what, next_step=error.next_step, subject=subject)
    unknown = cause_of(response.status, text)
    cause = "; ".join(filter(None, ("this text is not known", unknown.likely)))
    return Finding(SUITE, State.UNKNOWN, what, cause, unknown.next_step, subject)
