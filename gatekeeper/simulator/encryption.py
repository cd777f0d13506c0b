"""Decrypts JWEs (RFC 7516) for an app that enforces them, with a key pair of the simulator's own.

It needs the package `cryptography`, which only this module imports, and only when it is used.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

KEY_ID = "simulated-key-1"
_BITS = 2048
_PARTS = 5
_TAG_BYTES = 16
# The bytes of the content key; that of CBC has two halves, for HMAC and AES.
_KEY_BYTES = {"A128CBC-HS256": 32, "A128GCM": 16, "A256GCM": 32}


class NotDecrypted(Exception):
    """A token that is not a JWE for this key."""


def public_jwk() -> dict[str, str]:
    """Return the public key as the platform shows it, once an app enforces JWE.

    Raises `ImportError` if `cryptography` is missing.
    """
    numbers = _private_key().public_key().public_numbers()
    return {"kty": "RSA", "n": _encoded(numbers.n), "e": _encoded(numbers.e), "kid": KEY_ID}


def decrypted(token: str) -> str:
    """Return the token in a compact JWE; raises `NotDecrypted`."""
    segments = token.split(".")
    if len(segments) != _PARTS:
        raise NotDecrypted
    try:
        header = json.loads(_bytes(segments[0]))
        if header["kid"] != KEY_ID or header["typ"] != "JWT":
            raise NotDecrypted
        key = _content_key(header["alg"], _bytes(segments[1]))
        if len(key) != _KEY_BYTES[header["enc"]]:
            raise NotDecrypted
        return _content(header, key, segments).decode("ascii")
    except (ValueError, KeyError, TypeError, RecursionError):
        raise NotDecrypted from None


def _content_key(algorithm: str, encrypted: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA1

    # The names say it: RSA-OAEP has SHA-1, which is safe in this place.
    sha1 = SHA1()  # noqa: S303
    schemes: Mapping[str, padding.AsymmetricPadding] = {
        "RSA-OAEP": padding.OAEP(padding.MGF1(sha1), sha1, None),
        "RSA1_5": padding.PKCS1v15(),
    }
    return _private_key().decrypt(encrypted, schemes[algorithm])


def _content(header: Mapping[str, Any], key: bytes, segments: list[str]) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    iv, text, tag = map(_bytes, segments[2:])
    header_bytes = segments[0].encode()
    if len(tag) != _TAG_BYTES:
        raise NotDecrypted
    if header["enc"].endswith("GCM"):
        try:
            return AESGCM(key).decrypt(iv, text + tag, header_bytes)
        except InvalidTag:
            raise NotDecrypted from None
    half = len(key) // 2
    bits = (8 * len(header_bytes)).to_bytes(8, "big")
    expected = hmac.digest(key[:half], header_bytes + iv + text + bits, "sha256")
    if not hmac.compare_digest(tag, expected[:_TAG_BYTES]):
        raise NotDecrypted
    return _from_cbc(key[half:], iv, text)


def _from_cbc(key: bytes, iv: bytes, text: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
    from cryptography.hazmat.primitives.padding import PKCS7

    decryptor = Cipher(algorithms.AES(key), modes.CBC(iv)).decryptor()
    unpadder = PKCS7(algorithms.AES.block_size).unpadder()
    return unpadder.update(decryptor.update(text) + decryptor.finalize()) + unpadder.finalize()


@cache
def _private_key() -> RSAPrivateKey:
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=_BITS)


def _encoded(number: int) -> str:
    data = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _bytes(segment: str) -> bytes:
    try:
        return base64.b64decode(segment + "=" * (-len(segment) % 4), b"-_", validate=True)
    except binascii.Error:
        raise NotDecrypted from None
