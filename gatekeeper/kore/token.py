"""The gate's credentials, and a new token for each request.

The platform documents the claims `sub` and `appId` (the client id); an app can also require a
`jti` that was never used before, and then an `exp` within an hour.
"""

from __future__ import annotations

import math
import time
import uuid
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, TypeAlias

from gatekeeper import __version__
from gatekeeper.kore.token_claims import lifetime_warnings, read_claims
from gatekeeper.kore.token_encryption import TokenEncryption

Note: TypeAlias = Callable[[str], None]
"""Is called with every token as soon as it exists, so that it is masked from then on."""

_CLOCK_SKEW = 60  # seconds that the platform's clock may be behind ours
_LIFETIME = 300  # seconds


def unnoted(_token: str) -> None:
    """Note nothing, for callers that do not mask."""


class Credentials(ABC):
    """What makes the token of each request."""

    @property
    @abstractmethod
    def secrets(self) -> tuple[str, ...]:
        """The texts to mask from the start."""

    @property
    def weakness(self) -> str:
        """A sentence on why the credentials are weak; empty if they are strong enough."""
        return ""

    def warnings(self, timeout: float) -> Iterable[str]:  # noqa: ARG002 - of the interface
        """Return why tokens will not last for a gate with this timeout, in seconds."""
        return ()

    @abstractmethod
    def token(self, note: Note = unnoted, time_left: float = math.inf) -> str:
        """Return the token of one request, in at most `time_left` seconds.

        `note` is called with it first; if the token is encrypted, with the signed one before that.
        """

    def interrupt(self) -> None:  # noqa: B027 - most credentials have nothing to end
        """End what a call of `token` may be waiting for."""


@dataclass(frozen=True)
class ReadyToken(Credentials):
    """A token made elsewhere, sent with every request as it is."""

    jwt: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """The texts to mask: the token and each of its segments."""
        return self.jwt, *self.jwt.split(".")

    def warnings(self, timeout: float) -> Iterable[str]:
        """Return why the token will not last for a gate with this timeout, in seconds."""
        claims = read_claims(self.jwt)
        return lifetime_warnings(claims, time.time(), timeout) if claims else ()

    def token(self, note: Note = unnoted, time_left: float = math.inf) -> str:  # noqa: ARG002 - of the interface
        """Return the token."""
        note(self.jwt)
        return self.jwt


@dataclass(frozen=True)
class SigningKey(Credentials):
    """A client id and the key that signs its tokens, which may then be encrypted."""

    client_id: str
    key: str = field(repr=False)
    algorithm: str = "HS256"
    claims: Mapping[str, Any] = field(default_factory=dict)
    encryption: TokenEncryption | None = None

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
        advice = "check that it is complete; if it is, renew the app's credentials when you can"
        return f"{found[0].rstrip('.')}: {advice}" if found else ""

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

    def token(self, note: Note = unnoted, time_left: float = math.inf) -> str:  # noqa: ARG002 - of the interface
        """Return a new token, valid for five minutes; the key and claims must be valid."""
        token = self.signed()
        note(token)
        if self.encryption:
            token = self.encryption.encrypt(token)
            note(token)
        return token

    def signed(self) -> str:
        """Return a new token that is not encrypted."""
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
