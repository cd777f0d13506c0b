"""Verifies the signatures of JWTs (RFC 7518): HMAC with a secret, RSA with a public key."""

from __future__ import annotations

import hashlib
import hmac

PublicKey = tuple[int, int]
"""An RSA public key: its modulus and its exponent."""

_HMAC_DIGESTS = {"HS256": "sha256", "HS512": "sha512"}
_RSA_DIGESTS = {"RS256": "sha256", "RS512": "sha512"}
ALGORITHMS = (*_HMAC_DIGESTS, *_RSA_DIGESTS)

# The prefixes that identify the digest (RFC 8017, section 9.2).
_DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
}


def signature_length(algorithm: str, public_key: PublicKey | None) -> int:
    """Return the length of this algorithm's signatures in bytes.

    Raises `ValueError` if it depends on a public key, and there is none.
    """
    if algorithm in _HMAC_DIGESTS:
        return hashlib.new(_HMAC_DIGESTS[algorithm]).digest_size
    modulus, _ = _required(public_key)
    return (modulus.bit_length() + 7) // 8


def is_signed(
    message: bytes, signature: bytes, algorithm: str, secret: str, public_key: PublicKey | None
) -> bool:
    """Whether the signature is valid for the message and the secret or public key."""
    if algorithm in _HMAC_DIGESTS:
        expected = hmac.digest(secret.encode(), message, _HMAC_DIGESTS[algorithm])
        return hmac.compare_digest(signature, expected)
    return _is_rsa_signed(message, signature, _RSA_DIGESTS[algorithm], _required(public_key))


def _is_rsa_signed(message: bytes, signature: bytes, digest: str, public_key: PublicKey) -> bool:
    """Verify RSASSA-PKCS1-v1_5: encode what must have been signed, and compare all of it."""
    modulus, exponent = public_key
    length = (modulus.bit_length() + 7) // 8
    number = int.from_bytes(signature, "big")
    if len(signature) != length or number >= modulus:
        return False
    actual = pow(number, exponent, modulus).to_bytes(length, "big")
    info = _DIGEST_INFO[digest] + hashlib.new(digest, message).digest()
    expected = b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info
    return hmac.compare_digest(actual, expected)


def _required(public_key: PublicKey | None) -> PublicKey:
    if public_key is None:
        raise ValueError("RS256 and RS512 need public_key, the pair (modulus, exponent)")
    return public_key
