"""Who is let in, and the error texts for everybody else."""

import base64
import email.utils
import json
import time
from email.utils import parsedate_to_datetime
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from gatekeeper.simulator import Simulator
from gatekeeper.simulator.signatures import PublicKey
from support.caller import Caller

WRONG_CREDENTIALS = (401, "Invalid SDK credentials", 4002)
INVALID_TOKEN = (401, "Invalid JWT token", 4002)
REPLAY = (401, "error verifying the jwt: possibly a replay", 401)
LONG_LIVED = (401, 'if "jti" claim "exp" must be <= 1 hour(s)', 401)
WRONG_SCOPE = (401, "Permission denied. Scope is incorrect!", 4002)


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.mark.parametrize("token", [None, ""])
def test_a_missing_token_is_refused(caller: Caller, token: str | None) -> None:
    assert caller.start("completed", auth=token).error == WRONG_CREDENTIALS


@pytest.mark.parametrize(
    ("claim", "seconds"),
    [
        pytest.param("exp", -60, id="expired"),
        pytest.param("iat", 600, id="issued in the future"),
    ],
)
def test_a_token_that_is_not_good_now_is_refused(caller: Caller, claim: str, seconds: int) -> None:
    claims: dict[str, Any] = {claim: int(time.time()) + seconds}
    token = caller.token(**claims)

    assert caller.start("completed", auth=token).error == WRONG_CREDENTIALS


@pytest.mark.parametrize("minutes", [-10, 10])
def test_times_are_compared_with_the_clock_of_the_platform(minutes: int) -> None:
    now = time.time()
    with Simulator(clock_offset=60.0 * minutes) as simulator, Caller(simulator) as caller:
        right = caller.start("completed", auth=caller.token(**times(now + 60 * minutes)))
        wrong = caller.start("completed", auth=caller.token(**times(now)))
    assert right.status == 200
    date = email.utils.parsedate_to_datetime(right.headers["Date"]).timestamp()
    assert abs(date - now - 60 * minutes) < 30
    assert wrong.error == WRONG_CREDENTIALS


def times(now: float) -> dict[str, Any]:
    """Return the claims of a token that is good for two minutes from now on."""
    return {"iat": int(now), "exp": int(now) + 120}


@pytest.mark.parametrize("app_id", ["cs-another", None])
def test_a_token_of_another_app_or_of_none_is_refused(caller: Caller, app_id: str | None) -> None:
    token = caller.token(appId=app_id)

    assert caller.start("completed", auth=token).error == WRONG_CREDENTIALS


@pytest.mark.parametrize(
    ("claim", "seconds"),
    [
        pytest.param("exp", -1, id="just expired"),
        pytest.param("iat", 3, id="issued by a clock that is fast"),
    ],
)
def test_the_two_clocks_may_differ_a_little(caller: Caller, claim: str, seconds: int) -> None:
    claims: dict[str, Any] = {claim: int(time.time()) + seconds}
    token = caller.token(**claims)

    assert caller.start("completed", auth=token).status == 200


@pytest.mark.parametrize(
    "claims",
    [
        pytest.param({"exp": None, "iat": None}, id="without times"),
        pytest.param({"iss": "cs-1", "aud": "https://idp.example"}, id="with further claims"),
    ],
)
def test_a_good_token_is_let_in(caller: Caller, claims: dict[str, Any]) -> None:
    assert caller.start("completed", auth=caller.token(**claims)).status == 200


def test_a_token_that_another_secret_signed_is_refused(caller: Caller) -> None:
    token = caller.token(key="another secret, and long enough for HS256")

    assert caller.start("completed", auth=token).error == WRONG_CREDENTIALS


def test_claims_that_were_changed_after_signing_are_refused(caller: Caller) -> None:
    header, _, signature = caller.token().split(".")
    forged = segment({"sub": "x", "appId": caller.simulator.client_id, "jti": "y"})

    answer = caller.start("completed", auth=f"{header}.{forged}.{signature}")

    assert answer.error == WRONG_CREDENTIALS


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("not a token", id="words"),
        pytest.param("a.b", id="two segments"),
        pytest.param("a.b.c.d.e", id="encrypted"),
        pytest.param("!.!.!", id="no base64url"),
        pytest.param("a.a.a", id="base64url of no whole bytes"),
        pytest.param(f"{segment(['HS256'])}.{segment({})}.", id="header is a list"),
        pytest.param(f"bm8.{segment({})}.", id="header is no JSON"),
        pytest.param(f"{segment({'alg': 'none'})}.{segment({})}.", id="unsigned"),
        pytest.param(f"{segment({'alg': 'HS256'})}.{segment({})}.AAAA", id="short signature"),
    ],
)
def test_what_is_no_jwt_is_called_so(caller: Caller, token: str) -> None:
    assert caller.start("completed", auth=token).error == INVALID_TOKEN


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": None},
        {"sub": 7},
        {"jti": None},
        {"jti": ""},
        {"exp": "tomorrow"},
        {"exp": 10**400},
        {"exp": True},
        {"iat": []},
    ],
    ids=lambda claims: f"{claims!s:.20}",
)
def test_a_claim_that_is_missing_or_of_a_wrong_type_makes_a_token_invalid(
    caller: Caller, claims: dict[str, Any]
) -> None:
    assert caller.start("completed", auth=caller.token(**claims)).error == INVALID_TOKEN


def test_a_token_is_good_for_one_request_where_jti_is_enforced(caller: Caller) -> None:
    token = caller.token()

    assert caller.start("completed", auth=token).status == 200
    assert caller.start("completed", auth=token).error == REPLAY


def test_a_token_with_a_jti_may_expire_in_an_hour_at_most(caller: Caller) -> None:
    now = int(time.time())
    assert caller.start("completed", auth=caller.token(exp=now + 3590)).status == 200
    assert caller.start("completed", auth=caller.token(exp=now + 3700)).error == LONG_LIVED


def test_a_token_without_a_jti_may_expire_later() -> None:
    with Simulator(enforce_jti=False) as sim, Caller(sim) as caller:
        token = caller.token(jti=None, exp=int(time.time()) + 86_400)
        assert caller.start("completed", auth=token).status == 200


def test_times_are_those_of_the_platforms_own_clock() -> None:
    with Simulator(clock_offset=600) as sim, Caller(sim) as caller:
        response = caller.start("completed")
        assert response.error == WRONG_CREDENTIALS
        date = parsedate_to_datetime(response.headers["Date"]).timestamp()
        assert 590 < date - time.time() < 610


def test_a_token_without_jti_is_good_for_many_requests_where_it_is_not_enforced() -> None:
    with Simulator(enforce_jti=False) as sim, Caller(sim) as caller:
        token = caller.token(jti=None)

        assert [caller.start("completed", auth=token).status for _ in range(3)] == [200] * 3


def test_an_app_without_the_scope_is_refused_both_calls() -> None:
    with Simulator(scopes=("Conversation Tests Management",)) as sim, Caller(sim) as caller:
        assert caller.start("completed").error == WRONG_SCOPE
        assert caller.status("completed", sim.start("completed")).error == WRONG_SCOPE


def test_a_wrong_stream_id_looks_like_wrong_credentials(caller: Caller) -> None:
    path = caller.suite_path("completed", "run", stream_id="st-another")

    assert caller.send("POST", path, b"{}").error == WRONG_CREDENTIALS


def test_the_status_call_asks_for_a_token_as_well(caller: Caller) -> None:
    run_id = caller.simulator.start("completed")

    assert caller.status("completed", run_id, auth=None).error == WRONG_CREDENTIALS


@pytest.mark.parametrize("algorithm", ["HS256", "HS512"])
def test_hmac_tokens_are_verified_by_the_client_secret(algorithm: str) -> None:
    with Simulator(algorithm=algorithm) as sim, Caller(sim) as caller:
        assert len(sim.client_secret.encode()) >= 64
        assert caller.start("completed", auth=caller.token(algorithm=algorithm)).status == 200


def test_the_algorithm_has_to_be_the_one_of_the_app(caller: Caller) -> None:
    answer = caller.start("completed", auth=caller.token(algorithm="HS512"))

    assert answer.error == INVALID_TOKEN


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public(key: rsa.RSAPrivateKey) -> PublicKey:
    numbers = key.public_key().public_numbers()
    return numbers.n, numbers.e


@pytest.mark.parametrize("algorithm", ["RS256", "RS512"])
def test_rsa_tokens_are_verified_by_the_public_key(
    private_key: rsa.RSAPrivateKey, algorithm: str
) -> None:
    with (
        Simulator(algorithm=algorithm, public_key=public(private_key)) as sim,
        Caller(sim) as caller,
    ):
        token = caller.token(private_key, algorithm)

        assert caller.start("completed", auth=token).status == 200


def test_rsa_tokens_of_another_key_are_refused(private_key: rsa.RSAPrivateKey) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    with Simulator(algorithm="RS256", public_key=public(private_key)) as sim, Caller(sim) as caller:
        token = caller.token(other, "RS256")

        assert caller.start("completed", auth=token).error == WRONG_CREDENTIALS


def test_a_public_key_is_no_hmac_secret(private_key: rsa.RSAPrivateKey) -> None:
    """The classic confusion: a token that is signed with what everybody may know."""
    modulus, exponent = public(private_key)
    with Simulator(algorithm="RS256", public_key=(modulus, exponent)) as sim, Caller(sim) as caller:
        token = jwt.encode({"sub": "x", "appId": sim.client_id}, hex(modulus))

        assert caller.start("completed", auth=token).error == INVALID_TOKEN


def test_an_rsa_signature_beyond_the_modulus_is_refused(private_key: rsa.RSAPrivateKey) -> None:
    with Simulator(algorithm="RS256", public_key=public(private_key)) as sim, Caller(sim) as caller:
        signed = caller.token(private_key, "RS256").rpartition(".")[0]
        beyond = base64.urlsafe_b64encode(b"\xff" * 256).decode().rstrip("=")

        assert caller.start("completed", auth=f"{signed}.{beyond}").error == WRONG_CREDENTIALS


@pytest.mark.parametrize("algorithm", ["none", "ES256", "RS256"])
def test_an_algorithm_that_cannot_be_verified_is_no_setting(algorithm: str) -> None:
    """RS256 is among them as long as there is no public key."""
    with pytest.raises(ValueError, match=r"algorithm|public_key"):
        Simulator(algorithm=algorithm)
