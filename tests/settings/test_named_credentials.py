"""Tables of credentials in the configuration file: what they can name, and who uses them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.known_secrets import secrets_of
from gatekeeper.kore.credentials_names import CredentialsNames
from gatekeeper.kore.token import ReadyToken, SigningKey
from gatekeeper.kore.token_command import TokenCommand
from gatekeeper.settings.catalogue import SETTINGS
from gatekeeper.settings.credential_keys import CREDENTIALS_KEYS, VariableName
from gatekeeper.settings.display import describe
from gatekeeper.settings.gate_settings import Settings
from gatekeeper.settings.load import examine
from gatekeeper.settings.sources import Reader
from gatekeeper.simulator.encryption import public_jwk

OUTSIDE = {"GATEKEEPER_HOST": "bots.kore.ai", "GATEKEEPER_USER_EMAIL": "dev@example.com"}
SECRET = "hush-" * 8
OTHER = "hush2-" * 8
RETAIL = {"GATEKEEPER_RETAIL_CLIENT_SECRET": SECRET}
TABLE = """
[credentials.retail]
client-id = "cs-retail"
client-secret-variable = "GATEKEEPER_RETAIL_CLIENT_SECRET"
"""
SUITE = """
[[suite]]
name = "Returns"
stream-id = "st-1"
credentials = "retail"
"""
NAMES = {
    name: key.kind for name, key in CREDENTIALS_KEYS.items() if isinstance(key.kind, VariableName)
}
Examine = Callable[..., tuple[Reader, Settings]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Examine:
    """Return what reads the settings in a folder with this file."""
    monkeypatch.chdir(tmp_path)

    def read_with(
        text: str, environ: dict[str, str], why_no_secrets: str = "", **flags: Any
    ) -> tuple[Reader, Settings]:
        Path("gatekeeper.toml").write_text(text, encoding="utf-8")
        return examine(flags, OUTSIDE | environ, why_no_secrets=why_no_secrets)

    return read_with


def pem() -> str:
    key = rsa.generate_private_key(65537, 2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


def test_a_suite_has_tokens_of_its_credentials_and_the_others_are_not_needed(
    read: Examine,
) -> None:
    reader, settings = read(TABLE + SUITE, RETAIL)
    assert (reader.problems, settings.warnings) == ([], ())
    assert settings.credentials == {"retail": SigningKey("cs-retail", SECRET)}
    assert [suite.credentials.name for suite in settings.suites] == ["retail"]


def test_a_suite_that_chooses_none_has_those_without_a_name(read: Examine) -> None:
    text = f'client-id = "cs-1"\n{TABLE}{SUITE}[[suite]]\nname = "B"\nstream-id = "st-2"\n'
    _, settings = read(text, RETAIL | {"GATEKEEPER_CLIENT_SECRET": OTHER})
    assert settings.credentials == {
        "retail": SigningKey("cs-retail", SECRET),
        "": SigningKey("cs-1", OTHER),
    }
    assert [suite.credentials.name for suite in settings.suites] == ["retail", ""]
    reader, _ = read(text, RETAIL)
    [problem] = reader.problems
    assert problem.startswith("client-secret is missing")


def test_named_credentials_take_nothing_from_flags_and_variables_of_the_others(
    read: Examine,
) -> None:
    environ = RETAIL | {
        "GATEKEEPER_JWT": "a.b.c",
        "GATEKEEPER_JWT_CLAIMS": '{"iss": "other"}',
        "INPUT_CLIENT-ID": "cs-other",
    }
    text = f'client-id = "cs-top"\njwt-claims = "{{}}"\n{TABLE}{SUITE}'
    reader, settings = read(text, environ, jwt_algorithm="HS512", client_id="cs-flag")
    assert reader.problems == []
    assert settings.credentials == {"retail": SigningKey("cs-retail", SECRET)}
    unused = {each.source for each in reader.unused if "of its own" in each.why}
    assert {"GATEKEEPER_JWT", "--client-id", "--jwt-algorithm"} <= unused


def test_every_way_to_make_tokens_works_in_a_table(read: Examine, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    key, jwk = pem(), json.dumps(public_jwk())
    prefix = "GATEKEEPER_RETAIL_"
    environ = {
        f"{prefix}CLIENT_ID": "cs-1",
        f"{prefix}CLIENT_SECRET": SECRET,
        f"{prefix}CLIENT_SECRET_FILE": str(file),
        f"{prefix}PRIVATE_KEY": key,
        f"{prefix}JWT": "a.b.c",
        f"{prefix}JWT_COMMAND": "mint --app 'a b'",
        f"{prefix}JWE_KEY": jwk,
    }

    def made(*names: str, **values: str) -> Any:
        lines = [f'{name}-variable = "{prefix}{name.upper().replace("-", "_")}"' for name in names]
        lines += [f"{name.replace('_', '-')} = '{value}'" for name, value in values.items()]
        text = "\n".join(["[credentials.retail]", *lines, SUITE])
        reader, settings = read(text, environ)
        assert reader.problems == []
        return settings.credentials["retail"]

    assert made("client-id", "client-secret-file") == SigningKey("cs-1", SECRET)
    claims = made("client-id", "client-secret", jwt_claims='{"iss": "me"}', jwt_algorithm="hs512")
    assert claims == SigningKey("cs-1", SECRET, "HS512", {"iss": "me"})
    rsa_key = made("private-key", client_id="cs-2", jwt_algorithm="RS256")
    assert rsa_key == SigningKey("cs-2", key, "RS256")
    assert made("jwt") == ReadyToken("a.b.c")
    command = made("jwt-command")
    assert isinstance(command, TokenCommand)
    assert command._words == ("mint", "--app", "a b")  # noqa: SLF001
    assert made("client-id", "client-secret", "jwe-key").token().count(".") == 4
    assert made("client-id", "client-secret", jwe_key=jwk).token().count(".") == 4


def test_a_table_can_name_the_variable_of_the_setting_itself(read: Examine) -> None:
    text = TABLE.replace("_RETAIL", "") + SUITE
    reader, settings = read(text, {"GATEKEEPER_CLIENT_SECRET": SECRET})
    assert (reader.problems, reader.unused) == ([], [])
    assert settings.credentials == {"retail": SigningKey("cs-retail", SECRET)}


def test_a_variable_that_is_not_used_is_shown_without_its_value(read: Examine) -> None:
    names = 'client-id-variable = "GATEKEEPER_A_CLIENT_ID"\njwt-variable = "GATEKEEPER_A_JWT"\n'
    environ = {"GATEKEEPER_A_CLIENT_ID": "cs-hidden", "GATEKEEPER_A_JWT": "a.b.c"}
    reader, settings = read(f"[credentials.retail]\n{names}{SUITE}", environ)
    assert settings.credentials == {"retail": ReadyToken("a.b.c")}
    shown = "\n".join(describe(reader, settings))
    place = 'not used: gatekeeper.toml, credentials "retail": GATEKEEPER_A_CLIENT_ID'
    assert f"{place} = ***  (a ready-made token is set)" in shown
    assert "hidden" not in shown


def test_the_app_of_credentials_is_a_default_for_their_suites(read: Examine) -> None:
    table = f'{TABLE}stream-id = "st-retail"\nuser-email = "retail@example.com"\n'
    own = '[[suite]]\nname = "B"\ncredentials = "retail"\n'
    top = 'stream-id = "st-top"\nuser-email = "top@example.com"\n'
    text = f'{top}{table}{own}{SUITE}[[suite]]\nname = "C"\n'
    _, settings = read(text, RETAIL | {"GATEKEEPER_USER_EMAIL": ""})
    assert [(suite.stream_id, suite.user_email) for suite in settings.suites] == [
        ("st-retail", "retail@example.com"),
        ("st-1", "retail@example.com"),
        ("st-top", "top@example.com"),
    ]


APP = """
[credentials.retail]
stream-id = "st-retail"
user-email = "retail@example.com"
client-id = "cs-retail"
client-secret-variable = "GATEKEEPER_RETAIL_CLIENT_SECRET"

[[suite]]
name = "Returns"
credentials = "retail"
"""


def test_no_variable_or_input_changes_the_app_of_credentials(read: Examine) -> None:
    other = {"GATEKEEPER_STREAM_ID": "st-2", "INPUT_USER-EMAIL": "other@example.com"}
    blank = {"GATEKEEPER_USER_EMAIL": ""}
    reader, settings = read(APP, RETAIL | other | blank)
    [suite] = settings.suites
    assert (suite.stream_id, suite.user_email) == ("st-retail", "retail@example.com")
    why = "is not used: every suite of this gate has the {} of its credentials"
    assert settings.warnings == (
        f"GATEKEEPER_STREAM_ID {why.format('stream-id')}",
        f"input user-email {why.format('user-email')}",
    )
    unused = {each.source for each in reader.unused if each.why.endswith('credentials "retail"')}
    assert unused == {"GATEKEEPER_STREAM_ID", "input user-email"}


def test_a_variable_is_for_suites_that_have_no_app_of_their_own(read: Examine) -> None:
    own = {"GATEKEEPER_CLIENT_ID": "cs-1", "GATEKEEPER_CLIENT_SECRET": OTHER}
    environ = RETAIL | {"GATEKEEPER_STREAM_ID": "st-2"}
    _, settings = read(APP + '[[suite]]\nname = "B"\n', environ | own)
    assert [suite.stream_id for suite in settings.suites] == ["st-retail", "st-2"]
    assert settings.warnings == ()
    _, settings = read(APP.replace('stream-id = "st-retail"', ""), environ)
    assert [suite.stream_id for suite in settings.suites] == ["st-2"]


def test_a_suite_that_the_file_does_not_have_is_warned_of(read: Examine) -> None:
    reader, settings = read(APP, RETAIL, test_suite=("returns",))
    what = 'suite "returns" has no [[suite]] table in gatekeeper.toml'
    assert settings.warnings == (f"{what}, so it uses no [credentials.NAME]",)
    assert reader.problems[0].startswith("stream-id is missing")


def test_a_flag_for_another_app_is_refused(read: Examine) -> None:
    for text, own in ((APP, "st-retail"), (TABLE + SUITE, "st-1")):
        reader, settings = read(text, RETAIL, stream_id="st-2")
        [problem] = reader.problems
        why = '--stream-id: suite "Returns" has the stream-id of its credentials, which no flag'
        assert problem == f"{why} overrides: remove the flag, or change the file"
        assert [suite.stream_id for suite in settings.suites] == [own]


VALUES = [
    SECRET,
    "GITHUB_TOKEN",
    "GATEKEEPER_GITHUB_TOKEN",
    "GATEKEEPER_LABEL",
    "GATEKEEPER_RETAIL_JWT",
    "GATEKEEPER_RETAIL_CLIENT_SECRET_FILE",
    "GATEKEEPER_retail_CLIENT_SECRET",
    "GATEKEEPER__CLIENT_SECRET",
    "GATEKEEPER_X CLIENT_SECRET",
    "$GATEKEEPER_RETAIL_CLIENT_SECRET",
    "'GATEKEEPER_RETAIL_CLIENT_SECRET'",
    "INPUT_CLIENT-SECRET",
]


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.proves(
    "a configuration file that names a variable of another kind as a secret, or the secret itself",
    "exit 2; the value is not repeated",
)
def test_a_variable_has_to_be_named_for_what_it_has(read: Examine, value: str) -> None:
    text = TABLE.replace("GATEKEEPER_RETAIL_CLIENT_SECRET", value) + SUITE
    reader, settings = read(text, RETAIL | {value: SECRET, "GITHUB_TOKEN": SECRET})
    [problem] = reader.problems
    place = 'gatekeeper.toml, credentials "retail", line 4: client-secret-variable: must be'
    assert problem.startswith(place)
    assert problem.endswith(", such as GATEKEEPER_BOOKING_CLIENT_SECRET")
    assert value not in problem.removesuffix("GATEKEEPER_BOOKING_CLIENT_SECRET")
    assert settings.credentials == {"retail": ReadyToken("")}


@given(st.sampled_from(sorted(NAMES)), st.from_regex(r"\A[A-Z0-9_]{0,30}\Z"))
def test_no_variable_can_be_two_kinds_of_credentials_or_another_setting(
    key: str, middle: str
) -> None:
    end = key.removesuffix("-variable").upper().replace("-", "_")
    for name in (f"GATEKEEPER_{middle}", f"GATEKEEPER_{middle}_{end}"):
        kinds = [other for other, kind in NAMES.items() if kind.matches(name)]
        assert len(kinds) <= 1
    for setting in SETTINGS:
        if NAMES[key].matches(setting.variable):
            assert key == f"{setting.name}-variable"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_variable_without_a_value_is_reported_with_its_table_and_suite(
    read: Examine, value: str | None
) -> None:
    environ = {} if value is None else {"GATEKEEPER_RETAIL_CLIENT_SECRET": value}
    reader, _ = read(TABLE + SUITE, environ, why_no_secrets="This is a fork.")
    assert reader.problems == [
        (
            'gatekeeper.toml, credentials "retail", line 4: '
            'GATEKEEPER_RETAIL_CLIENT_SECRET is not set, or empty, but suite "Returns" '
            "uses these credentials: set it in the environment of the job. This is a "
            "fork."
        )
    ]


def test_only_the_credentials_of_suites_that_run_have_to_be_there(read: Examine) -> None:
    other = TABLE.replace("retail", "loans").replace("RETAIL", "LOANS")
    text = f'{TABLE}{other}{SUITE}[[suite]]\nname = "B"\ncredentials = "loans"\nstream-id = "st"\n'
    reader, settings = read(text, RETAIL, test_suite=("Returns",))
    assert (reader.problems, settings.warnings) == ([], ())
    assert set(settings.credentials) == {"retail"}
    reader, _ = read(text, RETAIL)
    [problem] = reader.problems
    assert "GATEKEEPER_LOANS_CLIENT_SECRET" in problem


def test_two_tables_can_name_the_same_variable(read: Examine) -> None:
    second = TABLE.replace("credentials.retail", "credentials.loans")
    text = f'{TABLE}{second}{SUITE}[[suite]]\nname = "B"\ncredentials = "loans"\nstream-id = "st"\n'
    reader, settings = read(text, RETAIL)
    assert reader.problems == []
    assert settings.credentials["retail"] == settings.credentials["loans"]


@pytest.mark.parametrize("key", ["host", "ca-bundle"])
@pytest.mark.proves(
    "a configuration file with named credentials that sets the host, or whom to trust as the host",
    "exit 2, which says why; nothing is sent",
)
def test_the_file_cannot_say_where_named_credentials_are_used(read: Examine, key: str) -> None:
    file = Path("ca.pem")
    text = f'{key} = "{file if key == "ca-bundle" else "evil.example"}"\n{TABLE}{SUITE}'
    host = {"GATEKEEPER_HOST": "" if key == "host" else "bots.kore.ai"}
    reader, _ = read(text, RETAIL | host)
    problem = next(problem for problem in reader.problems if "must not be" in problem)
    assert problem.startswith(f"gatekeeper.toml, line 1: {key}: must not be in the file, because")
    assert problem.endswith(f"the input {key} instead")
    if key == "host":
        reader, settings = read(text, RETAIL)
        assert (reader.problems, settings.host) == ([], "https://bots.kore.ai")
        reader, _ = read(TABLE + SUITE, RETAIL | host)
        [problem] = reader.problems
        assert problem.startswith("host is missing: set --host, GATEKEEPER_HOST or the input host;")
        # Without suites that use them, the file decides as it always did.
        unnamed = '[[suite]]\nname = "B"\nstream-id = "st"\n'
        own = {"GATEKEEPER_CLIENT_ID": "cs-1", "GATEKEEPER_CLIENT_SECRET": OTHER}
        assert read(text.replace(SUITE, unnamed), host | own)[0].problems == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            TABLE + SUITE.replace('"retail"', '"retial"'),
            (
                'suite "Returns", line 9: credentials: there is no table '
                '[credentials.retial]: did you mean "retail"?'
            ),
        ),
        (
            SUITE,
            (
                'suite "Returns", line 5: credentials: there is no table '
                "[credentials.retail]: add it, or remove this key"
            ),
        ),
        (
            TABLE + SUITE.replace('"retail"', "7"),
            'suite "Returns", line 9: credentials: must be a string such as "…", not an integer',
        ),
        (
            "[[credentials]]\n" + SUITE,
            (
                "line 1: credentials: write a table [credentials.NAME] for each, such as "
                "[credentials.booking]"
            ),
        ),
        (
            TABLE.replace("[credentials.retail]", '[credentials."a b"]\n')
            + SUITE.replace("retail", "a b"),
            'credentials "a b": the name can have only letters, digits, - and _, 60 at most',
        ),
        (
            TABLE + "client-secret = 'hush-hush'\n" + SUITE,
            (
                'credentials "retail", line 5: client-secret is a secret and cannot be set '
                "in a file: set client-secret-variable to the name of a variable that has it"
            ),
        ),
        (
            TABLE + "jwt-command = 'mint'\n" + SUITE,
            (
                'credentials "retail", line 5: "jwt-command" cannot be set in this table: '
                "set jwt-command-variable to the name of a variable that has it"
            ),
        ),
        (
            TABLE + "clientid = 'x'\n" + SUITE,
            'credentials "retail", line 5: "clientid" is unknown: did you mean "client-id"?',
        ),
        (
            TABLE + "client-id-variable = 'GATEKEEPER_RETAIL_CLIENT_ID'\n" + SUITE,
            (
                'credentials "retail", line 2: client-id and client-id-variable are both '
                "set: use only one of them"
            ),
        ),
        (
            TABLE.replace('client-id = "cs-retail"', "") + SUITE,
            (
                'credentials "retail", line 2: client-id is missing (unless you set '
                "jwt-variable or jwt-command-variable): add client-id or client-id-variable"
            ),
        ),
        (
            TABLE + 'jwt-algorithm = "RS256"\n' + SUITE,
            (
                'credentials "retail", line 2: private-key is missing (it signs RS256 '
                "tokens): add private-key-variable or private-key-file-variable"
            ),
        ),
        (
            TABLE + "jwt-claims = '{\"exp\": 1}'\n" + SUITE,
            (
                'credentials "retail", line 5: jwt-claims: cannot set exp: each token has '
                "its own; leave it out"
            ),
        ),
    ],
)
def test_what_is_wrong_with_credentials_is_reported_once_with_its_place(
    read: Examine, text: str, expected: str
) -> None:
    reader, _ = read(text, RETAIL | {"GATEKEEPER_RETAIL_CLIENT_ID": "cs-1"})
    [problem] = reader.problems
    assert problem.removeprefix("gatekeeper.toml, ") == expected


def test_a_secret_that_is_a_path_or_quoted_is_reported_with_the_names_of_the_table(
    read: Examine, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.touch()
    reader, _ = read(TABLE + SUITE, {"GATEKEEPER_RETAIL_CLIENT_SECRET": str(file)})
    [problem] = reader.problems
    assert problem.endswith("is the path of a file: set client-secret-file-variable instead")
    reader, settings = read(TABLE + SUITE, {"GATEKEEPER_RETAIL_CLIENT_SECRET": f'"{SECRET}"'})
    [warning] = settings.warnings
    assert warning.startswith(
        'gatekeeper.toml, credentials "retail": GATEKEEPER_RETAIL_CLIENT_SECRET: the value has '
        "quotes around it"
    )


def test_a_table_that_no_suite_of_the_file_chooses_is_warned_of(read: Examine) -> None:
    text = TABLE + SUITE.replace('credentials = "retail"', "")
    own = {"GATEKEEPER_CLIENT_ID": "cs-1", "GATEKEEPER_CLIENT_SECRET": OTHER}
    _, settings = read(text, RETAIL | own)
    assert settings.warnings == (
        'gatekeeper.toml, credentials "retail": no suite of the file chooses these credentials',
    )


@pytest.mark.parametrize("end", ["CLIENT_SECRET", "JWT", "PRIVATE_KEY"])
def test_a_variable_named_like_a_secret_is_one_whatever_the_file_says(end: str) -> None:
    environ = {f"GATEKEEPER_ANY_{end}": f" {SECRET}\n", f"MY_{end}": OTHER}
    assert secrets_of(environ | {"GATEKEEPER_ANY_CLIENT_ID": OTHER}) == [SECRET]


def test_a_variable_that_no_table_names_is_warned_of(read: Examine) -> None:
    own = {"GATEKEEPER_CLIENT_ID": "cs-1", "GATEKEEPER_CLIENT_SECRET": OTHER}
    _, settings = read('[[suite]]\nname = "B"\nstream-id = "st"\n', RETAIL | own)
    [warning] = settings.warnings
    assert warning == (
        "GATEKEEPER_RETAIL_CLIENT_SECRET is not read: did you mean GATEKEEPER_CLIENT_SECRET? If "
        "not, name it in a [credentials.NAME] table."
    )


def test_a_variable_that_a_file_with_a_mistake_names_is_not_warned_of(read: Examine) -> None:
    reader, settings = read(f"{TABLE}{SUITE}name =", RETAIL)
    assert settings.warnings == ()
    assert [problem.partition(": ")[0] for problem in reader.problems] == [
        "cannot read gatekeeper.toml"
    ]


def test_advice_names_the_settings_of_a_table_and_changes_no_other_word() -> None:
    names = CredentialsNames("retail", {"jwt": "GATEKEEPER_A_JWT", "jwt-command": "x-variable"})
    text = "set jwt, or jwt-command; jwt-algorithm and my-jwt stay"
    advised = "set GATEKEEPER_A_JWT, or x-variable; jwt-algorithm and my-jwt stay"
    assert names.advice(text) == advised
    assert CredentialsNames().advice(text) == text


def test_the_key_that_signs_is_what_advice_calls_the_client_secret(read: Examine) -> None:
    table = TABLE.replace("client-secret", "private-key").replace("CLIENT_SECRET", "PRIVATE_KEY")
    text = f'{table}jwt-algorithm = "RS256"\n{SUITE}'
    _, settings = read(text, {})
    [suite] = settings.suites
    advice = suite.credentials.advice("compare client-id, client-secret, jwt-algorithm")
    assert advice == "compare client-id, GATEKEEPER_RETAIL_PRIVATE_KEY, jwt-algorithm"
