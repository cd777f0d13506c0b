"""One comment per gate, in the API of either platform: found, updated in place, created once."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gatekeeper.comments.api import Comment, CommentApi, CommentError
from gatekeeper.comments.github import GitHubComments
from gatekeeper.comments.gitlab import GitLabNotes
from gatekeeper.comments.job_variables import api_url
from gatekeeper.comments.write import Draft, write_comment
from gatekeeper.core.reports.comment import CommentKey, Marker, comment_key
from gatekeeper.deadline import Deadline
from support.certificates import authority, leaf
from support.comment_api import TOKEN, Answer, CommentServer, Request, comment_server

JOB = ("Tests", "conversations", "gate")
KEY = comment_key("", JOB, ["st-1"])
OTHER = comment_key("", JOB, ["st-2"])
UNKNOWN = comment_key("", JOB, [])
PATIENCE = 10.0
LATER = "the next gate of this job updates the comment"


@pytest.fixture(params=["github", "gitlab"])
def server(request: pytest.FixtureRequest) -> Iterator[CommentServer]:
    """Serve the API of either platform."""
    with comment_server(gitlab=request.param == "gitlab") as serving:
        yield serving


@pytest.fixture
def github() -> Iterator[CommentServer]:
    """Serve GitHub's API."""
    with comment_server() as serving:
        yield serving


def api_of(server: CommentServer) -> CommentApi:
    if server.is_gitlab:
        page = "https://gitlab.example/team/bot/-/merge_requests/5"
        return GitLabNotes(f"{server.url}/api/v4", "3", "5", ("conversations",), page)
    return GitHubComments(f"{server.url}/api/v3", "team/bot", 5, JOB, "")


def text(key: CommentKey = KEY, says: str = "passed", pipeline: int = 0) -> str:
    return f"{Marker(key, pipeline)}\n{says}"


def write(  # noqa: PLR0913 - all but the server has a default
    server: CommentServer,
    says: str = "passed",
    *,
    key: CommentKey = KEY,
    pipeline: int = 0,
    may_create: bool = True,
    token: str = TOKEN,
    ca_bundle: Path | None = None,
    seconds: float = PATIENCE,
) -> Comment | None:
    draft = Draft(Marker(key, pipeline), text(key, says, pipeline), may_create)
    return write_comment(draft, api_of(server), token, ca_bundle, Deadline(seconds))


def refused(server: CommentServer, **options: Any) -> str:
    """Return what the error says, and what to do."""
    with pytest.raises(CommentError) as caught:
        write(server, **options)
    return f"{caught.value.what}; {caught.value.next_step}"


def test_the_first_one_is_created_and_the_next_ones_update_it(server: CommentServer) -> None:
    created, updated = write(server, "failed"), write(server, "passed")
    assert server.bodies == [text(says="passed")]
    assert created is not None
    assert updated is not None
    assert created.id == updated.id
    assert created.url == updated.url
    assert created.url.endswith(f"{'#note_' if server.is_gitlab else '#issuecomment-'}{created.id}")


def test_it_is_found_on_any_page(server: CommentServer) -> None:
    server.page = 2
    for number in range(5):
        server.add(f"comment {number}", "somebody")
    write(server, "failed")
    for number in range(3):
        server.add(f"more {number}", "somebody")
    write(server, "passed")
    assert [body for body in server.bodies if "gatekeeper" in body] == [text(says="passed")]


def test_without_leave_to_create_one_only_an_earlier_one_is_updated(server: CommentServer) -> None:
    assert write(server, may_create=False) is None
    assert server.methods == ["GET"]
    write(server, "failed")
    assert write(server, "passed", may_create=False) is not None
    assert server.bodies == [text(says="passed")]


def test_a_text_that_has_not_changed_is_not_sent_again(github: CommentServer) -> None:
    write(github)
    github.requests.clear()
    write(github)
    assert set(github.methods) == {"GET"}


@pytest.mark.proves(
    "an earlier pipeline of a pull or merge request ends after a later one",
    "the comment keeps the later result",
)
def test_the_result_of_a_later_pipeline_stays(server: CommentServer) -> None:
    for says, pipeline in (("first", 8), ("again", 8), ("later", 9), ("slow", 8), ("slow", 8)):
        write(server, says, pipeline=pipeline)
    assert server.bodies == [text(says="later", pipeline=9)]
    write(server, "of an unknown pipeline")
    assert server.bodies == [text(says="of an unknown pipeline")]


def test_each_gate_has_its_own(server: CommentServer) -> None:
    for key in (KEY, OTHER, comment_key("staging", JOB, []), KEY, OTHER):
        write(server, key=key)
    assert len(server.comments) == 3


@pytest.mark.proves(
    "somebody else's comment that has the hidden marker of a gate's, or quotes it",
    "it stays as it is; the gate writes its own",
)
def test_a_planted_marker_counts_for_nothing(server: CommentServer) -> None:
    server.add(text(says="planted"), "mallory")
    server.add(f"somebody said:\n{text(says='echoed')}")
    server.add(text(says="of another bot"), "github-actions")
    planted = list(server.bodies)
    write(server, "failed")
    write(server, "passed")
    assert server.bodies == [*planted, text(says="passed")]


def test_the_token_of_a_person_updates_that_persons_comment(github: CommentServer) -> None:
    def answer_user(request: Request) -> None:
        if request.path.endswith("/user"):
            github.instead["GET"] = [Answer(200, {"login": "dev", "id": 7})]

    github.add(text(says="of the job's token"))
    github.add(text(says="mine"), "dev")
    github.before = answer_user
    write(github, "passed")
    assert github.bodies == [text(says="of the job's token"), text(says="passed")]


def test_the_token_of_an_unknown_bot_keeps_a_single_comment(github: CommentServer) -> None:
    # An app's token cannot ask for its name either; what it creates tells.
    plain_add = github.add
    github.add = lambda body, author="": plain_add(body, author or "our-app[bot]")  # type: ignore[method-assign]
    for says in ("failed", "passed"):
        write(github, says)
    assert github.bodies == [text(says="passed")]
    assert github.comments[0]["id"] == 101


def test_settings_without_a_stream_update_the_only_comment_of_the_job(
    server: CommentServer,
) -> None:
    write(server, "passed")
    write(server, "settings", key=UNKNOWN)
    assert server.bodies == [text(UNKNOWN, "settings")]
    write(server, "passed again")
    assert server.bodies == [text(says="passed again")]


def test_settings_without_a_stream_touch_none_of_several(server: CommentServer) -> None:
    write(server, key=KEY)
    write(server, key=OTHER)
    write(server, "settings", key=UNKNOWN)
    assert server.bodies == [text(KEY), text(OTHER), text(UNKNOWN, "settings")]


@pytest.mark.proves(
    "two gates create their comment on a pull or merge request at the same time",
    "both keep the older one, and the other is deleted",
)
@pytest.mark.parametrize("first", [True, False], ids=["before ours", "after ours"])
def test_of_two_at_the_same_time_the_older_one_stays(server: CommentServer, first: bool) -> None:
    done = False

    def race(request: Request) -> None:
        nonlocal done
        if not done and (request.method == "POST" if first else server.comments):
            done = True
            server.add(text(says="of the other gate"))

    server.before = race
    write(server, "ours")
    assert [comment["id"] for comment in server.comments] == [101]
    assert server.bodies == [text(says="ours")]


@pytest.mark.parametrize("gates", [2, 3, 4])
def test_any_number_of_gates_at_once_leaves_one_comment(gates: int) -> None:
    with comment_server() as server:
        together = threading.Barrier(gates)

        def gate(number: int) -> None:
            together.wait()
            write(server, f"gate {number}")

        threads = [threading.Thread(target=gate, args=(number,)) for number in range(gates)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        write(server, "the next one")
        assert server.bodies == [text(says="the next one")]


def test_one_that_was_deleted_meanwhile_is_created_anew(server: CommentServer) -> None:
    write(server, "failed")

    def delete(request: Request) -> None:
        if request.method in ("PATCH", "PUT"):
            server.comments.clear()

    server.before = delete
    write(server, "passed")
    assert server.bodies == [text(says="passed")]


def test_one_that_was_created_by_a_request_that_failed_is_not_created_twice(
    server: CommentServer,
) -> None:
    def create(request: Request) -> None:
        if request.method == "POST":
            server.add(request.body["body"])

    server.before = create
    server.instead["POST"] = [Answer(502, b"<html>Bad gateway</html>")]
    write(server)
    assert server.bodies == [text()]
    assert server.methods.count("POST") == 1


@pytest.mark.parametrize(
    "answer",
    [
        Answer(429, headers={"Retry-After": "0.1"}),
        Answer(403, headers={"Retry-After": "0.1"}),
        Answer(503),
    ],
    ids=["429", "403 with Retry-After", "503"],
)
def test_what_passes_soon_is_waited_for(server: CommentServer, answer: Answer) -> None:
    server.instead["POST"] = [answer]
    write(server)
    assert server.bodies == [text()]


@pytest.mark.proves(
    "a rate limit of the comments' API that lasts long", "a warning at once, and no comment"
)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(429, headers={"Retry-After": "3600"}),
        Answer(
            403,
            headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{4_000_000_000}"},
        ),
        Answer(429, headers={"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "9" * 10}),
        Answer(403, {"message": "You have exceeded a secondary rate limit."}),
    ],
    ids=["Retry-After", "reset", "reset far away", "secondary"],
)
def test_a_rate_limit_that_lasts_is_not_waited_for(server: CommentServer, answer: Answer) -> None:
    server.instead["POST"] = [answer] * 9
    said = refused(server)
    assert f"HTTP {answer.status}" in said
    assert "the next attempt has to wait" in said
    assert LATER in said
    assert server.methods == ["GET", "POST"]


@pytest.mark.parametrize(
    ("status", "github", "gitlab"),
    [
        (401, "set github-token to the job's github.token", "the scope api"),
        (403, "pull-requests: write", "the role Reporter or higher"),
        (404, "pull-requests: write", "of the project that has the merge request"),
        (410, "check GITHUB_API_URL", "check CI_API_V4_URL"),
        (422, "did not accept the comment's text", "did not accept the note's text"),
    ],
)
def test_a_refusal_names_its_cause_and_the_next_step(
    server: CommentServer, status: int, github: str, gitlab: str
) -> None:
    server.instead["GET"] = [Answer(status)]
    said = refused(server)
    assert said.startswith(f"HTTP {status} the message of the API; ")
    assert (gitlab if server.is_gitlab else github) in said
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ({"message": "Validation Failed", "errors": [{"message": "too long"}]}, "too long"),
        ({"message": {"note": ["is too long"]}}, "is too long"),
        ({"error": "insufficient_scope"}, "insufficient_scope"),
        ({"message": "\x1b[31m::error::x" + "y" * 900}, "::error::x"),
        (b"<html>no JSON</html>", "HTTP 422"),
        ([1, 2], "HTTP 422"),
        ({"errors": "text"}, "HTTP 422"),
        (b"[" * 100_000, "HTTP 422"),
    ],
)
def test_whatever_an_error_says_is_shown_in_one_short_line(
    server: CommentServer, body: Any, shown: str
) -> None:
    server.instead["POST"] = [Answer(422, body)]
    said = refused(server)
    assert shown in said
    assert len(said) < 600
    assert said.isprintable()


@pytest.mark.parametrize("body", [b"<html>Sign in</html>", {"id": 1}, [{"id": "x"}], b"[" * 99999])
def test_a_response_of_something_else_than_the_api_is_an_error(
    server: CommentServer, body: Any
) -> None:
    server.instead["GET"] = [Answer(200, body)]
    assert "is not one of this API" in refused(server)


@pytest.mark.proves(
    "the API of comments redirects to another host, or has its next page there",
    "the token is not sent there; a warning",
)
def test_no_other_host_receives_the_token(server: CommentServer) -> None:
    with comment_server() as other:
        for answer in (
            Answer(307, headers={"Location": f"{other.url}/stolen"}),
            Answer(200, [], {"Link": f'<{other.url}/stolen>; rel="next"'}),
            Answer(200, [], {"Link": '<https://[broken>; rel="next"'}),
            Answer(302, headers={"Location": "//127.0.0.2/stolen"}),
        ):
            server.instead["GET"] = [answer]
            assert "another host" in refused(server)
        assert other.requests == []


def test_a_redirect_on_the_same_host_is_followed_a_few_times(server: CommentServer) -> None:
    write(server, "failed")
    moved = server.requests[0].path
    server.instead["GET"] = [Answer(301, headers={"Location": moved})]
    write(server, "passed")
    assert server.bodies == [text(says="passed")]
    server.instead["GET"] = [Answer(301, headers={"Location": "/again"})] * 99
    assert "HTTP 301" in refused(server)


def test_endless_pages_end(github: CommentServer) -> None:
    link = f'<{github.url}/more>; rel="next"'
    github.instead["GET"] = [Answer(200, [], {"Link": link})] * 999
    assert "more than 50 pages" in refused(github)


def test_a_rejected_token_is_not_tried_again(server: CommentServer) -> None:
    assert "HTTP 401 Bad credentials; the token was rejected" in refused(server, token="wrong")
    assert len(server.requests) == 1


def test_a_host_that_responds_too_slowly_is_left_in_time(github: CommentServer) -> None:
    github.instead["GET"] = [Answer(200, [], delay=2.0)]
    deadline = Deadline(60)
    said = refused(github, seconds=0.5)
    assert "no response in time" in said
    assert deadline.elapsed < 1.5


def test_a_host_that_is_down_is_named() -> None:
    with comment_server() as gone:
        pass
    said = refused(gone, seconds=1.2)
    assert "cannot connect" in said
    assert f"check that the job can reach {gone.url} (proxy, firewall, ca-bundle)" in said


@pytest.mark.parametrize("right", ["ca-bundle", "the job's own"])
def test_certificates_of_the_bundle_and_the_usual_ones_are_trusted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, right: str
) -> None:
    own = authority()
    ours = own.write(tmp_path / "own.pem")
    foreign = authority("another").write(tmp_path / "foreign.pem")
    bundle, usual = (ours, foreign) if right == "ca-bundle" else (foreign, ours)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(usual))
    with comment_server(tls=leaf(own).serving(tmp_path)) as serving:
        assert write(serving, ca_bundle=bundle) is not None
        monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(foreign))
        assert "CERTIFICATE_VERIFY_FAILED" in refused(serving, ca_bundle=foreign)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "X is not set"),
        ("http://github.example/api/v3", "must be https"),
        ("https://user:hush@github.example", "must not contain a user name"),
        ("github.example", "not a valid host"),
        ("ftp://github.example", "scheme 'ftp' is not supported"),
        ("https://", "not a valid host"),
    ],
)
def test_a_url_of_the_api_that_would_expose_the_token_is_refused(url: str, why: str) -> None:
    with pytest.raises(CommentError, match=why) as caught:
        api_url("X", {"X": url})
    assert "hush" not in str(caught.value)


def test_the_url_of_the_api_keeps_its_path() -> None:
    assert api_url("X", {"X": "https://github.example/api/v3/"}) == "https://github.example/api/v3"
