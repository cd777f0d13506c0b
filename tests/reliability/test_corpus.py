"""Fuzzing: from a corpus of saved responses."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable
from contextlib import chdir, suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from gatekeeper.cli import main
from gatekeeper.console import Console
from gatekeeper.core.answer.read import read_progress, read_result, read_started
from gatekeeper.core.answer.states import has_ended
from gatekeeper.core.model import (
    Case,
    Comparison,
    Gate,
    Mismatch,
    Pipeline,
    Reason,
    Run,
    Steps,
    Verdict,
)
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.progress import SuiteProgress
from gatekeeper.core.reports import log
from gatekeeper.core.reports.annotations import annotations_of
from gatekeeper.core.reports.badge import badge
from gatekeeper.core.reports.junit import junit
from gatekeeper.core.reports.page.document import page
from gatekeeper.core.reports.summary import COMMENT_BYTES, summary
from gatekeeper.core.result_file.write import result_json
from gatekeeper.core.verdict.run import judge
from gatekeeper.errors import ConfigurationError, ExitCode, MalformedResult
from gatekeeper.kore.error_responses import cause_of, error_text, is_rate_limit, rate_limit_window
from gatekeeper.kore.token_command import TokenCommand
from gatekeeper.settings.catalogue import HISTORY, SETTINGS
from gatekeeper.settings.load import examine_check
from support.builders import Json, assertion, finished, greeting, response, run_of, step, text
from support.consumers import CONSUMERS, Truth, misreadings
from support.program import ROOT
from support.settings import read_settings

NIGHTLY = os.environ.get("GATEKEEPER_SOUNDNESS") == "nightly"
CORPUS = sorted((Path(__file__).parents[1] / "corpus").rglob("*.json"))
BODIES = [path.read_bytes() for path in CORPUS]
START = datetime(2026, 5, 4, 3, 2, 1, tzinfo=UTC)
# The folder says how it ends; what is malformed is no verdict either.
CODES = {
    "passed": ExitCode.PASSED,
    "failed": ExitCode.FAILED,
    "error": ExitCode.NO_VERDICT,
    "malformed": ExitCode.NO_VERDICT,
}


def examples(count: int) -> settings:
    """Try so many; the same ones in every run, but for a nightly one."""
    return settings(
        max_examples=count * (50 if NIGHTLY else 1),
        deadline=None,
        derandomize=not NIGHTLY,
        suppress_health_check=[HealthCheck.too_slow],
    )


def test_the_corpus_is_there() -> None:
    assert {path.parent.name for path in CORPUS} == set(CODES)


@pytest.mark.proves(
    "saved responses: complete, truncated, odd and hostile, each with a known verdict",
    "each gets its known verdict, or is a malformed response",
)
@pytest.mark.parametrize("path", CORPUS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_each_answer_of_the_corpus_ends_as_it_has_to(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"):
        monkeypatch.delenv(name, raising=False)
    code = main(["check", "--report-dir", str(tmp_path), str(path)])
    log = capsys.readouterr().out
    assert code == CODES[path.parent.name]
    result = json.loads((tmp_path / "result.json").read_text(encoding="utf-8"))
    [run] = result["runs"]
    malformed = any(reason.startswith("malformed response") for reason in run["reasons"])
    if path.parent.name in ("passed", "malformed"):
        assert malformed is (path.parent.name == "malformed")
    told = tuple((case["outcome"], "") for case in run["cases"])
    xml = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert_shown(xml, Truth(run["verdict"] != "passed", told))
    assert not re.search(r"^\s*::|##\[|[\x00-\x08\x0b-\x1f\x7f-\x9f]", log, re.MULTILINE)


def assert_shown(xml: str, truth: Truth) -> None:
    problems = (misreadings(consumer, xml, truth) for consumer in CONSUMERS)
    assert [problem for found in problems for problem in found] == []


def whole(body: bytes) -> Gate:
    """Read and judge an answer as `check` does."""
    return Gate((run_of(body, "Suite"),), START, 1.0)


def assert_reported(gate: Gate) -> None:
    """Draw every report, and hold the XML and the JSON to what is read from them."""
    xml = "".join(junit(gate))
    cases = [case for run in gate.runs for case in run.verdict.cases]
    told = tuple((case.outcome.value, "") for case in cases)
    assert_shown(xml, Truth(gate.outcome is not Outcome.PASSED, told))
    document = json.loads(b"".join(result_json(gate)).decode())
    assert document["verdict"] == gate.outcome.value
    summary(gate, COMMENT_BYTES, "report.html").encode()
    "".join(page(gate)).encode()
    etree.fromstring(badge(gate))
    for annotation in annotations_of(gate, None, 10):
        annotation.message.encode()
    stream = io.StringIO()
    Console(stream).say_all(
        [*log.runs(gate, "report.html"), *log.ending(gate, ["junit.xml"], "report.html")]
    )


def assert_read(body: bytes) -> None:
    """Hand a body to everything that reads one: nothing but `MalformedResult` may come of it."""
    assert_reported(whole(body))
    for read in (read_started, read_progress):
        with suppress(MalformedResult):
            read(body)
    with suppress(MalformedResult):
        progress = read_progress(body)
        has_ended(progress.states, progress.percentage)
        log.progress(SuiteProgress("Suite", percentage=progress.percentage))
        assert progress.total_steps is None or isinstance(progress.total_steps, int)
    told = error_text(body)
    cause_of(400, told)
    assert is_rate_limit(told) or rate_limit_window(told) in (None, 60.0, 3600.0)


@pytest.mark.proves(
    "any of these responses, truncated at any byte",
    "never passed: only the complete response is",
)
def test_an_answer_that_is_cut_anywhere_is_never_passed() -> None:
    for path in CORPUS:
        if path.parent.name == "malformed":
            continue
        body = path.read_bytes()
        end = len(body.rstrip())
        for cut in range(0, end, 1 if NIGHTLY else 3):
            with suppress(MalformedResult):
                assert judge(read_result(body[:cut])).outcome is not Outcome.PASSED
                pytest.fail(f"read as whole: {body[:cut]!r}")


Mutation = Callable[[bytes], bytes]
WORDS = [
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"null", b"true", b"1e999", b"-", b"NaN"),
    *(b"\x00", b"\xff", b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\\ud800", b"\\u0000", b"\n", b"::"),
    *(b'"status":"failed"', b'"status":', b'"passed"', b"[[[[[[[[", b'{"a":{"a":', b"9" * 400),
    *(b'"result":{}', b'"executionResults":[]', b'"enabled":false', b'"contains":null'),
]


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """Draw a body of the corpus with a few of its bytes flipped, cut, doubled or put in."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        to = min(len(body), at + draw(st.integers(0, 60)))
        how = draw(st.integers(0, 5))
        if how == 0 and at < len(body):
            body = body[:at] + bytes([body[at] ^ draw(st.integers(1, 255))]) + body[at + 1 :]
        elif how == 1:
            body = body[:at] + body[to:]
        elif how == 2:
            body = body[:to] + body[at:]
        elif how == 3:
            body = body[:at] + draw(st.sampled_from(WORDS)) + body[to:]
        elif how == 4:
            body = body[:at] + draw(st.sampled_from(WORDS)) + body[at:]
        else:
            other = draw(st.sampled_from(BODIES))
            body = body[:at] + other[draw(st.integers(0, len(other))) :]
    return body


@pytest.mark.proves(
    "responses with bytes flipped, removed, inserted and doubled at random",
    "a verdict or a malformed response with every report, nothing else",
)
@given(mutations())
@examples(400)
def test_a_mutated_answer_is_a_verdict_or_malformed(body: bytes) -> None:
    assert_read(body)


@given(st.binary(max_size=200))
@examples(100)
def test_any_bytes_are_a_verdict_or_malformed(body: bytes) -> None:
    assert_read(body)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=9)
    | st.sampled_from(["passed", "failed", "inprogress", "\ud800", "2026-05-04T03:02:01Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """List the way to everything in an answer."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [path, *(deeper for name, held in inner for deeper in paths(held, (*path, name)))]


FULL: Json = finished(
    greeting(),
    step(
        "hello",
        response("No", text=text("Yes", status="failed"), context=assertion({"name": "x"})),
        status="failed",
        event="e",
    ),
    errors=None,
)
FULL["result"]["fileUrl"] = "https://bots.example/x"


@pytest.mark.proves(
    "a response with any value in the place of any other",
    "a verdict or a malformed response, as above",
)
@given(st.data())
@examples(400)
def test_any_value_in_any_place_is_a_verdict_or_malformed(data: st.DataObject) -> None:
    answer = json.loads(json.dumps(FULL))
    for _ in range(data.draw(st.integers(1, 3))):
        *path, last = data.draw(st.sampled_from(paths(answer)[1:]))
        held = answer
        for name in path:
            held = held[name]
        held[last] = data.draw(values)
        if not answer:
            break
    assert_read(json.dumps(answer).encode())


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"[" * 100_000 + b"]" * 100_000, id="100,000 lists in each other"),
        pytest.param(b'{"result":' * 100_000 + b"}" * 100_000, id="100,000 objects in each other"),
        pytest.param(b'{"a":' + b"9" * 1_000_000 + b"}", id="an integer of a million digits"),
        pytest.param(b'{"a":"' + b"\\u0000" * 500_000 + b'"}', id="500,000 escapes"),
        pytest.param(b'{"a":"' + b"\xff" * 3_000_000 + b'"}', id="three megabytes of stray bytes"),
        pytest.param(json.dumps(finished(*[greeting()] * 2_000)).encode(), id="2,000 steps"),
        pytest.param(b" " * 5_000_000 + b"{}", id="five megabytes of blanks"),
    ],
)
@pytest.mark.proves(
    "a large response with many of one thing", "a verdict or a malformed response, as above"
)
def test_a_large_answer_is_a_verdict_or_malformed(body: bytes) -> None:
    assert_read(body)


texts = st.text(st.characters(), max_size=30) | st.sampled_from(
    ["", ".", "\x00", "]]>", "\ud800", "\x1b[31m\n::error::", "[[[ATTACHMENT|x]]", '{"type":1}']
)
outcomes = st.sampled_from([Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED])
comparisons = st.builds(
    Comparison, texts, st.lists(texts, max_size=2).map(tuple), st.none() | texts
)
mismatches = st.builds(
    Mismatch, texts, st.integers(1, 9), st.lists(comparisons, max_size=2).map(tuple)
)
reasons = st.builds(
    Reason,
    outcomes,
    texts,
    st.none() | st.sampled_from(Check),
    st.booleans(),
    st.none() | mismatches,
)
some_reasons = st.lists(reasons, max_size=2).map(tuple)
times = st.none() | st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def verdicts(draw: st.DrawFn) -> Verdict:
    """Draw a verdict that agrees with its own reasons, as every one does that is judged."""
    cases = []
    for index in range(1, draw(st.integers(0, 3)) + 1):
        outcome = draw(outcomes)
        why = () if outcome is Outcome.PASSED else (draw(reasons), *draw(some_reasons))
        cases.append(Case(index, outcome, why, draw(some_reasons)))
    own = draw(some_reasons)
    worst = {case.outcome for case in cases} | {reason.outcome for reason in own}
    outcome = Outcome.FAILED if Outcome.FAILED in worst else Outcome.ERROR
    if worst <= {Outcome.PASSED} and not own:
        outcome = draw(st.sampled_from([Outcome.PASSED, Outcome.TIMEOUT]))
    if outcome is Outcome.TIMEOUT:
        own = (Reason(Outcome.TIMEOUT, draw(texts)),)
    counts = Steps(len(cases), passed=len(cases))
    return Verdict(outcome, own, draw(some_reasons), tuple(cases), counts, draw(texts))


runs = st.builds(
    Run,
    texts,
    st.none() | texts,
    verdicts(),
    stream_id=st.none() | texts,
    bot_version=st.none() | texts,
    language=st.none() | texts,
    duration=times,
    results_url=st.none() | texts,
)
pipelines = st.builds(Pipeline, st.none() | texts, st.none() | texts)


@pytest.mark.proves(
    "verdicts with any text, time and number",
    "the XML is well-formed and shows the verdict to all its consumers; so do the other reports",
)
@given(st.lists(runs, min_size=1, max_size=3), pipelines)
@examples(300)
def test_whatever_a_verdict_holds_every_report_shows_it(
    judged: list[Run], pipeline: Pipeline
) -> None:
    assert_reported(Gate(tuple(judged), START, 1.0, pipeline))


SECRETS = {
    "client-secret": "hush-hush-client",
    "jwt": "hush.hush.token",
    "private-key": "hush-hush",
}
plausible = st.sampled_from(
    [
        *("bots.kore.ai", "http://127.0.0.1:1", "https://[::1]", "https://u:p@h", "st-1", "ctr-1"),
        *(
            "HS512",
            "RS256",
            "published",
            "indevelopment",
            "30m",
            "99999999999h",
            "0s",
            "true",
            "off",
        ),
        *("{}", '{"iss": 1}', '{"exp": "x"}', "[" * 9999, "counters,not-executed", "counters ,, x"),
        *("/", ".", "..", "/etc/passwd", "/dev/null", "/nowhere", "a\nb", "\udcff", "é", "x" * 300),
    ]
)
given_values = plausible | st.text(st.characters(), max_size=20)
FLAGS = [setting for setting in SETTINGS if setting.flag]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder in a small one, each with a saved result and a saved response."""
    folder = tmp_path_factory.mktemp("settings") / "job"
    folder.mkdir()
    for place in (folder, folder.parent):
        shutil.copy(CORPUS[0], place)
        shutil.copy(ROOT / "tests/golden/banking-card-block.result.json", place)
    return folder


@pytest.mark.proves(
    "settings of any text, from flags, variables and inputs",
    "read, or rejected with all problems, nothing else; no secret is shown",
)
@given(
    st.dictionaries(st.sampled_from(FLAGS), given_values),
    st.dictionaries(st.sampled_from(SETTINGS), given_values),
    st.dictionaries(st.sampled_from(SETTINGS), given_values),
    st.sets(st.sampled_from(list(SECRETS))),
)
@example({}, {}, {}, {"client-secret"})
@examples(400)
def test_settings_of_any_text_are_read_or_refused(
    folder: Path,
    flags: dict[Any, str],
    variables: dict[Any, str],
    inputs: dict[Any, str],
    secrets: set[str],
) -> None:
    # All files below a history are read: here, not those of the whole machine.
    for given_ones in (flags, variables, inputs):
        if given_ones.get(HISTORY) == "/":
            given_ones[HISTORY] = str(folder.parent)
    environ = {setting.input_variable: value for setting, value in inputs.items()}
    environ |= {"GATEKEEPER_HOST": "bots.kore.ai", "GATEKEEPER_STREAM_ID": "st-1"}
    environ |= {"GATEKEEPER_TEST_SUITE": "Suite", "GATEKEEPER_CLIENT_ID": "cs-1"}
    environ |= {"GATEKEEPER_USER_EMAIL": "dev@example.com"}
    environ |= {setting.variable: value for setting, value in variables.items()}
    environ |= {
        setting.variable: SECRETS[setting.name] for setting in SETTINGS if setting.name in secrets
    }
    named = {setting.name.replace("-", "_"): value for setting, value in flags.items()}
    with chdir(folder):
        assert "hush" not in shown(partial(read_settings, named, environ))
        assert "hush" not in shown(examine_check(named, environ, [])[0].finish)
        with suppress(ConfigurationError):
            accepted = read_settings(named, environ)
            # What is accepted can be asked for, and be sent along.
            for suite in accepted.suites:
                for name in (suite.test_suite, suite.stream_id, suite.test_run_id or ""):
                    quote(name, safe="")
                assert suite.timeout > 0
            credentials = accepted.credentials[""]
            # A command of any text is not run.
            if not isinstance(credentials, TokenCommand):
                credentials.token().encode("ascii")
            assert credentials.weakness is not None


def shown(read: Callable[[], object]) -> str:
    """Return what can be seen of settings, or of their problems."""
    try:
        return repr(read())
    except ConfigurationError as error:
        return "\n".join(error.problems)


def deeper(frames: int, call: Callable[[], None]) -> None:
    """Call something when the stack is so many frames deeper."""
    if frames:
        deeper(frames - 1, call)
    else:
        call()


@pytest.mark.parametrize("place", ["input", "requestId", "errorDetails", "text", "value"])
def test_what_can_just_be_read_can_be_reported_from_a_deeper_stack(place: str) -> None:
    context = assertion({"name": "x", "value": "y", "status": "failed"}, status="failed")
    failing = step("hello", response("No", context=context), status="failed")
    body = json.dumps(finished(failing, status="failed")).encode()
    [found] = set(re.findall(f'"{place}": (?:"\\w+[\\w-]*"|null)'.encode(), body))
    for depth in range(850, 1000, 5):
        deep = b"[" * depth + b"]" * depth
        gate = whole(body.replace(found, f'"{place}": '.encode() + deep))
        deeper(60, partial(assert_reported, gate))
