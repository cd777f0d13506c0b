"""Secrets that come back: in any encoding, at any place, while the verdict stays what it was."""

from __future__ import annotations

import base64
import html
import json
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus, unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gatekeeper.redaction import Redactor
from gatekeeper.simulator import Fault, Simulator
from support.azure_agent import Log
from support.builders import Json, finished, greeting, response, step, text
from support.program import Program
from support.service_messages import messages_in

SECRET = 'zR9v+/k=Q2m&x<7 "pw%41\\ü7'
PLAIN = "Winter2026lang"


def batched(data: bytes) -> list[tuple[int, int]]:
    """Return the bytes in pairs."""
    return list(zip(data[::2], data[1::2], strict=True))


def _escaped(form: str) -> Callable[[str], str]:
    return lambda secret: "".join(form.format(ord(char)) for char in secret)


ENCODERS: dict[str, Callable[[str], str]] = {
    "as it is": lambda secret: secret,
    "JSON": lambda secret: json.dumps(secret)[1:-1],
    "JSON of PHP": lambda secret: json.dumps(secret)[1:-1].replace("/", "\\/"),
    "JSON of .NET": lambda secret: json.dumps(secret)[1:-1].replace("+", "\\u002B"),
    "JSON, each sign": lambda secret: "".join(
        f"\\u{high:02X}{low:02X}" for high, low in batched(secret.encode("utf-16-be"))
    ),
    "a URL": lambda secret: quote(secret, safe=""),
    "a form": quote_plus,
    "a URL, each byte": lambda secret: "".join(f"%{byte:02x}" for byte in secret.encode()),
    "HTML": html.escape,
    "HTML, decimal": _escaped("&#{};"),
    "HTML, hexadecimal": _escaped("&#x{:x};"),
    "base64": lambda secret: base64.b64encode(secret.encode()).decode(),
    "base64 after one byte": lambda secret: base64.b64encode(b"u" + secret.encode()).decode(),
    "base64 for URLs after two bytes": lambda secret: (
        base64.urlsafe_b64encode(b"u:" + secret.encode()).decode().rstrip("=")
    ),
}
# Characters at the edges that also encode a neighbour.
EDGE = 8


def shown(program: Program, done: subprocess.CompletedProcess[str]) -> str:
    """Return all that a run shows: its log, its reports, GitHub's files."""
    assert "Traceback" not in done.stderr
    files = sorted(path for path in program.folder.rglob("*") if path.is_file())
    reports = [path for path in files if path.suffix not in (".toml", ".secret", ".pem")]
    texts = [path.read_text(encoding="utf-8") for path in reports]
    return "\n".join((done.stdout, done.stderr, *texts))


def assert_hidden(seen: str, *secrets: str) -> None:
    """Find no secret in what was shown, even once it is decoded."""
    unescaped = html.unescape(seen)
    for view in (
        seen,
        unescaped,
        unquote(seen),
        seen.replace("\\", ""),
        unescaped.replace("\\", ""),
    ):
        for secret in secrets:
            assert secret not in view, secret


def gate(
    program: Program, simulator: Simulator, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run the gate, with GitHub's files."""
    files = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
    return program.run("gate", **simulator.environment(suite="Suite"), **files | environ)


def proxy(password: str) -> str:
    """Return the URL of a proxy with this password; loopback addresses need none."""
    return f"http://ci:{quote(password, safe='')}@127.0.0.1:9"


def failing(said: str) -> Json:
    """Return a result in which each text, and each name that an app can choose, is this one."""
    failed = response(said, text=text(said, f"not {said}", status="failed"))
    failed |= {"nodeName": said, "dialogName": said, "transitionNodeNames": [said, said]}
    failed["assertions"][said] = {"enabled": True, "status": said, "contains": [said]}
    steps = (
        step(f"me: {said}", failed, status="failed", requestId=said),
        step(None, event=said),
        step({said: [said]}, greeting()["outputs"][0], status=said),
    )
    answer = finished(*steps, status="failed") | {"_id": None, "streamId": None}
    answer["result"] |= {"errorDetails": {said: said}, "version": said}
    answer["errors"] = [{"msg": said}]
    answer["result"]["fileUrl"] = f"https://elsewhere.example/{quote(said)}?sig={quote(said)}"
    return answer


def served(answer: Json | str, **fields: Any) -> Simulator:
    """Return a simulator whose finished run has this response."""
    body = answer if isinstance(answer, str) else json.dumps(answer)
    simulator = Simulator(
        speed=1_000_000, faults=[Fault("status", at=at, body=body) for at in (1, 2, 3)], **fields
    )
    simulator.add_suite("Suite", finished(greeting()))
    return simulator


@pytest.mark.parametrize(
    "encoding",
    [
        pytest.param(
            name,
            marks=pytest.mark.proves(
                f"a server that sends a secret back, encoded as {name}",
                "masked in the log, every report and every output",
            ),
        )
        for name in ENCODERS
    ],
)
def test_a_secret_that_comes_back_is_masked_in_any_encoding(
    program: Program, encoding: str
) -> None:
    echo = ENCODERS[encoding](SECRET)
    # As a value of JSON, and as the JSON of a server that escapes so.
    with served(failing(f"echo [{echo}] end")) as simulator:
        done = gate(program, simulator, HTTPS_PROXY=proxy(SECRET), GITHUB_ACTIONS="true")
    log = "\n".join(line for line in done.stdout.splitlines() if "::add-mask::" not in line)
    done.stdout = log
    assert done.returncode in (1, 3), log
    seen = shown(program, done)
    assert "***" in seen
    assert_hidden(seen, SECRET, echo[EDGE:-EDGE])


@pytest.mark.proves(
    "a secret with characters that Azure Pipelines and TeamCity escape comes back",
    "masked in their commands too, as they read them",
)
def test_no_command_of_an_agent_shows_a_secret(program: Program) -> None:
    secret = "p%41];q|w'[e]r%0A-$(t)"
    with served(failing(f"echo {secret} end")) as simulator:
        environ = simulator.environment(suite="Suite") | {"HTTPS_PROXY": proxy(secret)}
        azure = program.run("gate", **environ, TF_BUILD="True")
        teamcity = program.run("gate", **environ, TEAMCITY_VERSION="1")
    log = Log()
    for line in azure.stdout.splitlines():
        log.read(line)
    assert secret in log.masks
    assert log.issues
    messages = messages_in(teamcity.stdout)
    assert {"message", "setParameter"} <= {message.name for message in messages}
    read = [log.text, teamcity.stdout, *(issue.data for issue in log.issues)]
    read += [value for message in messages for value in message.values.values()]
    assert_hidden("\n".join((*read, *log.variables.values())), secret, secret[3:-3])


@pytest.mark.parametrize("sign", ["+", "/"])
@pytest.mark.proves(
    "a server whose JSON escapes `/` or `+` in a secret that it sends back",
    "masked wherever it is shown",
)
def test_a_secret_is_masked_in_the_json_of_other_languages(program: Program, sign: str) -> None:
    body = json.dumps(failing(SECRET))
    escape = {"+": "\\u002B", "/": "\\/"}[sign]
    with served(body.replace(sign, escape)) as simulator:
        done = gate(program, simulator, HTTPS_PROXY=proxy(SECRET))
    assert_hidden(shown(program, done), SECRET)


@pytest.mark.parametrize(
    "place",
    ["the start's error", "the poll's error", "the header", "the status line", "a cut text"],
)
@pytest.mark.proves(
    "a server that sends a secret back in an error, a header or its status line",
    "masked wherever it is shown, even where the program cuts the text",
)
def test_a_secret_in_an_error_is_masked(program: Program, place: str) -> None:
    faults = {
        "the start's error": Fault("start", status=401, body=f"no {SECRET}"),
        "the poll's error": Fault(
            "status", status=403, body=json.dumps({"errors": [{"msg": SECRET}]})
        ),
        "the header": Fault(
            "status", status=302, headers={"Location": f"https://x.example/{PLAIN}"}
        ),
        "the status line": Fault("start", status=400, body=PLAIN),
        "a cut text": Fault("start", status=400, body=f"{'x' * 290} {SECRET}"),
    }
    secret = PLAIN if place in ("the header", "the status line") else SECRET
    with Simulator(speed=1_000_000, faults=[faults[place]]) as simulator:
        simulator.add_suite("Suite", finished(greeting()))
        done = gate(program, simulator, HTTPS_PROXY=proxy(secret), GATEKEEPER_DEBUG="true")
    assert done.returncode == 3
    assert_hidden(shown(program, done), secret, secret[:6])


COMPOSED = st.tuples(st.sampled_from(sorted(ENCODERS)), st.sampled_from(sorted(ENCODERS)))
SECRETS = st.one_of(
    st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=24, max_size=40),
    st.text(st.characters(codec="utf-8", categories=["L", "N", "P"]), min_size=24, max_size=30),
)


@pytest.mark.proves(
    "a secret in any encoding of another encoding", "masked, however it was spelled"
)
@given(secret=SECRETS, encodings=COMPOSED)
@example(secret=f'{"0" * 22}"\\', encodings=("HTML", "HTML"))
@example(secret=f"{'0' * 23}+", encodings=("JSON of .NET", "base64"))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_secret_is_found_in_encodings_of_encodings(
    secret: str, encodings: tuple[str, str]
) -> None:
    first, second = encodings
    echo = ENCODERS[second](ENCODERS[first](secret))
    masked = Redactor([secret]).text(f"before ({echo}) after")
    assert masked.startswith("before (")
    assert masked.endswith(") after")
    assert "***" in masked
    assert secret not in masked
    assert echo[EDGE:-EDGE] not in masked


@pytest.mark.proves(
    "a response with 1 MB of signs that begin an escape, a token or base64",
    "judged and reported as usual",
)
def test_a_hostile_text_does_not_hold_the_gate(program: Program) -> None:
    # Each long enough to take minutes in time that grows with its square.
    pieces = ("%", "\\", "&", "%25", "\\u005c", "&amp;", "A", "eyJ", "…", "eyJa ", "QUFB")
    texts = [piece * (100_000 // len(piece)) for piece in pieces]
    steps = [
        step("hello", response(reply, text=text("Hi!", status="failed")), status="failed")
        for reply in texts
    ]
    with served(finished(*steps) | {"_id": None, "streamId": None}) as simulator:
        done = gate(program, simulator, GATEKEEPER_REPORTS="result")
    assert done.returncode == 1
    [run] = json.loads(program.report("result.json"))["runs"]
    assert run["steps"]["failed"] == len(pieces)


@pytest.mark.parametrize(
    "password",
    ["assertions", "errorDetails", "executionResults", "failed", "status", "published", "123456"],
)
@pytest.mark.proves(
    "a proxy's password that is a word or a number of the platform's responses",
    "the verdict and the exit code are the same as without it",
)
def test_a_password_does_not_change_the_verdict(program: Program, password: str) -> None:
    answer = finished(greeting("failed"), greeting(), status="failed")
    answer |= {"_id": None, "streamId": None}
    answer["result"] |= {"duration": 123456, "errorDetails": []}
    with served(answer) as simulator:
        done = gate(program, simulator, HTTPS_PROXY=proxy(password))
    assert done.returncode == 1, done.stdout
    saved = json.loads(program.report("result.json"))
    assert (saved["verdict"], saved["exit_code"]) == ("failed", 1)
    assert (
        saved["steps"]["failed"] if "steps" in saved else saved["runs"][0]["steps"]["failed"] == 1
    )
    assert saved["runs"][0]["duration"] == 123.456


@pytest.mark.parametrize("known", ["pay with Winter2026lang", "pay with [*][*][*]", "baseline"])
@pytest.mark.proves(
    "a known failure or a baseline whose step has a secret in its text",
    "tolerated, by its own name and by the one that reports show",
)
def test_a_secret_in_a_step_does_not_change_what_is_tolerated(program: Program, known: str) -> None:
    failed = response("No", text=text("Yes", status="failed"))
    answer = finished(
        step(f"pay with {PLAIN}", failed, status="failed"), greeting(), status="failed"
    )
    answer |= {"_id": None, "streamId": None}
    secret = {"HTTPS_PROXY": proxy(PLAIN)}
    config = program.folder / "gatekeeper.toml"
    with served(answer) as simulator:
        if known == "baseline":
            assert gate(program, simulator, **secret).returncode == 1
            (program.folder / "gatekeeper-report" / "result.json").rename(
                program.folder / "base.json"
            )
            config.write_text('baseline = "base.json"\n', encoding="utf-8")
        else:
            step_name = known.replace("[*]", "?")
            config.write_text(
                f'[[known-failure]]\nstep = "{step_name}"\nreason = "BOT-1"\nuntil = 2999-01-01\n',
                encoding="utf-8",
            )
        done = gate(program, simulator, **secret)
    assert done.returncode == 0, done.stdout
    config.unlink()
    assert_hidden(shown(program, done), PLAIN)


@pytest.mark.proves("a suite whose name has a secret in it", "run by its name, shown without it")
def test_a_suite_with_a_secret_in_its_name_is_run_and_masked(program: Program) -> None:
    name = f"Suite {PLAIN}"
    with Simulator(speed=1_000_000) as simulator:
        simulator.add_suite(name, finished(greeting()) | {"_id": None, "streamId": None})
        environ = simulator.environment(suite=name) | {"HTTPS_PROXY": proxy(PLAIN)}
        done = program.run("gate", **environ)
    assert done.returncode == 0, done.stdout
    assert_hidden(shown(program, done), PLAIN)


@pytest.mark.parametrize("kind", ["JSON", "text"])
@pytest.mark.proves(
    "a results file with a secret in it",
    "of JSON the texts are masked, never names or numbers; of anything else all of it",
)
def test_a_results_file_is_masked(kind: str) -> None:
    from gatekeeper.core.masking import masked_file

    mask = Redactor([PLAIN, "123456", "assertions"]).text
    if kind == "text":
        assert masked_file(f"a\xff,{PLAIN},b\r\n".encode("latin-1"), mask) == b"a\xff,***,b\r\n"
        return
    content = json.dumps({"assertions": [123456, f"x {PLAIN}", "plain"]}).encode()
    assert json.loads(masked_file(content, mask)) == {"assertions": [123456, "x ***", "plain"]}
    untouched = b'{"a":   1, "b": "ok" }\n'
    assert masked_file(untouched, mask) is untouched
