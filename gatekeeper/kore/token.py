"""Who the gate is to the platform, and a fresh token for every request.

The platform's page on JWTs asks for `sub` and `appId` (the client id, spelled so); an app can also
demand a `jti` that was never used before.
"""

from __future__ import annotations

import time
import uuid
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gatekeeper import __version__

_CLOCK_SKEW = 60  # seconds that the platform's clock may be behind ours
_LIFETIME = 300  # seconds


@dataclass(frozen=True, slots=True)
class ReadyToken:
    """A token that somebody else made, used for every request as it is."""

    jwt: str = field(repr=False)
    weakness = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown: the token, and each part of it."""
        return self.jwt, *self.jwt.split(".")

    def token(self) -> str:
        """Return the token."""
        return self.jwt


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A client id and the key to sign tokens with."""

    client_id: str
    key: str = field(repr=False)
    algorithm: str = "HS256"
    claims: Mapping[str, Any] = field(default_factory=dict)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown: the key."""
        return (self.key,)

    @property
    def weakness(self) -> str:
        """Say what is weak about the key, in a sentence; nothing where it is strong enough."""
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self._signed({})
        told = [str(warning.message) for warning in caught]
        return f"{told[0].rstrip('.')}: renew the app's credentials when you can" if told else ""

    def token(self) -> str:
        """Sign a new token, good for five minutes.

        Raises `ValueError` where this key, algorithm and these claims make no token.
        """
        now = int(time.time())
        claims = {
            "sub": f"gatekeeper/{__version__}",
            "appId": self.client_id,
            "iat": now - _CLOCK_SKEW,
            "exp": now + _LIFETIME,
            "jti": str(uuid.uuid4()),
            **self.claims,
        }
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # `weakness` tells it, once
            return self._signed(claims)

    def _signed(self, claims: dict[str, Any]) -> str:
        # Imported here because it takes a third of the time that the program needs to start.
        import jwt

        try:
            return jwt.encode(claims, self.key, algorithm=self.algorithm)
        except NotImplementedError:
            raise ValueError(
                f"{self.algorithm} needs a package more: pip install 'kore-gatekeeper[rsa]'"
            ) from None
        except (jwt.InvalidKeyError, ValueError, TypeError) as error:
            raise ValueError(f"no {self.algorithm} token can be signed with it: {error}") from None


Credentials = ReadyToken | SigningKey
