"""What a token says of itself, and which of that keeps the platform from accepting it.

Nothing here verifies a signature: the claims of a token are for messages only.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from gatekeeper.core.answer.soundness import sound_json
from gatekeeper.core.text import seconds
from gatekeeper.kore.error_responses import HOUR, Cause

_SEGMENTS = re.compile(r"[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]*)+")
SEGMENTS_OF_SIGNED, SEGMENTS_OF_ENCRYPTED = 3, 5
_TIMES = ("iat", "nbf", "exp")
_LATEST = 253402300799.0  # the end of the year 9999, in seconds since 1970
# Platforms allow for clocks that differ by a few seconds.
_LEEWAY = 5.0
FRESH_TOKENS = (
    "set client-id and client-secret, or set jwt-command to a program that prints a new token for "
    "each request"
)


class TokenClaims(msgspec.Struct, frozen=True):
    """The claims of a token that decide whether it is accepted; none of them is a secret.

    Times are in seconds since 1970. A claim that is missing, or has another type, is `None`;
    `malformed` names the times that are not numbers.
    """

    app_id: str | None = None
    jti: str | None = None
    issued_at: float | None = None
    not_before: float | None = None
    expires_at: float | None = None
    malformed: tuple[str, ...] = ()


def is_token(text: str) -> bool:
    """Whether a text has the form of a JWT, signed or encrypted."""
    segments = text.split(".")
    return (
        len(segments) in (SEGMENTS_OF_SIGNED, SEGMENTS_OF_ENCRYPTED)
        and _SEGMENTS.fullmatch(text) is not None
        and _object_in(segments[0]) is not None
    )


def read_claims(token: str) -> TokenClaims | None:
    """Return the claims of a signed token; `None` if it is encrypted, or is not a token."""
    segments = token.split(".")
    claims = (
        _object_in(segments[1]) if is_token(token) and len(segments) == SEGMENTS_OF_SIGNED else None
    )
    if claims is None:
        return None
    return TokenClaims(
        app_id=_text(claims, "appId"),
        jti=_text(claims, "jti"),
        issued_at=_time(claims, "iat"),
        not_before=_time(claims, "nbf"),
        expires_at=_time(claims, "exp"),
        malformed=tuple(name for name in _TIMES if name in claims and _time(claims, name) is None),
    )


def time_fault(claims: TokenClaims, now: float, date: float | None) -> Cause | None:
    """Return why a token's times make the platform refuse it; `None` if they do not.

    `now` is this machine's time and `date` the platform's, if it is known: seconds since 1970.
    """
    there = now if date is None else date
    why = why_invalid(claims, there)
    if why is None:
        return None
    if claims.malformed:
        return Cause(f"the token {why}", "create tokens whose times are seconds since 1970")
    ahead = now - there
    if why_invalid(claims, now) is None and abs(ahead) > _LEEWAY:
        direction = "ahead of" if ahead > 0 else "behind"
        return Cause(
            f"this machine's clock is {seconds(abs(ahead))} {direction} the platform's, by "
            f"which the token {why}",
            "set the clock of the machine that this job runs on (NTP)",
        )
    if _is_expired(claims, there):
        return Cause(f"the token {why}", FRESH_TOKENS)
    return Cause(f"the token {why}", "set the clock of the machine that made the token (NTP)")


def lifetime_warnings(claims: TokenClaims, now: float, timeout: float) -> Iterator[str]:
    """Yield why a ready-made token will not last for a gate, as sentences without a subject.

    `now` is in seconds since 1970; `timeout` is the longest of the gate, in seconds.
    """
    left = time_left(claims, now)
    if why := why_invalid(claims, now):
        yield f"the token {why}: {FRESH_TOKENS}"
    elif left is not None and left < timeout:
        yield (
            f"the token expires in {seconds(left)}, but timeout is {seconds(timeout)}: "
            f"{FRESH_TOKENS}"
        )
    if claims.jti is None:
        return
    yield (
        "the token has a jti, so the platform may accept it for one request only, but a gate "
        f"sends several: {FRESH_TOKENS}"
    )
    if left is not None and violates_hour(claims, now):
        yield (
            f"the token has a jti and expires in {seconds(left)}, but the platform accepts one "
            "hour at most: create it with an earlier exp"
        )


def time_left(claims: TokenClaims, now: float) -> float | None:
    """Return the seconds until a token expires; `None` if it has no `exp`."""
    return None if claims.expires_at is None else claims.expires_at - now


def violates_hour(claims: TokenClaims, now: float) -> bool:
    """Whether a token with a `jti` expires later than the platform accepts: in over an hour."""
    left = time_left(claims, now)
    return claims.jti is not None and left is not None and left > HOUR


def why_invalid(claims: TokenClaims, now: float) -> str | None:
    """Return why a token is not valid at a time, to follow "the token", or nothing."""
    if claims.malformed:
        return f"has times that are not numbers ({', '.join(claims.malformed)})"
    if _is_expired(claims, now):
        expired = claims.expires_at or 0.0
        return f"expired {seconds(now - expired)} ago, at {_date(expired)}"
    begins = max(claims.issued_at or 0.0, claims.not_before or 0.0)
    if begins > now + _LEEWAY:
        return f"becomes valid only in {seconds(begins - now)}, at {_date(begins)}"
    return None


def _is_expired(claims: TokenClaims, now: float) -> bool:
    return claims.expires_at is not None and claims.expires_at <= now


def _date(time: float) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M:%S} UTC"


def _object_in(segment: str) -> Mapping[str, Any] | None:
    """Return the JSON object in a segment; `None` if it has none."""
    try:
        value = sound_json(base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) else None


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    if isinstance(value, float) and math.isnan(value):
        return None
    return float(min(max(value, 0), _LATEST))
