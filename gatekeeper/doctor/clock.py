"""The clock of this machine, by which new tokens are dated."""

from __future__ import annotations

import time

from gatekeeper.core.text import seconds
from gatekeeper.doctor.finding import Finding, State, ok
from gatekeeper.kore.retry import timestamp
from gatekeeper.kore.token import Credentials, SigningKey
from gatekeeper.kore.token_claims import read_claims, why_invalid
from gatekeeper.kore.transport import HttpResponse

CLOCK = "clock"
SET_CLOCK = "set the clock of this machine, usually by turning on NTP"
# A `Date` has no fractions, and the response took a while.
_SAME_TIME = 30.0


def clock_ahead(response: HttpResponse | None) -> float | None:
    """Return how far this machine's clock is ahead of a response's, in seconds, if known."""
    date = timestamp(response.headers.get("date")) if response else None
    return None if date is None else time.time() - date


def check_clock(ahead: float | None, credentials: Credentials | None) -> Finding:
    """Judge this machine's clock, and whether the tokens that it dates are valid for the host."""
    if ahead is None:
        text = "the response has no valid Date to compare this machine's clock with"
        return Finding(CLOCK, State.UNKNOWN, text, hint=True)
    if abs(ahead) <= _SAME_TIME:
        return ok(CLOCK, "this machine's clock agrees with the host's")
    text = f"this machine's clock is {seconds(abs(ahead))} {'fast' if ahead > 0 else 'slow'}"
    if why := _why_refused(credentials, time.time() - ahead):
        cause = f"by the host's clock, a token that this machine makes now {why}"
        return Finding(CLOCK, State.FAILED, text, cause, SET_CLOCK)
    return Finding(CLOCK, State.UNKNOWN, text, "", SET_CLOCK, hint=True)


def _why_refused(credentials: Credentials | None, now: float) -> str | None:
    """Return why a token that is signed here and now is not valid at another time, if so."""
    if not isinstance(credentials, SigningKey):
        return None
    claims = read_claims(credentials.signed())
    return why_invalid(claims, now) if claims else None
