"""The credentials, judged by their form, and tokens made elsewhere by their content.

None of that content is shown.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial

import msgspec

from gatekeeper.core.text import seconds
from gatekeeper.doctor.clock import SET_CLOCK
from gatekeeper.doctor.finding import CREDENTIALS, Finding, State, ok
from gatekeeper.errors import ApiError
from gatekeeper.kore.retry import TransientError
from gatekeeper.kore.token import Credentials, Note, ReadyToken, SigningKey
from gatekeeper.kore.token_claims import (
    FRESH_TOKENS,
    SEGMENTS_OF_ENCRYPTED,
    SEGMENTS_OF_SIGNED,
    TokenClaims,
    read_claims,
    time_left,
    violates_hour,
    why_invalid,
)

_NEW_TOKEN = "set a new token, or client-id and client-secret instead"  # noqa: S105 - advice
_OTHER_PROGRAM = "have the program that jwt-command runs print a new, valid token each time"
_USED_UP = "the request would use up the token"


class Tokens(msgspec.Struct, frozen=True):
    """What is known of the tokens before one is sent.

    `doubt` says why the platform will refuse them, if that is known; `why_unsent` why none must be
    sent.
    """

    doubt: str = ""
    why_unsent: str = ""


def check_credentials(
    credentials: Credentials, ahead: float | None, timeout: float, note: Note
) -> tuple[Finding, Tokens]:
    """Judge the credentials by their form, and a token made elsewhere by its content.

    `ahead` is how far this machine's clock is ahead of the platform's, in seconds, if known;
    `timeout` is the longest that a gate would use a token, in seconds. `note` is called with each
    token.
    """
    if isinstance(credentials, SigningKey):
        return _check_key(credentials), Tokens()
    now = time.time() - (ahead or 0.0)
    try:
        if isinstance(credentials, ReadyToken):
            return _check_ready_token(credentials.token(note), now, timeout)
        return _check_new_tokens(partial(credentials.token, note), now)
    except (ApiError, TransientError) as error:
        finding = Finding(CREDENTIALS, State.FAILED, str(error), next_step=error.next_step)
        return finding, Tokens(why_unsent="there is no token")


def _check_key(key: SigningKey) -> Finding:
    text = f"a client id, and {_size(key)} that signs {key.algorithm} tokens"
    if key.encryption:
        text += f"; they are encrypted ({key.encryption.algorithm}, {key.encryption.encryption})"
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


def _check_ready_token(token: str, now: float, timeout: float) -> tuple[Finding, Tokens]:
    """Judge a token at a time, for a gate that uses it for up to `timeout` seconds."""
    claims = read_claims(token)
    if claims is None:
        return _unreadable("the ready-made token", token, _NEW_TOKEN)
    if text := _why_refused(claims, now):
        return _refused(f"the ready-made token {text}", _NEW_TOKEN)
    if claims.jti is not None:
        return _good_once("the ready-made token has a jti", FRESH_TOKENS)
    left = time_left(claims, now)
    if left is None:
        return ok(CREDENTIALS, "a ready-made token for an app, which does not expire"), Tokens()
    text = f"a ready-made token for an app, which expires in {seconds(left)}"
    if left < timeout:
        cause = f"a suite may take longer: its timeout is {seconds(timeout)}"
        return Finding(CREDENTIALS, State.UNKNOWN, text, cause, _NEW_TOKEN), Tokens()
    return ok(CREDENTIALS, text), Tokens()


def _good_once(text: str, next_step: str) -> tuple[Finding, Tokens]:
    cause = "it is good for one request, but a gate sends several"
    finding = Finding(CREDENTIALS, State.UNKNOWN, text, cause, next_step)
    return finding, Tokens(why_unsent=_USED_UP)


def _check_new_tokens(new_token: Callable[[], str], now: float) -> tuple[Finding, Tokens]:
    """Judge one of the tokens that a command prints, at a time; if it has a `jti`, the next too."""
    token = new_token()
    claims = read_claims(token)
    if claims is None:
        return _unreadable("a token from jwt-command", token, _OTHER_PROGRAM)
    if text := _why_refused(claims, now):
        # If this machine's clock makes it valid, it was made by this clock.
        is_clock = why_invalid(claims, now) and not why_invalid(claims, time.time())
        next_step = SET_CLOCK if is_clock else _OTHER_PROGRAM
        return _refused(f"a token from jwt-command {text}", next_step)
    if claims.jti is not None and _jti(new_token()) == claims.jti:
        return _good_once("jwt-command printed two tokens with the same jti", _OTHER_PROGRAM)
    left = time_left(claims, now)
    expiry = "does not expire" if left is None else f"expires in {seconds(left)}"
    return ok(CREDENTIALS, f"jwt-command prints a token for an app, which {expiry}"), Tokens()


def _jti(token: str) -> str | None:
    claims = read_claims(token)
    return claims.jti if claims else None


def _unreadable(what: str, token: str, next_step: str) -> tuple[Finding, Tokens]:
    segments = token.count(".") + 1
    if segments == SEGMENTS_OF_ENCRYPTED:
        text = f"{what} is encrypted, so its content is not known"
        return Finding(CREDENTIALS, State.UNKNOWN, text, hint=True), Tokens()
    if segments == SEGMENTS_OF_SIGNED:
        return _refused(f"{what} is not a JWT: its parts cannot be decoded", next_step)
    found = f"it has {segments} of {SEGMENTS_OF_SIGNED} parts"
    return _refused(f"{what} is not a JWT: {found}", next_step)


def _why_refused(claims: TokenClaims, now: float) -> str | None:
    """Return what of a token makes the platform refuse it, to follow "the token"."""
    if why := why_invalid(claims, now):
        return why
    if not claims.app_id:
        return "has no appId: the claim must be there, and spelled exactly so"
    if violates_hour(claims, now):
        return "has a jti and expires in more than one hour, which the platform does not accept"
    return None


def _refused(text: str, next_step: str) -> tuple[Finding, Tokens]:
    return Finding(CREDENTIALS, State.FAILED, text, next_step=next_step), Tokens(doubt=text)
