"""Reading the credentials: a ready-made token, or a client ID and the key that signs tokens."""

from __future__ import annotations

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


def read_credentials(reader: Reader) -> Credentials:
    """Return the credentials; a key signs a token to show that it can."""
    reader.only_one(JWT, CLIENT_SECRET)
    reader.only_one(JWT, PRIVATE_KEY)
    # Without a valid algorithm, what else is missing is found for the default.
    algorithm = reader.read(JWT_ALGORITHM) or JWT_ALGORITHM.default_value
    claims = reader.read(JWT_CLAIMS)
    jwt = reader.secret(JWT, JWT_FILE)
    if jwt or reader.is_given(JWT_FILE):
        if jwt and not _is_token(jwt):
            reader.problem(
                JWT, "not a valid token: it contains spaces or characters that tokens never have"
            )
        return ReadyToken(jwt)
    client_id = reader.require(CLIENT_ID, "unless you set a ready-made token as jwt")
    secret, file = (
        (PRIVATE_KEY, PRIVATE_KEY_FILE)
        if algorithm.startswith("RS")
        else (CLIENT_SECRET, CLIENT_SECRET_FILE)
    )
    key = reader.secret(secret, file)
    if not key and not reader.is_given(file):
        reader.missing(secret, f"it signs {algorithm} tokens")
    if key:
        given = file if reader.is_given(file) else secret
        if secret is PRIVATE_KEY:
            try:
                key = private_key_in(key)
            except ValueError as error:
                reader.problem(given, f"cannot sign a token with {algorithm}: {error}")
                return SigningKey(client_id, key, algorithm, claims)
        if _try_out(SigningKey(client_id, key, algorithm), given, reader):
            _try_out(SigningKey(client_id, key, algorithm, claims), JWT_CLAIMS, reader)
    return SigningKey(client_id, key, algorithm, claims)


def _is_token(text: str) -> bool:
    """Whether a text can be a token: a header holds it, so it is visible ASCII."""
    return text.isascii() and text.isprintable() and " " not in text


def _try_out(key: SigningKey, setting: Setting[Any], reader: Reader) -> bool:
    """Whether a key signs a token; if it does not, note why as a problem of a setting."""
    try:
        key.validate()
    except ValueError as error:
        reader.problem(setting, str(error))
        return False
    return True
