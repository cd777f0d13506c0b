"""Settings of tokens: which exclude one another, what cannot work, and what is not repeated."""

import json
import sys
from pathlib import Path

import jwt
import pytest

from gatekeeper.kore.token import SigningKey
from gatekeeper.kore.token_command import TokenCommand
from gatekeeper.settings.display import describe
from gatekeeper.settings.load import examine
from gatekeeper.simulator import Simulator

COMMON = {
    "GATEKEEPER_HOST": "bots.kore.ai",
    "GATEKEEPER_STREAM_ID": "st-1",
    "GATEKEEPER_TEST_SUITE": "Suite",
    "GATEKEEPER_USER_EMAIL": "a@example.com",
}
SIGNING = {"GATEKEEPER_CLIENT_ID": "cs-1", "GATEKEEPER_CLIENT_SECRET": "0123456789abcdef" * 2}
COMMAND = {"GATEKEEPER_JWT_COMMAND": "mint --password 'hunter2 hunter3'"}


@pytest.fixture(scope="module")
def jwk() -> dict[str, str]:
    found: dict[str, str] = json.loads(
        Simulator(enforce_jwe=True)._jwe_key  # noqa: SLF001 - it is printed only where it is served
    )
    return found


def problems(environ: dict[str, str], **flags: str) -> list[str]:
    return examine(flags, COMMON | environ, with_file=False)[0].problems


def ready(**claims: float | str) -> str:
    return jwt.encode({"appId": "cs-1", **claims}, "0123456789abcdef" * 2)


def test_a_command_is_split_into_words_and_alone_is_enough() -> None:
    reader, settings = examine({}, COMMON | COMMAND, with_file=False)
    assert reader.problems == []
    assert isinstance(settings.credentials[""], TokenCommand)
    assert settings.credentials[""]._words == ("mint", "--password", "hunter2 hunter3")  # noqa: SLF001
    shown = "\n".join(describe(reader, settings))
    assert "jwt-command = mint ***  (GATEKEEPER_JWT_COMMAND)" in shown
    assert "hunter" not in shown


@pytest.mark.parametrize(
    "other", ["GATEKEEPER_JWT", "GATEKEEPER_CLIENT_SECRET", "GATEKEEPER_PRIVATE_KEY"]
)
def test_a_command_excludes_other_credentials(other: str) -> None:
    [problem] = problems(COMMAND | {other: "a.b.c"})
    assert other in problem
    assert "GATEKEEPER_JWT_COMMAND" in problem
    assert problem.endswith("are both set: use only one of them")


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("mint 'hunter2", "cannot be split into words: no closing quotation"),
        ("mint hunter2\\", "cannot be split into words: no escaped character"),
        ("'' hunter2", "names no program"),
    ],
)
def test_a_command_that_cannot_be_split_is_refused_and_not_repeated(command: str, why: str) -> None:
    assert problems({}, jwt_command=command) == [f"--jwt-command: {why}"]


@pytest.mark.parametrize("claim", ["jti", "exp", "iat"])
def test_a_claim_that_each_token_has_of_its_own_cannot_be_fixed(claim: str) -> None:
    [problem] = problems(SIGNING | {"GATEKEEPER_JWT_CLAIMS": json.dumps({claim: 1, "iss": "x"})})
    assert problem.startswith(f"GATEKEEPER_JWT_CLAIMS: cannot set {claim}: ")


def test_a_key_encrypts_what_is_signed(jwk: dict[str, str]) -> None:
    environ = SIGNING | {"GATEKEEPER_JWE_KEY": json.dumps(jwk)}
    reader, settings = examine({}, COMMON | environ, with_file=False)
    assert reader.problems == []
    assert isinstance(settings.credentials[""], SigningKey)
    assert settings.credentials[""].token().count(".") == 4


def test_a_key_that_cannot_encrypt_is_a_problem_of_its_setting(jwk: dict[str, str]) -> None:
    private = json.dumps(jwk | {"d": "c2VjcmV0LWV4cG9uZW50"})
    [problem] = problems(SIGNING | {"GATEKEEPER_JWE_KEY": private})
    assert problem.startswith("GATEKEEPER_JWE_KEY: a private key")
    [problem] = problems(SIGNING | {"GATEKEEPER_JWE_KEY_FILE": "no-such-file"})
    assert problem.startswith("GATEKEEPER_JWE_KEY_FILE: cannot read")
    both = {"GATEKEEPER_JWE_KEY": json.dumps(jwk), "GATEKEEPER_JWE_KEY_FILE": "x"}
    assert any("both set" in problem for problem in problems(SIGNING | both))


def test_a_missing_package_is_named(jwk: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joserfc", None)
    [problem] = problems(SIGNING | {"GATEKEEPER_JWE_KEY": json.dumps(jwk)})
    assert problem.endswith("encrypted tokens require an extra: pip install 'kore-gatekeeper[jwe]'")


@pytest.mark.parametrize(
    "other", [{"GATEKEEPER_JWT": ready()}, COMMAND], ids=["ready token", "command"]
)
def test_a_key_is_not_used_for_a_token_that_is_made_elsewhere(
    other: dict[str, str], jwk: dict[str, str]
) -> None:
    reader, _ = examine({}, COMMON | other | {"GATEKEEPER_JWE_KEY": json.dumps(jwk)})
    assert [unused.setting.name for unused in reader.unused] == ["jwe-key"]
    [warning] = [text for text in reader.warnings if "jwe-key" in text]
    assert warning.startswith("jwe-key is not used, because ")


def test_a_file_without_a_token_is_named(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"Bearer {ready()}\n", encoding="ascii")
    [problem] = problems({"GATEKEEPER_JWT_FILE": str(file)})
    assert problem.startswith("GATEKEEPER_JWT_FILE: not a valid token")
    assert ready() not in problem
