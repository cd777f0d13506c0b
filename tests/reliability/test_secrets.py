"""Secrets."""

from __future__ import annotations

import base64
import gzip
import json
import re
import signal
import socket
import ssl
import subprocess
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gatekeeper.kore.token import SigningKey
from gatekeeper.simulator import Fault, Simulator
from support.builders import Json, finished, greeting, response, step, text
from support.certificates import authority, leaf
from support.http_server import QuietHandler, http_server
from support.program import FRESH, ROOT, Program
from support.trials import REPORTS

SECRET = Simulator.client_secret
PASSWORD = "pr0xy-pass%40word"
# So much of a token in a row tells nothing yet; the first part of each is the same for all.
HARMLESS = 16


def parts(token: str) -> list[str]:
    """Return what is secret of a token: each piece of its claims and of its signature."""
    claims = token.partition(".")[2]
    return [claims[at : at + HARMLESS] for at in range(max(1, len(claims) - HARMLESS))]


@dataclass
class Ran:
    """What a run of the program let anyone see."""

    done: subprocess.CompletedProcess[str]
    folder: Path

    @property
    def log(self) -> str:
        """What it said."""
        return self.done.stdout + self.done.stderr

    def assert_kept(self, *secrets: str, tokens: tuple[str, ...] = ()) -> None:
        """Find none of the secrets, no line of them, and no part of a token, anywhere."""
        assert "Traceback" not in self.log
        seen = self.log + "".join(
            path.read_text(encoding="utf-8")
            for path in self.folder.rglob("*")
            if path.is_file() and path.suffix not in (".pem", ".py", ".pyc", ".secret")
        )
        lines = [line for secret in secrets for line in (secret, *secret.splitlines())]
        for hidden in (*lines, *(part for token in tokens for part in parts(token))):
            assert hidden not in seen, f"{hidden!r} of a secret is shown"


def run(program: Program, *arguments: str, **environ: str) -> Ran:
    """Run the program to its end, where GitHub's files are."""
    github = {"GITHUB_OUTPUT": "output", "GITHUB_STEP_SUMMARY": "summary"}
    return Ran(program.run(*arguments, **github | environ), program.folder)


@dataclass(frozen=True)
class Reply:
    """An answer to a request; `line` in place of the right first line."""

    status: int
    body: str | bytes | Json = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    line: str = ""


@dataclass(frozen=True)
class Request:
    """A request that a server got."""

    method: str
    path: str
    auth: str | None


class Server:
    """A server on loopback that answers as it is told to, and remembers what it was asked."""

    def __init__(
        self, respond: Callable[[Request], Reply], tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: list[Request] = []

        class Handler(QuietHandler):
            def do_GET(handler) -> None:  # noqa: N802, N805 - `self` is the server
                request = Request(handler.command, handler.path, handler.headers.get("auth"))
                self.requests.append(request)
                handler.rfile.read(int(handler.headers.get("Content-Length", "0")))
                reply = respond(request)
                body = json.dumps(reply.body) if isinstance(reply.body, dict) else reply.body
                content = body if isinstance(body, bytes) else body.encode()
                if reply.line:
                    handler.wfile.write(f"{reply.line}\r\n\r\n".encode())
                    return
                handler.send_response(reply.status)
                for name, value in (
                    {"Content-Length": str(len(content))} | dict(reply.headers)
                ).items():
                    handler.send_header(name, value)
                handler.end_headers()
                handler.wfile.write(content)

            do_POST = do_GET  # noqa: N815 - the library's name

        self._serving = http_server(Handler, tls)

    def __enter__(self) -> Self:
        self.host = self._serving.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._serving.__exit__(None, None, None)

    def environment(self) -> dict[str, str]:
        """Return the settings that point the program at it."""
        with Simulator() as simulator:
            return simulator.environment(suite="Suite") | {"GATEKEEPER_HOST": self.host}

    @property
    def tokens(self) -> tuple[str, ...]:
        """Return all tokens that it got."""
        return tuple(request.auth for request in self.requests if request.auth)


def an_answer(**fields: Any) -> Json:
    """Return the answer of a run that passed, which leaves open whose it is."""
    return finished(greeting()) | {"_id": None, "streamId": None} | fields


def usual(request: Request) -> Reply:
    """Start a run, and answer that it has passed."""
    return Reply(200, {"testRunId": "ctr-1"} if request.method == "POST" else an_answer())


@pytest.fixture(scope="module")
def private_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def pem_of(key: rsa.RSAPrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode().strip()


def ready_token() -> str:
    """Return a token such as a pipeline may hold ready."""
    return SigningKey(Simulator.client_id, SECRET).token()


RS256 = {"GATEKEEPER_JWT_ALGORITHM": "RS256"}


@dataclass(frozen=True)
class Held:
    """A kind of credentials: the settings that hold it, and what is secret of them."""

    environ: Mapping[str, str]
    secrets: tuple[str, ...]


@pytest.fixture(params=["client secret", "ready token", "private key"])
def held(request: pytest.FixtureRequest, private_key: rsa.RSAPrivateKey) -> Held:
    no_secret = {"GATEKEEPER_CLIENT_SECRET": ""}
    if request.param == "client secret":
        return Held({}, (SECRET,))
    if request.param == "ready token":
        token = ready_token()
        return Held({**no_secret, "GATEKEEPER_JWT": token}, (token, *parts(token)))
    pem = pem_of(private_key)
    return Held({**no_secret, **RS256, "GATEKEEPER_PRIVATE_KEY": pem}, (pem,))


def serving(
    held: Held, key: rsa.RSAPrivateKey, *faults: Fault, speed: float = 1_000_000
) -> Simulator:
    """Return a simulator that accepts these credentials."""
    numbers = key.public_key().public_numbers()
    rs256 = "GATEKEEPER_JWT_ALGORITHM" in held.environ
    return Simulator(
        speed=speed,
        faults=faults,
        algorithm="RS256" if rs256 else "HS256",
        public_key=(numbers.n, numbers.e) if rs256 else None,
        enforce_jti=not {"GATEKEEPER_JWT", "GATEKEEPER_JWT_FILE"} & set(held.environ),
    )


# The ending, the scenario that leads to it, the fault, the exit code.
ENDINGS: dict[str, tuple[str, tuple[Fault, ...], int]] = {
    "a run that passed": ("no-step-detail", (), 0),
    "a run that failed": ("no-step-detail-failed", (), 1),
    "a rejection by the platform": ("no-step-detail", (Fault("start", status=401),), 3),
    "a malformed response": (
        "no-step-detail",
        (Fault("status", body='{"status": "passed", "result": 7}'),),
        3,
    ),
    "a timeout": ("never-ends", (), 4),
}


@pytest.mark.parametrize("debug", ["", "true"], ids=["plain", "debug"])
@pytest.mark.parametrize(
    "ending",
    [
        pytest.param(
            ending,
            marks=pytest.mark.proves(
                f"client secret, tokens and private key, with and without `debug`, at {ending}",
                "in no log, report or output, not even in part",
            ),
        )
        for ending in ENDINGS
    ],
)
def test_no_secret_is_shown_at_any_ending(
    program: Program, held: Held, private_key: rsa.RSAPrivateKey, ending: str, debug: str
) -> None:
    scenario, faults, code = ENDINGS[ending]
    with serving(held, private_key, *faults) as simulator:
        environ = simulator.environment(suite=scenario) | dict(held.environ)
        ran = run(program, GATEKEEPER_TIMEOUT="1s", GATEKEEPER_DEBUG=debug, **environ)
        tokens = tuple(request.headers["auth"] for request in simulator.requests)
    assert ran.done.returncode == code, ran.log
    assert tokens
    ran.assert_kept(*held.secrets, tokens=tokens)


@pytest.mark.proves("secrets in files", "not shown either, and the files are not touched")
@pytest.mark.parametrize("setting", ["client-secret", "jwt", "private-key"])
def test_no_secret_from_a_file_is_shown(
    program: Program, private_key: rsa.RSAPrivateKey, setting: str
) -> None:
    secrets = {"client-secret": SECRET, "jwt": ready_token(), "private-key": pem_of(private_key)}
    path = program.folder / "a.secret"
    path.write_text(f"{secrets[setting]}\n", encoding="utf-8")
    name = setting.upper().replace("-", "_")
    environ = {"GATEKEEPER_CLIENT_SECRET": "", f"GATEKEEPER_{name}_FILE": "a.secret"}
    held = Held(environ | (RS256 if setting == "private-key" else {}), (secrets[setting],))
    fault = Fault("status", status=403, body=secrets[setting])
    with serving(held, private_key, fault) as simulator:
        environ = simulator.environment(suite="no-step-detail") | dict(held.environ)
        ran = run(program, GATEKEEPER_DEBUG="true", **environ)
    assert ran.done.returncode == 3
    ran.assert_kept(*held.secrets)
    assert path.read_text(encoding="utf-8") == f"{secrets[setting]}\n"


@pytest.mark.proves(
    "client secret, tokens and private key, at an interruption",
    "in no log, report or output, not even in part",
)
def test_no_secret_is_shown_when_interrupted(
    program: Program, held: Held, private_key: rsa.RSAPrivateKey
) -> None:
    with serving(held, private_key, speed=1) as simulator:
        environ = simulator.environment(suite="never-ends") | dict(held.environ)
        running = program.start(GATEKEEPER_DEBUG="true", **environ)
        wait_for(lambda: len(simulator.requests) >= 2)
        running.send_signal(signal.SIGTERM)
        stdout, stderr = running.communicate(timeout=20)
        tokens = tuple(request.headers["auth"] for request in simulator.requests)
    done = subprocess.CompletedProcess(running.args, running.returncode, stdout, stderr)
    assert done.returncode == 143
    Ran(done, program.folder).assert_kept(*held.secrets, tokens=tokens)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait until something is so; fails after ten seconds."""
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


# What breaks, and where: it raises an error that tells the secret.
BREAKS = {
    "signing": "import jwt\njwt.encode = boom\n",
    "sending": "import requests\nrequests.Session.send = boom\n",
    "judging": "import gatekeeper.core.verdict.run as run\nrun.judge = boom\n",
    "reporting": ("import gatekeeper.core.wording.verdicts as words\nwords.verdict_line = boom\n"),
}
BOOM = """\
import os
def boom(*_, **__):
    raise RuntimeError(f"it broke with {dict(os.environ)}")
"""


@pytest.mark.parametrize(
    "where",
    [
        pytest.param(
            where,
            marks=pytest.mark.proves(
                f"an internal error whose text contains every secret, while {where}",
                "reported as a bug, with the secrets masked, without a traceback",
            ),
        )
        for where in BREAKS
    ],
)
def test_no_secret_is_shown_when_the_program_itself_breaks(
    program: Program, held: Held, private_key: rsa.RSAPrivateKey, where: str
) -> None:
    (program.folder / "sitecustomize.py").write_text(BOOM + BREAKS[where], encoding="utf-8")
    path = f"{program.folder}:{ROOT}"
    with serving(held, private_key) as simulator:
        environ = simulator.environment(suite="no-step-detail") | dict(held.environ)
        proxy = f"http://user:{PASSWORD}@127.0.0.1:9"
        ran = run(program, PYTHONPATH=path, HTTPS_PROXY=proxy, **environ)
    # A ready token is not signed.
    unsigned = where == "signing" and "GATEKEEPER_JWT" in held.environ
    assert ran.done.returncode == (0 if unsigned else 3)
    assert ("RuntimeError: it broke with" in ran.log) is not unsigned
    ran.assert_kept(*held.secrets, PASSWORD)


@pytest.mark.parametrize(
    ("environ", "arguments"),
    [
        ({"GATEKEEPER_JWT": "eyJ0aGlzIjoi.c2VjcmV0IjoiMQ.aXMtc2VjcmV0"}, ()),
        ({"GATEKEEPER_JWT": "a secret with blanks", "GATEKEEPER_CLIENT_SECRET": ""}, ()),
        (RS256 | {"GATEKEEPER_PRIVATE_KEY": "-----BEGIN nonsense-----\nc2VjcmV0"}, ()),
        (RS256 | {"GATEKEEPER_PRIVATE_KEY": "{pem}"}, ()),
        ({"GATEKEEPER_JWT_ALGORITHM": "HS1", "GATEKEEPER_TIMEOUT": "soon"}, ()),
        ({"GATEKEEPER_HOST": "https://user:p4ss-of-host@bots.example"}, ()),
        ({"GATEKEEPER_HOST": "https://user:p4ss-of-host@bots.example:x"}, ()),
        ({"GATEKEEPER_CLIENT_SECRET_FILE": "a.secret"}, ()),
        ({}, ("--client-secret", SECRET)),
        ({}, (f"--client-secret={SECRET}",)),
        ({}, (f"--jwt={SECRET}",)),
    ],
)  # fmt: skip
@pytest.mark.proves(
    "settings that are rejected, secrets among them",
    "the problems are shown, the secrets are not",
)
def test_no_secret_is_shown_when_settings_are_refused(
    program: Program,
    private_key: rsa.RSAPrivateKey,
    environ: dict[str, str],
    arguments: tuple[str, ...],
) -> None:
    broken = pem_of(private_key)[:-100]
    given = {name: value.replace("{pem}", broken) for name, value in environ.items()}
    (program.folder / "a.secret").write_bytes(b"\xff a file's secret")
    with Simulator() as simulator:
        settings = simulator.environment() | {"GATEKEEPER_USER_EMAIL": ""} | given
    ran = run(program, "gate", *arguments, **settings)
    assert (ran.done.returncode, ran.done.stdout) == (2, "")
    secret = ("JWT", "PRIVATE_KEY", "CLIENT_SECRET")
    ran.assert_kept(
        *(value for name, value in settings.items() if value and name.endswith(secret)),
        SECRET,
        "c2VjcmV0",
        "p4ss-of-host",
        "a file's secret",
    )


ECHOES: dict[str, Callable[[str], tuple[str, Reply]]] = {
    "in the error of a rejected start": lambda auth: (
        "start", Reply(401, {"errors": [{"msg": f"Invalid JWT token {auth}", "code": 4002}]}),
    ),
    "in the error of a rejected poll": lambda auth: (
        "status", Reply(403, {"errors": [{"msg": {"auth": auth, "why": [auth]}, "code": 4002}]}),
    ),
    "in a page of HTML": lambda auth: (
        "start", Reply(502, f"<html><pre>GET /x\r\nauth: {auth}\r\n</pre></html>"),
    ),
    "cut off in the middle": lambda auth: (
        "start", Reply(401, {"errors": [{"msg": f"Invalid JWT {auth[: len(auth) * 5 // 6]}"}]}),
    ),
    "in a redirect": lambda auth: (
        "status", Reply(302, "", {"Location": f"https://elsewhere.example/?auth={auth}&x={auth}"}),
    ),
    "in the id of the run": lambda auth: ("start", Reply(200, {"testRunId": f"ctr-{auth}"})),
    "in the response about another run": lambda auth: ("status", Reply(200, an_answer(_id=auth))),
    "in the texts of the result": lambda auth: ("status", Reply(200, told_everywhere(auth))),
    "in a field of a wrong type": lambda auth: ("status", Reply(200, {"status": [auth]})),
    "in a name that appears twice": lambda auth: (
        "status", Reply(200, f'{{"status": "passed", "{auth}": 1, "{auth}": 2}}'),
    ),
    "in the link to the results": lambda auth: (
        "status", Reply(200, linked(f"https://elsewhere.example/x?sig={auth}")),
    ),
    "in an invalid status line": lambda auth: ("status", Reply(0, line=f"HTTP/1.1 nope {auth}")),
    "in a status line so long that it is truncated": lambda auth: (
        "start", Reply(0, line=f"HTTP/1.1 {'x' * 150} {auth}"),
    ),
    "in an invalid Content-Length": lambda auth: (
        "start",
        Reply(200, "", {"Content-Length": auth}),
    ),
    "in Retry-After": lambda auth: ("status", Reply(429, auth, {"Retry-After": auth})),
    "in an invalid Content-Encoding": lambda auth: (
        "start", Reply(200, auth, {"Content-Encoding": "gzip", "X-Auth": auth}),
    ),
}  # fmt: skip


def linked(url: str) -> Json:
    answer = an_answer()
    answer["result"]["fileUrl"] = url
    return answer


def told_everywhere(said: str) -> Json:
    failing = response(said, text=text(said, f"not {said}", status="failed"))
    failing |= {"nodeName": said, "dialogName": said, "transitionNodeNames": [said, said]}
    failing["assertions"][said] = {"enabled": True, "status": said, "contains": [said]}
    steps = (step(f"me: {said}", failing, status="failed", requestId=said), step(None, event=said))
    answer = finished(*steps, status="failed") | {"_id": None, "streamId": None}
    answer["result"] |= {"errorDetails": {said: said}, "version": said}
    return answer


@pytest.mark.parametrize(
    "place",
    [
        pytest.param(
            place,
            marks=pytest.mark.proves(
                f"a server that sends the token back {place}", "masked wherever it is shown"
            ),
        )
        for place in ECHOES
    ],
)
def test_a_token_that_comes_back_is_not_shown(program: Program, place: str) -> None:
    def respond(request: Request) -> Reply:
        call, reply = ECHOES[place](request.auth or "")
        return (
            reply if call == ("start" if request.method == "POST" else "status") else usual(request)
        )

    with Server(respond) as server:
        ran = run(program, GATEKEEPER_TIMEOUT="1s", GATEKEEPER_DEBUG="true", **server.environment())
    assert ran.done.returncode in (0, 1, 3, 4)
    assert "report this as a bug" not in ran.log
    assert server.tokens
    ran.assert_kept(SECRET, tokens=server.tokens)


@contextmanager
def proxy(target: tuple[str, int] | None, refusal: str = "") -> Iterator[tuple[int, list[str]]]:
    """Serve a proxy that tunnels or refuses to; yields its port and the heads of requests."""
    asked: list[str] = []

    def serve(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as lines:
            head = "".join(iter(lambda: lines.readline().decode().strip() + "\n", "\n"))
            asked.append(head)
            if target is None:
                login = re.search("^proxy-authorization: (.+)$", head, re.MULTILINE | re.IGNORECASE)
                told = refusal.replace("LOGIN", login[1] if login else "")
                connection.sendall(f"HTTP/1.1 {told}\r\nContent-Length: 0\r\n\r\n".encode())
                return
            with socket.create_connection(target) as upstream:
                connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
                threading.Thread(target=_pump, args=(upstream, connection), daemon=True).start()
                _pump(connection, upstream)

    def accept() -> None:
        while True:
            try:
                connection = listening.accept()[0]
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, daemon=True).start()
        yield listening.getsockname()[1], asked
        listening.shutdown(socket.SHUT_RDWR)


def _pump(source: socket.socket, sink: socket.socket) -> None:
    try:
        while chunk := source.recv(65536):
            sink.sendall(chunk)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


LOGIN = base64.b64encode(f"user:{PASSWORD.replace('%40', '@')}".encode()).decode()
PROXY_SECRETS = (PASSWORD, PASSWORD.replace("%40", "@"), LOGIN)


@pytest.mark.proves(
    "a run through a proxy that asks for a password",
    "passed; the password is in no log, report or output",
)
def test_a_proxys_password_is_not_shown_by_a_run_through_it(
    program: Program, tmp_path: Path
) -> None:
    own = authority()
    bundle = own.write(tmp_path / "ca.pem")
    tls = leaf(own, "platform.example").serving(tmp_path)
    with Simulator(speed=1_000_000, tls=tls) as simulator:
        port = int(simulator.host.rpartition(":")[2])
        with proxy(("127.0.0.1", port)) as (proxy_port, asked):
            environ = simulator.environment(suite="no-step-detail") | {
                "GATEKEEPER_HOST": f"https://platform.example:{port}",
                "GATEKEEPER_CA_BUNDLE": str(bundle),
                "HTTPS_PROXY": f"http://user:{PASSWORD}@127.0.0.1:{proxy_port}",
            }
            ran = run(program, GATEKEEPER_DEBUG="true", **environ)
    assert ran.done.returncode == 0, ran.log
    assert LOGIN in asked[0]
    ran.assert_kept(SECRET, *PROXY_SECRETS)


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(
            refusal,
            marks=pytest.mark.proves(
                f"a proxy that responds {what}", "the password is masked wherever it is shown"
            ),
        )
        for refusal, what in (
            ("407 Proxy Authentication Required", "that the login is wrong"),
            (f"403 no entry for user:{PASSWORD}", "with the password it was given"),
            ("407 who is LOGIN", "with the login as it was sent"),
        )
    ],
)
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_a_proxys_password_is_not_shown_by_its_refusal(
    program: Program, refusal: str, scheme: str
) -> None:
    with Simulator() as simulator, proxy(None, refusal) as (port, _):
        environ = simulator.environment() | {
            "GATEKEEPER_HOST": "https://platform.example",
            "HTTPS_PROXY": f"{scheme}user:{PASSWORD}@127.0.0.1:{port}",
        }
        ran = run(program, GATEKEEPER_DEBUG="true", GATEKEEPER_TIMEOUT="3s", **environ)
    assert ran.done.returncode == 3
    ran.assert_kept(SECRET, *PROXY_SECRETS)


def masked(line: str) -> str:
    """Return what GitHub's runner masks for a line."""
    escaped = line.removeprefix("::add-mask::")
    for code, char in (("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
        escaped = escaped.replace(code, char)
    return escaped


@pytest.mark.proves(
    "a log on GitHub",
    "every secret, and each line of it, is registered as a mask before anything else is printed",
)
@pytest.mark.parametrize("scheme", ["http://", ""])
def test_on_github_masks_come_first(
    program: Program, held: Held, private_key: rsa.RSAPrivateKey, scheme: str
) -> None:
    with serving(held, private_key) as simulator:
        environ = simulator.environment(suite="no-step-detail") | dict(held.environ)
        environ |= {"HTTPS_PROXY": f"{scheme}user:{PASSWORD}@127.0.0.1:9"}
        done = program.run(GITHUB_ACTIONS="true", GATEKEEPER_DEBUG="true", **environ)
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    masks = [line for line in lines if line.startswith("::add-mask::")]
    assert lines[: len(masks)] == masks
    known = set(map(masked, masks))
    whole = held.secrets[0]
    assert {*whole.splitlines(), *PROXY_SECRETS[:2]} <= known
    assert all(len(mask) > 3 for mask in known)
    Ran(subprocess.CompletedProcess([], 0, "\n".join(lines[len(masks) :]), ""), program.folder)


@pytest.mark.proves("a log outside of GitHub", "no mask is printed, as that would show the secret")
@pytest.mark.parametrize("actions", ["", "false"])
def test_elsewhere_no_mask_is_printed(program: Program, actions: str) -> None:
    with Simulator(speed=1_000_000) as simulator:
        environ = simulator.environment(suite="no-step-detail")
        ran = run(program, GITHUB_ACTIONS=actions, **environ)
    assert "add-mask" not in ran.log
    ran.assert_kept(SECRET)


@pytest.mark.proves("a list of the machine's processes", "no secret is an argument")
def test_no_secret_is_an_argument_of_the_process(program: Program, simulator: Simulator) -> None:
    with program.start(**simulator.environment(suite="never-ends"), **FRESH) as running:
        wait_for(lambda: bool(simulator.requests))
        arguments = Path(f"/proc/{running.pid}/cmdline").read_bytes()
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text()
        running.kill()
        running.communicate()
    assert arguments.endswith(b"entrypoint.py\0")
    assert children == ""


@pytest.mark.proves(
    "a shell that the container becomes", "it has the user's environment, and nothing more"
)
def test_the_environment_of_a_shell_is_the_users_own(program: Program) -> None:
    given = program.environ({"GATEKEEPER_CLIENT_SECRET": SECRET, "MINE": "1"})
    done = program.run("cat", "/proc/self/environ", GATEKEEPER_CLIENT_SECRET=SECRET, MINE="1")
    found = dict(one.split("=", 1) for one in done.stdout.split("\0") if one)
    assert {name: value for name, value in found.items() if name != "LC_CTYPE"} == given


@pytest.mark.parametrize("call", ["start", "status"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.proves(
    "a redirect to another host", "that host gets no request; the log says where it led"
)
def test_a_redirect_is_not_followed(program: Program, call: Any, status: int) -> None:
    with Simulator() as elsewhere:
        fault = Fault(call, status=status, headers={"Location": f"{elsewhere.host}/x"})
        with Simulator(speed=1_000_000, faults=[fault]) as simulator:
            ran = run(program, **simulator.environment(suite="no-step-detail"))
        assert elsewhere.requests == []
    assert ran.done.returncode == 3
    assert f"redirects to {elsewhere.host}/x" in ran.log


CONTENT = b"\x00\xff results, as they come\r\n"


@dataclass(frozen=True)
class Secured:
    """Two hosts with certificates of one private authority, which the program is told to trust."""

    folder: Path

    def simulator(self, **fields: Any) -> Simulator:
        """Return a simulator that is asked over TLS."""
        return Simulator(speed=1_000_000, tls=self.tls, **fields)

    @property
    def tls(self) -> ssl.SSLContext:
        """Return the server's side."""
        own = authority()
        own.write(self.folder / "ca.pem")
        return leaf(own).serving(self.folder)

    def environ(self, **environ: str) -> dict[str, str]:
        """Return the settings that ask for the results file."""
        wanted = {"GATEKEEPER_DOWNLOAD_RESULTS": "true"}
        return environ | wanted | {"GATEKEEPER_CA_BUNDLE": str(self.folder / "ca.pem")}


@pytest.fixture
def secured(tmp_path: Path) -> Secured:
    (tmp_path / "tls").mkdir()
    return Secured(tmp_path / "tls")


@pytest.mark.proves(
    "a results file on the platform's own host, with a private CA",
    "saved as `results-file`, readable by all, writable only by the owner; no token is sent",
)
@pytest.mark.parametrize(
    "path",
    [
        "/files/results.csv?sig=a%2Fb&x=1",
        "/files/../../etc/passwd",
        "/files/%2E%2E%2F%2E%2E%2Fx?name=/etc/passwd",
        "/.bashrc",
        "/",
    ],
)
def test_a_results_file_of_the_same_host_is_kept(
    program: Program, secured: Secured, path: str
) -> None:
    with secured.simulator() as simulator:
        simulator.add_file(path, CONTENT)
        simulator.add_suite("Suite", linked(f"{simulator.host}{path}"))
        ran = run(program, **secured.environ(**simulator.environment(suite="Suite")))
        requests = simulator.requests
    assert ran.done.returncode == 0, ran.log
    assert requests[-1].path == path
    assert [("auth" in request.headers) for request in requests] == [True, True, False]
    reports = program.folder / "gatekeeper-report"
    names = {found.name for found in reports.iterdir()}
    assert names == REPORTS | {"results-file"}
    kept = reports / "results-file"
    assert kept.read_bytes() == CONTENT
    assert kept.stat().st_mode & 0o777 & ~0o644 == 0
    assert {found.name for found in program.folder.iterdir()} == {
        "gatekeeper-report", "output", "summary", "tls",
    }  # fmt: skip


@pytest.mark.proves(
    "a results file on another host, one with a similar name, or another port",
    "that host gets no request; the log says why; a gate that passed ends with exit code 5",
)
@pytest.mark.parametrize(
    "form", ["{other}/x", "{other}/{host}/x", "{host}@{name}/x", "{host}.{name}/x"]
)
def test_a_results_file_of_another_host_is_refused(
    program: Program, secured: Secured, form: str
) -> None:
    tls = secured.tls
    with Simulator(speed=1_000_000, tls=tls) as simulator, Simulator(tls=tls) as elsewhere:
        name = elsewhere.host.removeprefix("https://")
        link = form.format(other=elsewhere.host, host=simulator.host, name=name)
        simulator.add_suite("Suite", linked(link))
        ran = run(program, **secured.environ(**simulator.environment(suite="Suite")))
        assert elsewhere.requests == []
        assert [request.call for request in simulator.requests] == ["start", "status"]
    assert ran.done.returncode == 5
    assert "the results file is on another host" in ran.log
    assert not (program.folder / "gatekeeper-report" / "results-file").exists()


@pytest.mark.proves(
    "a results file that redirects to another host",
    "it is not followed; the log says so; a gate that passed ends with exit code 5",
)
def test_a_results_file_that_redirects_is_refused(program: Program, secured: Secured) -> None:
    with Simulator() as elsewhere:

        def respond(request: Request) -> Reply:
            if request.path == "/file":
                return Reply(302, "", {"Location": f"{elsewhere.host}/file"})
            return (
                usual(request)
                if request.method == "POST"
                else Reply(200, linked(f"{server.host}/file"))
            )

        with Server(respond, secured.tls) as server:
            ran = run(program, **secured.environ(**server.environment()))
        assert elsewhere.requests == []
    assert ran.done.returncode == 5
    assert f"redirects to {elsewhere.host}/file" in ran.log
    assert server.requests[-1].auth is None


@pytest.mark.proves(
    "a results file of 3 GB",
    "rejected at the documented limit; the log says so; a gate that passed ends with exit code 5",
)
def test_a_results_file_that_is_too_large_is_refused(program: Program, secured: Secured) -> None:
    def respond(request: Request) -> Reply:
        if request.path == "/file":
            return Reply(200, CONTENT, {"Content-Length": str(3 * 1024**3)})
        return (
            usual(request)
            if request.method == "POST"
            else Reply(200, linked(f"{server.host}/file"))
        )

    with Server(respond, secured.tls) as server:
        ran = run(program, **secured.environ(**server.environment()))
    assert ran.done.returncode == 5
    assert "larger than 256 MB" in ran.log
    assert not (program.folder / "gatekeeper-report" / "results-file").exists()


@pytest.mark.proves(
    "a results file of which a part or a truncated gzip body is sent, once",
    "retried: the complete file is saved",
)
@pytest.mark.parametrize(
    "partly",
    [
        Reply(206, CONTENT, {"Content-Range": "bytes 0-9/99"}),
        Reply(200, CONTENT, {"Content-Range": "bytes 0-9/99"}),
        Reply(200, gzip.compress(CONTENT)[:-1], {"Content-Encoding": "gzip"}),
        Reply(200, zlib.compress(CONTENT)[:-1], {"Content-Encoding": "deflate"}),
    ],
)
def test_a_part_of_a_results_file_is_not_saved(
    program: Program, secured: Secured, partly: Reply
) -> None:
    replies = [partly, Reply(200, gzip.compress(CONTENT), {"Content-Encoding": "gzip"})]

    def respond(request: Request) -> Reply:
        if request.path == "/file":
            return replies.pop(0)
        return (
            usual(request)
            if request.method == "POST"
            else Reply(200, linked(f"{server.host}/file"))
        )

    with Server(respond, secured.tls) as server:
        ran = run(program, **secured.environ(**server.environment()))
    assert ran.done.returncode == 0, ran.log
    assert replies == []
    assert "retrying in" in ran.log
    assert (program.folder / "gatekeeper-report" / "results-file").read_bytes() == CONTENT


@pytest.mark.proves(
    "a results file over `http` or another scheme", "it is not requested, and no token is sent"
)
@pytest.mark.parametrize("scheme", ["http", "ftp", "file", "HTTPS"])
def test_a_results_file_is_asked_for_by_https_only(program: Program, scheme: str) -> None:
    with Simulator(speed=1_000_000) as simulator:
        link = simulator.host.replace("http://", f"{scheme}://")
        simulator.add_suite("Suite", linked(f"{link}/file"))
        simulator.add_file("/file", CONTENT)
        environ = simulator.environment(suite="Suite")
        ran = run(program, GATEKEEPER_DOWNLOAD_RESULTS="true", **environ)
        assert [request.call for request in simulator.requests] == ["start", "status"]
    assert not (program.folder / "gatekeeper-report" / "results-file").exists()
    assert ran.done.returncode in (0, 5)


@pytest.mark.proves(
    "`debug`",
    "a line for each request: method, path, status, time and size, without headers or bodies",
)
def test_debug_says_a_line_for_each_request_and_no_more(program: Program) -> None:
    faults = [Fault("status", status=503, headers={"Retry-After": "1", "X-Trace": "t-1234567"})]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        environ = simulator.environment(suite="no-step-detail")
        quiet = program.run(**environ)
        done = program.run(GATEKEEPER_DEBUG="true", **environ)
        requests = simulator.requests[-2:]
        first = [request for request in simulator.requests if request.status == 503]
    assert (done.returncode, quiet.returncode) == (0, 0)
    assert "debug" not in quiet.stdout
    assert len(first) == 1
    lines = [line for line in done.stdout.splitlines() if "debug" in line]
    pattern = r"  debug: (\w+) (\S+): HTTP (\d+), [\d,]+ bytes, \d+\.\d+ s\b[\w .,():]*"
    told = [re.fullmatch(pattern, line) for line in lines]
    assert [line and line.groups() for line in told] == [
        (request.method, request.path, str(request.status)) for request in requests
    ]
    for hidden in ("User-Agent", "bot-language", "application/json", "userEmailId", "percentage"):
        assert hidden.lower() not in done.stdout.lower()
    assert Simulator.user_email not in done.stdout


@pytest.mark.proves("`debug` while requests fail", "a line for each of them too, with the error")
def test_debug_says_a_line_for_each_request_that_failed(program: Program) -> None:
    faults = [
        Fault("status", status=500, body="trace t-1234567", headers={"Retry-After": "1"}),
        Fault("status", at=2, drop="reset"),
    ]
    with Simulator(speed=1_000_000, faults=faults) as simulator:
        environ = simulator.environment(suite="no-step-detail")
        done = program.run(GATEKEEPER_DEBUG="true", **environ)
        assert len(simulator.requests) == 4
    assert done.returncode == 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("  debug: ")]
    assert [line.split(": ")[1].split(" ")[0] for line in lines] == ["POST", "GET", "GET", "GET"]
    assert "HTTP 500" in lines[1]
    assert "HTTP" not in lines[2]
    assert not any("t-1234567" in line for line in lines)
