"""What a gate records of the pipeline it runs in: the commit, a link and an id."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.builders import finished, greeting
from support.program import Program

HEAD = "1" * 40
MERGE_COMMIT = "2" * 40
RUN = "https://github.com/team/bot/actions/runs/7"
GITHUB = {
    "GITHUB_ACTIONS": "true",
    "GITHUB_RUN_ID": "7",
    "GITHUB_RUN_ATTEMPT": "1",
    "GITHUB_SERVER_URL": "https://github.com",
    "GITHUB_REPOSITORY": "team/bot",
    "GITHUB_SHA": MERGE_COMMIT,
}
GITLAB = {
    "GITLAB_CI": "true",
    "CI_COMMIT_SHA": MERGE_COMMIT,
    "CI_PROJECT_ID": "3",
    "CI_PIPELINE_ID": "7",
    "CI_JOB_URL": "https://gitlab.com/team/bot/-/jobs/9",
}
EVENT = {"number": 5, "pull_request": {"head": {"sha": HEAD, "ref": "topic"}, "base": {}}}
PULL_REQUEST = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_HEAD_REF": "topic"}


def recorded(program: Program, environ: dict[str, str], event: bytes | None = None) -> Any:
    """Judge a saved response in this environment; return the content of `result.json`."""
    (program.folder / "response.json").write_text(json.dumps(finished(greeting())))
    if event is not None:
        (program.folder / "event.json").write_bytes(event)
    done = program.run("check", "response.json", **environ)
    assert done.returncode == 0, done.stdout + done.stderr
    result = json.loads(program.report("result.json"))
    assert "None" not in done.stdout + program.report() + program.report("report.html")
    return result


@pytest.mark.proves(
    "a job that is not given every variable of its pipeline",
    "no link rather than one with a part missing",
)
@pytest.mark.parametrize("missing", ["GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_link_has_all_of_its_parts_or_is_left_out(
    program: Program, missing: str, value: str | None
) -> None:
    environ = {name: text for name, text in GITHUB.items() if name != missing}
    if value is not None:
        environ[missing] = value
    result = recorded(program, environ)
    assert result["pipeline_url"] is None
    assert result["commit"] == MERGE_COMMIT


@pytest.mark.parametrize(
    ("attempt", "url"),
    [("1", RUN), ("2", f"{RUN}/attempts/2"), ("13", f"{RUN}/attempts/13"), ("", RUN)],
)
def test_the_link_of_a_rerun_leads_to_that_attempt_and_the_id_stays(
    program: Program, attempt: str, url: str
) -> None:
    result = recorded(program, GITHUB | {"GITHUB_RUN_ATTEMPT": attempt})
    assert (result["pipeline_url"], result["pipeline_id"]) == (url, "github/team/bot/7")


@pytest.mark.proves("a pull request on GitHub or GitLab", "the commit is its head")
@pytest.mark.parametrize(
    "environ",
    [
        GITHUB | PULL_REQUEST | {"GITHUB_REF": "refs/pull/5/merge"},
        GITHUB | PULL_REQUEST | {"GITHUB_EVENT_NAME": "pull_request_target"},
        GITHUB | {"GITHUB_EVENT_NAME": "pull_request_review", "GITHUB_REF": "refs/pull/5/merge"},
        GITLAB | {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": HEAD},
    ],
)
def test_the_commit_of_a_pull_request_is_its_head(
    program: Program, environ: dict[str, str]
) -> None:
    event = json.dumps(EVENT).encode()
    result = recorded(program, environ | {"GITHUB_EVENT_PATH": "event.json"}, event)
    assert result["commit"] == HEAD


@pytest.mark.parametrize(
    ("environ", "event"),
    [
        (GITHUB | {"GITHUB_EVENT_NAME": "push"}, {"after": HEAD}),
        (GITHUB | {"GITHUB_EVENT_NAME": "merge_group"}, {"merge_group": {"head_sha": HEAD}}),
        (GITHUB | {"GITHUB_EVENT_NAME": "issue_comment"}, {"issue": {"pull_request": {}}}),
        (GITLAB | {"CI_MERGE_REQUEST_SOURCE_BRANCH_SHA": ""}, EVENT),
        ({"BUILD_URL": "https://j/1", "GIT_COMMIT": MERGE_COMMIT}, EVENT),
    ],
)
def test_any_other_job_is_of_the_commit_that_its_platform_states(
    program: Program, environ: dict[str, str], event: Any
) -> None:
    environ = environ | {"GITHUB_EVENT_PATH": "event.json"}
    assert recorded(program, environ, json.dumps(event).encode())["commit"] == MERGE_COMMIT


@pytest.mark.proves(
    "an event file of a pull request that is missing, too large or malformed",
    "the commit is unknown, never the merge commit; the verdict is the same",
)
@pytest.mark.parametrize(
    "event",
    [
        None,
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b'{"pull_request": null}',
        b'{"pull_request": {"head": []}}',
        b'{"pull_request": {"head": {"sha": 7}}}',
        b'{"pull_request": {"head": {"sha": "main\\n::error::x"}}}',
        b"[" * 100_000,
        b'{"pull_request": {"head": {"sha": "' + HEAD.encode() + b'"}},"x":"' + b"x" * 26_000_000,
    ],
    ids=lambda event: str(event and event[:30])[:30],
)
def test_an_event_that_cannot_be_read_leaves_the_commit_unknown(
    program: Program, event: bytes | None
) -> None:
    environ = GITHUB | PULL_REQUEST | {"GITHUB_EVENT_PATH": "event.json"}
    result = recorded(program, environ, event)
    assert result["commit"] is None
    assert result["pipeline_url"] == RUN


@pytest.mark.parametrize("path", [".", "/dev/zero", "x" * 5000, "missing/event.json"])
def test_a_path_that_is_no_file_of_an_event_holds_nothing_up(program: Program, path: str) -> None:
    assert recorded(program, GITHUB | {"GITHUB_EVENT_PATH": path})["commit"] == MERGE_COMMIT


def test_reports_of_a_pull_request_merge_in_a_job_that_was_not_given_its_event(
    program: Program, tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(EVENT))
    pull_request = GITHUB | PULL_REQUEST
    for shard in ("1", "2"):
        (tmp_path / f"{shard}.json").write_text(json.dumps(finished(greeting()) | {"_id": shard}))
        environ = pull_request | {
            "GITHUB_EVENT_PATH": "event.json",
            "GATEKEEPER_TEST_SUITE": f"Suite {shard}",
            "GATEKEEPER_REPORT_DIR": f"shards/{shard}",
        }
        assert program.run("check", f"{shard}.json", **environ).returncode == 0
    done = program.run("merge", "shards", **pull_request)
    assert done.returncode == 0, done.stdout
