"""The server itself: where it is, what it is made of, how it begins and ends."""

import ast
import contextlib
import http.client
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

import gatekeeper.simulator
from gatekeeper.simulator import Simulator
from gatekeeper.simulator.faults import Reply
from gatekeeper.simulator.handler import HttpServer
from support.caller import Caller

PACKAGE = Path(gatekeeper.simulator.__file__).parent


def test_it_listens_on_a_free_port_of_the_loopback_address(sim: Simulator) -> None:
    assert sim.host.startswith("http://127.0.0.1:")
    assert int(sim.host.rpartition(":")[2]) > 0


def test_it_can_listen_on_every_address_of_a_container() -> None:
    with Simulator(bind="0.0.0.0") as sim, Caller(sim) as caller:  # noqa: S104 - under test
        assert sim.host.startswith("http://127.0.0.1:")
        assert caller.start("completed").status == 200


def test_a_port_that_is_taken_is_an_error() -> None:
    with Simulator() as sim:
        taken = Simulator(port=int(sim.host.rpartition(":")[2]))
        with pytest.raises(OSError, match=r".+"), taken:
            pass


def test_there_is_no_host_before_it_begins() -> None:
    with pytest.raises(RuntimeError, match="with"):
        _ = Simulator().host


def test_the_environment_points_at_a_suite(sim: Simulator) -> None:
    assert sim.environment(suite="long") == {
        "GATEKEEPER_HOST": sim.host,
        "GATEKEEPER_STREAM_ID": sim.stream_id,
        "GATEKEEPER_CLIENT_ID": sim.client_id,
        "GATEKEEPER_CLIENT_SECRET": sim.client_secret,
        "GATEKEEPER_USER_EMAIL": sim.user_email,
        "GATEKEEPER_TEST_SUITE": "long",
    }
    assert sim.environment()["GATEKEEPER_TEST_SUITE"] == "banking-transfer"


def test_a_connection_is_kept_alive_over_many_requests(caller: Caller) -> None:
    caller.status("completed", "ctr-1")
    connected = caller.connection.sock
    began = time.monotonic()
    for _ in range(20):
        caller.status("completed", "ctr-1")

    assert caller.connection.sock is connected
    assert time.monotonic() - began < 2


def test_it_serves_while_others_keep_their_connections_open(sim: Simulator) -> None:
    """More of them than a server with a short queue or a single thread would bear."""
    with contextlib.ExitStack() as stack:
        callers = [stack.enter_context(Caller(sim)) for _ in range(30)]
        for caller in callers:
            caller.connection.connect()

        assert {caller.start("completed").status for caller in callers} == {200}


def test_a_token_cannot_be_used_twice_at_the_same_time(caller: Caller) -> None:
    token = caller.token()
    statuses: list[int] = []

    def start() -> None:
        with Caller(caller.simulator) as another:
            statuses.append(another.start("completed", auth=token).status)

    threads = [threading.Thread(target=start) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [200, *[401] * 7]


def test_a_client_that_goes_away_is_not_talked_about(
    caller: Caller, capfd: pytest.CaptureFixture[str]
) -> None:
    address = (caller.connection.host, caller.connection.port)
    path = caller.suite_path("long", "run")
    for request in ("GET", f"POST {path} HTTP/1.1\r\nContent-Length: 99\r\n\r\n{{", "\r\n\r\n"):
        with socket.create_connection(address) as connection:
            connection.sendall(request.encode())
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    caller.start("completed")

    assert capfd.readouterr() == ("", "")


def test_what_is_no_http_is_answered_and_not_talked_about(
    sim: Simulator, capfd: pytest.CaptureFixture[str]
) -> None:
    address = ("127.0.0.1", int(sim.host.rpartition(":")[2]))
    with socket.create_connection(address) as connection:
        connection.sendall(b"\x16\x03\x01 is how TLS begins\r\n\r\n")
        assert b"400" in connection.recv(1000)

    assert capfd.readouterr() == ("", "")


def test_a_bug_of_its_own_is_talked_about(capfd: pytest.CaptureFixture[str]) -> None:
    def respond(*_: object) -> Reply:
        raise RuntimeError("a bug")

    server = HttpServer(("127.0.0.1", 0), respond)
    serving = threading.Thread(target=server.handle_request)
    serving.start()
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
    connection.request("GET", "/")
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    connection.close()
    serving.join()
    server.server_close()

    assert "RuntimeError: a bug" in capfd.readouterr().err


def test_when_it_ends_its_connections_end() -> None:
    with Simulator() as sim:
        caller = Caller(sim)
        caller.start("completed")

    with caller, pytest.raises((ConnectionError, http.client.RemoteDisconnected)):
        caller.start("completed")
    caller.connection.close()
    with pytest.raises(ConnectionRefusedError):
        caller.start("completed")


def test_it_is_made_of_the_standard_library_only() -> None:
    """So that it can be believed: what it shares with nobody, nobody can get wrong twice.

    Only AES, which the standard library lacks, is from elsewhere: not from the client's library.
    """
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                own = name == "gatekeeper.simulator" or name.startswith("gatekeeper.simulator.")
                package = name.partition(".")[0]
                allowed = path.name == "encryption.py" and package == "cryptography"
                assert own or allowed or package in sys.stdlib_module_names


def test_its_import_reads_no_scenario_and_loads_no_server() -> None:
    """Naming the scenarios is part of every `--help`."""
    script = (
        "import sys, gatekeeper.simulator as s; s.scenario_names();"
        "from gatekeeper.simulator import library;"
        "print(library.scenario.cache_info().currsize, 'http.server' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parents[1], capture_output=True, check=True
    )

    assert done.stdout.split() == [b"0", b"False"]
