"""The gate's credentials, and a new token for each request.

The platform documents the claims `sub` and `appId` (the client id); an app can also require a
`jti` that was never used before.
"""

from __future__ import annotations

import time
import uuid
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from gatekeeper import __version__

_CLOCK_SKEW = 60  # seconds that the platform's clock may be behind ours
_LIFETIME = 300  # seconds


@dataclass(frozen=True, slots=True)
class ReadyToken:
    """A token made elsewhere, sent with every request as it is."""

    jwt: str = field(repr=False)
    weakness = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts to mask: the token and each of its segments."""
        return self.jwt, *self.jwt.split(".")

    def token(self) -> str:
        """Return the token."""
        return self.jwt


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A client id and the key that signs its tokens."""

    client_id: str
    key: str = field(repr=False)
    algorithm: str = "HS256"
    claims: Mapping[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts to mask: the key."""
        return (self.key,)

    @property
    def is_rsa(self) -> bool:
        """Whether the key is a private RSA key, and not a secret."""
        return self.algorithm.startswith("RS")

    @property
    def weakness(self) -> str:
        """A sentence on why the key is weak; empty if it is strong enough."""
        found = self.validate()
        return f"{found[0].rstrip('.')}: renew the app's credentials when you can" if found else ""

    def validate(self) -> list[str]:
        """Sign a token to check key, algorithm and claims; return the warnings of `jwt`.

        Raises `ValueError` if they cannot make a token.
        """
        # Imported here because it takes a third of the program's start-up time.
        import jwt

        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                jwt.encode(self._claims(), self.key, algorithm=self.algorithm)
        except NotImplementedError:
            raise ValueError(
                f"{self.algorithm} requires an extra: pip install 'kore-gatekeeper[rsa]'"
            ) from None
        except (jwt.InvalidKeyError, ValueError, TypeError) as error:
            # `jwt` calls any key that it cannot read a public one.
            is_unreadable = self.is_rsa and isinstance(error, jwt.InvalidKeyError)
            why = "the key is not an RSA key, or truncated or corrupt" if is_unreadable else error
            raise ValueError(f"cannot sign a token with {self.algorithm}: {why}") from None
        return [str(warning.message) for warning in caught]

    def token(self) -> str:
        """Return a new token, valid for five minutes; the key and claims must be valid."""
        import jwt

        key = _loaded_key(self.algorithm, self.key)
        return jwt.encode(self._claims(), key, algorithm=self.algorithm)

    def _claims(self) -> dict[str, Any]:
        now = int(time.time())
        return {
            "sub": f"gatekeeper/{__version__}",
            "appId": self.client_id,
            "iat": now - _CLOCK_SKEW,
            "exp": now + _LIFETIME,
            "jti": str(uuid.uuid4()),
            **self.claims,
        }


@cache
def _loaded_key(algorithm: str, key: str) -> Any:
    """Return the key as `jwt` loads it, which takes longer for an RSA key than signing does."""
    import jwt

    # `weakness` reports a short key once, and `jwt` would warn again for each token.
    warnings.simplefilter("ignore", jwt.InsecureKeyLengthWarning)
    return jwt.get_algorithm_by_name(algorithm).prepare_key(key)


Credentials = ReadyToken | SigningKey
