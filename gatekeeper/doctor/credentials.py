"""The form of the credentials, and the clock by which their tokens are dated."""

from __future__ import annotations

import email.utils
import time
from datetime import UTC

from gatekeeper.core.text import seconds
from gatekeeper.doctor.finding import CREDENTIALS, Finding, State, ok
from gatekeeper.doctor.ready_token import Tokens, check_ready_token, claims_of, validity_problem
from gatekeeper.kore.token import Credentials, ReadyToken, SigningKey
from gatekeeper.kore.transport import HttpResponse

CLOCK = "clock"
# A `Date` has no fractions, and the response took a while.
_SAME_TIME = 30.0


def check_credentials(
    credentials: Credentials, ahead: float | None, timeout: float
) -> tuple[Finding, Tokens]:
    """Judge the credentials by their form, and a ready token by its content.

    `ahead` is how far this machine's clock is ahead of the platform's, in seconds, if known;
    `timeout` is the longest that a gate would use a token, in seconds.
    """
    if isinstance(credentials, ReadyToken):
        return check_ready_token(credentials.jwt, time.time() - (ahead or 0.0), timeout)
    return _check_key(credentials), Tokens()


def _check_key(key: SigningKey) -> Finding:
    text = f"a client id, and {_size(key)} that signs {key.algorithm} tokens"
    if key.weakness:
        return Finding(CREDENTIALS, State.UNKNOWN, text, key.weakness, hint=True)
    if not key.client_id.startswith("cs-"):
        return Finding(
            CREDENTIALS,
            State.UNKNOWN,
            text,
            "the client id does not begin with cs-, as client ids usually do",
            "check that client-id is the id of the credentials, not a name or the stream id",
            hint=True,
        )
    return ok(CREDENTIALS, text)


def _size(key: SigningKey) -> str:
    if not key.is_rsa:
        return f"a secret of {len(key.key.encode())} bytes"
    import jwt

    bits = jwt.get_algorithm_by_name(key.algorithm).prepare_key(key.key).key_size
    return f"an RSA key of {bits} bits"


def clock_ahead(response: HttpResponse | None) -> float | None:
    """Return how far this machine's clock is ahead of a response's, in seconds, if known."""
    try:
        date = email.utils.parsedate_to_datetime(response.headers["date"] if response else "")
        return time.time() - date.replace(tzinfo=date.tzinfo or UTC).timestamp()
    except (KeyError, ValueError, OverflowError, OSError):
        return None


def check_clock(ahead: float | None, credentials: Credentials | None) -> Finding:
    """Judge this machine's clock, and whether the tokens that it dates are valid for the host."""
    if ahead is None:
        text = "the response has no valid Date to compare this machine's clock with"
        return Finding(CLOCK, State.UNKNOWN, text, hint=True)
    if abs(ahead) <= _SAME_TIME:
        return ok(CLOCK, "this machine's clock agrees with the host's")
    text = f"this machine's clock is {seconds(abs(ahead))} {'fast' if ahead > 0 else 'slow'}"
    next_step = "set the clock of this machine, by NTP"
    claims = claims_of(credentials.token()) if isinstance(credentials, SigningKey) else None
    if problem := validity_problem(claims or {}, time.time() - ahead):
        cause = f"by the host's clock, a new token of this machine {problem}"
        return Finding(CLOCK, State.FAILED, text, cause, next_step)
    return Finding(CLOCK, State.UNKNOWN, text, "", next_step, hint=True)
