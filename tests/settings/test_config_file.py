"""The configuration file: what it may say, what beats it, and which runs it makes."""

import json
import os
import string
import tomllib
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.outcomes import Check
from gatekeeper.core.verdict.policy import KnownFailure, Policy
from gatekeeper.errors import ConfigurationError
from gatekeeper.settings.credential_keys import CREDENTIALS_KEYS
from gatekeeper.settings.file_keys import TABLES, TOP
from gatekeeper.settings.gate_settings import Settings, SuiteSettings
from gatekeeper.simulator import Simulator
from support.program import ROOT, Program
from support.settings import read_settings

SECRET = "hush-" * 8
ENVIRON = {"GATEKEEPER_CLIENT_SECRET": SECRET}
TOP_LINES = """
host = "bots.kore.ai"
stream-id = "st-1"
client-id = "cs-1"
user-email = "dev@example.com"
"""
TWO = """
timeout = "20m"
[[suite]]
name = "Booking"
tags = ["smoke"]
[[suite]]
name = "Refund"
tags = ["nightly", "slow"]
stream-id = "st-2"
bot-version = "inDevelopment"
timeout = "1h"
retries = 2
languages = ["en", "de"]
accept = ["counters"]
strict-text = true
"""
EXAMPLE = (ROOT / "examples/gatekeeper.toml").read_text(encoding="utf-8")
Read = Callable[..., Settings]
Problems = Callable[..., list[str]]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Return what reads the settings in a folder with this file."""
    monkeypatch.chdir(tmp_path)

    def read_with(text: str, flags: dict[str, Any] | None = None, /, **environ: str) -> Settings:
        Path("gatekeeper.toml").write_text(TOP_LINES + text, encoding="utf-8")
        return read_settings(flags or {}, ENVIRON | environ)

    return read_with


@pytest.fixture
def problems(read: Read) -> Problems:
    """Return what lists the problems of the settings in a folder with this file."""

    def problems_with(
        text: str, flags: dict[str, Any] | None = None, /, **environ: str
    ) -> list[str]:
        with pytest.raises(ConfigurationError) as error:
            read(text, flags, **environ)
        return error.value.problems

    return problems_with


def named(settings: Settings) -> list[tuple[str, str]]:
    return [(suite.test_suite, suite.bot_language) for suite in settings.suites]


def saved(*runs: dict[str, Any]) -> str:
    gate = {
        "schema": 1,
        "verdict": "failed",
        "exit_code": 1,
        "started_at": "2026-05-04T03:02:01Z",
        "duration": 1.0,
        "runs": runs,
    }
    Path("result.json").write_text(json.dumps(gate), encoding="utf-8")
    return "result.json"


def why(outcome: str) -> dict[str, str]:
    return {"text": "x", "outcome": outcome}


def saved_run(suite: str, language: str | None, **outcomes: str) -> dict[str, Any]:
    cases = [
        {
            "index": number,
            "name": name,
            "outcome": outcome,
            "reasons": ["x"] if outcome != "passed" else [],
            "failures": [{"text": "x", "outcome": "failed"}] if outcome != "passed" else [],
        }
        for number, (name, outcome) in enumerate(outcomes.items(), 1)
    ]
    steps = {"total": len(cases)} | Counter(outcomes.values())
    run = {"test_suite": suite, "verdict": "failed", "language": language}
    return run | {"cases": cases, "steps": steps}


def test_the_files_suites_run_each_by_its_table_and_else_by_the_top(read: Read) -> None:
    settings = read(TWO)
    assert settings.host == "https://bots.kore.ai"
    policy = Policy(accept=frozenset({Check.COUNTERS}), strict_text=True)
    user = "dev@example.com"
    assert settings.suites == (
        SuiteSettings("Booking", None, "st-1", "en", "published", user, 1200.0, Policy(), 0),
        SuiteSettings("Refund", None, "st-2", "en", "inDevelopment", user, 3600.0, policy, 2),
        SuiteSettings("Refund", None, "st-2", "de", "inDevelopment", user, 3600.0, policy, 2),
    )
    assert settings.warnings == ()


def test_a_named_file_is_read_wherever_it_is_and_has_to_be_there(
    read: Read, problems: Problems, tmp_path: Path
) -> None:
    other = tmp_path / "ci" / "gates.toml"
    other.parent.mkdir()
    other.write_text(TOP_LINES + '[[suite]]\nname = "Other"\n', encoding="utf-8-sig")
    for settings in (
        read(TWO, {"config": str(other)}),
        read(TWO, GATEKEEPER_CONFIG=str(other)),
        read(TWO, INPUT_CONFIG=str(other)),
    ):
        assert named(settings) == [("Other", "en")]
    [problem] = problems(TWO, {"config": "nowhere.toml"})
    assert problem == "--config: cannot read nowhere.toml: No such file or directory"


def test_flag_variable_and_input_beat_the_file_and_its_tables(read: Read) -> None:
    for settings in (
        read(TWO, {"timeout": "5m"}),
        read(TWO, GATEKEEPER_TIMEOUT="5m"),
        read(TWO, INPUT_TIMEOUT="5m"),
    ):
        assert {suite.timeout for suite in settings.suites} == {300.0}


@pytest.mark.parametrize("prefix", ["GATEKEEPER_", "INPUT_"])
def test_an_inputs_default_that_a_platform_hands_over_does_not_beat_the_file(
    read: Read, prefix: str
) -> None:
    handed = {"TIMEOUT": "30m", "PARALLEL": "10", "STRICT_TEXT": "", "STRICT-TEXT": ""}
    handed |= {"BOT_LANGUAGE": "en", "BOT-LANGUAGE": "en"}
    environ = {f"{prefix}{name}": value for name, value in handed.items()}
    settings = read("parallel = 3\nstrict-text = true\n" + TWO, **environ)
    assert [suite.timeout for suite in settings.suites] == [1200.0, 3600.0, 3600.0]
    assert settings.parallel == 3
    assert settings.suites[0].policy.strict_text
    assert named(settings)[1:] == [("Refund", "en"), ("Refund", "de")]


def test_a_flag_beats_the_file_also_with_the_default(read: Read) -> None:
    assert {suite.timeout for suite in read(TWO, {"timeout": "30m"}).suites} == {1800.0}


def test_a_table_takes_back_what_the_top_says(read: Read) -> None:
    top = 'accept = ["counters"]\nstrict-text = true\nblocking = false\nmin-pass-rate = 90\n'
    table = 'accept = []\nstrict-text = false\nblocking = true\nmin-pass-rate = 99.5\nname = "B"\n'
    first, second = read(f'{top}[[suite]]\nname = "A"\n[[suite]]\n{table}').suites
    counters = frozenset({Check.COUNTERS})
    assert first.policy == Policy(
        accept=counters, strict_text=True, min_pass_rate=90.0, blocking=False
    )
    assert second.policy == Policy(min_pass_rate=99.5)


def test_named_suites_run_by_their_table_or_by_the_top(read: Read) -> None:
    settings = read(f"blocking = false\n{TWO}", GATEKEEPER_TEST_SUITE="Refund\nUnheard of")
    assert named(settings) == [("Refund", "en"), ("Refund", "de"), ("Unheard of", "en")]
    assert [suite.stream_id for suite in settings.suites] == ["st-2", "st-2", "st-1"]
    assert not settings.suites[2].policy.blocking


def test_a_tag_selects_suites_and_any_of_several_is_enough(read: Read, problems: Problems) -> None:
    assert {name for name, _ in named(read(TWO, {"tag": ("slow",)}))} == {"Refund"}
    assert len(read(TWO, GATEKEEPER_TAG="smoke, slow\nnightly").suites) == 3
    [problem] = problems(TWO, {"tag": ("smoke", "weekly")})
    assert problem == "--tag: no suite has the tag weekly: the tags are nightly, slow, smoke"
    [problem] = problems(TWO, {"tag": ("smoke",), "test_suite": ("Booking",)})
    assert problem == "--test-suite and --tag are both set: use only one of them"


def test_a_tag_needs_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigurationError, match="--tag: there is no configuration file"):
        read_settings({"tag": ("smoke",)}, ENVIRON)


def test_a_suites_languages_are_runs_unless_a_language_is_given(read: Read) -> None:
    assert named(read(f'bot-language = "fr"\n{TWO}'))[0] == ("Booking", "fr")
    settings = read(TWO, {"bot_language": "de"})
    assert named(settings) == [("Booking", "de"), ("Refund", "de")]
    [warning] = settings.warnings
    assert warning.startswith('--bot-language: suite "Refund" runs only in de, not in en')


def test_a_run_to_attach_to_is_in_one_language(read: Read, problems: Problems) -> None:
    [booking] = read(TWO, {"test_suite": ("Booking=ctr-1",)}).suites
    assert (booking.test_run_id, booking.bot_language) == ("ctr-1", "en")
    one_language = TWO.replace('["en", "de"]', '["de"]')
    [refund] = read(one_language, {"test_suite": ("Refund=ctr-1",)}).suites
    assert (refund.bot_language, refund.stream_id) == ("de", "st-2")
    for flags in (
        {"test_suite": ("Refund=ctr-1",)},
        {"test_suite": ("Refund",), "test_run_id": "ctr-1"},
    ):
        [problem] = problems(TWO, flags)
        assert 'suite "Refund" has the languages en, de: set --bot-language' in problem
        assert len(read(TWO, flags | {"bot_language": "en"}).suites) == 1


def test_known_failures_are_those_whose_pattern_fits_the_suite(read: Read) -> None:
    known = """
    [[suite]]
    name = "Booking [new]"
    [[suite]]
    name = "Refund"
    [[known-failure]]
    step = "004 *"
    reason = "BOT-1"
    until = 2030-01-31
    [[known-failure]]
    suite = "Booking [new]"
    step = "001 hello"
    reason = "BOT-2"
    until = 2030-02-28
    [[known-failure]]
    suite = "Refnud*"
    step = "*"
    reason = "BOT-3"
    until = 2030-02-28
    """
    settings = read(known)
    first = KnownFailure("004 *", "BOT-1", date(2030, 1, 31))
    second = KnownFailure("001 hello", "BOT-2", date(2030, 2, 28))
    booking, refund = (suite.policy.known_failures for suite in settings.suites)
    assert (booking, refund) == ((first, second), (first,))
    assert settings.warnings == ('gatekeeper.toml, known-failure 3: no suite matches "Refnud*"',)
    assert read(known, {"test_suite": ("Refnud",)}).warnings == ()


def test_a_baseline_has_all_runs_of_the_file_for_every_suite(read: Read) -> None:
    text = f'baseline = "result.json"\n{TWO}'
    saved(saved_run("Booking", None, one="failed"), saved_run("Refund", "en", two="failed"))
    settings = read(text)
    baseline, *others = (suite.policy.baseline for suite in settings.suites)
    assert baseline is not None
    assert all(other is baseline for other in others)
    assert [run.test_suite for run in baseline.runs] == ["Booking", "Refund"]
    assert settings.warnings == ()


BASELINE = '[[suite]]\nname = "Booking"\nbaseline = "result.json"\n'


def test_a_baseline_that_is_missing_is_a_warning_and_excuses_nothing(read: Read) -> None:
    settings = read(BASELINE)
    [baseline] = [suite.policy.baseline for suite in settings.suites]
    assert baseline is not None
    assert (baseline.is_missing, baseline.runs) == (True, ())
    [warning] = settings.warnings
    assert warning == (
        'gatekeeper.toml, suite "Booking": baseline: result.json does not exist, so every failure '
        "counts as new"
    )


@pytest.mark.parametrize("content", ["", "{}", "[1]", "\0", '{"schema": 1, "runs": 7}'])
def test_a_baseline_that_is_none_is_a_problem(problems: Problems, content: str) -> None:
    Path("result.json").write_text(content, encoding="utf-8")
    [problem] = problems(BASELINE)
    assert problem.startswith('gatekeeper.toml, suite "Booking": baseline: result.json')


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo], ids=["folder", "pipe"])
def test_a_baseline_that_is_no_regular_file_is_a_problem(
    problems: Problems, make: Callable[[Path], None]
) -> None:
    make(Path("result.json"))
    [problem] = problems(BASELINE)
    assert "baseline: result.json cannot be read: " in problem


def test_a_baseline_that_no_gate_writes_is_a_problem(problems: Problems) -> None:
    run = saved_run("Booking", "en", one="failed")
    saved(run | {"steps": {"total": 5, "failed": 1}})
    [problem] = problems(BASELINE)
    assert "its run of Booking is inconsistent: its counts do not match its 1 steps" in problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            'tiemout = "1m"',
            'gatekeeper.toml, line 6: "tiemout" is unknown: did you mean "timeout"?',
        ),
        (
            'Stream_ID = "st-1"',
            'gatekeeper.toml, line 6: "Stream_ID" is unknown: did you mean "stream-id"',
        ),
        (
            '[[suites]]\nname = "A"',
            'gatekeeper.toml, line 6: "suites" is unknown: did you mean "suite"?',
        ),
        ('languages = ["en"]', 'gatekeeper.toml, line 6: "languages" belongs in a [[suite]] table'),
        ('test-suite = "A"', '"test-suite" cannot be set in the file: add a [[suite]] table'),
        (
            'tag = "A"',
            '"tag" cannot be set in the file: set --tag, GATEKEEPER_TAG or the input tag',
        ),
        ("zzz = 1", 'gatekeeper.toml, line 6: "zzz" is unknown: the keys are host, stream-id,'),
        ("timeout = 30", 'timeout: must be a string such as "30m" or "1h30m", not an integer'),
        ('timeout = "soon"', "gatekeeper.toml, line 6: timeout: 'soon' is not a valid duration"),
        ("parallel = true", "parallel: must be a number from 1 to 200, not a boolean"),
        ("parallel = 0", "parallel: must be a number from 1 to 200, not '0'"),
        ('strict-text = "yes"', "strict-text: must be true or false, without quotes, not a string"),
        ('accept = "counters"', 'such as ["counters"], not a string'),
        ("accept = [1]", "but contains an integer"),
        ('accept = ["failed"]', "accept: unknown check 'failed': choose from counters, "),
        ("min-pass-rate = 101", "min-pass-rate: must be a number from 0 to 100"),
        ("min-pass-rate = nan", "min-pass-rate: must be a number from 0 to 100"),
        ("min-pass-rate = 0.95", "0.95 is less than one percent: did you mean 95?"),
        ("blocking = 1", "blocking: must be true or false, not an integer"),
        (
            'suite = "A"',
            "gatekeeper.toml, line 6: suite: write a separate [[suite]] table for each",
        ),
        ('[suite]\nname = "A"', "suite: write a separate [[suite]] table for each"),
        ("[[suite]]\nblocking = true", "gatekeeper.toml, suite 1, line 6: name is missing"),
        ('[[suite]]\nname = " "', "gatekeeper.toml, suite 1, line 6: name is missing"),
        ('[[suite]]\nname = "A\\nB"', 'suite "A B", line 7: name: must be on one line'),
        ("a = 1\na = 2", "cannot read gatekeeper.toml: not valid TOML: Cannot overwrite"),
        (f"a = {'[' * 9999}", "cannot read gatekeeper.toml: nested too deeply"),
    ],
)
def test_what_is_wrong_in_the_file_is_reported_with_its_place(
    problems: Problems, text: str, expected: str
) -> None:
    assert any(expected in problem for problem in problems(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('tiemout = "1m"', '"tiemout" is unknown: did you mean "timeout"?'),
        ('host = "bots.kore.ai"', '"host" belongs at the top of the file, above the first'),
        ('timeout = "soon"', "timeout: 'soon' is not a valid duration: write 90s, 30m or 1h30m"),
        (
            'bot-version = "newest"',
            "bot-version: 'newest' is not valid: choose published or inDevelopment",
        ),
        ("languages = []", "languages: is empty: add a language"),
        ('languages = ["en", "en"]', "languages: en is listed twice"),
        ('languages = ["english!"]', "languages: 'english!' is not a valid language code"),
        ('tags = ["a,b"]', "tags: 'a,b' is not a valid tag"),
        ('[[suite]]\nname = "Booking"', "another suite above has this name"),
    ],
)
def test_what_is_wrong_with_a_suite_is_reported_with_its_name_also_if_it_does_not_run(
    problems: Problems, text: str, expected: str
) -> None:
    suites = f'[[suite]]\nname = "Booking"\n{text}\n'
    [problem] = problems(suites, {"test_suite": ("Other",)})
    line = 8 + text.count("\n")
    assert problem.startswith(f'gatekeeper.toml, suite "Booking", line {line}: {expected}')


@pytest.mark.parametrize(
    ("key", "wrong", "right"),
    [
        ("timeout", "soon", "5m"),
        ("jwt-algorithm", "none", "HS512"),
        ("jwt-claims", "{", "{}"),
        ("bot-language", "english!", "en"),
    ],
)
def test_a_value_of_the_file_has_to_be_valid_also_if_a_flag_overrides_it(
    problems: Problems, key: str, wrong: str, right: str
) -> None:
    [problem] = problems(f'{key} = "{wrong}"\n{TWO}'.replace('timeout = "20m"', ""), {key: right})
    assert problem.startswith(f"gatekeeper.toml, line 6: {key}: ")


def test_a_known_failure_needs_a_step_a_reason_and_a_day(problems: Problems) -> None:
    place = "gatekeeper.toml, known-failure 1, line"
    line = 6 + TWO.count("\n")
    expected = "must be a date without quotes, such as 2030-01-31"
    assert problems(f"{TWO}[[known-failure]]\nuntil = 2030-01-31T00:00:00Z\n") == [
        f"{place} {line + 1}: until: {expected}, not a date with a time",
        f"{place} {line}: step is missing",
        f"{place} {line}: reason is missing",
    ]


def test_all_problems_are_reported_at_once_and_none_that_follows_from_another(
    problems: Problems,
) -> None:
    found = problems(
        'tiemout = "1m"\nparallel = 0\n[[suite]]\nblocking = 1\n', INPUT_TIMEOUT="soon"
    )
    assert [problem.split(": ")[1].split(" ")[0] for problem in found] == [
        '"tiemout"', "parallel", "blocking", "name", "'soon'",
    ]  # fmt: skip


def test_a_file_that_cannot_be_read_does_not_make_what_it_may_say_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("gatekeeper.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigurationError) as error:
        read_settings({}, ENVIRON)
    assert error.value.problems == ["cannot read gatekeeper.toml: not UTF-8 text"]


def test_what_is_missing_can_be_written_in_the_file(problems: Problems) -> None:
    [problem] = problems("")
    assert problem.endswith("or add a [[suite]] table to gatekeeper.toml")


def toml(value: Any) -> str:
    """Write a value as TOML."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{toml(key)} = {toml(item)}' for key, item in value.items())}}}"
    return value.isoformat() if isinstance(value, date) else str(value)


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
plausible = st.sampled_from(
    [
        "",
        " ",
        "en",
        "1m",
        "soon",
        ".",
        "/dev/null",
        "nowhere",
        "counters",
        "published",
        "A",
        "*",
        "GATEKEEPER_CLIENT_SECRET",
    ]
)
values = st.recursive(
    texts
    | plausible
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats()
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([UTC])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
keys = texts | st.sampled_from(
    sorted({*TOP, *TABLES, *TABLES["suite"], *TABLES["known-failure"], *CREDENTIALS_KEYS})
)
tables = st.dictionaries(keys, values, max_size=6)
SPELLINGS = ("client-secret", "client_secret", "Client-Secret", "jwt", "JWT", "private-key")
# Where a letter is missing, the key is merely unknown.
MISSPELT = ("client-secre", "jtw", "privatekey", "secret", "password")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where each example's file goes."""
    return tmp_path_factory.mktemp("hostile") / "gatekeeper.toml"


def written(path: Path, document: dict[str, Any]) -> dict[str, Any]:
    lines = [f"{toml(key)} = {toml(value)}" for key, value in document.items()]
    path.write_text("\n".join(lines), encoding="utf-8", newline="\n")
    return {"config": str(path)}


@given(
    top=tables,
    suites=st.lists(tables | st.fixed_dictionaries({"name": plausible}), max_size=3),
    failures=st.lists(tables, max_size=2),
    credentials=tables | st.dictionaries(st.sampled_from(["A", "b", ""]), tables, max_size=2),
)
def test_any_values_under_any_keys_are_read_or_refused(
    path: Path,
    top: dict[str, Any],
    suites: list[Any],
    failures: list[Any],
    credentials: dict[str, Any],
) -> None:
    document = {**top, "suite": suites, "known-failure": failures, "credentials": credentials}
    flags = written(path, document)
    for more in ({}, {"tag": ("A",)}, {"test_suite": ("A", "B")}):
        with suppress(ConfigurationError):
            settings = read_settings(flags | more, ENVIRON)
            assert settings.suites
            assert all(suite.timeout > 0 and suite.bot_language for suite in settings.suites)


@given(
    key=st.sampled_from((*SPELLINGS, *MISSPELT)),
    place=st.sampled_from(("top", "suite", "known-failure", "array", "credentials")),
    depth=st.integers(0, 5),
    wrap=st.sampled_from([lambda text: text, lambda text: [text], lambda text: {"a": [text]}]),
)
def test_a_secret_is_refused_wherever_it_stands_and_never_shown(
    path: Path, key: str, place: str, depth: int, wrap: Callable[[Any], Any]
) -> None:
    leak: dict[str, Any] = {key: wrap("leaked-secret-9")}
    for _ in range(depth):
        leak = {"deeper": leak}
    document: dict[str, Any] = {"host": "bots.kore.ai"}
    if place == "array":
        document["suite"] = leak
    elif place == "credentials":
        document[place] = {"booking": leak}
    elif place == "top":
        document |= leak
    else:
        document[place] = [leak]
    with pytest.raises(ConfigurationError) as error:
        read_settings(written(path, document), ENVIRON)
    found = "\n".join(error.value.problems)
    assert "leaked" not in found
    if key in SPELLINGS:
        variable = f"GATEKEEPER_{key.upper().replace('-', '_')}"
        assert f"{key} is a secret and cannot be set in a file: set " in found
        assert variable in found or f"set {key.lower().replace('_', '-')}-variable" in found


def test_keys_with_any_number_of_dots_are_refused(problems: Problems) -> None:
    deep = ".".join(string.ascii_lowercase * 40)
    assert "jwt is a secret" in problems(f'{deep}.jwt = "leaked"')[0]


def test_the_example_makes_seven_runs_of_six_suites(read: Read) -> None:
    Path("gates.toml").write_text(EXAMPLE, encoding="utf-8")
    settings = read("", {"config": "gates.toml"})
    assert len({suite.test_suite for suite in settings.suites}) == 6
    assert [suite.test_suite for suite in settings.suites if not suite.policy.blocking] == [
        "Returns, next version"
    ]
    assert len(settings.suites) == 7
    [warning] = settings.warnings
    assert "baseline/result.json does not exist" in warning


def serve(program: Program, text: str, simulator: Simulator) -> dict[str, str]:
    """Write a file, and return what of the simulator's settings is left to give."""
    given = simulator.environment()
    rest = {name: given[f"GATEKEEPER_{name}"] for name in ("HOST", "STREAM_ID", "CLIENT_ID")}
    top = "".join(f'{name.lower().replace("_", "-")} = "{value}"\n' for name, value in rest.items())
    top += f'user-email = "{simulator.user_email}"\n'
    (program.folder / "gatekeeper.toml").write_text(top + text, encoding="utf-8")
    return {"GATEKEEPER_CLIENT_SECRET": simulator.client_secret}


def test_the_gate_runs_the_suites_of_the_file_and_says_what_is_odd(program: Program) -> None:
    text = """
    [[suite]]
    name = "banking-transfer"
    languages = ["en", "de"]
    [[suite]]
    name = "never-ends"
    tags = ["endless"]
    timeout = "2s"
    [[known-failure]]
    suite = "airline-*"
    step = "*"
    reason = "BOT-1"
    until = 2030-01-31
    """
    with Simulator(speed=1000) as simulator:
        environ = serve(program, text, simulator)
        done = program.run(**environ)
        assert done.returncode == 4, done.stdout + done.stderr
        assert (
            'warning: gatekeeper.toml, known-failure 1: no suite matches "airline-*"' in done.stdout
        )
        runs = json.loads(program.report("result.json"))["runs"]
        assert [(run["test_suite"], run["language"]) for run in runs] == [
            ("banking-transfer", "en"), ("banking-transfer", "de"), ("never-ends", "en"),
        ]  # fmt: skip
        done = program.run("--test-suite", "banking-transfer", "--bot-language", "de", **environ)
        assert done.returncode == 0, done.stdout + done.stderr


def test_config_shows_what_is_in_force_and_where_it_came_from(program: Program) -> None:
    (program.folder / "gatekeeper.toml").write_text(TOP_LINES + TWO, encoding="utf-8")
    done = program.run(
        "config", "--parallel", "4", "--tag", "slow",
        GATEKEEPER_CLIENT_SECRET=SECRET, GATEKEEPER_TIMEOUT="30m", INPUT_DEBUG="true",
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    for line in (
        "host = bots.kore.ai  (gatekeeper.toml)",
        "client-secret = ***  (GATEKEEPER_CLIENT_SECRET)",
        "bot-language = en  (default)",
        "timeout = 20m  (gatekeeper.toml)",
        "parallel = 4  (--parallel)",
        "debug = true  (input debug)",
    ):
        assert line in lines
    about = "stream st-2, version inDevelopment, timeout 1 h 0 min, retries 2, "
    about += "accept counters, strict-text"
    assert [line for line in lines if line.startswith("suite")] == [
        f'suite "Refund": language en, {about}',
        f'suite "Refund": language de, {about}',
    ]
    assert SECRET not in done.stdout


def test_config_shows_all_it_can_and_then_every_problem(program: Program) -> None:
    text = f'{TOP_LINES}\n[[suite]]\nname = "Booking"\nblocking = false\ntiemout = "1m"\n'
    (program.folder / "gatekeeper.toml").write_text(text, encoding="utf-8")
    done = program.run("config", GATEKEEPER_CLIENT_SECRET_FILE=SECRET)
    assert done.returncode == 2
    assert 'suite "Booking": language en' in done.stdout
    assert "not blocking" in done.stdout
    assert "client-secret-file = ***  (GATEKEEPER_CLIENT_SECRET_FILE)" in done.stdout
    assert done.stderr.startswith("gatekeeper: the settings have 2 problems:")
    assert 'did you mean "timeout"?' in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_without_a_file_config_shows_what_the_gate_would_do(program: Program) -> None:
    done = program.run("config", "--host", "https://user:pw@bots.kore.ai", GATEKEEPER_JWT="a.b.c")
    assert done.returncode == 2
    assert "timeout = 30m  (default)" in done.stdout
    assert "host = ***  (--host)" in done.stdout
    assert "pw" not in done.stdout + done.stderr


def test_the_demo_reads_no_file(program: Program) -> None:
    (program.folder / "gatekeeper.toml").write_text("nonsense", encoding="utf-8")
    assert program.run("demo", "--speed", "1000", GATEKEEPER_DEBUG="false").returncode == 0


def test_the_example_runs_as_it_stands(program: Program) -> None:
    """Before there is any baseline: what passes is green, and what is missing is warned of."""
    (program.folder / "gatekeeper.toml").write_text(EXAMPLE, encoding="utf-8")
    suites = sorted({table["name"] for table in tomllib.loads(EXAMPLE)["suite"]})
    with Simulator(speed=1000) as simulator:
        for name in suites:
            simulator.add_scenario(name, "banking-transfer")
        environ = simulator.environment()
        del environ["GATEKEEPER_TEST_SUITE"]
        done = program.run("gate", **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("baseline/result.json does not exist") == 1
