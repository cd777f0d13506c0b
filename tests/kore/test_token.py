"""Tokens: a new one for each request, as the platform expects it."""

import time

import jwt
import pytest

from gatekeeper.kore.token import SigningKey

SECRET = "0123456789abcdef" * 4


def claims_of(key: SigningKey) -> dict[str, object]:
    claims: dict[str, object] = jwt.decode(key.token(), SECRET, algorithms=[key.algorithm])
    return claims


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_a_token_names_the_client_and_is_valid_for_minutes_on_either_side_of_a_skewed_clock(
    algorithm: str,
) -> None:
    claims = claims_of(SigningKey("cs-1", SECRET, algorithm))
    now = time.time()
    assert claims["appId"] == "cs-1"
    assert claims["sub"]
    assert isinstance(claims["iat"], int)
    assert isinstance(claims["exp"], int)
    assert now - 120 < claims["iat"] < now - 30
    assert now + 60 < claims["exp"] < now + 600


def test_no_two_tokens_have_the_same_jti() -> None:
    key = SigningKey("cs-1", SECRET)
    assert len({claims_of(key)["jti"] for _ in range(100)}) == 100


def test_extra_claims_are_added_last() -> None:
    claims = claims_of(SigningKey("cs-1", SECRET, claims={"iss": "me", "sub": "bot"}))
    assert (claims["iss"], claims["sub"]) == ("me", "bot")


def test_a_short_key_is_reported_once_without_a_warning_by_the_library() -> None:
    key = SigningKey("cs-1", "short")
    assert key.token()
    assert "5 bytes" in key.weakness
    assert "short" not in key.weakness.replace("shorter", "")
    assert SigningKey("cs-1", SECRET).weakness == ""
