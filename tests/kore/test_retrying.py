"""Which errors are transient, how long to wait for them, and when to give up."""

import email.utils
import time

import pytest

from gatekeeper.deadline import Deadline
from gatekeeper.errors import ApiError
from gatekeeper.kore.error_responses import (
    cause_of,
    error_text,
    is_rate_limit,
    known_cause,
    rate_limit_window,
)
from gatekeeper.kore.retry import TransientError, retry_after, retrying


def test_retry_after_is_understood_in_seconds_and_as_a_date() -> None:
    assert retry_after("7") == 7
    assert retry_after("1.5") == 1.5
    assert retry_after("9" * 400) == 1e9
    date = email.utils.formatdate(time.time() + 30, usegmt=True)
    wait = retry_after(date)
    assert wait is not None
    assert 25 < wait <= 31


@pytest.mark.parametrize("header", [None, "", "-5", "soon", "0", "Mon, 01 Jan 2001 00:00:00 GMT"])
def test_a_retry_after_that_asks_for_no_wait_is_ignored(header: str | None) -> None:
    assert retry_after(header) is None


def test_a_transient_error_is_retried_and_each_wait_is_logged() -> None:
    logged: list[str] = []
    errors = [TransientError("HTTP 503", wait=0.01), TransientError("HTTP 502", wait=0.01)]

    def attempt() -> str:
        if errors:
            raise errors.pop(0)
        return "response"

    assert retrying(attempt, Deadline(10), logged.append) == "response"
    assert logged == ["HTTP 503; retrying in 1 s", "HTTP 502; retrying in 1 s"]


def test_a_wait_beyond_the_deadline_ends_at_once_and_says_how_long_it_is() -> None:
    def attempt() -> None:
        raise TransientError("hourly rate limit", wait=3600)

    deadline = Deadline(60)
    with pytest.raises(ApiError, match="has to wait 1 h 0 min, but only 1 min 0 s are left"):
        retrying(attempt, deadline, print)
    assert deadline.elapsed < 5


def test_retries_end_at_the_deadline_and_not_after_it() -> None:
    def attempt() -> None:
        raise TransientError("HTTP 503")

    deadline = Deadline(2)
    with pytest.raises(ApiError, match="HTTP 503; gave up after"):
        retrying(attempt, deadline, lambda _: None)
    assert 0.9 < deadline.elapsed < 2


def test_an_error_with_a_next_step_of_its_own_keeps_it_when_retries_end() -> None:
    def attempt() -> None:
        raise TransientError("no token", next_step="run the command by hand")

    with pytest.raises(ApiError, match="no token; gave up") as raised:
        retrying(attempt, Deadline(0.5), lambda _: None)
    assert raised.value.next_step == "run the command by hand"


def test_a_host_that_was_never_reached_is_given_up_after_a_timeout_of_its_own() -> None:
    def attempt() -> None:
        raise TransientError("cannot connect", reached=False)

    deadline = Deadline(600)
    with pytest.raises(ApiError, match="cannot connect; gave up"):
        retrying(attempt, deadline, lambda _: None, unreached_timeout=0.0)
    assert deadline.elapsed < 5


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("You've exceeded the per-minute rate limit. Please wait for sometime.", 60),
        ("You've exceeded the hourly rate limit. Please wait for sometime.", 3600),
        ("Rate limit for this API has been reached", None),
    ],
)
def test_a_rate_limit_is_recognised_by_its_documented_text(text: str, window: float | None) -> None:
    assert is_rate_limit(text)
    assert rate_limit_window(text) == window


@pytest.mark.parametrize(
    "text",
    ["Test Suite not found: Rate limit regression", "corporate limits", "the engine's rate limit"],
)
def test_a_text_that_only_mentions_limits_is_no_rate_limit(text: str) -> None:
    assert not is_rate_limit(text)


@pytest.mark.parametrize(
    ("status", "text", "step"),
    [
        (401, "Invalid SDK credentials", "stream-id"),
        (401, "Permission denied. Scope is incorrect!", "publish the app"),
        (401, "Invalid JWT token", "jwt-algorithm"),
        (400, "Test Suite not found", "test-suite"),
        (400, "Test Result not found.", "test-run-id"),
        (400, "Invalid StreamId", "stream-id"),
        (412, "Validation errors/ Invalid arguments", "bot-version"),
        (412, "something new", "bot-version"),
        (400, "userEmailId is not valid", "user-email"),
        (405, "Method Not Allowed", "host"),
        (407, "", "HTTPS_PROXY"),
        (418, "teapot", "ask the platform's admin"),
    ],
)
def test_an_error_text_leads_to_a_next_step(status: int, text: str, step: str) -> None:
    assert step in cause_of(status, text).next_step


@pytest.mark.parametrize(
    "text", ["", "Permission denied", "unknown user", "jwt expired", "a test result", "412"]
)
def test_a_text_that_the_platform_is_not_known_to_use_has_no_known_cause(text: str) -> None:
    assert known_cause(text) is None


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"errors": [{"msg": "Test Suite not found", "code": 400}]}', "Test Suite not found"),
        (b'{"errors": [{"msg": "a"}, {"msg": "b"}]}', "a; b"),
        (b'{"errors": "odd"}', '{"errors": "odd"}'),
        (b'{"message": "no"}', "no"),
        (b'{"msg": "no"}', "no"),
        (b"<html>Bad gateway</html>", "<html>Bad gateway</html>"),
        (b"\xff\x1b[31m", "\N{REPLACEMENT CHARACTER}"),
        (b"", ""),
    ],
)
def test_an_error_body_becomes_one_harmless_line(body: bytes, text: str) -> None:
    assert error_text(body) == text
