"""Reading the credentials: a ready-made token, or a client ID and the key that signs tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatekeeper.kore.pem import private_key_in
from gatekeeper.kore.token import Credentials, ReadyToken, SigningKey
from gatekeeper.settings.catalogue import (
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    JWT,
    JWT_ALGORITHM,
    JWT_CLAIMS,
    JWT_FILE,
    PRIVATE_KEY,
    PRIVATE_KEY_FILE,
)
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.sources import Reader

_BY_SECRET = (CLIENT_SECRET, CLIENT_SECRET_FILE)
_BY_PRIVATE_KEY = (PRIVATE_KEY, PRIVATE_KEY_FILE)


def read_credentials(reader: Reader, why_no_secrets: str = "") -> Credentials:
    """Return the credentials; a key signs a token to show that it can.

    `why_no_secrets` is added to the problem if a secret is missing.
    """
    reader.only_one(JWT, CLIENT_SECRET)
    reader.only_one(JWT, PRIVATE_KEY)
    # Without a valid algorithm, what else is missing is found for the default.
    algorithm = reader.read(JWT_ALGORITHM) or JWT_ALGORITHM.default_value
    claims = reader.read(JWT_CLAIMS)
    jwt = reader.secret(JWT, JWT_FILE)
    if reader.is_given(JWT) or reader.is_given(JWT_FILE):
        if jwt and not _is_token(jwt):
            reader.problem(
                JWT, "not a valid token: it contains spaces or characters that tokens never have"
            )
        for unused in (CLIENT_ID, CLIENT_SECRET_FILE, PRIVATE_KEY_FILE):
            reader.leave_unused(unused, "a ready-made token is set")
        return ReadyToken(jwt)
    client_id = reader.require(CLIENT_ID, "unless you set a ready-made token as jwt")
    is_rsa = algorithm.startswith("RS")
    for setting in _BY_SECRET if is_rsa else _BY_PRIVATE_KEY:
        reader.leave_unused(setting, f"jwt-algorithm is {algorithm}")
    secret, file = _BY_PRIVATE_KEY if is_rsa else _BY_SECRET
    key = SigningKey(client_id, reader.secret(secret, file), algorithm)
    if key.key:
        return _tried_out(key, claims, file if reader.is_given(file) else secret, reader)
    if not reader.is_given(secret) and not reader.is_given(file):
        reader.missing(secret, f"it signs {algorithm} tokens", why_no_secrets)
    return replace(key, claims=claims)


def _tried_out(
    key: SigningKey, claims: Mapping[str, Any], given: Setting[Any], reader: Reader
) -> SigningKey:
    """Return a key as it signs tokens with these claims; note why it does not.

    `given` is the setting that the key came from.
    """
    blamed = given
    try:
        if key.is_rsa:
            key = replace(key, key=_private_key(key))
        key.validate()
        key, blamed = replace(key, claims=claims), JWT_CLAIMS
        key.validate()
    except ValueError as error:
        reader.problem(blamed, str(error))
    return key


def _private_key(key: SigningKey) -> str:
    try:
        return private_key_in(key.key)
    except ValueError as error:
        raise ValueError(f"cannot sign a token with {key.algorithm}: {error}") from None


def _is_token(text: str) -> bool:
    """Whether a text can be a token: a header holds it, so it is visible ASCII."""
    return text.isascii() and text.isprintable() and " " not in text
