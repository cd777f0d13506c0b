"""What is read from a token, and how its times are told from one another."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.kore.error_responses import cause_of
from gatekeeper.kore.responses import ResponseReader
from gatekeeper.kore.token_claims import (
    TokenClaims,
    is_token,
    lifetime_warnings,
    read_claims,
    time_fault,
)
from gatekeeper.kore.transport import HttpResponse

NOW = 1_800_000_000.0
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


def segment(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def token(claims: Any) -> str:
    return f"{segment({'alg': 'HS256'})}.{segment(claims)}.c2ln"


def test_the_claims_of_a_signed_token_are_read() -> None:
    claims = {"appId": "cs-1", "jti": "a", "iat": 1, "nbf": 2.5, "exp": 3, "sub": "x"}
    assert read_claims(token(claims)) == TokenClaims("cs-1", "a", 1.0, 2.5, 3.0)


@pytest.mark.parametrize("value", ["1800000000", None, True, [1], float("nan")])
def test_a_time_that_is_not_a_number_is_not_one_that_is_missing(value: Any) -> None:
    claims = read_claims(token({"exp": value}))
    assert claims == TokenClaims(malformed=("exp",))
    fault = time_fault(claims, NOW, NOW)
    assert fault
    assert fault.likely == "the token has times that are not numbers (exp)"
    assert "seconds since 1970" in fault.next_step
    [warning] = lifetime_warnings(claims, NOW, 60)
    assert "not numbers (exp)" in warning


@pytest.mark.parametrize(
    ("exp", "read"), [(-1, 0.0), (1e308, 253402300799.0), (10**400, 253402300799.0)]
)
def test_a_time_beyond_all_dates_is_the_nearest_date(exp: float, read: float) -> None:
    assert read_claims(token({"exp": exp})) == TokenClaims(expires_at=read)


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(["appId", "jti", "iat", "nbf", "exp"]), JSON))
def test_claims_of_any_type_are_read_or_unknown_and_cause_no_error(claims: dict[str, Any]) -> None:
    found = read_claims(token(claims))
    if found:
        [*lifetime_warnings(found, NOW, 60)]
        time_fault(found, NOW, None)


@given(st.text(), st.sampled_from(["{}", "{}.{}.{}", "{}.{}.{}.{}.{}", "eyJ{}.eyJ{}.{}"]))
def test_a_text_that_is_not_a_token_has_no_claims(text: str, form: str) -> None:
    assert read_claims(form.format(*[text] * 5)) is None


def test_an_encrypted_token_is_a_token_whose_claims_are_unknown() -> None:
    jwe = f"{segment({'alg': 'RSA-OAEP'})}.a.b.c.d"
    assert is_token(jwe)
    assert read_claims(jwe) is None


@pytest.mark.parametrize(
    ("claims", "date", "likely", "step"),
    [
        pytest.param(
            TokenClaims(expires_at=NOW - 90), NOW, "expired 1 min 30 s ago, at 2027-01-15 07:58:30",
            "jwt-command", id="expired",
        ),
        pytest.param(
            TokenClaims(expires_at=NOW - 90), None, "expired 1 min 30 s ago", "jwt-command",
            id="expired, without a date",
        ),
        pytest.param(
            TokenClaims(issued_at=NOW - 60, expires_at=NOW + 300), NOW + 600,
            "clock is 10 min 0 s behind the platform's, by which the token expired 5 min 0 s ago",
            "set the clock", id="this clock is behind",
        ),
        pytest.param(
            TokenClaims(issued_at=NOW - 60, expires_at=NOW + 300), NOW - 600,
            "clock is 10 min 0 s ahead of the platform's, by which the token becomes valid only in",
            "set the clock", id="this clock is ahead",
        ),
        pytest.param(
            TokenClaims(issued_at=NOW + 600, expires_at=NOW + 900), NOW,
            "the token becomes valid only in 10 min", "machine that made the token",
            id="another clock is ahead",
        ),
        pytest.param(
            TokenClaims(not_before=NOW + 600), NOW, "the token becomes valid only in 10 min",
            "machine that made the token", id="not yet valid",
        ),
    ],
)  # fmt: skip
def test_the_times_of_a_refused_token_are_told_by_the_platforms_clock(
    claims: TokenClaims, date: float | None, likely: str, step: str
) -> None:
    fault = time_fault(claims, NOW, date)
    assert fault
    assert likely in fault.likely
    assert step in fault.next_step


@pytest.mark.parametrize(
    ("claims", "date"),
    [
        (TokenClaims(), NOW),
        (TokenClaims(issued_at=NOW - 60, expires_at=NOW + 300), NOW),
        (TokenClaims(issued_at=NOW - 60, expires_at=NOW + 300), NOW + 290),
        (TokenClaims(issued_at=NOW - 60, expires_at=NOW + 300), NOW - 60),
        (TokenClaims(issued_at=NOW + 3), NOW),
    ],
)
def test_a_token_that_fits_the_platforms_clock_is_not_blamed(
    claims: TokenClaims, date: float
) -> None:
    assert time_fault(claims, NOW, date) is None


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        (TokenClaims(), []),
        (TokenClaims(expires_at=NOW + 3600), []),
        (TokenClaims(expires_at=NOW - 1), ["expired 1 s ago"]),
        (TokenClaims(issued_at=NOW + 60), ["valid only in 1 min"]),
        (TokenClaims(expires_at=NOW + 60), ["expires in 1 min 0 s, but timeout is 30 min 0 s"]),
        (TokenClaims(jti="a", expires_at=NOW + 3000), ["one request only"]),
        (TokenClaims(jti="a", expires_at=NOW + 7200), ["one request only", "one hour at most"]),
        (TokenClaims(jti="a", expires_at=NOW + 60), ["expires in 1 min", "one request only"]),
    ],
)
def test_a_ready_token_that_does_not_last_for_a_gate_is_warned_of(
    claims: TokenClaims, expected: list[str]
) -> None:
    found = list(lifetime_warnings(claims, NOW, 1800))
    assert len(found) == len(expected)
    for text, part in zip(found, expected, strict=True):
        assert part in text


@pytest.mark.parametrize(
    ("text", "likely", "step"),
    [
        ("error verifying the jwt: possibly a replay", "only once", "jwt-command"),
        ('if "jti" claim "exp" must be <= 1 hour(s)', "one hour at most", "sooner"),
        ("Invalid JWT token", "JWE", "jwe-key"),
    ],
)
def test_the_platforms_texts_about_tokens_have_causes(text: str, likely: str, step: str) -> None:
    cause = cause_of(401, text)
    assert likely in cause.likely
    assert step in cause.next_step


@pytest.mark.parametrize(
    ("text", "is_blamed"),
    [
        ("Invalid SDK credentials", True),
        ("error verifying the jwt: possibly a replay", False),
        ("Permission denied. Scope is incorrect!", False),
    ],
)
def test_the_times_of_a_token_are_not_blamed_if_the_platform_names_another_cause(
    text: str, *, is_blamed: bool
) -> None:
    body = json.dumps({"errors": [{"msg": text}]}).encode()
    response = HttpResponse(401, {}, body, TokenClaims(expires_at=1.0))
    assert ("the token expired" in str(ResponseReader("host").error(response))) is is_blamed
