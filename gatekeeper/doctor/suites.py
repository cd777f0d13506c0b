"""Asking the platform about each suite, by the status of a run that cannot exist."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from http import HTTPStatus

from msgspec.structs import replace

from gatekeeper.core.text import one_line
from gatekeeper.doctor.credentials import Tokens
from gatekeeper.doctor.finding import Finding, State, not_checked, ok
from gatekeeper.doctor.network import REQUEST_SECONDS
from gatekeeper.errors import ApiError
from gatekeeper.kore.client import status_path
from gatekeeper.kore.credentials_names import UNNAMED, CredentialsNames
from gatekeeper.kore.error_responses import (
    RUN_NOT_FOUND,
    SUITE_NOT_FOUND,
    TOKEN_REFUSED,
    WRONG_TOKEN_OR_STREAM,
    cause_of,
    error_text,
)
from gatekeeper.kore.responses import (
    ResponseReader,
    documented_cause,
    is_redirect,
    reports_rate_limit,
)
from gatekeeper.kore.retry import TransientError
from gatekeeper.kore.transport import HttpResponse, Transport
from gatekeeper.settings.catalogue import STREAM_ID
from gatekeeper.settings.gate_settings import SuiteSettings

SUITE = "suite"


def no_run() -> str:
    """Return the id of a run that cannot exist, as the platform's have a UUID.

    Each is used once, because the platform limits the requests about a run.
    """
    return f"ctr-gatekeeper-doctor-{secrets.token_hex(4)}"


def check_suites(
    suites: Sequence[SuiteSettings],
    connect: Callable[[SuiteSettings], Transport],
    tokens: Mapping[str, Tokens],
    why_not: str = "",
) -> Iterator[Finding]:
    """Send one status request for each suite, with a token, and judge the response.

    `connect` returns the transport for a suite. `tokens` says what is known of them, by the names
    of their credentials, and `why_not` why nothing can be sent. Nothing is sent for a stream whose
    credentials were refused, nor after a request without a response or one over a rate limit. A run
    to attach to is looked for instead of one that cannot exist.
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
        path = status_path(suite.stream_id, suite.test_suite, suite.test_run_id or no_run())
        try:
            response = transport.send("GET", path, None, REQUEST_SECONDS)
        except (TransientError, ApiError) as error:
            again = error.next_step or "run gatekeeper doctor again"
            yield Finding(SUITE, State.FAILED, str(error), next_step=again, subject=subject)
            why_not = "an earlier request had no response"
            continue
        if documented_cause(response) is WRONG_TOKEN_OR_STREAM:
            refused[stream] = (
                "the platform has already refused these credentials for this stream id"
            )
        if reports_rate_limit(response):
            why_not = "the platform's rate limit is reached"
        finding = judged(subject, response, transport.host, known.doubt, credentials)
        yield _of_run(finding, suite.test_run_id, response) if suite.test_run_id else finding


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
        elif known in TOKEN_REFUSED and doubt:
            likely = f"{doubt}; otherwise, {likely}"
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
    if unknown is RUN_NOT_FOUND:
        # The text mentions it, but says more.
        unknown = cause_of(response.status, "")
    cause = "; ".join(filter(None, ("gatekeeper does not know this text", unknown.likely)))
    return Finding(SUITE, State.UNKNOWN, what, cause, names.advice(unknown.next_step), subject)


def _of_run(finding: Finding, test_run_id: str, response: HttpResponse) -> Finding:
    """Return what the response to a request about a run to attach to says about both."""
    if finding.state is State.OK:
        text = f"found, but not {one_line(test_run_id)}: HTTP {response.status} "
        return replace(
            finding,
            state=State.FAILED,
            text=text + error_text(response.body),
            cause=RUN_NOT_FOUND.likely,
            next_step=RUN_NOT_FOUND.next_step,
        )
    try:
        ResponseReader("").progress(response)
    except (ApiError, TransientError):
        return finding
    text = f"found, and so is {one_line(test_run_id)}; the platform accepts the token"
    return ok(SUITE, text, finding.subject)
