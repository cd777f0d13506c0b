"""Who the gate is to the platform, and a fresh token for every request.

The platform's page on JWTs asks for `sub` and `appId` (the client id, spelled so); an app can also
demand a `jti` that was never used before.
"""

from __future__ import annotations

import json
import time
import uuid
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from gatekeeper import __version__

if TYPE_CHECKING:
    from jwt.algorithms import Algorithm

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
        told = self.validate()
        return f"{told[0].rstrip('.')}: renew the app's credentials when you can" if told else ""

    def validate(self) -> list[str]:
        """Sign a token as `jwt` does, which examines the key and the claims; return its warnings.

        Raises `ValueError` where this key, algorithm and these claims make no token.
        """
        # Imported here because it takes a third of the time that the program needs to start.
        import jwt

        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                jwt.encode(self._claims(), self.key, algorithm=self.algorithm)
        except NotImplementedError:
            raise ValueError(
                f"{self.algorithm} needs a package more: pip install 'kore-gatekeeper[rsa]'"
            ) from None
        except (jwt.InvalidKeyError, ValueError, TypeError) as error:
            raise ValueError(f"no {self.algorithm} token can be signed with it: {error}") from None
        return [str(warning.message) for warning in caught]

    def token(self) -> str:
        """Sign a new token, good for five minutes; for what can be tried out without an error."""
        header = {"alg": self.algorithm, "typ": "JWT"}
        signer, key = _examined(self.algorithm, self.key)
        told = b".".join(map(_part, (header, self._claims())))
        return b".".join((told, _base64(signer.sign(told, key)))).decode()

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
def _examined(algorithm: str, key: str) -> tuple[Algorithm, Any]:
    """Return an algorithm and the key as it takes it: examining one takes longer than signing."""
    import jwt

    signer = jwt.get_algorithm_by_name(algorithm)
    return signer, signer.prepare_key(key)


def _part(told: Mapping[str, Any]) -> bytes:
    return _base64(json.dumps(told).encode())


def _base64(content: bytes) -> bytes:
    return urlsafe_b64encode(content).rstrip(b"=")


Credentials = ReadyToken | SigningKey
