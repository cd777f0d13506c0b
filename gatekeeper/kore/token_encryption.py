"""Encrypting signed tokens, for apps that enforce JWE: a compact JWE around each of them."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from gatekeeper.core.answer.soundness import sound_json

_PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth"})


@dataclass(frozen=True)
class TokenEncryption:
    """The platform's public key, a JWK, and the algorithms that it expects."""

    key: Mapping[str, Any]
    algorithm: str
    encryption: str

    def validate(self) -> None:
        """Encrypt a text; raises `ValueError` if that is not possible."""
        try:
            self.encrypt("x")
        except ImportError:
            raise ValueError(
                "encrypted tokens require an extra: pip install 'kore-gatekeeper[jwe]'"
            ) from None
        except Exception as error:  # noqa: BLE001 - the library raises several types for a bad key
            # The library's own errors begin with a code in snake case.
            why = getattr(error, "description", "") or str(error) or "a number in it is corrupt"
            raise ValueError(f"not an RSA key that can encrypt tokens: {why}") from None

    def encrypt(self, token: str) -> str:
        """Return the JWE of a signed token; the key must be valid."""
        # Imported here because it takes longer than the rest of the program's start.
        from joserfc import jwe

        header = {
            "alg": self.algorithm,
            "enc": self.encryption,
            "kid": self.key["kid"],
            "typ": "JWT",
        }
        with warnings.catch_warnings():
            # Of RSA1_5, and of short keys: the platform chose both.
            warnings.simplefilter("ignore")
            return jwe.encrypt_compact(
                header, token, self._loaded, algorithms=[self.algorithm, self.encryption]
            )

    @cached_property
    def _loaded(self) -> Any:
        from joserfc.jwk import RSAKey

        return RSAKey.import_key(dict(self.key))


def public_jwk(text: str) -> Mapping[str, Any]:
    """Return the public RSA key of a JWK, or of a JWK set with a single key.

    Raises `ValueError`, which never repeats the text: it may be a private key.
    """
    try:
        key = sound_json(text)
    except (ValueError, RecursionError):
        key = None
    if isinstance(key, dict) and isinstance(keys := key.get("keys"), list):
        if len(keys) > 1:
            raise ValueError(f"a set of {len(keys)} keys: give the one that is for JWE")
        key = keys[0] if keys else None
    if not isinstance(key, dict) or "kty" not in key:
        raise ValueError('not a JWK: copy all of the platform\'s key, {"kty": "RSA", …}')
    if _PRIVATE & key.keys():
        raise ValueError("a private key: give the public JWK that the platform shows")
    if key["kty"] != "RSA":
        raise ValueError("not an RSA key: copy the JWK that the platform shows for JWE")
    if not isinstance(key.get("kid"), str) or not key["kid"]:
        raise ValueError("the JWK has no kid, by which the platform finds its key: copy all of it")
    return key
