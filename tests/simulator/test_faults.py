"""Trouble by a script: the right call, the right number of times, and the right trouble."""

import contextlib
import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest

from gatekeeper.simulator import Fault, Simulator, read_faults
from support.caller import Caller

GONE = (ConnectionError, http.client.RemoteDisconnected)


@contextlib.contextmanager
def meeting(*faults: Fault) -> Iterator[Caller]:
    """Serve a simulator with these faults, and a caller to meet them."""
    with Simulator(faults=faults) as sim, Caller(sim) as caller:
        yield caller


def statuses(caller: Caller, count: int) -> list[int]:
    run_id = caller.simulator.start("completed")
    return [caller.status("completed", run_id).status for _ in range(count)]


@pytest.mark.parametrize(
    ("fault", "found"),
    [
        (Fault("status", status=503), [503, 200, 200, 200]),
        (Fault("status", at=2, count=2, status=502), [200, 502, 502, 200]),
        (Fault("status", at=3, count=None, status=500), [200, 200, 500, 500]),
        (Fault("start", status=503), [200, 200, 200, 200]),
    ],
)
def test_a_fault_meets_the_requests_it_is_for(fault: Fault, found: list[int]) -> None:
    with meeting(fault) as caller:
        assert statuses(caller, 4) == found


def test_every_field_of_a_fault_can_be_in_a_script() -> None:
    fault = Fault("start")
    plain = {field.name: getattr(fault, field.name) for field in fields(fault)}

    assert Fault.from_json(plain) == fault


def test_of_two_faults_for_a_request_the_first_counts() -> None:
    with meeting(
        Fault("status", at=2, status=503), Fault("status", count=None, status=500)
    ) as caller:
        assert statuses(caller, 3) == [500, 503, 500]


def test_a_status_comes_with_an_error_body_of_its_own() -> None:
    with meeting(Fault("start", status=503), Fault("start", at=2, status=599)) as caller:
        assert caller.start("completed").error == (503, "Service Unavailable", 503)
        assert caller.start("completed").error == (599, "HTTP 599", 599)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        ("scope", (401, "Permission denied. Scope is incorrect!", 4002)),
        ("stream", (400, "Invalid StreamId", 400)),
        ("arguments", (412, "Validation errors/ Invalid arguments", 412)),
    ],
)
def test_a_refusal_has_the_status_and_the_words_of_the_platform(
    refusal: str, error: tuple[int, str, int]
) -> None:
    with meeting(Fault("start", refusal=refusal)) as caller:
        assert caller.start("completed").error == error
        assert begun(caller) == 0


def test_an_unknown_refusal_is_an_error() -> None:
    with pytest.raises(ValueError, match="refusal must be one of credentials, token, replay"):
        Fault("start", refusal="weather")


def test_a_status_can_have_headers_and_a_body() -> None:
    fault = Fault("start", status=429, headers={"retry-after": "7"}, body=b"slow down")
    with meeting(fault) as caller:
        answer = caller.start("completed")

    assert (answer.status, answer.body) == (429, b"slow down")
    assert answer.headers.get_all("Retry-After") == ["7"]
    assert answer.headers.get_all("Content-Type") == ["application/json; charset=utf-8"]


def test_a_page_can_stand_in_for_the_answer() -> None:
    html = {"Content-Type": "text/html"}
    with meeting(Fault("status", body="<h1>Bitte anmelden: Größe</h1>", headers=html)) as caller:
        answer = caller.status("completed", caller.simulator.start("completed"))

    assert (answer.status, answer.headers.get_all("Content-Type")) == (200, ["text/html"])
    assert answer.body.decode() == "<h1>Bitte anmelden: Größe</h1>"


def test_a_redirect_is_a_status_and_a_header() -> None:
    with meeting(Fault("start", status=302, headers={"Location": "http://127.0.0.2/"})) as caller:
        answer = caller.start("completed")

    assert (answer.status, answer.headers["Location"]) == (302, "http://127.0.0.2/")


def test_an_answer_without_a_body_leaves_the_connection_usable() -> None:
    with meeting(Fault("status", status=204)) as caller:
        assert statuses(caller, 2) == [204, 200]


def test_headers_alone_are_added_to_the_right_answer() -> None:
    with meeting(Fault("start", headers={"X-Trace": "1"})) as caller:
        answer = caller.start("completed")

    assert answer.headers["X-Trace"] == "1"
    assert answer.json["status"] == "IN_PROGRESS"


def test_a_delay_comes_before_the_right_answer() -> None:
    with meeting(Fault("start", delay=0.1)) as caller:
        began = time.monotonic()
        answer = caller.start("completed")

    assert time.monotonic() - began >= 0.1
    assert answer.json["status"] == "IN_PROGRESS"


def test_a_request_that_is_still_delayed_has_been_recorded() -> None:
    with meeting(Fault("start", delay=60)) as caller:
        caller.connection.timeout = 0.1
        with pytest.raises(TimeoutError):
            caller.start("completed")

        assert [request.call for request in caller.simulator.requests] == ["start"]


def test_leaving_does_not_wait_for_a_delay() -> None:
    began = time.monotonic()
    test_a_request_that_is_still_delayed_has_been_recorded()

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("drop", ["before", "reset"])
def test_an_answer_can_get_lost_although_the_run_has_begun(drop: Any) -> None:
    with meeting(Fault("start", drop=drop)) as caller:
        with pytest.raises(GONE):
            caller.start("completed")

        assert [request.status for request in caller.simulator.requests] == [0]
        assert begun(caller) == 1


def test_a_reset_is_told_from_an_orderly_end() -> None:
    with meeting(Fault("start", drop="before"), Fault("start", at=2, drop="reset")) as caller:
        with pytest.raises(http.client.RemoteDisconnected):
            caller.start("completed")
        caller.connection.close()
        with pytest.raises(ConnectionResetError):
            caller.start("completed")


def test_an_answer_can_break_off_in_the_middle() -> None:
    with meeting(Fault("start", drop="middle")) as caller:
        with pytest.raises(http.client.IncompleteRead) as caught:
            caller.start("completed")

        whole = len(caught.value.partial) + (caught.value.expected or 0)
        assert len(caught.value.partial) == whole // 2
        assert [request.status for request in caller.simulator.requests] == [200]
        assert begun(caller) == 1


def test_a_content_length_can_be_too_large() -> None:
    with (
        meeting(Fault("start", content_length=1000)) as caller,
        pytest.raises(http.client.IncompleteRead),
    ):
        caller.start("completed")


def test_a_content_length_can_be_too_small() -> None:
    with meeting(Fault("start", content_length=5)) as caller:
        assert caller.start("completed").body == b'{"sta'
        caller.connection.close()
        assert caller.start("completed").json["status"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("fault", "runs"),
    [
        (Fault("start", status=503), 0),
        (Fault("start", status=503, effect=True), 1),
        (Fault("start", body="<html>"), 0),
        (Fault("start", drop="before"), 1),
        (Fault("start", drop="before", effect=False), 0),
        (Fault("start", drop="middle", status=500), 0),
        (Fault("start", delay=0.001), 1),
    ],
)
def test_a_fault_says_whether_the_call_takes_effect(fault: Fault, runs: int) -> None:
    with meeting(fault) as caller:
        try:
            caller.start("completed")
        except (*GONE, http.client.IncompleteRead):
            pass

        assert begun(caller) == runs


def begun(caller: Caller) -> int:
    """Return how many runs have begun."""
    return len(caller.simulator._endpoints._runs)  # noqa: SLF001 - the platform has no call that tells


def test_a_script_is_read_from_json() -> None:
    script = [
        {"call": "status", "at": 2, "count": None, "status": 503, "headers": {"Retry-After": 1}},
        {"call": "start", "body": {"errors": []}, "delay": 0.5},
        {"call": "start", "at": 2, "drop": "middle", "effect": True, "content_length": 3},
    ]

    assert read_faults(json.dumps(script)) == (
        Fault("status", at=2, count=None, status=503, headers={"Retry-After": "1"}),
        Fault("start", body='{"errors": []}', delay=0.5),
        Fault("start", at=2, drop="middle", effect=True, content_length=3),
    )


@pytest.mark.parametrize(
    "script",
    [
        "no JSON",
        "{}",
        "[7]",
        "[{}]",
        '[{"call": "stop"}]',
        '[{"call": "start", "sttaus": 500}]',
        '[{"call": "start", "at": 0}]',
        '[{"call": "start", "at": "first"}]',
        '[{"call": "start", "count": 0}]',
        '[{"call": "start", "drop": "after"}]',
        '[{"call": "start", "delay": -1}]',
        '[{"call": "start", "delay": "long"}]',
        '[{"call": "start", "headers": ["Retry-After: 1"]}]',
        '[{"call": "start", "status": "503"}]',
        '[{"call": "start", "effect": 1}]',
        '[{"call": "start", "delay": Infinity}]',
    ],
)
def test_a_script_with_a_mistake_is_no_script(script: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_faults(script)
