"""Reading the credentials: a client ID and the key that signs tokens, a token, or its command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gatekeeper.known_secrets import secrets_of_arguments
from gatekeeper.kore.pem import private_key_in
from gatekeeper.kore.token import Credentials, ReadyToken, SigningKey
from gatekeeper.kore.token_encryption import TokenEncryption, public_jwk
from gatekeeper.settings.catalogue import (
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    JWE_ALGORITHM,
    JWE_ENCRYPTION,
    JWE_KEY,
    JWE_KEY_FILE,
    JWT,
    JWT_ALGORITHM,
    JWT_CLAIMS,
    JWT_COMMAND,
    JWT_FILE,
    PRIVATE_KEY,
    PRIVATE_KEY_FILE,
)
from gatekeeper.settings.contents import secret_in
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.sources import Reader

_BY_SECRET = (CLIENT_SECRET, CLIENT_SECRET_FILE)
_BY_PRIVATE_KEY = (PRIVATE_KEY, PRIVATE_KEY_FILE)
# Each token has its own.
_OWN_CLAIMS = ("exp", "iat", "jti")


def read_credentials(reader: Reader, why_no_secrets: str = "") -> Credentials:
    """Return the credentials; a key signs a token to show that it can.

    `why_no_secrets` is added to the problem if a secret is missing.
    """
    for token in (JWT, JWT_COMMAND):
        reader.only_one(token, CLIENT_SECRET)
        reader.only_one(token, PRIVATE_KEY)
    reader.only_one(JWT, JWT_COMMAND)
    reader.only_one(JWT_FILE, JWT_COMMAND)
    # Without a valid algorithm, what else is missing is found for the default.
    algorithm = reader.read(JWT_ALGORITHM) or JWT_ALGORITHM.default_value
    claims = reader.read(JWT_CLAIMS)
    jwt = reader.secret(JWT, JWT_FILE)
    if reader.is_given(JWT) or reader.is_given(JWT_FILE):
        if jwt and not _is_token(jwt):
            reader.problem(
                JWT if reader.is_given(JWT) else JWT_FILE,
                "not a valid token: it contains spaces or characters that tokens never have",
            )
        _leave_unused(reader, "a ready-made token is set")
        return ReadyToken(jwt)
    if reader.is_given(JWT_COMMAND):
        _leave_unused(reader, "jwt-command is set")
        # Imported here because it takes time, and few jobs use it.
        from gatekeeper.kore.token_command import TokenCommand

        words, names = reader.read(JWT_COMMAND), reader.names
        name = " of ".join(filter(None, (names.advice(JWT_COMMAND.name), names.label)))
        return TokenCommand(words, secrets_of_arguments(words), name=name)
    client_id = reader.require(CLIENT_ID, "unless you set jwt or jwt-command")
    is_rsa = algorithm.startswith("RS")
    for setting in _BY_SECRET if is_rsa else _BY_PRIVATE_KEY:
        reader.leave_unused(setting, f"jwt-algorithm is {algorithm}")
    secret, file = _BY_PRIVATE_KEY if is_rsa else _BY_SECRET
    key = SigningKey(client_id, reader.secret(secret, file), algorithm)
    key = replace(key, encryption=_read_encryption(reader))
    if fixed := ", ".join(name for name in _OWN_CLAIMS if name in claims):
        reader.problem(JWT_CLAIMS, f"cannot set {fixed}: each token has its own; leave it out")
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


def _read_encryption(reader: Reader) -> TokenEncryption | None:
    """Return how to encrypt tokens; `None` if no key is given, or it is not valid."""
    reader.only_one(JWE_KEY, JWE_KEY_FILE)
    algorithm, method = reader.read(JWE_ALGORITHM), reader.read(JWE_ENCRYPTION)
    text = reader.read(JWE_KEY) or reader.load(JWE_KEY_FILE, secret_in, "")
    if not text or not algorithm or not method:
        return None
    encryption = None
    try:
        encryption = TokenEncryption(public_jwk(text), algorithm, method)
        encryption.validate()
    except ValueError as error:
        reader.problem(JWE_KEY if reader.is_given(JWE_KEY) else JWE_KEY_FILE, str(error))
    return encryption


def _leave_unused(reader: Reader, why: str) -> None:
    """Record what is not used because a token is not signed here."""
    for setting in (CLIENT_ID, CLIENT_SECRET_FILE, PRIVATE_KEY_FILE, JWE_KEY, JWE_KEY_FILE):
        reader.leave_unused(setting, why)
    for setting in (JWE_KEY, JWE_KEY_FILE):
        if reader.is_given(setting):
            reader.warn(
                f"{setting.name} is not used, because {why}: such tokens are sent as they are"
            )
