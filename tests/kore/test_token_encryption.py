"""Encrypted tokens: those that the app accepts, and keys that cannot make one."""

import json
from collections.abc import Iterator

import pytest

from gatekeeper.kore.token import SigningKey
from gatekeeper.kore.token_encryption import TokenEncryption, public_jwk
from gatekeeper.simulator import Simulator
from support.caller import Caller

RSA = {"kty": "RSA", "n": "AQAB" * 80, "e": "AQAB", "kid": "k1"}
ALGORITHMS = [
    (algorithm, encryption)
    for algorithm in ("RSA-OAEP", "RSA1_5")
    for encryption in ("A128CBC-HS256", "A128GCM", "A256GCM")
]


@pytest.fixture(scope="module")
def app() -> Iterator[Caller]:
    with Simulator(enforce_jwe=True) as simulator, Caller(simulator) as caller:
        yield caller


def signing(app: Caller, algorithm: str = "RSA-OAEP", encryption: str = "A128GCM") -> SigningKey:
    text = app.simulator.environment()["GATEKEEPER_JWE_KEY"]
    jwe = TokenEncryption(public_jwk(text), algorithm, encryption)
    jwe.validate()
    return SigningKey(app.simulator.client_id, app.simulator.client_secret, encryption=jwe)


@pytest.mark.parametrize(("algorithm", "encryption"), ALGORITHMS)
def test_an_app_that_enforces_encryption_accepts_every_documented_algorithm(
    app: Caller, algorithm: str, encryption: str
) -> None:
    key = signing(app, algorithm, encryption)
    noted: list[str] = []
    token = key.token(noted.append)
    assert app.start("completed", auth=token).status == 200
    assert [text.count(".") for text in noted] == [2, 4]
    assert noted[1] == token
    assert app.start("completed", auth=key.token()).status == 200


def test_it_refuses_a_signed_token_and_an_encrypted_one_that_was_changed(app: Caller) -> None:
    for encryption in ("A128CBC-HS256", "A128GCM"):
        header, key, iv, text, tag = signing(app, encryption=encryption).token().split(".")
        for changed in (
            (header, key, iv, text[::-1], tag),
            (header, key, iv, text, tag[::-1]),
            (header, key, iv, text, ""),
            (header, key[::-1], iv, text, tag),
            (header.replace("e", "f", 1), key, iv, text, tag),
            (header, key, "", text, tag),
            (header, key, iv, text),
        ):
            error = app.start("completed", auth=".".join(changed)).error
            assert error == (401, "Invalid JWT token", 4002)
    assert app.start("completed").error == (401, "Invalid JWT token", 4002)


def test_an_encrypted_token_is_good_once_too(app: Caller) -> None:
    token = signing(app).token()
    assert app.start("completed", auth=token).status == 200
    assert "replay" in app.start("completed", auth=token).error[1]


def test_a_jwk_is_read_alone_or_as_a_set_of_one() -> None:
    assert public_jwk(json.dumps(RSA)) == RSA
    assert public_jwk(json.dumps({"keys": [RSA]})) == RSA


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "not a JWK"),
        ("-----BEGIN PUBLIC KEY-----", "not a JWK"),
        ("[" * 100_000, "not a JWK"),
        ('{"n": 1, "n": 2}', "not a JWK"),
        (json.dumps({"keys": []}), "not a JWK"),
        (json.dumps({"keys": [RSA, RSA]}), "a set of 2 keys"),
        (json.dumps(RSA | {"d": "AQAB"}), "a private key"),
        (json.dumps({"kty": "oct", "k": "c2VjcmV0", "kid": "k1"}), "not an RSA key"),
        (json.dumps(RSA | {"kid": ""}), "no kid"),
        (json.dumps({"kty": "RSA", "n": "AQAB", "e": "AQAB"}), "no kid"),
    ],
)
def test_a_text_that_is_no_public_key_is_told_as_what_it_is(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as raised:
        public_jwk(text)
    assert not text or text not in str(raised.value)


@pytest.mark.parametrize(
    "changes", [{"n": "!"}, {"n": ""}, {"n": 5}, {"e": "AA"}, {"n": "AQAB"}, {"use": "sig"}]
)
def test_a_key_that_cannot_encrypt_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"can encrypt tokens: ['\w]"):
        TokenEncryption(RSA | changes, "RSA-OAEP", "A128GCM").validate()
