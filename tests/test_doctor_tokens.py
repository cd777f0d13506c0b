"""Ready tokens and clocks, as doctor judges them: by any content, without an error."""

import json
import time
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.doctor.clock import check_clock, clock_ahead
from gatekeeper.doctor.credentials import Tokens, check_credentials
from gatekeeper.doctor.finding import Finding, State
from gatekeeper.kore.token import Credentials, ReadyToken, SigningKey, unnoted
from gatekeeper.kore.token_command import TokenCommand
from gatekeeper.kore.transport import HttpResponse

SECRET = "0123456789abcdef" * 4
KEY = SigningKey("cs-1", SECRET)
NOW = 1_800_000_000.0
TIMEOUT = 1800.0
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=4,
)
claims = st.dictionaries(st.sampled_from(["exp", "iat", "nbf", "jti", "appId", "sub"]), values)


def signed(content: Any) -> str:
    return jwt.api_jws.encode(json.dumps(content).encode(), SECRET, "HS256")


def judged(credentials: Credentials) -> tuple[Finding, Tokens]:
    """Return what doctor finds of credentials when the host's clock says `NOW`."""
    return check_credentials(credentials, time.time() - NOW, TIMEOUT, unnoted)


@given(claims | values)
def test_any_content_of_a_token_is_judged_and_not_shown(content: Any) -> None:
    token = signed(content)
    finding, _ = judged(ReadyToken(token))
    text = f"{finding.text} {finding.cause} {finding.next_step}"
    assert not any(part in text for part in token.split("."))
    if finding.state is State.OK:
        assert content["appId"]


@given(st.text(st.characters(codec="ascii", exclude_characters=" "), max_size=60))
def test_any_text_instead_of_a_token_is_no_jwt(text: str) -> None:
    finding, tokens = judged(ReadyToken(text))
    if text.count(".") != 4:
        assert finding.state is State.FAILED
        assert "is not a JWT" in finding.text
        assert tokens.doubt == finding.text


@pytest.mark.parametrize(
    ("content", "state", "text"),
    [
        ({}, State.OK, "which does not expire"),
        ({"exp": NOW + 7205}, State.OK, "expires in 2 h 0 min"),
        ({"exp": NOW + 1795}, State.UNKNOWN, "expires in 29 min "),
        ({"exp": NOW}, State.FAILED, "expired 0 s ago"),
        ({"nbf": NOW + 90}, State.FAILED, "becomes valid only in 1 min "),
        ({"jti": "1"}, State.UNKNOWN, "has a jti"),
        ({"jti": "1", "exp": NOW + 3660}, State.FAILED, "expires in more than one hour"),
        ({"jti": "1", "exp": NOW + 3600}, State.UNKNOWN, "has a jti"),
        ({"exp": True}, State.FAILED, "has times that are not numbers (exp)"),
        ({"exp": NOW * 1000}, State.OK, "expires in 69"),
        ({"jti": "1", "exp": NOW * 1000}, State.FAILED, "expires in more than one hour"),
        ({"exp": -1}, State.FAILED, "expired "),
    ],
)
def test_a_ready_token_is_judged_at_the_hosts_time(
    content: dict[str, Any], state: State, text: str
) -> None:
    finding, _ = judged(ReadyToken(signed({"appId": "cs-1"} | content)))
    assert finding.state is state
    assert text in finding.text


@pytest.mark.parametrize(
    ("age", "next_step"), [(0, "set the clock of this machine"), (900, "print a new, valid token")]
)
def test_an_expired_token_of_a_command_is_blamed_on_the_clock_if_that_is_why(
    age: int, next_step: str
) -> None:
    made = time.time() - age
    token = signed({"appId": "cs-1", "iat": made, "exp": made + 300})
    finding, _ = check_credentials(TokenCommand(["echo", token]), -600.0, TIMEOUT, unnoted)
    assert finding.state is State.FAILED
    assert next_step in finding.next_step


def test_an_encrypted_token_is_not_known_to_be_wrong() -> None:
    finding, tokens = judged(ReadyToken("a.b.c.d.e"))
    assert (finding.state, finding.hint) == (State.UNKNOWN, True)
    assert not tokens.doubt
    assert not tokens.why_unsent


@pytest.mark.parametrize(
    ("ahead", "state"),
    [
        (0.0, State.OK),
        (29.0, State.OK),
        (-29.0, State.OK),
        (40.0, State.UNKNOWN),
        (-200.0, State.UNKNOWN),
        (90.0, State.FAILED),
        (-400.0, State.FAILED),
        (None, State.UNKNOWN),
    ],
)
def test_a_clock_is_wrong_when_the_host_refuses_what_it_dates(
    ahead: float | None, state: State
) -> None:
    assert check_clock(ahead, KEY).state is state


def test_a_wrong_clock_does_not_matter_to_a_token_made_elsewhere() -> None:
    finding = check_clock(600.0, ReadyToken(signed({"appId": "cs-1"})))
    assert (finding.state, finding.hint) == (State.UNKNOWN, True)


@pytest.mark.parametrize("date", ["", "soon", "Mon, 99 Xxx 9999 99:99:99 GMT"])
def test_a_response_without_a_valid_date_says_nothing_of_the_clock(date: str) -> None:
    assert clock_ahead(HttpResponse(200, {"date": date}, b"")) is None
    assert clock_ahead(HttpResponse(200, {}, b"")) is None


def test_the_date_of_a_response_is_compared_in_any_time_zone() -> None:
    for hours, zone in ((0, "GMT"), (0, "-0000"), (2, "+0200")):
        at = time.gmtime(time.time() - 600 + 3600 * hours)
        date = time.strftime(f"%a, %d %b %Y %H:%M:%S {zone}", at)
        ahead = clock_ahead(HttpResponse(200, {"date": date}, b""))
        assert ahead is not None
        assert abs(ahead - 600) < 5


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (KEY, "a secret of 64 bytes that signs HS256 tokens"),
        (SigningKey("st-1", SECRET), "does not begin with cs-"),
        (SigningKey("cs-1", "short"), "renew the app's credentials"),
    ],
)
def test_the_form_of_a_key_is_reported_but_not_the_key(key: SigningKey, text: str) -> None:
    finding, _ = judged(key)
    text_of_all = f"{finding.text} {finding.cause} {finding.next_step}"
    assert text in text_of_all
    assert key.key not in text_of_all
