"""What is refused about a request itself, and the names that a path can hold."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.simulator import Simulator
from gatekeeper.simulator.routing import Route, route
from support.caller import Caller

USER = "developer@example.com"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/"),
        ("GET", "/api/public/stream/st-1/conversation/testsuite/x/run"),
        ("POST", "/api/public/stream/st-1/conversation/testsuite/x/ctr-1/status"),
        ("PUT", "/api/public/stream/st-1/conversation/testsuite/x/run"),
        ("DELETE", "/api/public/stream/st-1/conversation/testsuite"),
        ("PATCH", "/x"),
        ("OPTIONS", "*"),
        ("POST", "/api/public/stream/st-1/conversation/testsuite/a/b/run"),
        ("POST", "/api/public/stream/st-1/testsuite/x/run"),
    ],
)
def test_a_wrong_path_or_method_is_not_allowed(caller: Caller, method: str, path: str) -> None:
    """Even without a token: what is not there asks for none."""
    assert caller.send(method, path, headers={"auth": None}).error == (
        405,
        "Method Not Allowed",
        405,
    )


def test_an_answer_to_head_has_no_body(caller: Caller) -> None:
    first, second = caller.send("HEAD", "/x"), caller.send("HEAD", "/x")

    assert (first.status, first.body) == (second.status, second.body) == (405, b"")


def test_an_unknown_suite_is_refused_by_both_calls(caller: Caller) -> None:
    refused = (400, "Test Suite not found", 400)

    assert caller.start("../banking-transfer").error == refused
    assert caller.status("unheard of", "ctr-1").error == refused


def test_an_unknown_run_is_refused(caller: Caller) -> None:
    refused = (400, "Test Result not found.", 400)

    assert caller.status("completed", "ctr-1").error == refused
    assert caller.status("completed", caller.simulator.start("empty")).error == refused


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "Invalid request body: it is not JSON"),
        (b"version=published", "Invalid request body: it is not JSON"),
        (b"[]", "Invalid request body: it is not an object"),
        (b"{}", "Invalid version: it must be published or inDevelopment"),
        ({"version": "draft", "userEmailId": USER}, "Invalid version: it must be published"),
        ({"version": ["published"], "userEmailId": USER}, "Invalid version: it must be published"),
        ({"version": "published"}, "Missing userEmailId"),
        ({"version": "published", "userEmailId": " "}, "Missing userEmailId"),
        ({"version": "published", "userEmailId": 7}, "Missing userEmailId"),
    ],
)
def test_a_start_without_what_it_needs_is_refused(
    caller: Caller, body: bytes | dict[str, Any], message: str
) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()

    status, found, code = caller.send("POST", caller.suite_path("completed", "run"), raw).error

    assert (status, code) == (400, 400)
    assert found.startswith(message)


def test_both_calls_ask_for_the_language(caller: Caller) -> None:
    refused = (400, "Missing bot-language header", 400)

    assert caller.start("completed", bot_language=None).error == refused
    assert caller.status("completed", "ctr-1", bot_language=None).error == refused


def test_a_request_that_is_too_large_is_refused(caller: Caller) -> None:
    path = caller.suite_path("completed", "run")

    assert caller.send("POST", path, None, {"content-length": str(10**9)}).status == 413


@pytest.mark.parametrize(
    "header",
    [{"content-length": "many"}, {"content-length": "9" * 5000}, {"transfer-encoding": "chunked"}],
    ids=["words", "too long", "chunked"],
)
def test_a_request_whose_length_cannot_be_told_is_refused(
    caller: Caller, header: dict[str, str]
) -> None:
    path = caller.suite_path("completed", "run")

    assert caller.send("POST", path, None, header).status == 411


@pytest.mark.parametrize(
    "name",
    [
        "team/checkout/v2",
        "..",
        ".",
        "../../etc/passwd",
        "100% sure %2F",
        "two words  and more",
        "suite?query#fragment",
        "اختبار الحجز",
        "返品テスト",
        "prüfung ✓ 🧪",
        "a+b&c=d;e",
        "back\\slash \"quotes\" 'n' <tags>",
        "run",
        "status",
        "\x00\x1f\x7f",
    ],
)
def test_a_suite_can_have_any_name(caller: Caller, name: str) -> None:
    caller.simulator.add_suite(name, {"status": "passed"})

    run_id = caller.start(name).json["testRunId"]
    caller.simulator.finish(run_id)

    assert caller.status(name, run_id).json == {"status": "passed"}


@given(stream=st.text(), suite=st.text(), run_id=st.text())
def test_names_come_out_of_a_path_as_they_went_in(stream: str, suite: str, run_id: str) -> None:
    with_any_name = Caller.path(stream, suite, run_id, "status")

    assert route("GET", with_any_name) == Route("status", stream, suite, run_id)


def test_a_path_can_have_a_query_and_stand_behind_a_host() -> None:
    """As a proxy may pass it on."""
    path = Caller.path("st-1", "a b", "run")

    assert route("POST", f"{path}?x=/y") == Route("start", "st-1", "a b")
    assert route("POST", f"http://bots.example:80{path}") == Route("start", "st-1", "a b")


def test_bytes_that_are_no_utf_8_name_an_unknown_suite(caller: Caller) -> None:
    path = Caller.path(caller.simulator.stream_id, "X", "run").replace("X", "%ff%fe")
    body = json.dumps({"version": "published", "userEmailId": USER}).encode()

    assert caller.send("POST", path, body).error == (400, "Test Suite not found", 400)


def test_requests_are_recorded_in_their_order(caller: Caller) -> None:
    run_id = caller.start("completed").json["testRunId"]
    caller.status("completed", run_id)
    caller.status("completed", "ctr-1")
    caller.send("GET", "/elsewhere")

    requests = caller.simulator.requests

    assert [(each.call, each.method, each.status) for each in requests] == [
        ("start", "POST", 200),
        ("status", "GET", 200),
        ("status", "GET", 400),
        ("other", "GET", 405),
    ]
    assert requests[0].path == caller.suite_path("completed", "run")
    assert [each.time for each in requests] == sorted(each.time for each in requests)
    assert json.loads(requests[0].body)["version"] == "published"


def test_the_headers_of_a_recorded_request_are_found_in_any_case(caller: Caller) -> None:
    caller.status("completed", "ctr-1", bot_language="de")

    (request,) = caller.simulator.requests

    assert request.headers["Bot-Language"] == request.headers["bot-language"] == "de"
    assert "AUTH" in request.headers


def test_a_request_is_not_shown_with_its_token(sim: Simulator, caller: Caller) -> None:
    token = caller.token()
    caller.start("completed", auth=token)

    assert token not in repr(sim.requests)
