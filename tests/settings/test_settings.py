"""Settings: where they come from, what they may be, and all problems at once."""

import re
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.outcomes import Check
from gatekeeper.errors import ConfigurationError
from gatekeeper.kore.host import base_url
from gatekeeper.kore.token import ReadyToken, SigningKey
from gatekeeper.settings import kinds, path_kinds
from gatekeeper.settings.catalogue import BY_NAME, SETTINGS
from gatekeeper.settings.gate_settings import Settings
from gatekeeper.settings.kinds import (
    Choice,
    Count,
    Duration,
    Host,
    Identifier,
    JsonObject,
    Label,
    Language,
    ShardNumber,
    Switch,
    Text,
)
from gatekeeper.settings.path_kinds import File, Folder, SecretFile
from gatekeeper.settings.setting import Setting
from support.settings import read_settings

SECRET = "s3cr3t-" * 6
COMPLETE = {
    "GATEKEEPER_HOST": "bots.kore.ai",
    "GATEKEEPER_STREAM_ID": "st-1",
    "GATEKEEPER_TEST_SUITE": "Booking",
    "GATEKEEPER_CLIENT_ID": "cs-1",
    "GATEKEEPER_CLIENT_SECRET": SECRET,
    "GATEKEEPER_USER_EMAIL": "dev@example.com",
}


def read(flags: dict[str, Any] | None = None, /, **environ: str) -> Settings:
    return read_settings(flags or {}, COMPLETE | environ)


def problems(flags: dict[str, Any] | None = None, /, **environ: str) -> list[str]:
    with pytest.raises(ConfigurationError) as error:
        read(flags, **environ)
    return error.value.problems


def test_what_is_not_given_has_its_default() -> None:
    settings = read()
    assert settings.host == "https://bots.kore.ai"
    [suite] = settings.suites
    assert (suite.bot_language, suite.bot_version) == ("en", "published")
    assert (suite.timeout, suite.test_run_id) == (1800.0, None)
    assert settings.parallel == 10
    assert settings.reporting.junit == Path("gatekeeper-report/junit.xml")


def test_a_flag_beats_the_variable_which_beats_the_input() -> None:
    inputs = {"INPUT_BOT-LANGUAGE": "de"}
    assert read_settings({}, COMPLETE | inputs).suites[0].bot_language == "de"
    both = inputs | {"GATEKEEPER_BOT_LANGUAGE": "fr"}
    assert read_settings({}, COMPLETE | both).suites[0].bot_language == "fr"
    assert read_settings({"bot_language": "ja"}, COMPLETE | both).suites[0].bot_language == "ja"


def test_an_empty_text_is_not_given_wherever_it_stands() -> None:
    nothing = {"INPUT_BOT-LANGUAGE": "", "GATEKEEPER_BOT_LANGUAGE": ""}
    assert read_settings({"bot_language": None}, COMPLETE | nothing).suites[0].bot_language == "en"


def test_all_problems_are_reported_at_once_each_under_the_name_it_was_given_by() -> None:
    environ = {"INPUT_TIMEOUT": "soon", "GATEKEEPER_HOST": "http://bots.kore.ai"}
    with pytest.raises(ConfigurationError) as error:
        read_settings({"bot_version": "newest"}, environ)
    found = error.value.problems
    starts = [problem.split(" ")[0].rstrip(":") for problem in found]
    assert starts == [
        "GATEKEEPER_HOST", "test-suite", "stream-id", "--bot-version", "user-email", "input",
        "client-id", "client-secret",
    ]  # fmt: skip
    assert "set --stream-id, GATEKEEPER_STREAM_ID or the input stream-id" in " ".join(found)
    assert "--client-secret," not in " ".join(found)


def test_nothing_but_the_run_id_is_needed_more_to_attach() -> None:
    settings = read(GATEKEEPER_TEST_RUN_ID="ctr-1", GATEKEEPER_USER_EMAIL="")
    assert settings.suites[0].test_run_id == "ctr-1"
    assert "user-email is missing" in problems(GATEKEEPER_USER_EMAIL="")[0]


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("bots.kore.ai", "https://bots.kore.ai"),
        ("https://bots.kore.ai/", "https://bots.kore.ai"),
        ("HTTPS://Bots.Kore.AI:8443", "https://bots.kore.ai:8443"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://localhost", "http://localhost"),
        ("http://[::1]:81", "http://[::1]:81"),
        ("chat_bots.kore.ai", "https://chat_bots.kore.ai"),
        ("บอท.example", "https://บอท.example"),
    ],
)
def test_a_host_is_a_url_or_a_bare_name(given: str, base: str) -> None:
    assert base_url(given) == base


@pytest.mark.parametrize(
    "given",
    [
        "http://bots.kore.ai",
        "ftp://bots.kore.ai",
        "https://user:pw@bots.kore.ai",
        "https://bots.kore.ai/api",
        "https://bots.kore.ai?x=1",
        "https://",
        "two words",
        "host:port",
        "http://127.0.0.1.evil.example",
        "http://[::2]",
        "https://[nonsense]",
        "bots.kore.ai\\@evil.example",
        "a..com",
        f"{'a' * 64}.com",
        "https://user:pw",
        "https://bots.kore.ai/?token=pw",
    ],
)
def test_a_host_that_could_leak_the_token_or_is_none_is_refused(given: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as error:
        base_url(given)
    assert "pw" not in str(error.value)


@given(st.text(max_size=40))
def test_any_host_is_either_one_base_url_or_refused(given: str) -> None:
    try:
        base = base_url(given)
    except ValueError:
        return
    assert base.startswith(("https://", "http://"))
    assert base_url(base) == base


@pytest.mark.parametrize(
    ("given", "seconds"),
    [("90s", 90), ("30m", 1800), ("1h30m", 5400), ("2H", 7200), ("1h 5s", 3605)],
)
def test_a_duration_is_written_in_hours_minutes_and_seconds(given: str, seconds: float) -> None:
    assert Duration().from_text(given) == seconds


@pytest.mark.parametrize("given", ["0", "0s", "-5m", "m", "1.5h", "5m1h", "soon", "9999999h"])
def test_what_is_no_duration_is_refused_with_an_example(given: str) -> None:
    with pytest.raises(ValueError, match="write 90s, 30m or 1h30m"):
        Duration().from_text(given)


def test_a_number_without_a_unit_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="'30' has no unit: write 30s, 30m or 30h"):
        Duration().from_text("30")


WRONG_TEXTS = {
    Host: ("two words", "bots.kore.ai"),
    Identifier: ("two words", "begins with st-"),
    Language: ("english!", "write en or pt_BR"),
    JsonObject: ("[]", '{"iss": "…"}'),
    Duration: ("soon", "30m or 1h30m"),
    Count: ("many", "a number from 1 to 200"),
    Switch: ("maybe", "neither true nor false"),
    Choice: ("newest", "choose HS256, HS512, RS256 or RS512"),
    ShardNumber: ("2 of 3", "write 2/3"),
    Label: ("two\nlines", "such as staging"),
}
NEVER_WRONG = {Text, File, SecretFile, Folder}
ALL_KINDS = {type(setting.kind): setting.kind for setting in reversed(SETTINGS)}
OF_THE_FILE = [
    setting for setting in SETTINGS if setting.in_file and not setting.secret
]  # fmt: skip


def test_every_kind_of_value_is_refused_with_an_example() -> None:
    for kind, (text, expected) in WRONG_TEXTS.items():
        with pytest.raises(ValueError, match=re.escape(expected)):
            ALL_KINDS[kind].from_text(text)
    modules = (kinds.__name__, path_kinds.__name__)
    of_kinds = {kind for kind in ALL_KINDS if kind.__module__ in modules}
    assert of_kinds == WRONG_TEXTS.keys() | NEVER_WRONG


@pytest.mark.parametrize("setting", OF_THE_FILE, ids=lambda setting: setting.name)
def test_a_value_of_the_wrong_type_in_the_file_is_refused_with_an_example(
    setting: Setting[Any],
) -> None:
    with pytest.raises(ValueError, match=r"such as ['\"\[]|from \d+ to \d+|true or false"):
        setting.kind.from_toml(date(2030, 1, 31))


@pytest.mark.parametrize("name", ["parallel", "strict-text"])
def test_a_number_or_switch_in_quotes_is_told_to_have_none(name: str) -> None:
    with pytest.raises(ValueError, match="without quotes, not a string"):
        BY_NAME[name].kind.from_toml("1")


def test_accepted_checks_are_apart_by_commas_or_blanks_and_known_by_name() -> None:
    settings = read(GATEKEEPER_ACCEPT="counters, not-executed\nunknown-state")
    accepted = {Check.COUNTERS, Check.NOT_EXECUTED, Check.UNKNOWN_STATE}
    assert settings.suites[0].policy.accept == accepted
    assert read({"accept": ("counters", "contradiction")}).suites[0].policy.accept == {
        Check.COUNTERS,
        Check.CONTRADICTION,
    }
    assert read({"accept": ("Counters",)}).suites[0].policy.accept == {Check.COUNTERS}
    assert "unknown check 'failed'" in problems({"accept": ("failed",)})[0]


def test_a_secret_can_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n", encoding="utf-8")
    settings = read(GATEKEEPER_CLIENT_SECRET="", GATEKEEPER_CLIENT_SECRET_FILE=str(file))
    assert settings.credentials[""] == SigningKey("cs-1", SECRET)
    assert "both set" in problems(GATEKEEPER_CLIENT_SECRET_FILE=str(file))[0]
    missing = problems(GATEKEEPER_CLIENT_SECRET="", GATEKEEPER_CLIENT_SECRET_FILE="/nowhere")
    [problem] = missing
    assert problem.startswith("GATEKEEPER_CLIENT_SECRET_FILE: cannot read the file that it names: ")


def test_a_ready_token_takes_the_place_of_id_and_secret() -> None:
    ready = {"GATEKEEPER_CLIENT_ID": "", "GATEKEEPER_CLIENT_SECRET": "", "GATEKEEPER_JWT": "a.b.c"}
    assert read(**ready).credentials[""] == ReadyToken("a.b.c")
    assert "both set" in problems(GATEKEEPER_JWT="a.b.c")[0]
    assert "not a valid token" in problems(**ready | {"GATEKEEPER_JWT": "a\nauth: b"})[0]


def test_an_rsa_algorithm_signs_with_a_private_key() -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()
    environ = {"GATEKEEPER_JWT_ALGORITHM": "rs256", "GATEKEEPER_PRIVATE_KEY": pem}
    assert read(**environ).credentials[""] == SigningKey("cs-1", pem, "RS256")
    assert "private-key is missing" in problems(GATEKEEPER_JWT_ALGORITHM="RS512")[0]
    broken = problems(**environ | {"GATEKEEPER_PRIVATE_KEY": "-----BEGIN nonsense"})
    assert broken[0].startswith("GATEKEEPER_PRIVATE_KEY: cannot sign a token with RS256")
    assert "nonsense" not in broken[0]


def test_extra_claims_are_a_json_object() -> None:
    credentials = read(GATEKEEPER_JWT_CLAIMS='{"iss": "me"}').credentials[""]
    assert isinstance(credentials, SigningKey)
    assert credentials.claims == {"iss": "me"}
    for wrong in ("[1]", "{", "iss=me"):
        assert "not a JSON object" in problems(GATEKEEPER_JWT_CLAIMS=wrong)[0]
    [unsignable] = problems(GATEKEEPER_JWT_CLAIMS='{"iss": 5}')
    assert unsignable.startswith("GATEKEEPER_JWT_CLAIMS: ")


def test_blanks_alone_are_nothing_given() -> None:
    inputs = {"INPUT_BOT-LANGUAGE": "de", "GATEKEEPER_BOT_LANGUAGE": "  "}
    assert read_settings({}, COMPLETE | inputs).suites[0].bot_language == "de"
    [suite] = read({"accept": ("",)}, GATEKEEPER_ACCEPT="counters").suites
    assert suite.policy.accept == {Check.COUNTERS}


def test_a_secret_given_as_the_name_of_its_file_is_not_shown() -> None:
    found = problems(GATEKEEPER_CLIENT_SECRET="", GATEKEEPER_CLIENT_SECRET_FILE=SECRET)
    assert SECRET not in " ".join(found)


def test_a_missing_secret_is_reported_with_the_flag_of_its_file() -> None:
    [problem] = problems(GATEKEEPER_CLIENT_SECRET="")
    assert (
        "set --client-secret-file, GATEKEEPER_CLIENT_SECRET or the input client-secret" in problem
    )


def test_a_wrong_algorithm_does_not_hide_a_missing_secret() -> None:
    found = problems(GATEKEEPER_JWT_ALGORITHM="none", GATEKEEPER_CLIENT_SECRET="")
    assert [problem.split(" ")[0].rstrip(":") for problem in found] == [
        "GATEKEEPER_JWT_ALGORITHM",
        "client-secret",
    ]


def test_a_bundle_without_certificates_is_refused(tmp_path: Path) -> None:
    empty = tmp_path / "bundle.pem"
    empty.write_text("nothing", encoding="utf-8")
    assert "contains no PEM certificates" in problems(GATEKEEPER_CA_BUNDLE=str(empty))[0]
    assert "cannot read /nowhere" in problems(GATEKEEPER_CA_BUNDLE="/nowhere")[0]


def test_two_reports_cannot_have_one_path() -> None:
    same = problems({"junit": "gatekeeper-report/result.json"})
    assert "path of another report" in same[0]


def test_a_label_is_a_short_text_on_one_line() -> None:
    assert read().reporting.label == ""
    assert read(GATEKEEPER_LABEL="staging, EU").reporting.label == "staging, EU"
    for wrong in ("two\nlines", "x" * 101, "a\x1b[31mb"):
        [problem] = problems(GATEKEEPER_LABEL=wrong)
        assert (
            problem
            == "GATEKEEPER_LABEL: must be on one line, at most 100 characters, such as staging"
        )


def test_a_rich_profile_without_the_lines_of_steps_is_warned_about(tmp_path: Path) -> None:
    assert not read().reporting.rich_junit
    without = read({"junit_profile": "RICH"})
    assert without.reporting.rich_junit
    assert without.warnings == ("--junit-profile: rich has no effect without source-map",)
    suite = tmp_path / "suite.json"
    suite.write_text('{"testCases": []}', encoding="utf-8")
    assert read({"junit_profile": "rich"}, GATEKEEPER_SOURCE_MAP=str(suite)).warnings == ()
    assert "choose strict or rich" in problems({"junit_profile": "full"})[0]


def test_no_secret_is_in_what_settings_look_like() -> None:
    assert SECRET not in repr(read())
    assert "a.b.c" not in repr(ReadyToken("a.b.c"))


def test_no_secret_is_a_flag() -> None:
    secrets = {setting.name for setting in SETTINGS if setting.flag is None}
    tokens = {"github-token", "gitlab-token"}
    assert secrets == {"client-secret", "jwt", "private-key"} | tokens


@given(st.dictionaries(st.sampled_from(SETTINGS), st.text(max_size=20)))
def test_any_values_are_read_or_refused(given: dict[Any, str]) -> None:
    environ = {setting.variable: value for setting, value in given.items()}
    with suppress(ConfigurationError):
        assert read_settings({}, COMPLETE | environ).suites[0].timeout > 0


def test_a_suite_a_line_or_a_flag_each_and_an_id_attaches() -> None:
    named = [("Booking", None), ("Refund, part 2", None), ("a=b", "ctr-1")]
    lines = "Booking\n\n  Refund, part 2 \na=b = ctr-1\n"
    flags = {"test_suite": ("Booking", "Refund, part 2", "a=b=ctr-1")}
    for settings in (read(GATEKEEPER_TEST_SUITE=lines), read(flags)):
        assert [(suite.test_suite, suite.test_run_id) for suite in settings.suites] == named


def test_one_id_is_for_one_suite() -> None:
    [attached] = read(GATEKEEPER_TEST_RUN_ID="ctr-1").suites
    assert attached.test_run_id == "ctr-1"
    [problem] = problems(GATEKEEPER_TEST_SUITE="a\nb", GATEKEEPER_TEST_RUN_ID="ctr-1")
    assert "NAME=ctr-" in problem


def test_two_ids_for_one_suite_are_a_problem_and_one_id_given_twice_is_none() -> None:
    suite = {"GATEKEEPER_TEST_SUITE": "Booking=ctr-1"}
    [problem] = problems(**suite, GATEKEEPER_TEST_RUN_ID="ctr-2")
    assert problem.endswith('ctr-2, but test-suite has "Booking=ctr-1": use only one of them')
    [attached] = read(**suite, GATEKEEPER_TEST_RUN_ID="ctr-1").suites
    assert attached.test_run_id == "ctr-1"


def test_a_suite_that_is_given_twice_is_a_problem() -> None:
    [problem] = problems(GATEKEEPER_TEST_SUITE="a\nb\na")
    assert "a is listed twice" in problem
    assert len(read(GATEKEEPER_TEST_SUITE="a=ctr-1\na=ctr-2").suites) == 2


def test_nobody_is_needed_to_attach() -> None:
    nobody = {name: value for name, value in COMPLETE.items() if name != "GATEKEEPER_USER_EMAIL"}
    attached = nobody | {"GATEKEEPER_TEST_SUITE": "a=ctr-1\nb=ctr-2"}
    assert len(read_settings({}, attached).suites) == 2
    with pytest.raises(ConfigurationError, match="user-email"):
        read_settings({}, attached | {"GATEKEEPER_TEST_SUITE": "a=ctr-1\nb"})


@pytest.mark.parametrize("number", ["0", "-1", "many", "201", "1.5", "\uff11"])
def test_how_many_at_once_is_a_number_within_bounds(number: str) -> None:
    [problem] = problems(GATEKEEPER_PARALLEL=number)
    assert "GATEKEEPER_PARALLEL" in problem


def test_of_several_suites_each_has_a_results_file_of_its_own() -> None:
    reporting = read().reporting
    assert reporting.results_file(0, 1) == Path("gatekeeper-report/results-file")
    assert reporting.results_file(1, 2) == Path("gatekeeper-report/results-file-2")
