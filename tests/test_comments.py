"""The comment on a pull or merge request, by the real program: when there is one, and its log."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from gatekeeper.simulator import Simulator
from support.comment_api import HEAD, TOKEN, Answer, CommentServer, comment_server, write_event
from support.program import ROOT, Program
from support.trials import ended_by, started, wait_for

GOLDEN = ROOT / "tests" / "golden"
WARNING = "warning: comment: "


@pytest.fixture(params=["github", "gitlab"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CommentServer]:
    """Serve the API of either platform, for a job about a pull or merge request."""
    write_event(tmp_path)
    with comment_server(gitlab=request.param == "gitlab") as serving:
        yield serving


@pytest.fixture
def github(tmp_path: Path) -> Iterator[CommentServer]:
    """Serve GitHub's API, for a job about a pull request."""
    write_event(tmp_path)
    with comment_server() as serving:
        yield serving


def report(program: Program, *, passed: bool = True) -> None:
    """Write the report of a shard, for `merge`, which needs no platform to judge."""
    scenario = "hotel-arabic" if passed else "banking-card-block"
    shard = program.folder / "shards" / "1"
    shard.mkdir(parents=True, exist_ok=True)
    result = json.loads((GOLDEN / f"{scenario}.result.json").read_text(encoding="utf-8"))
    result |= {"commit": HEAD, "pipeline_id": None, "pipeline_url": None}
    (shard / "result.json").write_text(json.dumps(result), encoding="utf-8")


def merged(program: Program, **environ: str) -> subprocess.CompletedProcess[str]:
    return program.run("merge", "shards", **environ)


def shown(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the lines about the comment."""
    return [line for line in (done.stdout + done.stderr).splitlines() if "comment: " in line]


def test_it_is_updated_at_every_end_and_names_the_commit(
    program: Program, simulator: Simulator, server: CommentServer
) -> None:
    logs = []
    for code, verdict, more in (
        (1, "FAILED", {"GATEKEEPER_TEST_SUITE": "banking-card-block"}),
        (0, "PASSED", {"GATEKEEPER_TEST_SUITE": "banking-transfer"}),
        (2, "ERROR, no verdict&#58; the settings have a problem", {"GATEKEEPER_TIMEOUT": "soon"}),
        (2, "ERROR, no verdict&#58; the settings have", {"GATEKEEPER_STREAM_ID": ""}),
        (0, "PASSED", {"GATEKEEPER_TEST_SUITE": "banking-transfer"}),
    ):
        environ = simulator.environment("banking-transfer") | server.environ | more
        done = program.run(**environ)
        logs.append(done.stdout + done.stderr)
        assert done.returncode == code
        [body] = server.bodies
        assert verdict in body
        assert f"commit {HEAD}" in body
        page = "gitlab.example/team/bot/-/merge_requests/5#note_101"
        if not server.is_gitlab:
            page = "github.example/team/bot/pull/5#issuecomment-101"
        assert shown(done) == [f"comment: https://{page}"]
    # The runner's mask is the only line that may have the token.
    masks = f"::add-mask::{TOKEN}\n"
    assert TOKEN not in "".join(logs).replace(masks, "") + "".join(server.bodies)
    for path in (program.folder / "gatekeeper-report").iterdir():
        assert TOKEN not in path.read_text(encoding="utf-8")


def test_with_failures_it_appears_with_the_first_and_then_stays_up_to_date(
    program: Program, github: CommentServer
) -> None:
    environ = github.environ | {"GATEKEEPER_COMMENT": "failures"}
    report(program)
    assert shown(merged(program, **environ)) == []
    assert github.comments == []
    report(program, passed=False)
    assert merged(program, **environ).returncode == 1
    assert "FAILED" in github.bodies[0]
    report(program)
    assert merged(program, **environ).returncode == 0
    assert len(github.bodies) == 1
    assert "PASSED" in github.bodies[0]


def test_shards_do_not_comment_and_their_merge_does(
    program: Program, simulator: Simulator, github: CommentServer
) -> None:
    environ = simulator.environment("banking-card-block") | github.environ
    for arguments in (
        ("--shard", "1/1"),
        ("--shard", "1/1", "--timeout", "soon"),
        ("--shard", "1/1", "--no-such-flag"),
        ("--shard", "2/1"),
    ):
        assert shown(program.run("gate", *arguments, **environ)) == []
    program.run("gate", "--shard", "1/1", "--report-dir", "shards/1", **environ)
    assert github.requests == []
    assert merged(program, **environ).returncode == 1
    assert "FAILED" in github.bodies[0]
    (program.folder / "shards" / "1" / "result.json").unlink()
    assert merged(program, **environ).returncode == 3
    assert len(github.bodies) == 1
    assert "ERROR" in github.bodies[0]


def test_an_earlier_pipeline_says_that_it_left_the_comment_of_a_later_one(
    program: Program, github: CommentServer
) -> None:
    report(program)
    later = merged(program, **github.environ, GITHUB_RUN_ID="9")
    report(program, passed=False)
    earlier = merged(program, **github.environ, GITHUB_RUN_ID="8")
    assert "PASSED" in github.bodies[0]
    assert shown(earlier) == [f"{shown(later)[0]} (not updated: it is of a later pipeline)"]


def test_without_a_pull_request_nothing_is_sent_and_a_line_says_why(
    program: Program, github: CommentServer
) -> None:
    report(program)
    (program.folder / "event.json").write_text("{}", encoding="utf-8")
    reasons = []
    for environ in (
        github.environ,
        {"GITLAB_CI": "true", "GATEKEEPER_COMMENT": "always"},
        {"GATEKEEPER_COMMENT": "always"},
    ):
        done = merged(program, **environ)
        assert done.returncode == 0
        reasons += shown(done)
    assert github.requests == []
    assert reasons == [
        "comment: none, because this job is not about a pull request",
        "comment: none, because this job is not about a merge request",
        "comment: none, because only jobs on GitHub and GitLab can comment",
    ]
    assert shown(merged(program, **github.environ | {"GATEKEEPER_COMMENT": "never"})) == []


def test_a_branch_pipeline_on_gitlab_comments_on_its_first_open_merge_request(
    program: Program,
) -> None:
    report(program)
    with comment_server(gitlab=True) as server:
        environ = {
            name: text
            for name, text in server.environ.items()
            if not name.startswith("CI_MERGE_REQUEST")
        }
        environ["CI_OPEN_MERGE_REQUESTS"] = "team/bot!7,other/bot!8"
        done = merged(program, **environ)
    assert server.requests[0].path.startswith("/api/v4/projects/team%2Fbot/merge_requests/7/notes?")
    assert done.returncode == 0


@pytest.mark.proves(
    "the API of comments is not there, refuses, or has a rate limit; or the token is missing",
    "a warning with cause and next step; the verdict stays",
)
@pytest.mark.parametrize(
    ("answer", "environ", "said"),
    [
        (Answer(403), {}, "give the job the permission pull-requests: write"),
        (Answer(403), {"fork": "yes"}, "pull requests from forks or by Dependabot"),
        (Answer(429, headers={"Retry-After": "60"}), {}, "has to wait 1 min 0 s"),
        (None, {"INPUT_GITHUB-TOKEN": ""}, "github-token is missing; set the input github-token"),
        (None, {"INPUT_GITHUB-TOKEN": "a b\nc"}, "github-token has spaces or characters"),
        (None, {"INPUT_GITHUB-TOKEN": "wrong"}, "HTTP 401 Bad credentials"),
        (None, {"GITHUB_API_URL": ""}, "GITHUB_API_URL is not set; pass it to the container"),
        (None, {"GITHUB_API_URL": "http://github.example"}, "must be https"),
    ],
)
def test_a_comment_that_fails_is_a_warning_and_never_the_verdict(
    program: Program,
    github: CommentServer,
    answer: Answer | None,
    environ: dict[str, str],
    said: str,
) -> None:
    report(program)
    write_event(program.folder, fork="fork" in environ)
    github.instead["POST"] = [answer] if answer else []
    done = merged(program, **github.environ | environ)
    assert done.returncode == 0
    [line] = shown(done)
    assert line.startswith(WARNING)
    assert said in line
    assert "PASSED" in done.stdout.splitlines()[-1]
    assert "PASSED" in program.report("summary.md")


def test_without_a_token_on_gitlab_it_says_which_one_to_set(program: Program) -> None:
    report(program)
    with comment_server(gitlab=True) as server:
        done = merged(program, **server.environ | {"GATEKEEPER_GITLAB_TOKEN": ""})
    assert "gitlab-token is missing; set the variable GATEKEEPER_GITLAB_TOKEN" in done.stdout
    assert server.requests == []


def test_misused_flags_are_in_the_comment_too(program: Program, github: CommentServer) -> None:
    done = program.run("merge", "--no-such-flag", "shards", **github.environ)
    assert done.returncode == 2
    assert "no-such-flag" in github.bodies[0]


@pytest.mark.proves(
    "a gatekeeper.toml that cannot be read, and may say when to comment",
    "an earlier comment shows the problem, not an earlier verdict",
)
def test_a_broken_file_is_in_the_comment_if_there_is_one(
    program: Program, simulator: Simulator, github: CommentServer
) -> None:
    file = program.folder / "gatekeeper.toml"
    # The action passes on the default of each input.
    given = {"GATEKEEPER_COMMENT": "", "INPUT_COMMENT": "never"}
    environ = simulator.environment() | github.environ | given
    for broken in ("[broken", "comment = 'sometimes'"):
        file.write_text(broken, encoding="utf-8")
        assert program.run(**environ).returncode == 2
        assert github.comments == []
    file.write_text("comment = 'always'", encoding="utf-8")
    assert program.run(**environ).returncode == 0
    assert "PASSED" in github.bodies[0]
    file.write_text("[broken", encoding="utf-8")
    assert shown(program.run(**environ | {"INPUT_GITHUB-TOKEN": ""})) == []
    assert program.run(**environ).returncode == 2
    assert "not valid TOML" in github.bodies[0]
    assert len(github.bodies) == 1


@pytest.mark.proves(
    "SIGTERM while the comment is being written to a host that does not respond",
    "the gate ends at once, with its verdict and reports",
)
def test_a_signal_ends_the_wait_for_the_comment(program: Program, github: CommentServer) -> None:
    report(program)
    github.instead["GET"] = [Answer(200, [], delay=5.0)]
    with started(program, "merge", "shards", **github.environ) as running:
        wait_for(lambda: bool(github.requests))
        done = ended_by(signal.SIGTERM, running)
    assert done.returncode == 0
    assert f"{WARNING}interrupted by SIGTERM" in done.stdout
    assert "PASSED" in done.stdout.splitlines()[-1]
    assert "PASSED" in program.report("summary.md")


def test_an_interrupted_gate_comments_as_well(program: Program, github: CommentServer) -> None:
    with (
        Simulator(speed=0.001) as slow,
        started(program, **slow.environment("never-ends") | github.environ) as running,
    ):
        wait_for(lambda: len(slow.requests) > 1)
        done = ended_by(signal.SIGINT, running)
    assert done.returncode == 130
    assert "INTERRUPTED" in github.bodies[0]


@pytest.mark.proves(
    "a bot's text with commands, mentions and markup, in a comment", "it is only text"
)
def test_a_bots_text_is_no_command_of_a_platform(
    program: Program, simulator: Simulator, server: CommentServer
) -> None:
    program.run(**simulator.environment("hostile-text") | server.environ)
    [body] = server.bodies
    assert not any(line.strip().startswith("/") for line in body.splitlines())
    assert body.count("<!--") == 1
    assert "@" not in body.replace("@\N{WORD JOINER}", "")
