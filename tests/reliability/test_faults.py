"""Faults of the network and the server."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from gatekeeper.simulator import Simulator
from support.builders import finished, greeting
from support.certificates import authority, leaf
from support.faults import (
    also_saying,
    answering,
    bomb,
    cut,
    cut_chunks,
    cut_without_length,
    double_bomb,
    encoded,
    endless_chunk_size,
    endless_header,
    endless_headers,
    endless_status,
    error_body,
    followed,
    forwarded_as,
    garbled_chunks,
    hang,
    hang_up,
    huge_announced,
    huge_chunks,
    interim,
    raw_deflate,
    reset,
    reset_midway,
    retry_at,
    saying,
    short_length,
    two_members,
    vanish,
    without_last_byte,
    without_last_chunk,
)
from support.program import ROOT, Program
from support.relay import Action, Override, Relay, Stage
from support.trials import MAY_HAVE_BEGUN, Ended, Trial, nothing_lost, row, started, trials_ahead

AGAIN = "retrying in "


@pytest.fixture(scope="module")
def trials(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Future[Ended]]]:
    with trials_ahead(request, tmp_path_factory) as begun:
        yield begun


@pytest.fixture
def ended(request: pytest.FixtureRequest, trials: Mapping[str, Future[Ended]]) -> Ended:
    return trials[request.node.nodeid].result()


def json_body(**fields: Any) -> bytes:
    return json.dumps(fields).encode()


class Fault(NamedTuple):
    """A fault, what does it, and what the log calls it."""

    name: str
    action: Action
    said: str


DEEP = b"[" * 100_000 + b"]" * 100_000
LOST_ANSWERS = (
    Fault("closed before the response", hang_up, "connection lost"),
    Fault("reset before the response", reset, "Connection reset by peer"),
    Fault("reset in the middle of the response", reset_midway, "truncated or corrupt"),
    Fault("body shorter than its Content-Length", cut, "truncated or corrupt"),
    Fault("body longer than its Content-Length", short_length, "not complete JSON"),
    Fault("truncated body without Content-Length", cut_without_length, "not complete JSON"),
    Fault("truncated chunk", cut_chunks, "truncated or corrupt"),
    Fault("chunks without the last one", without_last_chunk, "truncated or corrupt"),
    *(
        Fault(f"{name} without its last byte", encoded(coding, without_last_byte(pack)), "no end")
        for name, coding, pack in (
            ("gzip", "gzip", gzip.compress),
            ("gzip with two members", "gzip", two_members),
            ("deflate", "deflate", zlib.compress),
            ("deflate without a header", "deflate", raw_deflate),
        )
    ),
    *(
        Fault(f"{coding} with bytes after its end", encoded(coding, followed(pack)), "corrupt")
        for coding, pack in (("gzip", gzip.compress), ("deflate", zlib.compress))
    ),
    Fault(
        "gzip with a wrong checksum",
        encoded("gzip", lambda body: gzip.compress(body)[:-8] + b"12345678"),
        "incorrect data check",
    ),
    Fault("chunk with an invalid size", garbled_chunks, "truncated or corrupt"),
    Fault("endless chunk size", endless_chunk_size, "truncated or corrupt"),
    Fault(
        "two Content-Lengths",
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{} "),
        "Content-Length",
    ),
    Fault("endless headers", endless_headers, "more than 100 headers"),
    Fault("endless header line", endless_header, "header line"),
    Fault("endless status line", endless_status, "status line"),
    Fault("not HTTP", saying(b"SSH-2.0-OpenSSH_9.6\r\n"), "SSH-2.0-OpenSSH_9.6"),
    Fault(
        "Content-Encoding gzip, but not gzip", answering(b"{}", Content_Encoding="gzip"), "corrupt"
    ),
    Fault("empty body", answering(), "(0 bytes)"),
    Fault("204 without a body", answering(status=204, Content_Length=""), "HTTP 204"),
    Fault(
        "HTML with status 200",
        answering(b"<html>Please log in</html>", Content_Type="text/html"),
        "not complete JSON",
    ),
    Fault("a JSON list", answering(b"[{}]"), "expected object, found list"),
    Fault("JSON null", answering(b"null"), "expected object, found nothing"),
    Fault("invalid UTF-8", answering(b"\xff\xfe\x80{}"), "not complete JSON"),
    Fault("100,000 nested lists", answering(b'{"x":' + DEEP + b"}"), "too deeply"),
)
# Each with the complete body, which must not be taken for it.
PARTS = (
    Fault("206 Partial Content", forwarded_as(206, Content_Range="bytes 0-99/200"), "HTTP 206"),
    Fault("206 without Content-Range", forwarded_as(206), "HTTP 206"),
    Fault("200 with Content-Range", forwarded_as(200, Content_Range="bytes 0-9/20"), "HTTP 200"),
    Fault("226 IM Used", forwarded_as(226, IM="vcdiff"), "HTTP 226"),
)
MAY_PASS = (
    *LOST_ANSWERS,
    *PARTS,
    *(
        Fault(f"HTTP {status}, with and without a body", answering(body, status), f"HTTP {status}")
        for status in (408, 429, 500, 502, 503, 504)
        for body in (error_body("Trouble"), b"")
    ),
)


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        row(
            "no response at all, once, at a poll",
            "retried after 30 s: passed",
            Trial((Override("poll", hang),), polls=1, timeout="50s"),
            "no response in time",
        ),
        *(
            row(
                f"{name}, at two polls and at the last response, once each",
                "retried: passed",
                Trial(
                    (
                        Override("poll", action),
                        Override("poll", action, at=3),
                        Override("last", action),
                    ),
                    2,
                ),
                said,
            )
            for name, action, said in (
                *MAY_PASS,
                Fault("server down for a second", vanish(1), "connection lost"),
            )
        ),
    ],
    indirect=["ended"],
)
def test_what_passes_by_itself_is_ridden_out_at_every_stage_of_polling(
    ended: Ended, said: str
) -> None:
    ended.nothing_lost(0)
    troubles = [line for line in ended.log.splitlines() if AGAIN in line]
    assert len(troubles) >= len(ended.trial.overrides)
    assert said in ended.log
    assert ended.relay.count("start") == 1
    assert ended.relay.count("last") >= 1


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        row(
            f"{name}, permanently",
            "retried until the timeout: exit 3, with the cause and how to attach",
            Trial((Override("last", action, lasting=True),), polls=1, timeout="3s"),
            said,
        )
        for name, action, said in (
            *MAY_PASS,
            Fault("server down", vanish(60), "Connection refused"),
        )
    ],
    indirect=["ended"],
)
def test_what_stays_ends_with_its_cause_a_next_step_and_how_to_attach(
    ended: Ended, said: str
) -> None:
    result = ended.nothing_lost(3, goes_on=True)
    assert AGAIN in ended.log
    assert ended.seconds < 3 + 2
    [run] = result["runs"]
    assert any(said in reason for reason in run["reasons"])
    assert any("gave up after" in reason for reason in run["reasons"])


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        row(
            f"{name}, at the start",
            "exit 3 at once: the run may have started, so the start is not retried",
            Trial((Override("start", action, lasting=True),)),
            said,
        )
        for name, action, said in (
            *(fault for fault in MAY_PASS if "HTTP 429" not in fault.name and fault not in PARTS),
            Fault("no run id in the response", answering(json_body(status="IN_PROGRESS")), "RunId"),
            Fault("run id that is not a string", answering(json_body(testRunId=7)), "RunId"),
        )
    ],
    indirect=["ended"],
)
def test_a_start_that_may_have_taken_effect_is_told_and_never_repeated(
    ended: Ended, said: str
) -> None:
    result = ended.nothing_lost(3)
    assert [request.stage for request in ended.relay.requests] == ["start"]
    assert AGAIN not in ended.log
    [run] = result["runs"]
    assert run["test_run_id"] is None
    assert any(said in reason and MAY_HAVE_BEGUN in reason for reason in run["reasons"])
    assert "set test-run-id to its id" in ended.log


@pytest.mark.parametrize(
    "ended",
    [
        row(
            "HTTP 429 at the start, with and without a body",
            "nothing has started, so the start is retried: passed",
            Trial((Override("start", answering(body, 429)), Override("start", reset, at=3))),
            name=name,
        )
        for name, body in (("body", error_body("Too many requests")), ("no body", b""))
    ],
    indirect=["ended"],
)
def test_a_start_that_surely_had_no_effect_is_repeated(ended: Ended) -> None:
    ended.nothing_lost(0)
    assert ended.relay.count("start") == len(ended.trial.overrides)
    assert AGAIN in ended.log


REFUSALS = (400, 403, 404, 405, 409)
REFUSED = "exit 3 at once, with the cause and what to do next"


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        row(
            f"HTTP {status} at the start, with and without a body",
            REFUSED,
            Trial((Override("start", answering(body, status), lasting=True),)),
            status,
            name=name,
        )
        for status in (401, *REFUSALS)
        for name, body in (("body", error_body("No.")), ("html", b"<h1>No.</h1>"), ("none", b""))
    ],
    indirect=["ended"],
)
def test_a_refused_start_ends_at_once(ended: Ended, status: int) -> None:
    ended.nothing_lost(3)
    assert f"HTTP {status}" in ended.log
    assert [request.stage for request in ended.relay.requests] == ["start"]
    assert MAY_HAVE_BEGUN not in ended.log


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        row(
            f"HTTP {status} at a poll, with and without a body",
            f"{REFUSED}, and how to attach",
            Trial((Override("poll", answering(body, status), lasting=True),), polls=1),
            status,
            name=name,
        )
        for status in REFUSALS
        for name, body in (("body", error_body("No.")), ("no body", b""))
    ],
    indirect=["ended"],
)
def test_a_refused_poll_ends_at_once(ended: Ended, status: int) -> None:
    ended.nothing_lost(3, goes_on=True)
    assert f"HTTP {status}" in ended.log
    assert [request.stage for request in ended.relay.requests] == ["start", "poll"]


STAGES: tuple[Stage, ...] = ("start", "poll")
ANYWHERE: tuple[Stage, ...] = ("start", "poll", "last")


def refused(stage: Stage, retry_after: str) -> Override:
    """Refuse once, in a way that lets the request be sent again whatever it was."""
    return Override(stage, answering(error_body("Busy", 429), 429, Retry_After=retry_after))


@pytest.mark.parametrize(
    ("ended", "least"),
    [
        row(
            f"Retry-After {what}, {where}",
            f"{outcome}: passed",
            Trial((override,), polls=1),
            least,
        )
        for stage, where in zip(STAGES, ("at the start", "at a poll"), strict=True)
        for what, override, least, outcome in (
            ("of 2 seconds", refused(stage, "2"), 2.0, "waits that long"),
            ("as a date", Override(stage, retry_at(3, 429)), 2.0, "waits until then"),
            (
                "of a date in the past",
                Override(stage, retry_at(-90, 429)),
                0.0,
                "waits as for any retry",
            ),
            ("of 0", refused(stage, "0"), 0.0, "waits as for any retry"),
            ("of a negative number", refused(stage, "-3600"), 0.0, "waits as for any retry"),
            ("that is invalid", refused(stage, "soon"), 0.0, "waits as for any retry"),
            (
                "of an invalid date",
                refused(stage, "Fri, 99 Foo 2026 25:61:61"),
                0.0,
                "waits as for any retry",
            ),
        )
    ],
    indirect=["ended"],
)
def test_a_wait_that_is_asked_for_is_kept_to(ended: Ended, least: float) -> None:
    ended.nothing_lost(0)
    stage = ended.trial.overrides[0].stage
    first, second = [request for request in ended.relay.requests if request.stage == stage][:2]
    # What takes a little is jittered, up to a second.
    assert least <= second.time - first.time < least + 2


YEAR = 31_536_000


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"Retry-After of a year, {what}, {where}",
            "exit 3 at once: the timeout is shorter",
            Trial((Override(stage, action),), polls=1),
        )
        for stage, where in zip(STAGES, ("at the start", "at a poll"), strict=True)
        for what, action in (
            ("in seconds", answering(error_body("Busy"), 429, Retry_After=str(YEAR))),
            ("as a date", retry_at(YEAR, 429)),
        )
    ],
    indirect=["ended"],
)
def test_a_wait_beyond_the_deadline_is_not_begun(ended: Ended) -> None:
    stage = ended.trial.overrides[0].stage
    ended.nothing_lost(3, goes_on=stage == "poll")
    assert ended.seconds < 10
    assert "has to wait 87" in ended.log
    assert "raise timeout" in ended.log
    assert ended.relay.count(stage) == 1


PER_MINUTE = "You've exceeded the per-minute rate limit. Please wait for sometime before retrying."
LIMITED = {"errors": [{"msg": PER_MINUTE, "code": 429}]}
HOURLY = "You've exceeded the hourly rate limit. Please wait for sometime before retrying."
REACHED = "Rate limit for this API has been reached"


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"text of a rate limit with status {status}, {where}",
            "waits and retries: passed",
            Trial(
                (
                    Override(stage, answering(error_body(REACHED), status)),
                    Override(stage, answering(error_body(HOURLY), status, Retry_After="1"), at=2),
                ),
                polls=1,
            ),
        )
        for stage, where in zip(STAGES, ("at the start", "at a poll"), strict=True)
        for status in (200, 400, 401, 403, 429, 500)
    ],
    indirect=["ended"],
)
def test_a_rate_limit_is_known_by_its_text_whatever_its_status(ended: Ended) -> None:
    ended.nothing_lost(0)
    stage = ended.trial.overrides[0].stage
    tries = [request.time for request in ended.relay.requests if request.stage == stage]
    assert len(tries) >= len(("refused", "refused", "served"))
    assert tries[2] - tries[1] >= 1
    assert REACHED in ended.log


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"text of a rate limit and a run id at the start, with status {status}",
            "the run has started, so the start is not retried: passed",
            Trial((Override("start", also_saying(status, REACHED)),), polls=1),
        )
        for status in (200, 202, 400, 401, 429, 500, 503)
    ],
    indirect=["ended"],
)
def test_a_start_that_names_its_run_beside_a_rate_limit_has_started(ended: Ended) -> None:
    ended.nothing_lost(0)
    assert ended.relay.count("start") == 1
    assert AGAIN not in ended.log


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        row(
            f"HTTP {status} with a run id at the start",
            "exit 3 at once with the run id: the run may have started, so the start is not retried",
            Trial((Override("start", also_saying(status, "No.")),)),
            status,
        )
        for status in (302, *REFUSALS, 401, 408, 500, 502, 503)
    ],
    indirect=["ended"],
)
def test_a_start_that_is_refused_and_names_a_run_is_told_and_never_repeated(
    ended: Ended, status: int
) -> None:
    """The run may be somebody else's, so it is not judged as this start's."""
    ended.nothing_lost(3, goes_on=True)
    assert [request.stage for request in ended.relay.requests] == ["start"]
    assert f"HTTP {status} No." in ended.log
    assert f"but the response names run {ended.relay.run_id}; {MAY_HAVE_BEGUN}" in ended.log


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        row(
            f"{name} with a run id, at the start",
            "exit 3 at once with the run id: the run may have started, so the start is not retried",
            Trial((Override("start", action, lasting=True),)),
            said,
        )
        for name, action, said in PARTS
    ],
    indirect=["ended"],
)
def test_a_part_of_the_response_to_a_start_is_not_taken_for_it(ended: Ended, said: str) -> None:
    ended.nothing_lost(3, goes_on=True)
    assert [request.stage for request in ended.relay.requests] == ["start"]
    assert f"{said} with only a part of the response" in ended.log
    assert f"but the response names run {ended.relay.run_id}; {MAY_HAVE_BEGUN}" in ended.log


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"responses as {name}",
            "read to the end: passed",
            Trial(tuple(Override(stage, encoded(coding, compress)) for stage in ANYWHERE), polls=1),
        )
        for name, coding, compress in (
            ("gzip", "gzip", gzip.compress),
            ("x-gzip", "X-GZip", gzip.compress),
            ("gzip with several members", "gzip", two_members),
            ("deflate", "deflate", zlib.compress),
            ("deflate without a header", "deflate", raw_deflate),
            ("gzip in deflate", "gzip, deflate", lambda body: zlib.compress(gzip.compress(body))),
        )
    ],
    indirect=["ended"],
)
def test_a_complete_compressed_response_is_read(ended: Ended) -> None:
    ended.nothing_lost(0)
    assert AGAIN not in ended.log
    assert ended.relay.count("start") == 1


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"a start refused by a rate limit, with {what}",
            "exit 3: the run may have started, so the start is not retried",
            Trial((Override("start", answering(json.dumps(body | LIMITED), 429)),)),
        )
        for what, body in (
            ("an invalid run id", {"testRunId": "bad id"}),
            ("a run id in its result", {"result": {"testRunId": "ctr-1"}}),
        )
    ],
    indirect=["ended"],
)
def test_a_start_that_mentions_a_run_is_never_repeated(ended: Ended) -> None:
    ended.nothing_lost(3)
    assert [request.stage for request in ended.relay.requests] == ["start"]
    assert MAY_HAVE_BEGUN in ended.log


INTERIM = (100, 102, 103)


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"{what} before each response",
            "skipped: passed",
            Trial(tuple(Override(stage, interim(*statuses)) for stage in ANYWHERE), polls=1),
        )
        for what, statuses in (
            *((f"interim response {status}", (status,)) for status in INTERIM),
            ("30 interim responses", INTERIM * 10),
        )
    ],
    indirect=["ended"],
)
def test_interim_responses_are_read_over(ended: Ended) -> None:
    ended.nothing_lost(0)
    assert AGAIN not in ended.log
    assert ended.relay.count("start") == 1


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"{name} before the response to the start",
            "exit 3 at once: the run may have started, so the start is not retried",
            Trial((Override("start", interim(*statuses)),)),
        )
        for name, statuses in (
            ("101 Switching Protocols", (101,)),
            ("200 times 103 Early Hints", (103,) * 200),
        )
    ],
    indirect=["ended"],
)
def test_what_is_no_interim_response_or_one_of_too_many_is_not_read_over(ended: Ended) -> None:
    ended.nothing_lost(3)
    assert [request.stage for request in ended.relay.requests] == ["start"]
    assert MAY_HAVE_BEGUN in ended.log


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        row(
            f"{name} rate limit that lasts longer than the timeout, {where}",
            "exit 3 at once, with the wait that it asks for",
            Trial((Override(stage, answering(error_body(text), 400)),), polls=1),
            said,
        )
        for stage, where in zip(STAGES, ("at the start", "at a poll"), strict=True)
        for name, text, said in (
            ("per-minute", PER_MINUTE, "has to wait 1 min 0 s"),
            ("hourly", HOURLY, "has to wait 1 h 0 min"),
        )
    ],
    indirect=["ended"],
)
def test_a_rate_limit_beyond_the_deadline_ends_at_once(ended: Ended, said: str) -> None:
    stage = ended.trial.overrides[0].stage
    ended.nothing_lost(3, goes_on=stage == "poll")
    assert ended.seconds < 10
    assert said in ended.log
    assert ended.relay.count(stage) == 1


ELSEWHERE = "https://127.0.0.2:9/elsewhere"


@pytest.mark.parametrize(
    ("ended", "status"),
    [
        row(
            f"HTTP {status} to another host, at the start and at a poll",
            "exit 3 at once; nothing is sent there",
            Trial((Override(stage, answering(b"", status, Location=ELSEWHERE)),), polls=1),
            status,
            name=stage,
        )
        for status in (301, 302, 303, 307, 308)
        for stage in STAGES
    ],
    indirect=["ended"],
)
def test_a_redirect_is_told_and_not_followed(ended: Ended, status: int) -> None:
    stage = ended.trial.overrides[0].stage
    ended.nothing_lost(3, goes_on=stage == "poll")
    assert f"HTTP {status}: {ended.relay.host} redirects to {ELSEWHERE}" in ended.log
    assert "if that host is the right one, set host to it" in ended.log
    assert ended.relay.count(stage) == 1


@pytest.mark.proves(
    "redirects to another host that is listening, at every stage", "that host gets no connection"
)
@pytest.mark.parametrize("stage", ["start", "poll", "last"])
def test_the_host_that_a_redirect_names_gets_nothing(program: Program, stage: Stage) -> None:
    with Simulator(speed=0.001) as simulator, Relay(simulator) as elsewhere:
        target = answering(b"", 307, Location=f"{elsewhere.host}/api")
        with Relay(simulator, Override(stage, target), polls=1) as relay:
            done = program.run("--timeout", "20s", **relay.environment())
            goes_on = relay.run_id if stage != "start" else None
        assert elsewhere.requests == []
        assert elsewhere.connections == 0
    nothing_lost(program, done, 3, attach_to=goes_on)


def last_answer(**fields: Any) -> dict[str, Any]:
    """Build an answer that passes but for these fields; it does not tell whose run it is."""
    return finished(greeting()) | {"_id": None, "streamId": None} | fields


def with_number(number: str, **answer: Any) -> Action:
    """Answer with this in JSON, and the number, as it stands here, in place of `...`."""
    return answering(json.dumps(answer, default=lambda _: "NUMBER").replace('"NUMBER"', number))


# What a decoder makes a number of that is none, and what it refuses.
NO_NUMBERS = {
    "NaN": "NaN",
    "Infinity": "Infinity",
    "-Infinity": "-Infinity",
    "a number of 400 digits": "1" + "0" * 399,
}
UNREADABLE = {"1e999": "1e999", "a number of 10,000 digits": "1" + "0" * 9_999}


@pytest.mark.parametrize(
    ("ended", "readable"),
    [
        row(
            f"{name} as a counter in a response that says passed",
            "exit 3: not a valid number",
            Trial(
                (
                    Override(
                        "last",
                        with_number(number, **last_answer(totalTestStepsCount=...)),
                        lasting=True,
                    ),
                ),
                timeout="3s",
            ),
            name in NO_NUMBERS,
        )
        for name, number in (NO_NUMBERS | UNREADABLE).items()
    ],
    indirect=["ended"],
)
def test_a_counter_that_is_no_number_is_never_green(ended: Ended, readable: bool) -> None:
    ended.nothing_lost(3, goes_on=not readable, judged=readable)
    assert "malformed response: totalTestStepsCount" in ended.log


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"{name} as the percentage and the duration of a run",
            "treated as unknown: passed",
            Trial(
                (
                    Override(
                        "last",
                        with_number(number, status="inprogress", percentageCompleted=...),
                    ),
                    Override(
                        "last",
                        with_number(
                            number,
                            **last_answer(result=last_answer()["result"] | {"duration": ...}),
                        ),
                        at=2,
                    ),
                )
            ),
        )
        for name, number in NO_NUMBERS.items()
    ],
    indirect=["ended"],
)
def test_a_percentage_or_a_duration_that_is_no_number_is_unknown(ended: Ended) -> None:
    result = ended.nothing_lost(0)
    assert "progress unknown" in ended.log
    assert 0 <= result["runs"][0]["duration"] < 60


TWICE = {
    "status of the run": (b'"status": "passed", ', b'"status": "failed", "status": "passed", '),
    "result": (b'"result": {', b'"result": {"status": "failed"}, "result": {'),
    "status of an assertion": (b'"enabled": true, ', b'"enabled": true, "enabled": true, '),
    "field that nobody reads": (b'"nodeId": ', b'"nodeId": "x", "nodeId": '),
}


def with_twice(old: bytes, new: bytes) -> bytes:
    body = json.dumps(last_answer()).encode()
    assert old in body
    return body.replace(old, new, 1)


@pytest.mark.parametrize(
    "ended",
    [
        row(
            f"{name} appears twice in the last response",
            "exit 3 at once: parsers would disagree on the value",
            Trial((Override("last", answering(with_twice(*change))),)),
        )
        for name, change in TWICE.items()
    ],
    indirect=["ended"],
)
def test_a_name_that_stands_twice_is_no_verdict(ended: Ended) -> None:
    ended.nothing_lost(3)
    assert "occurs twice" in ended.log
    assert ended.relay.count("last") == len(ended.trial.overrides)


@pytest.mark.proves("connection refused at first", "retried until the server is up: passed")
def test_a_server_that_comes_up_late_is_waited_for(program: Program) -> None:
    with Simulator(speed=1000) as simulator:
        relay = Relay(simulator)
        relay.vanish(60)
        with relay, started(program, "--timeout", "30s", **relay.environment()) as running:
            log = said_until(running, AGAIN)
            relay.vanish(0)
            stdout, stderr = running.communicate(timeout=30)
            done = completed(running, log + stdout, stderr)
    nothing_lost(program, done, 0)
    assert "Connection refused" in done.stdout
    assert relay.count("start") == 1


def said_until(running: subprocess.Popen[str], text: str) -> str:
    """Read the log of a running program up to the line that has this text in it."""
    assert running.stdout is not None
    log = ""
    for line in running.stdout:
        log += line
        if text in line:
            return log
    raise AssertionError(log)


def completed(
    running: subprocess.Popen[str], stdout: str, stderr: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.CompletedProcess(running.args, running.returncode, stdout, stderr)


@pytest.mark.proves("connection refused permanently", "exit 3 at the timeout, with what to check")
def test_a_server_that_nobody_is_at_is_given_up(program: Program) -> None:
    with Simulator() as simulator:
        environ = simulator.environment()
    done = program.run("--timeout", "3s", **environ)
    nothing_lost(program, done, 3)
    for told in ("cannot connect", "Connection refused", AGAIN, "proxy, firewall, DNS"):
        assert told in done.stdout
    assert MAY_HAVE_BEGUN not in done.stdout


@pytest.mark.proves("a host that cannot be reached", "exit 3 at the timeout, with what to check")
def test_a_host_that_does_not_even_refuse_is_given_up(program: Program) -> None:
    with Simulator() as simulator, unreachable() as host:
        environ = simulator.environment() | {"GATEKEEPER_HOST": host}
        done = program.run("--timeout", "3s", **environ)
    nothing_lost(program, done, 3)
    assert json.loads(program.report("result.json"))["duration"] < 3 + 2
    assert "cannot connect: timed out" in done.stdout
    assert MAY_HAVE_BEGUN not in done.stdout


@contextmanager
def unreachable() -> Iterator[str]:
    """Listen so that nobody gets through: whoever knocks, hears nothing."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    waiting = [socket.socket() for _ in range(4)]
    try:
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(listener.getsockname())
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        for one in (*waiting, listener):
            one.close()


@pytest.mark.proves("a host name that does not exist", "exit 3 at the timeout, with what to check")
def test_a_name_that_nobody_knows_is_given_up(program: Program) -> None:
    with Simulator() as simulator:
        environ = simulator.environment() | {"GATEKEEPER_HOST": "nonexistent.invalid"}
    # Where there is no network, the resolver would take its time to say so.
    done = program.run("--timeout", "3s", **environ, RES_OPTIONS="timeout:1 attempts:1")
    nothing_lost(program, done, 3)
    for told in ("cannot connect", "name resolution", "proxy, firewall, DNS"):
        assert told in done.stdout.replace("Name or service not known", "name resolution")
    assert MAY_HAVE_BEGUN not in done.stdout


CERTIFICATES = {
    "self-signed": ("self-signed certificate", "add that CA's certificate to {bundle}"),
    "of an unknown authority": (
        "unable to get local issuer certificate",
        "add that CA's certificate to {bundle}",
    ),
    "expired": ("certificate has expired", "ca-bundle does not help here"),
    "of another host": ("is not valid for '127.0.0.1'", "ca-bundle does not help here"),
}


@pytest.mark.parametrize(
    ("kind", "said", "advice"),
    [
        row(f"certificate {kind}", "exit 3 at once, with a hint at ca-bundle", kind, *texts)
        for kind, texts in CERTIFICATES.items()
    ],
)
def test_a_certificate_that_proves_nothing_ends_at_once(
    program: Program, tmp_path: Path, kind: str, said: str, advice: str
) -> None:
    trusted = authority()
    certificate = {
        "self-signed": leaf(None),
        "of an unknown authority": leaf(authority("Somebody else")),
        "expired": leaf(trusted, expired=True),
        "of another host": leaf(trusted, "bots.example.com"),
    }[kind]
    with Simulator(tls=certificate.serving(tmp_path)) as simulator:
        bundle = str(trusted.write(tmp_path / "ca.pem"))
        done = program.run(**simulator.environment(), GATEKEEPER_CA_BUNDLE=bundle)
        assert simulator.requests == []
    nothing_lost(program, done, 3)
    assert "cannot establish a secure connection" in done.stdout
    assert said in done.stdout
    assert advice.format(bundle=bundle) in done.stdout
    assert AGAIN not in done.stdout
    assert MAY_HAVE_BEGUN not in done.stdout


@pytest.mark.proves("certificate of a private authority, given as ca-bundle", "passed")
def test_with_its_authority_as_ca_bundle_a_host_is_trusted(
    program: Program, tmp_path: Path
) -> None:
    own = authority()
    with Simulator(speed=1000, tls=leaf(own).serving(tmp_path)) as simulator:
        environ = simulator.environment()
        refused = program.run(**environ)
        nothing_lost(program, refused, 3)
        bundle = str(own.write(tmp_path / "ca.pem"))
        done = program.run(**environ, GATEKEEPER_CA_BUNDLE=bundle)
    assert environ["GATEKEEPER_HOST"].startswith("https://")
    nothing_lost(program, done, 0)


@pytest.mark.proves("ca-bundle without a certificate in it", "exit 2 at once; nothing is sent")
def test_a_ca_bundle_that_is_none_is_told(program: Program, simulator: Simulator) -> None:
    (program.folder / "ca.pem").write_text("no certificate", encoding="utf-8")
    done = program.run(**simulator.environment(), GATEKEEPER_CA_BUNDLE="ca.pem")
    assert done.returncode == 2
    assert "GATEKEEPER_CA_BUNDLE: ca.pem contains no PEM certificates" in done.stderr
    assert simulator.requests == []


@pytest.mark.proves("a server without TLS where https is expected", "exit 3 at once")
def test_a_server_without_tls_gets_no_token(program: Program) -> None:
    with Simulator() as simulator:
        environ = simulator.environment()
        host = environ["GATEKEEPER_HOST"].replace("http://", "https://")
        done = program.run(**environ | {"GATEKEEPER_HOST": host})
        assert simulator.requests == []
    nothing_lost(program, done, 3)
    assert "cannot establish a secure connection: the host does not speak TLS" in done.stdout
    assert "check host and its port" in done.stdout
    assert AGAIN not in done.stdout


PASSWORD = "pr0xy-passw0rd"


@pytest.mark.parametrize(
    ("trouble", "tries", "said"),
    [
        row(
            "a proxy that responds with 407",
            "exit 3 at once: wrong proxy login; its password is not shown",
            Override("other", answering(b"", 407, Proxy_Authenticate="Basic"), lasting=True),
            1,
            "407",
        ),
        row(
            "a proxy that responds with 503",
            "retried until the timeout: exit 3; its password is not shown",
            Override("other", answering(b"", 503), lasting=True),
            2,
            "503",
        ),
        row(
            "a proxy that resets the connection",
            "retried until the timeout: exit 3; its password is not shown",
            Override("other", reset, lasting=True),
            2,
            "cannot connect",
        ),
    ],
)
def test_a_proxy_in_the_way_is_told_without_its_password(
    program: Program, trouble: Override, tries: int, said: str
) -> None:
    with Simulator() as simulator, Relay(simulator, trouble) as relay:
        proxy = relay.host.replace("http://", f"http://somebody:{PASSWORD}@")
        environ = relay.environment() | {
            "GATEKEEPER_HOST": "https://bots.example.invalid",
            "GATEKEEPER_DEBUG": "true",
            "GATEKEEPER_TIMEOUT": "3s",
            "HTTPS_PROXY": proxy,
        }
        done = program.run(**environ)
    nothing_lost(program, done, 3)
    assert "proxy" in done.stdout
    assert said in done.stdout
    assert MAY_HAVE_BEGUN not in done.stdout
    methods = [request.method for request in relay.requests]
    assert set(methods) == {"CONNECT"}
    assert (len(methods) == 1) is (tries == 1)
    written = done.stdout + program.report() + program.report("result.json")
    assert PASSWORD not in written
    assert simulator.requests == []


PROXY = f"somebody:{PASSWORD}@127.0.0.1:3128"
NOT_A_URL = "is not a valid proxy URL"
WRITE_A_URL = "write it like http://proxy.example:3128"
PROXIES = {
    "with a port that is not a number": (f"http://somebody:{PASSWORD}@proxy:eighty", NOT_A_URL),
    "with a port that is too high": (f"http://somebody:{PASSWORD}@127.0.0.1:99999", NOT_A_URL),
    "with an unclosed bracket": (f"http://somebody:{PASSWORD}@[::1", NOT_A_URL),
    "with a space in its host": (f"http://somebody:{PASSWORD}@pro xy:3128", NOT_A_URL),
    "without a host": ("http://", NOT_A_URL),
    "without a scheme, but with a login": (PROXY, NOT_A_URL),
    "in quotes": (f'"http://{PROXY}"', NOT_A_URL),
    "that is a variable's name": ("$PROXY", NOT_A_URL),
    "with an unsupported scheme": (f"ftp://{PROXY}", "a proxy with the scheme ftp://"),
}


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        row(
            f"a proxy URL {kind}, in {variable}",
            "exit 3 at once, with the variable and what to write; its password is not shown",
            variable,
            value,
            said,
        )
        for variable, (kind, (value, said)) in (
            *(("HTTPS_PROXY", case) for case in PROXIES.items()),
            ("all_proxy", ("with an unsupported scheme", PROXIES["with an unsupported scheme"])),
        )
    ],
)
def test_an_unusable_proxy_is_reported_with_its_variable(
    program: Program, simulator: Simulator, variable: str, value: str, said: str
) -> None:
    done = program.run(**behind_proxy(simulator, **{variable: value}))
    ended_at_once(program, done, simulator, f"why: {variable}", said, WRITE_A_URL)


@pytest.mark.proves(
    "a SOCKS proxy, for which a package is missing",
    "exit 3 at once, with the variable and what to install; its password is not shown",
)
def test_a_socks_proxy_needs_its_package(program: Program, simulator: Simulator) -> None:
    done = program.run(**behind_proxy(simulator, HTTPS_PROXY=f"socks5h://{PROXY}"))
    ended_at_once(program, done, simulator, "HTTPS_PROXY", "SOCKS proxy", "install PySocks")


@pytest.mark.proves(
    "`https://` for a proxy that speaks plain HTTP",
    "exit 3 at once, with the URL to write; its password is not shown",
)
def test_https_for_a_proxy_that_speaks_plain_http_ends_at_once(program: Program) -> None:
    with Simulator() as simulator:
        address = simulator.host.removeprefix("http://")
        proxy = f"https://somebody:{PASSWORD}@{address}"
        done = program.run(**behind_proxy(simulator, HTTPS_PROXY=proxy))
    said = "HTTPS_PROXY begins with https://, but the proxy does not speak TLS"
    advice = f"write http:// instead in HTTPS_PROXY: http://{address}"
    ended_at_once(program, done, simulator, said, advice)


@pytest.mark.proves(
    "an `https://` proxy with a certificate of an unknown authority",
    "exit 3 at once, with a hint at ca-bundle; its password is not shown",
)
def test_a_proxy_with_an_unknown_certificate_ends_at_once(program: Program, tmp_path: Path) -> None:
    with Simulator(tls=leaf(authority()).serving(tmp_path)) as simulator:
        proxy = simulator.host.replace("https://", f"https://somebody:{PASSWORD}@")
        done = program.run(**behind_proxy(simulator, HTTPS_PROXY=proxy))
    ended_at_once(program, done, simulator, "proxy error", "CERTIFICATE_VERIFY_FAILED", "ca-bundle")


@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        row(
            f"a proxy {kind}",
            "retried until the timeout: exit 3; its password is not shown",
            f"http://somebody:{PASSWORD}@{address}",
            said,
        )
        for kind, address, said in (
            ("that refuses connections", "127.0.0.1:9", "Connection refused"),
            ("whose name does not exist", "nonexistent.invalid:3128", "Failed to resolve"),
        )
    ],
)
def test_an_unreachable_proxy_is_retried(
    program: Program, simulator: Simulator, proxy: str, said: str
) -> None:
    environ = behind_proxy(simulator, HTTPS_PROXY=proxy, GATEKEEPER_TIMEOUT="3s")
    done = program.run(**environ, RES_OPTIONS="timeout:1 attempts:1")
    nothing_lost(program, done, 3)
    assert AGAIN in done.stdout
    assert said in done.stdout
    assert PASSWORD not in done.stdout + program.report() + program.report("result.json")


def behind_proxy(simulator: Simulator, **proxy: str) -> dict[str, str]:
    """Return the settings of a gate whose host is reached by a proxy only."""
    host = {"GATEKEEPER_HOST": "https://bots.example.invalid", "GATEKEEPER_DEBUG": "true"}
    return simulator.environment() | host | proxy


def ended_at_once(
    program: Program,
    done: subprocess.CompletedProcess[str],
    simulator: Simulator,
    *expected: str,
) -> None:
    """Check that a gate ended without a retry, a request or a password, and says all of this."""
    nothing_lost(program, done, 3)
    for text in expected:
        assert text in done.stdout
    assert AGAIN not in done.stdout
    assert MAY_HAVE_BEGUN not in done.stdout
    assert simulator.requests == []
    assert PASSWORD not in done.stdout + program.report() + program.report("result.json")


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        row(
            f"{variable} {kind}",
            "exit 3 at once, with the variable, the path and what to do",
            variable,
            value,
            said,
        )
        for variable, kind, value, said in (
            (
                "SSLKEYLOGFILE",
                "in a folder that is missing",
                "nowhere/keys.log",
                "cannot write to nowhere/keys.log: No such file or directory",
            ),
            ("SSLKEYLOGFILE", "that is a folder", "folder", "to folder: Is a directory"),
            *(
                (variable, kind, value, said)
                for variable in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
                for kind, value, said in (
                    ("that is missing", "nowhere.pem", "nowhere.pem: No such file or directory"),
                    ("that cannot be read", "none.pem/ca.pem", "none.pem/ca.pem: Not a directory"),
                    ("without certificates", "none.pem", "none.pem contains no PEM certificates"),
                    ("that is corrupt", "corrupt.pem", "corrupt.pem contains no PEM certificates"),
                )
            ),
        )
    ],
)
def test_an_unusable_file_for_tls_is_reported_with_its_variable(
    program: Program, tmp_path: Path, variable: str, value: str, said: str
) -> None:
    (program.folder / "folder").mkdir()
    (program.folder / "none.pem").write_text("no certificate", encoding="utf-8")
    corrupt = b"-----BEGIN CERTIFICATE-----\nAAAA\xff\n-----END CERTIFICATE-----\n"
    (program.folder / "corrupt.pem").write_bytes(corrupt)
    with Simulator(tls=leaf(authority()).serving(tmp_path)) as simulator:
        done = program.run(**simulator.environment(), **{variable: value})
    ended_at_once(program, done, simulator, f"why: {variable}: ", said, f"unset {variable}, or")


@pytest.mark.proves(
    "REQUESTS_CA_BUNDLE with the host's authority, and SSLKEYLOGFILE that can be written",
    "passed; with `ca-bundle`, other bundles are not read",
)
@pytest.mark.parametrize("variable", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "ca-bundle"])
def test_usable_files_for_tls_are_used(program: Program, tmp_path: Path, variable: str) -> None:
    own = authority()
    bundle = str(own.write(tmp_path / "ca.pem"))
    environ = {variable: bundle, "SSLKEYLOGFILE": str(tmp_path / "keys.log")}
    if variable == "ca-bundle":
        environ = {"GATEKEEPER_CA_BUNDLE": bundle, "REQUESTS_CA_BUNDLE": "nowhere.pem"}
    with Simulator(speed=1000, tls=leaf(own).serving(tmp_path)) as simulator:
        done = program.run(**simulator.environment(), **environ)
    nothing_lost(program, done, 0)


@pytest.mark.proves(
    "the host's authority in SSL_CERT_FILE, which is not read",
    "exit 3 at once; the log says so, and what to set",
)
def test_a_certificate_variable_that_is_not_read_is_reported(
    program: Program, tmp_path: Path
) -> None:
    own = authority()
    bundle = str(own.write(tmp_path / "ca.pem"))
    with Simulator(tls=leaf(own).serving(tmp_path)) as simulator:
        done = program.run(**simulator.environment(), SSL_CERT_FILE=bundle)
    ended_at_once(program, done, simulator, "set ca-bundle", "SSL_CERT_FILE is not read")


# Starts what follows its first argument, and writes the peak of its memory there, in KB.
MEASURE = """
import os, sys
child = os.posix_spawn(sys.executable, [sys.executable, *sys.argv[2:]], os.environ)
_, status, usage = os.wait4(child, 0)
open(sys.argv[1], "w").write(str(usage.ru_maxrss))
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize(
    ("stage", "action"),
    [
        row(f"{name}, {where}", "exit 3: refused, with less than 200 MB of memory", stage, action)
        for name, stage, where, action in (
            ("500 MB announced", "start", "at the start", huge_announced),
            ("500 MB announced", "last", "as the last response", huge_announced),
            ("500 MB in chunks", "poll", "at a poll", huge_chunks(200)),
            ("500 MB with status 500", "poll", "at a poll", huge_chunks(500)),
            ("gzip bomb of 1 GB", "start", "at the start", bomb),
            ("gzip bomb of 1 GB", "last", "as the last response", bomb),
            ("gzip bomb in a gzip bomb", "poll", "at a poll", double_bomb),
        )
    ],
)
def test_an_answer_that_is_too_large_is_refused_in_little_memory(
    program: Program, tmp_path: Path, stage: Stage, action: Action
) -> None:
    with (
        Simulator(speed=0.001) as simulator,
        Relay(simulator, Override(stage, action, lasting=True), polls=1) as relay,
    ):
        measured = [sys.executable, "-c", MEASURE, str(tmp_path / "peak")]
        done = subprocess.run(
            [*measured, str(ROOT / "entrypoint.py"), "--timeout", "30s"],
            cwd=program.folder,
            env=program.environ(relay.environment()),
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        goes_on = None if stage == "start" else relay.run_id
        assert relay.count(stage) == 1
    nothing_lost(program, done, 3, attach_to=goes_on)
    assert "the response is larger than 256 MB" in done.stdout
    assert (MAY_HAVE_BEGUN in done.stdout) is (stage == "start")
    assert int((tmp_path / "peak").read_text(encoding="utf-8")) < 200 * 1024
