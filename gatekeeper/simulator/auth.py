"""Checks the token in the `auth` header: its format, encryption, signature and claims."""

from __future__ import annotations

import base64
import binascii
import json
import re
import time
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from gatekeeper.simulator.encryption import NotDecrypted, decrypted
from gatekeeper.simulator.refusals import (
    Refusal,
    invalid_token,
    long_lived_token,
    replayed_token,
    wrong_credentials,
    wrong_scope,
)
from gatekeeper.simulator.signatures import (
    ALGORITHMS,
    PublicKey,
    is_signed,
    signature_length,
)

EXECUTION_SCOPE = "Conversation Tests Execution"
_LEEWAY = 5  # seconds of clock skew
_LONGEST_LIFETIME = 3600  # seconds from now, of a token with a `jti`
_MAX_TIME = 1e15  # seconds since 1970; later than any date
_SEGMENTS = 3
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class App:
    """The credentials of the app, as in its settings on the platform.

    `clock_offset` is how many seconds the platform's clock is ahead of this machine's.
    """

    client_id: str
    client_secret: str = field(repr=False)
    algorithm: str
    public_key: PublicKey | None
    enforce_jti: bool
    enforce_jwe: bool
    scopes: Collection[str]
    clock_offset: float = 0.0

    def __post_init__(self) -> None:
        """Raise `ValueError` for an unknown algorithm, or one whose public key is missing."""
        if self.algorithm not in ALGORITHMS:
            raise ValueError(f"algorithm must be one of {', '.join(ALGORITHMS)}")
        signature_length(self.algorithm, self.public_key)


class Guard:
    """Accepts the tokens of one app, each of them once if the app enforces `jti`."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._seen: set[str] = set()

    def check(self, token: str | None) -> None:
        """Raise `Refusal` unless the token may run and read test suites."""
        if not token:
            raise wrong_credentials()
        claims = self._verified(self._decrypted(token))
        if not isinstance(claims.get("sub"), str) or not claims["sub"]:
            raise invalid_token()
        if claims.get("appId") != self._app.client_id:
            raise wrong_credentials()
        now = time.time() + self._app.clock_offset
        _check_times(claims, now)
        if "jti" in claims and _seconds(claims, "exp", now) > now + _LONGEST_LIFETIME + _LEEWAY:
            raise long_lived_token()
        if self._app.enforce_jti:
            self._use(claims.get("jti"))
        if EXECUTION_SCOPE not in self._app.scopes:
            raise wrong_scope()

    def _decrypted(self, token: str) -> str:
        """Return the signed token in an encrypted one, if the app enforces JWE."""
        if not self._app.enforce_jwe:
            return token
        try:
            return decrypted(token)
        except NotDecrypted:
            raise invalid_token() from None

    def _verified(self, token: str) -> dict[str, Any]:
        """Return the claims of a token; raises `Refusal` unless it is signed for this app."""
        app = self._app
        segments = token.split(".")
        if len(segments) != _SEGMENTS:
            raise invalid_token()
        header, claims = (_json_object(_bytes(segment)) for segment in segments[:2])
        signature = _bytes(segments[2])
        if header.get("alg") != app.algorithm:
            raise invalid_token()
        if len(signature) != signature_length(app.algorithm, app.public_key):
            raise invalid_token()
        message = token.rpartition(".")[0].encode()
        if not is_signed(message, signature, app.algorithm, app.client_secret, app.public_key):
            raise wrong_credentials()
        return claims

    def _use(self, jti: Any) -> None:
        if not isinstance(jti, str) or not jti:
            raise invalid_token()
        if jti in self._seen:
            raise replayed_token()
        self._seen.add(jti)


def _check_times(claims: dict[str, Any], now: float) -> None:
    """Compare `exp` and `iat`, if the token has them, with the clock."""
    if _seconds(claims, "exp", now) + _LEEWAY <= now:
        raise wrong_credentials()
    if _seconds(claims, "iat", now) - _LEEWAY > now:
        raise wrong_credentials()


def _seconds(claims: dict[str, Any], name: str, now: float) -> float:
    """Return a time claim in seconds since 1970; `now` if it is missing."""
    value = claims.get(name, now)
    # Refuses infinity and NaN too, and integers that are too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MAX_TIME:
        raise invalid_token()
    return value


def _bytes(segment: str) -> bytes:
    """Decode base64url without padding, strictly."""
    if not _BASE64URL.fullmatch(segment):
        raise invalid_token()
    try:
        return base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    except binascii.Error:
        raise invalid_token() from None


def _json_object(data: bytes) -> dict[str, Any]:
    refusal: Refusal = invalid_token()
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise refusal from None
    if not isinstance(value, dict):
        raise refusal
    return value
