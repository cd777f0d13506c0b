"""A token that was made elsewhere, judged by its content; none of it is ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from gatekeeper.core.text import seconds
from gatekeeper.doctor.finding import CREDENTIALS, Finding, State, ok

_SIGNED_PARTS = 3
_ENCRYPTED_PARTS = 5
_LONGEST_WITH_JTI = 3600.0
_LATEST = 1e15  # seconds since 1970; later than any date
_NEW_TOKEN = "set a token that was just made, or client-id and client-secret instead"  # noqa: S105 - advice
_INSTEAD = "set client-id and client-secret instead, to have a new token made for each request"


class Tokens(msgspec.Struct, frozen=True):
    """What is known of the tokens before one is sent.

    `doubt` says why the platform will refuse them, if that is known; `why_unsent` why none must be
    sent.
    """

    doubt: str = ""
    why_unsent: str = ""


def check_ready_token(token: str, now: float, timeout: float) -> tuple[Finding, Tokens]:
    """Judge a token at a time, for a gate that uses it for up to `timeout` seconds."""
    claims = claims_of(token)
    if claims is None:
        return _unreadable(token.count(".") + 1)
    text, cause = _problem(claims, now)
    if text:
        return _useless(f"the ready token {text}", cause)
    if "jti" in claims:
        cause = "it serves one request, but a gate sends several; so doctor does not send it either"
        finding = Finding(CREDENTIALS, State.UNKNOWN, "the ready token has a jti", cause, _INSTEAD)
        return finding, Tokens(why_unsent="the token would serve this request only")
    left = _seconds_left(claims, now)
    if left is None:
        return ok(CREDENTIALS, "a ready token for an app, which does not expire"), Tokens()
    text = f"a ready token for an app, which expires in {seconds(left)}"
    if left < timeout:
        cause = f"a suite may take longer: its timeout is {seconds(timeout)}"
        return Finding(CREDENTIALS, State.UNKNOWN, text, cause, _NEW_TOKEN), Tokens()
    return ok(CREDENTIALS, text), Tokens()


def claims_of(token: str) -> Mapping[str, Any] | None:
    """Return the claims of a signed token, unverified; `None` if they cannot be read."""
    import jwt

    try:
        claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
    except (jwt.InvalidTokenError, ValueError, RecursionError):
        return None
    return claims


def validity_problem(claims: Mapping[str, Any], now: float) -> str:
    """Return why claims are not valid at a time, such as `expired 5 s ago`, or nothing."""
    left = _seconds_left(claims, now)
    if left is not None and left <= 0:
        return f"expired {seconds(-left)} ago"
    for name in ("iat", "nbf"):
        begins = _time(claims, name)
        if begins is not None and begins > now:
            return f"is valid only in {seconds(begins - now)}, by its {name}"
    return ""


def _unreadable(parts: int) -> tuple[Finding, Tokens]:
    if parts == _ENCRYPTED_PARTS:
        text = "a ready token that is encrypted, so its content is not known"
        return Finding(CREDENTIALS, State.UNKNOWN, text, hint=True), Tokens()
    if parts == _SIGNED_PARTS:
        return _useless("the ready token is not a JWT: its parts cannot be decoded")
    return _useless(f"the ready token is not a JWT: it has {parts} of {_SIGNED_PARTS} parts")


def _problem(claims: Mapping[str, Any], now: float) -> tuple[str, str]:
    """Return what is wrong with claims, and its cause or nothing; empty if all is well."""
    if problem := validity_problem(claims, now):
        return problem, ""
    if not claims.get("appId"):
        return "has no appId", "the claim must be there, and spelled exactly so"
    left = _seconds_left(claims, now)
    if "jti" in claims and (left is None or left > _LONGEST_WITH_JTI):
        return "has a jti, but no exp within one hour", "the platform refuses such a token"
    return "", ""


def _useless(text: str, cause: str = "") -> tuple[Finding, Tokens]:
    return Finding(CREDENTIALS, State.FAILED, text, cause, _NEW_TOKEN), Tokens(doubt=text)


def _seconds_left(claims: Mapping[str, Any], now: float) -> float | None:
    expires = _time(claims, "exp")
    return None if expires is None else expires - now


def _time(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    # Refuses infinity and NaN too.
    return float(value) if abs(value) < _LATEST else None
