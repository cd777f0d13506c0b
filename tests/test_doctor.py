"""Doctor: what is wrong before a gate starts anything."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import jwt
import pytest

from gatekeeper.simulator import Fault, Simulator
from support.certificates import authority, leaf
from support.faults import answering, hang, hang_up
from support.log_commands import commands_in
from support.program import Program
from support.relay import Override, Relay
from support.trials import row, wait_for

SUITE = 'suite "banking-transfer"'
TOKEN_OR_STREAM = "the token was rejected or the stream id is wrong"
NO_SERVER = "http://127.0.0.1:9"
PASSWORD = "pr0xy-passw0rd"


def lines(done: subprocess.CompletedProcess[str], mark: str) -> list[str]:
    """Return the findings with a mark, each without the mark, with its cause and next step."""
    found = re.findall(r"^(\S) (.*(?:\n    .*)*)", done.stdout, re.MULTILINE)
    return [text for marked, text in found if marked == mark]


def assert_only(done: subprocess.CompletedProcess[str], mark: str, *texts: str) -> None:
    """Assert that a single finding has this mark, and that it has all of these texts."""
    [finding] = lines(done, mark)
    for text in texts:
        assert text in finding


def ready_token(**claims: Any) -> str:
    """Return a token for the simulator, made elsewhere; a claim that is `None` is left out."""
    now = int(time.time())
    given = {"sub": "me", "appId": Simulator.client_id, "iat": now - 60, "exp": now + 7200} | claims
    kept = {name: value for name, value in given.items() if value is not None}
    return jwt.encode(kept, Simulator.client_secret, algorithm="HS256")


def with_token(simulator: Simulator, token: str) -> dict[str, str]:
    """Return the settings of a gate with a ready-made token."""
    environ = simulator.environment() | {"GATEKEEPER_JWT": token}
    return environ | {"GATEKEEPER_CLIENT_ID": "", "GATEKEEPER_CLIENT_SECRET": ""}


@pytest.mark.proves("nothing is wrong", "exit 0; every check is ✓, and nothing is started")
def test_when_all_is_well_every_check_is_good(program: Program, tmp_path: Path) -> None:
    own = authority()
    # As the platform limits requests about a run, none has the run id of another.
    tls = leaf(own, "localhost", days=90).serving(tmp_path)
    with Simulator(tls=tls, limits=(1, 1)) as simulator:
        environ = simulator.environment(suite="banking-transfer\nhotel-arabic")
        host = simulator.host.replace("127.0.0.1", "localhost")
        bundle = str(own.write(tmp_path / "ca.pem"))
        before = sorted(program.folder.iterdir())
        done = program.run(
            "doctor", **environ | {"GATEKEEPER_HOST": host, "GATEKEEPER_CA_BUNDLE": bundle}
        )
    assert (done.returncode, done.stderr) == (0, "")
    good = lines(done, "✓")
    assert len(good) == len(done.stdout.splitlines()) - 1
    checks = [text.partition(":")[0] for text in good]
    assert checks == [
        "settings",
        "ci-platform",
        "reports",
        "user-email",
        "proxy",
        "name",
        "connection",
        "tls",
        "response",
        "clock",
        "credentials",
        SUITE,
        'suite "hotel-arabic"',
    ]
    assert f"own, is trusted through ca-bundle ({bundle}), and expires in 90 days" in done.stdout
    assert done.stdout.splitlines()[-1] == "13 checks: 13 ok (exit code 0)"
    assert [request.call for request in simulator.requests] == ["status"] * 3
    # The folder of the reports was only tried out.
    assert sorted(program.folder.iterdir()) == before


@pytest.mark.parametrize(
    ("change", "texts"),
    [
        row(
            "a wrong client secret",
            "exit 3; ✗ names both causes: the token or the stream id",
            {"GATEKEEPER_CLIENT_SECRET": "wrong" * 10},
            (SUITE, "HTTP 401 Invalid SDK credentials", TOKEN_OR_STREAM, "client-secret"),
        ),
        row(
            "a wrong stream id",
            "exit 3; ✗ names both causes: the token or the stream id",
            {"GATEKEEPER_STREAM_ID": "st-wrong"},
            (SUITE, "HTTP 401 Invalid SDK credentials", TOKEN_OR_STREAM, "stream-id"),
        ),
        row(
            "a suite that the app does not have",
            "exit 3; ✗ says that token, stream id and scope are right",
            {"GATEKEEPER_TEST_SUITE": "Nonesuch"},
            (
                'suite "Nonesuch": HTTP 400 Test Suite not found',
                "the token, the stream id and the scope are right",
                "next: check the exact spelling of test-suite",
            ),
        ),
        row(
            "another signature than the app expects",
            "exit 3; ✗ names the algorithm",
            {"GATEKEEPER_JWT_ALGORITHM": "HS512"},
            (SUITE, "HTTP 401 Invalid JWT token", "a different kind of token", "jwt-algorithm"),
        ),
        row(
            "a port on which nothing listens",
            "exit 3; ✗ connection; what needs it is not checked",
            {"GATEKEEPER_HOST": NO_SERVER},
            ("connection: 127.0.0.1:9: Connection refused", "nothing listens", "HTTPS_PROXY"),
        ),
        row(
            "a port of an IPv6 address on which nothing listens",
            "exit 3; ✗ connection; what needs it is not checked",
            {"GATEKEEPER_HOST": "http://[::1]:9"},
            ("connection: [::1]:9: ", "HTTPS_PROXY"),
        ),
        row(
            "a host without an address",
            "exit 3; ✗ name; what needs it is not checked",
            {"GATEKEEPER_HOST": "bots.invalid"},
            ("name: bots.invalid: ", "cause: ", "DNS"),
        ),
        row(
            "a proxy that refuses connections",
            "exit 3; ✗ proxy, without its password; what needs it is not checked",
            {
                "GATEKEEPER_HOST": "bots.invalid",
                "HTTPS_PROXY": f"http://somebody:{PASSWORD}@127.0.0.1:9",
            },
            ("proxy: 127.0.0.1:9 (HTTPS_PROXY): Connection refused", "the proxy is down"),
        ),
        row(
            "a proxy URL that is none",
            "exit 3; ✗ names the variable, without its password",
            {"GATEKEEPER_HOST": "bots.invalid", "HTTPS_PROXY": f"http://me:{PASSWORD}@[::1"},
            ("environment: HTTPS_PROXY is not a valid proxy URL", "write it like http://"),
        ),
    ],
)
def test_what_is_wrong_is_a_single_cross_with_cause_and_next_step(
    program: Program, simulator: Simulator, change: dict[str, str], texts: tuple[str, ...]
) -> None:
    environ = simulator.environment() | change
    done = program.run("doctor", RES_OPTIONS="timeout:1 attempts:1", **environ)
    assert (done.returncode, done.stderr) == (3, "")
    assert_only(done, "✗", *texts)
    assert "    next: " in done.stdout
    assert PASSWORD not in done.stdout
    assert lines(done, "?") == []
    unreachable = "GATEKEEPER_HOST" in change
    assert (f"- {SUITE}: not checked: there was no response" in done.stdout) is unreachable
    assert [request.call for request in simulator.requests] == ["status"] * 2 * (not unreachable)


@pytest.mark.proves(
    "a scope that is missing, or an app that was not published since",
    "exit 3; ✗ names both causes",
)
def test_a_missing_scope_may_also_be_one_that_is_not_published(program: Program) -> None:
    with Simulator(scopes=()) as simulator:
        done = program.run("doctor", **simulator.environment())
    assert done.returncode == 3
    assert_only(
        done, "✗", "Permission denied. Scope is incorrect!", "lack the scope", "not published"
    )


@pytest.mark.parametrize(
    ("claims", "mark", "texts"),
    [
        row(
            "a ready-made token that has expired",
            "exit 3; ✗ says since when, and the suite's ✗ points to it",
            {"exp": int(time.time()) - 60},
            "✗",
            ("credentials: the ready-made token expired ", "next: set a new token"),
        ),
        row(
            "a ready-made token that expires within the timeout",
            "exit 3; ? says when",
            {"exp": int(time.time()) + 600},
            "?",
            ("a ready-made token for an app, which expires in ", "its timeout is 30 min"),
        ),
        row(
            "a ready-made token that serves one request",
            "exit 3; ? says so; the token is not sent, so that it stays valid",
            {"jti": "1", "exp": int(time.time()) + 3000},
            "?",
            ("the ready-made token has a jti", "a gate sends several", "client-secret"),
        ),
        row(
            "a ready-made token without an appId",
            "exit 3; ✗ says so",
            {"appId": None, "appid": "cs-1"},
            "✗",
            ("credentials: the ready-made token has no appId", "spelled exactly so"),
        ),
    ],
)
def test_a_ready_token_is_judged_by_its_content_which_is_not_shown(
    program: Program, claims: dict[str, Any], mark: str, texts: tuple[str, ...]
) -> None:
    token = ready_token(**claims)
    with Simulator(enforce_jti=False) as simulator:
        done = program.run("doctor", **with_token(simulator, token))
    assert done.returncode == 3
    first, *suites = lines(done, mark)
    for text in texts:
        assert text in first
    assert all("HTTP 401" in suite for suite in suites)
    assert not any(part in done.stdout for part in (Simulator.client_id, *token.split(".")))
    sent = [False] if "jti" in claims else [False, True]
    assert [bool(request.headers["auth"]) for request in simulator.requests] == sent


@pytest.mark.parametrize(
    ("token", "refusal", "cause", "otherwise"),
    [
        (
            ready_token(exp=int(time.time()) - 3600),
            "Invalid SDK credentials",
            "the ready-made token expired 1 h ",
            TOKEN_OR_STREAM,
        ),
        (
            "not-a-token",
            "Invalid JWT token",
            "the ready-made token is not a JWT: ",
            "the app expects a different kind of token",
        ),
    ],
    ids=["expired", "no token"],
)
def test_the_refusal_of_a_token_is_blamed_on_what_is_wrong_with_it(
    program: Program, token: str, refusal: str, cause: str, otherwise: str
) -> None:
    with Simulator(enforce_jti=False) as simulator:
        done = program.run("doctor", **with_token(simulator, token))
    _, suite = lines(done, "✗")
    assert refusal in suite
    assert f"cause: {cause}" in suite
    assert f"; otherwise, {otherwise}" in suite
    assert "next: fix that first" in suite


@pytest.mark.parametrize(
    ("minutes", "text", "cause"),
    [
        row(
            "a clock that is ten minutes fast",
            "exit 3; ✗ clock; the suite's ✗ points to it",
            -10,
            "clock: this machine's clock is 10 min 0 s fast",
            "by the host's clock, a token that this machine makes now becomes valid only in ",
        ),
        row(
            "a clock that is ten minutes slow",
            "exit 3; ✗ clock; the suite's ✗ points to it",
            10,
            "clock: this machine's clock is 10 min 0 s slow",
            "by the host's clock, a token that this machine makes now expired ",
        ),
    ],
)
def test_a_wrong_clock_is_reported_as_that(
    program: Program, minutes: int, text: str, cause: str
) -> None:
    with Simulator(clock_offset=60.0 * minutes) as simulator:
        done = program.run("doctor", **simulator.environment())
    assert done.returncode == 3
    clock, suite = lines(done, "✗")
    seconds = re.compile(r"\d+ min \d+ s (fast|slow)")
    assert seconds.sub(r"\1", clock).startswith(seconds.sub(r"\1", text))
    assert cause in clock
    assert "next: set the clock of this machine" in clock
    assert "cause: this machine's clock is" in suite


@pytest.mark.proves(
    "a certificate of a private CA, without ca-bundle", "exit 3; ✗ tls, and what to set"
)
def test_a_missing_private_ca_is_reported(program: Program, tmp_path: Path) -> None:
    others = str(authority().write(tmp_path / "others.pem"))
    with Simulator(tls=leaf(authority()).serving(tmp_path)) as simulator:
        environ = simulator.environment()
        done = program.run("doctor", **environ)
        with_others = program.run("doctor", **environ, GATEKEEPER_CA_BUNDLE=others)
        assert simulator.requests == []
    assert done.returncode == with_others.returncode == 3
    texts = ("tls: ", "CERTIFICATE_VERIFY_FAILED", "private CA")
    assert_only(done, "✗", *texts, "next: set ca-bundle")
    assert_only(with_others, "✗", *texts, f"next: add that CA's certificate to {others}")


@pytest.mark.parametrize(
    ("host", "expired", "texts"),
    [
        ("other.example", False, ("the certificate is for another host", "next: check host")),
        ("127.0.0.1", True, ("has expired, or this machine's clock is fast", "renewed")),
    ],
    ids=["another host's", "expired"],
)
def test_a_certificate_that_no_ca_bundle_helps_is_reported_as_that(
    program: Program, tmp_path: Path, host: str, texts: tuple[str, ...], *, expired: bool
) -> None:
    own = authority()
    with Simulator(tls=leaf(own, host, expired=expired).serving(tmp_path)) as simulator:
        bundle = str(own.write(tmp_path / "ca.pem"))
        environ = simulator.environment() | {"GATEKEEPER_CA_BUNDLE": bundle}
        done = program.run("doctor", **environ)
    assert_only(done, "✗", "tls: ", *texts)


@pytest.mark.proves(
    "an app that demands encrypted tokens, and no jwe-key", "exit 3; ✗ names jwe-key"
)
def test_a_token_that_should_be_encrypted_is_reported_as_that(program: Program) -> None:
    with Simulator(enforce_jwe=True) as simulator:
        environ = simulator.environment()
        plain = program.run("doctor", **environ | {"GATEKEEPER_JWE_KEY": ""})
        encrypted = program.run("doctor", **environ)
    assert plain.returncode == 3
    assert_only(
        plain, "✗", SUITE, "HTTP 401 Invalid JWT token", "if the app enforces JWE", "jwe-key"
    )
    assert encrypted.returncode == 0
    assert any("they are encrypted (RSA-OAEP" in finding for finding in lines(encrypted, "✓"))


@pytest.mark.parametrize(
    ("script", "mark", "texts"),
    [
        row(
            "a jwt-command that prints a token",
            "exit 0; ✓; the token is not shown",
            "echo {token}",
            "✓",
            ("credentials: jwt-command prints a token for an app, which expires in ",),
        ),
        row(
            "a jwt-command that fails",
            "exit 3; ✗ with its error; no token is sent",
            "echo no vault >&2; exit 7",
            "✗",
            ("credentials: jwt-command exited with code 7: no vault", "next: run the command by"),
        ),
        row(
            "a jwt-command that prints an expired token",
            "exit 3; ✗ says since when",
            "echo {expired}",
            "✗",
            ("credentials: a token from jwt-command expired 1 h 0 min ago", "a new, valid token"),
        ),
        row(
            "a jwt-command that prints the same one-time token each time",
            "exit 3; ? says so; no token is sent, so that it stays valid",
            "echo {once}",
            "?",
            ("jwt-command printed two tokens with the same jti", "a new, valid token each time"),
        ),
    ],
)
def test_the_tokens_of_a_command_are_judged_but_not_shown(
    program: Program, script: str, mark: str, texts: tuple[str, ...]
) -> None:
    now = int(time.time())
    token, expired = ready_token(exp=now + 600), ready_token(exp=now - 3600)
    once = ready_token(exp=now + 600, jti="1")
    tokens = {"token": token, "expired": expired, "once": once}
    command = shlex.join(["sh", "-c", script.format(**tokens)])
    with Simulator(enforce_jti=False) as simulator:
        environ = with_token(simulator, "") | {"GATEKEEPER_JWT_COMMAND": command}
        done = program.run("doctor", **environ)
    assert done.returncode == (0 if mark == "✓" else 3)
    [finding] = [text for text in lines(done, mark) if text.startswith("credentials: ")]
    for text in texts:
        assert text in finding
    assert not any(made.split(".")[1] in done.stdout for made in tokens.values())
    sent = [bool(request.headers["auth"]) for request in simulator.requests]
    assert sent == ([False] if "exit 7" in script or "once" in script else [False, True])


@pytest.mark.proves("a certificate that expires tomorrow", "exit 0; ? says so")
def test_a_certificate_that_expires_soon_is_a_hint(program: Program, tmp_path: Path) -> None:
    own = authority()
    with Simulator(tls=leaf(own).serving(tmp_path)) as simulator:
        bundle = str(own.write(tmp_path / "ca.pem"))
        environ = simulator.environment() | {"GATEKEEPER_CA_BUNDLE": bundle}
        done = program.run("doctor", **environ)
    assert done.returncode == 0
    assert_only(done, "?", "tls: ", "and expires in 1 day\n", "next: have the certificate renewed")


@pytest.mark.proves("`https://` for a proxy that speaks plain HTTP", "exit 3; ✗ proxy, and its URL")
def test_a_plain_proxy_given_as_https_is_reported(program: Program, simulator: Simulator) -> None:
    address = simulator.host.removeprefix("http://")
    environ = simulator.environment() | {
        "GATEKEEPER_HOST": "bots.invalid",
        "HTTPS_PROXY": f"https://somebody:{PASSWORD}@{address}",
    }
    done = program.run("doctor", **environ)
    assert done.returncode == 3
    assert_only(done, "✗", "proxy: HTTPS_PROXY begins with https://", f"http://{address}")
    assert PASSWORD not in done.stdout


@pytest.mark.parametrize(
    ("response", "texts"),
    [
        row(
            "a proxy that refuses its login",
            "exit 3; ✗ proxy, without its password",
            answering(b"", 407, Proxy_Authenticate="Basic"),
            ("proxy error", "407", "requires a login", "next: check the proxy's user and password"),
        ),
        row(
            "a proxy that refuses to connect to the host",
            "exit 3; ✗ proxy, and whom to ask",
            answering(b"", 403),
            ("proxy error", "403", "refuses to connect", "next: have the proxy allow this host"),
        ),
        row(
            "a proxy that closes the connection",
            "exit 3; ✗ proxy, not tls",
            hang_up,
            ("next: check HTTPS_PROXY, and whether the proxy allows the host",),
        ),
    ],
)
def test_a_proxy_in_the_way_is_reported(
    program: Program, response: Any, texts: tuple[str, ...]
) -> None:
    refusal = Override("other", response, lasting=True)
    with Simulator() as simulator, Relay(simulator, refusal) as relay:
        environ = relay.environment() | {
            "GATEKEEPER_HOST": "bots.invalid",
            "HTTPS_PROXY": relay.host.replace("http://", f"http://somebody:{PASSWORD}@"),
        }
        done = program.run("doctor", **environ)
    assert done.returncode == 3
    assert_only(done, "✗", "proxy: ", *texts)
    assert "- tls: not checked: the proxy check failed" in done.stdout
    assert PASSWORD not in done.stdout


@pytest.mark.proves("a value in quotes", "✗ or ? names its source; exit 2 if it cannot be used")
def test_quotes_around_a_value_are_reported_with_their_source(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment()
    quoted = {name: f'"{environ[name]}"' for name in ("GATEKEEPER_HOST", "GATEKEEPER_STREAM_ID")}
    done = program.run("doctor", **environ | quoted)
    assert done.returncode == 2
    assert_only(done, "✗", "settings: GATEKEEPER_HOST: the value has quotes around it")
    assert_only(done, "?", "settings: GATEKEEPER_STREAM_ID: the value has quotes around it")
    assert simulator.requests == []


def test_checks_that_need_no_invalid_setting_are_made(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment() | {"GATEKEEPER_TIMEOUT": "soon", "GATEKEEPER_USER_EMAIL": ""}
    done = program.run("doctor", **environ)
    assert done.returncode == 2
    assert [text.partition(":")[0] for text in lines(done, "✗")] == ["settings"] * 2
    assert any(text.startswith(SUITE) for text in lines(done, "✓"))
    # Without a suite there is a response all the same, and it is the platform's.
    unset = {"GATEKEEPER_TEST_SUITE": "", "GATEKEEPER_STREAM_ID": ""}
    done = program.run("doctor", **environ | unset)
    assert any(text.startswith("response: ") for text in lines(done, "✓"))
    assert "- suite: not checked: none is set" in done.stdout


def test_an_email_that_is_none_is_not_known_to_start_runs(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment() | {"GATEKEEPER_USER_EMAIL": '"developer@example.com"'}
    done = program.run("doctor", **environ)
    assert done.returncode == 3
    _, email = lines(done, "?")
    assert email.startswith("user-email: set, but not an email address")


@pytest.mark.proves(
    "a run to attach to that the suite does not have", "exit 3; ✗ says that the run is missing"
)
def test_runs_to_attach_to_are_looked_for(program: Program) -> None:
    with Simulator() as simulator:
        run_id = simulator.start("banking-transfer")
        suites = f"banking-transfer={run_id}\nhotel-arabic={run_id}"
        done = program.run("doctor", **simulator.environment(suites))
    assert done.returncode == 3
    assert f"✓ {SUITE}: found, and so is {run_id}" in done.stdout
    assert_only(
        done,
        "✗",
        f'suite "hotel-arabic": found, but not {run_id}: HTTP 400 Test Result not found.',
        "cause: this suite has no run with this id",
        "next: check test-run-id",
    )


def test_a_command_that_fails_after_the_first_token_is_reported_with_its_own_advice(
    program: Program,
) -> None:
    script = f"test -e used && exit 7; touch used; echo {ready_token()}"
    with Simulator(enforce_jti=False) as simulator:
        command = {"GATEKEEPER_JWT_COMMAND": shlex.join(["sh", "-c", script])}
        done = program.run("doctor", **with_token(simulator, "") | command)
    assert_only(done, "✗", f"{SUITE}: jwt-command exited with code 7", "next: run the command by")


def test_no_token_is_sent_if_it_would_be_made_of_invalid_settings(
    program: Program, simulator: Simulator
) -> None:
    environ = simulator.environment() | {"GATEKEEPER_JWT_CLAIMS": "{"}
    done = program.run("doctor", **environ)
    assert done.returncode == 2
    assert f"- {SUITE}: not checked: there is a problem with jwt-claims" in done.stdout
    assert [request.headers["auth"] for request in simulator.requests] == [None]


OTHER_TEXTS = {
    "a text that only resembles a known one": (401, {"errors": [{"msg": "Permission denied"}]}),
    "a known text on a page of another server": (404, "<h1>Test Result not found.</h1>"),
    "a known text within another one": (400, {"errors": [{"msg": "x: Test Result not found."}]}),
    "a known text with a status of refusal": (401, {"errors": [{"msg": "Test Result not found."}]}),
    "a known text with a status of success": (200, {"errors": [{"msg": "Test Result not found."}]}),
    "another language": (400, {"errors": [{"msg": "Ungültige Anmeldedaten"}]}),
    "a run that cannot exist": (200, {"status": "inprogress", "percentageCompleted": 1}),
    "an error of the server": (503, {"errors": [{"msg": "Test Suite not found"}]}),
    "the text of a rate limit": (
        429,
        {"errors": [{"msg": "Rate limit for this API has been reached"}]},
    ),
    "no body": (401, ""),
}


@pytest.mark.parametrize(
    ("status", "body"),
    [
        row(f"a response with {kind}", "exit 3; ? with the text: nothing is concluded", *answer)
        for kind, answer in OTHER_TEXTS.items()
    ],
)
def test_other_texts_stay_unknown(program: Program, status: int, body: Any) -> None:
    text = body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)
    faults = [Fault("status", count=None, status=status, body=text)]
    with Simulator(faults=faults) as simulator:
        done = program.run("doctor", **simulator.environment())
    assert done.returncode == 3
    assert lines(done, "✗") == []
    response, suite = lines(done, "?")
    assert response.startswith("response: ")
    assert suite.startswith(f"{SUITE}: HTTP {status}")
    assert "    cause: " in suite


@pytest.mark.proves(
    "a host that responds without a token as if there were a valid one",
    "exit 3; ?: no token is sent, because no response could show that it is right",
)
def test_a_host_that_needs_no_token_proves_nothing(program: Program) -> None:
    with Simulator(faults=[Fault("status", count=None, refusal="run")]) as simulator:
        done = program.run("doctor", **simulator.environment())
        assert [request.headers["auth"] for request in simulator.requests] == [None]
    assert done.returncode == 3
    assert_only(done, "?", "response: HTTP 400 Test Result not found., to a request without a")
    assert_only(done, "-", f"{SUITE}: not checked: without a token, the host responds as if")


@pytest.mark.proves("a rate limit that doctor reaches", "exit 3; ?; nothing else is sent")
def test_after_a_rate_limit_nothing_else_is_sent(program: Program) -> None:
    text = json.dumps({"errors": [{"msg": "Rate limit for this API has been reached"}]})
    with Simulator(faults=[Fault("status", at=2, status=400, body=text)]) as simulator:
        done = program.run("doctor", **simulator.environment("banking-transfer\nhotel-arabic"))
        assert len(simulator.requests) == 2
    assert done.returncode == 3
    assert_only(done, "?", f"{SUITE}: HTTP 400 Rate limit", "next: run gatekeeper doctor again")
    assert_only(done, "-", 'suite "hotel-arabic": not checked: the platform\'s rate limit')


@pytest.mark.proves(
    "a host that redirects", "exit 3; ✗ with the host to set; no token is sent there"
)
def test_a_redirect_is_reported_with_its_target(program: Program) -> None:
    fault = Fault("status", count=None, status=302, headers={"Location": "https://eu.example/"})
    with Simulator(faults=[fault]) as simulator:
        done = program.run("doctor", **simulator.environment())
    assert done.returncode == 3
    response, suite = lines(done, "✗")
    for finding in (response, suite):
        assert "redirects to https://eu.example/" in finding
        assert "next: if that host is the right one, set host to it" in finding


@pytest.mark.proves(
    "a host that closes the connection", "exit 3; ✗ response; other suites are not asked"
)
def test_after_a_lost_response_nothing_else_is_sent(program: Program) -> None:
    lost = Override("poll", hang_up, at=2)
    with Simulator() as simulator, Relay(simulator, lost, polls=9) as relay:
        done = program.run("doctor", **relay.environment("banking-transfer\nhotel-arabic"))
        assert relay.count("poll") == 2
    assert done.returncode == 3
    assert_only(done, "✗", f"{SUITE}: connection lost", "next: run gatekeeper doctor again")
    [unchecked] = lines(done, "-")
    assert unchecked.startswith('suite "hotel-arabic": not checked: an earlier request')


def test_refused_credentials_are_sent_once_for_each_stream(program: Program) -> None:
    config = """
        [[suite]]
        name = "banking-transfer"
        stream-id = "st-wrong"
        [[suite]]
        name = "hotel-arabic"
        stream-id = "st-wrong"
        [[suite]]
        name = "completed"
        languages = ["en", "de"]
    """
    (program.folder / "gatekeeper.toml").write_text(config, encoding="utf-8")
    with Simulator() as simulator:
        environ = simulator.environment() | {"GATEKEEPER_TEST_SUITE": ""}
        stream = environ.pop("GATEKEEPER_STREAM_ID")
        (program.folder / "gatekeeper.toml").write_text(
            f'stream-id = "{stream}"\n{config}', encoding="utf-8"
        )
        done = program.run("doctor", **environ)
    assert done.returncode == 3
    assert_only(done, "✗", SUITE, "HTTP 401")
    assert_only(done, "-", 'suite "hotel-arabic": not checked: the platform has already refused')
    assert {'suite "completed (en)"', 'suite "completed (de)"'} <= {
        text.partition(":")[0] for text in lines(done, "✓")
    }
    assert [request.headers["bot-language"] for request in simulator.requests] == [
        "en",
        "en",
        "en",
        "de",
    ]


def test_json_says_the_same_as_the_log(program: Program, simulator: Simulator) -> None:
    environ = simulator.environment(suite="banking-transfer\nNonesuch")
    log = program.run("doctor", **environ)
    done = program.run("doctor", "--json", **environ, GITHUB_ACTIONS="true")
    document = json.loads(done.stdout)
    assert document["exit_code"] == done.returncode == log.returncode == 3
    *checks, suite = document["checks"]
    assert {check["state"] for check in checks} == {"ok"}
    assert suite == {
        "check": "suite",
        "subject": "Nonesuch",
        "state": "failed",
        "text": "HTTP 400 Test Suite not found",
        "cause": suite["cause"],
        "next_step": suite["next_step"],
    }
    for check in document["checks"]:
        if check["check"] != "ci-platform":
            for text in (check["text"], check["cause"], check["next_step"]):
                assert text in log.stdout
    # The platform's masks are no JSON.
    assert "::add-mask::" in done.stderr


@pytest.mark.proves(
    "a response with commands for CI platforms, terminal sequences and the token that was sent",
    "shown without effect, and masked",
)
@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["log", "json"])
def test_hostile_responses_have_no_effect_on_the_log(
    program: Program, flags: tuple[str, ...]
) -> None:
    def echo(exchange: Any) -> None:
        hostile = "\n::error::x ##[error]y ##vso[task.complete]z \x1b[31m ##teamcity[x] "
        text = f"{hostile}{exchange.headers['auth']} {Simulator.client_secret}"
        answering(json.dumps({"errors": [{"msg": text}]}), 401)(exchange)

    with (
        Simulator() as simulator,
        Relay(simulator, Override("last", echo, lasting=True)) as relay,
    ):
        environ = relay.environment("::error::name\n##[error]name")
        done = program.run("doctor", *flags, **environ, FORCE_COLOR="1")
        token = relay.requests[-1].headers["auth"]
    assert done.returncode == 3
    assert commands_in(done.stdout) == []
    assert "\x1b[31m" not in done.stdout
    assert not any(part in done.stdout for part in (Simulator.client_secret, *token.split(".")[1:]))


def test_colours_are_those_of_the_log(program: Program, simulator: Simulator) -> None:
    environ = simulator.environment(suite="banking-transfer\nNonesuch")
    done = program.run("doctor", **environ, FORCE_COLOR="1")
    assert "\x1b[32m✓\x1b[0m suite" in done.stdout
    assert "\x1b[1;31m✗\x1b[0m suite" in done.stdout


@pytest.mark.parametrize(
    ("places", "text"),
    [
        row(
            "a report folder that is a file",
            "exit 3; ✗ reports; the file is unchanged",
            {"GATEKEEPER_REPORT_DIR": "file"},
            "file/.gatekeeper-doctor",
        ),
        row(
            "a report that is a folder already",
            "exit 3; ✗ reports",
            {"GATEKEEPER_JUNIT": "folder"},
            "folder is a folder",
        ),
        row(
            "a report that is a symbolic link already",
            "exit 3; ✗ reports; the file that it links to is unchanged",
            {"GATEKEEPER_JUNIT": "link"},
            "link is a symbolic link",
        ),
        row(
            "a report folder that is a device",
            "exit 3; ✗ reports",
            {"GATEKEEPER_REPORT_DIR": "/dev/full"},
            "/dev/full/.gatekeeper-doctor",
        ),
        row(
            "a file for the outputs of a GitHub step that cannot be written",
            "exit 3; ✗ reports, and what to do in a container",
            {"GITHUB_ACTIONS": "true", "NO_COLOR": "1", "GITHUB_OUTPUT": "folder"},
            "folder could not be written: Is a directory\n    next: run the container as root",
        ),
        row(
            "a file for the variables of a Bitbucket step that cannot be written",
            "exit 3; ✗ reports",
            {"BITBUCKET_BUILD_NUMBER": "1", "BITBUCKET_PIPELINES_VARIABLES_PATH": "folder"},
            "folder could not be written: Is a directory",
        ),
        row(
            "a report folder that cannot be made",
            "exit 3; ✗ reports",
            {"GATEKEEPER_REPORT_DIR": "/proc/nowhere/reports"},
            "/proc/nowhere/reports",
        ),
    ],
)
def test_reports_that_cannot_be_written_are_reported(
    program: Program, simulator: Simulator, places: dict[str, str], text: str
) -> None:
    (program.folder / "file").write_text("kept", encoding="utf-8")
    (program.folder / "folder").mkdir()
    (program.folder / "link").symlink_to("file")
    before = sorted(program.folder.rglob("*"))
    done = program.run("doctor", **simulator.environment() | places)
    assert done.returncode == 3
    assert_only(done, "✗", "reports: ", text)
    assert (program.folder / "file").read_text(encoding="utf-8") == "kept"
    assert sorted(program.folder.rglob("*")) == before


def test_reports_that_exist_are_left_as_they_are(program: Program, simulator: Simulator) -> None:
    folder = program.folder / "gatekeeper-report"
    folder.mkdir()
    (folder / "junit.xml").write_text("earlier", encoding="utf-8")
    done = program.run("doctor", **simulator.environment(), GATEKEEPER_EVENTS="/dev/stdout")
    assert done.returncode == 0
    assert [path.name for path in folder.iterdir()] == ["junit.xml"]
    assert (folder / "junit.xml").read_text(encoding="utf-8") == "earlier"


def test_the_ci_platform_is_named(program: Program, simulator: Simulator) -> None:
    done = program.run("doctor", **simulator.environment(), GITLAB_CI="true")
    assert "ci-platform: gitlab recognised" in done.stdout


@pytest.mark.proves("Ctrl-C while doctor waits for a response", "exit 130 at once")
def test_ctrl_c_ends_it_at_once(program: Program) -> None:
    with Simulator() as simulator, Relay(simulator, Override("last", hang)) as relay:
        process = program.start("doctor", **relay.environment())
        wait_for(lambda: bool(relay.requests))
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)
    assert process.returncode == 130
    assert "✓ connection" in output
    assert "Traceback" not in output
