"""The example's step, run as GitHub runs it, whatever comes of it."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from support.containers import HOST, IMAGE, PUBLISHED, ROOT, Platform, platform, reports, tagged
from support.github_runner.job import RUNNER, Ended, Job
from support.github_runner.workflow import Workflow
from support.set_up import SUITES, set_up

pytestmark = pytest.mark.container

EXAMPLE = yaml.safe_load((ROOT / "examples/github-workflow.yml").read_text(encoding="utf-8"))
STEPS: list[dict[str, Any]] = EXAMPLE["jobs"]["conversations"]["steps"]
ACTION = STEPS[0]["uses"].partition("@")[0]
CHECKOUT = yaml.safe_load((ROOT / "examples/github-checkout.yml").read_text(encoding="utf-8"))
# What masks a secret, folds a part of the log or points at a failure; nothing else.
EXPECTED = {"add-mask", "group", "endgroup", "error", "warning"}


def plain(log: str) -> str:
    """Take the colours off a log."""
    return re.sub(r"\x1b\[[0-9;]+m", "", log)


def job(folder: Path, served: Platform, **env: str) -> Job:
    """Make a job whose repository has the settings that the example asks for."""
    credentials = {
        name.replace("GATEKEEPER", "KORE"): value for name, value in served.credentials.items()
    }
    secrets = {"KORE_CLIENT_SECRET": credentials.pop("KORE_CLIENT_SECRET")}
    made = Job(
        folder,
        actions={ACTION: ROOT},
        owner=RUNNER,
        images={"Dockerfile": IMAGE},
        network=served.network,
        vars=credentials,
        secrets=secrets,
        env={"GATEKEEPER_CA_BUNDLE": "ca.pem", **env},
    )
    (made.workspace / "ca.pem").write_bytes(served.ca.read_bytes())
    return made


def ended(made: Job) -> Ended:
    """Run the example's steps, and return what came of the gate; its reports are always used."""
    made.event = "pull_request"
    gate, *_ = made.run(STEPS)
    kept = made.used["actions/upload-artifact"]["path"]
    assert set(reports(made.workspace)) >= {kept, "summary.md"}
    assert gate.outputs["exit-code"] == str(gate.code)
    assert gate.summary is not None
    assert gate.log.obeyed_names() <= EXPECTED
    assert set(reports(made.workspace)) >= {"gatekeeper-report", "junit.xml", "result.json"}
    assert set(reports(made.workspace).values()) == {(RUNNER, "755"), (RUNNER, "644")}
    return gate


def test_a_run_that_passed_is_green(passing: Platform, tmp_path: Path) -> None:
    made = job(tmp_path / "job", passing)
    gate = ended(made)
    assert (gate.code, made.failed) == (0, False)
    assert gate.outputs["verdict"] == "passed"
    assert (gate.outputs["total"], gate.outputs["passed"]) == ("10", "10")
    assert "PASSED" in gate.log.text
    assert gate.log.annotations("error") == []


def test_a_run_that_failed_is_red_with_its_reason(failing: Platform, tmp_path: Path) -> None:
    made = job(tmp_path / "job", failing)
    gate = ended(made)
    assert (gate.code, made.failed) == (1, True)
    assert gate.outputs["failed"] == "2"
    assert "expected path: AskReason → AskLastPayment\n" in plain(gate.log.text)
    assert "It <del>is free of charge</del>." in (gate.summary or "")
    assert [one.properties["title"] for one in gate.log.annotations("error")] == [
        "Booking regression, step 4: failed",
        "Booking regression, step 7: failed",
    ]


def test_the_action_runs_from_a_second_checkout(failing: Platform, tmp_path: Path) -> None:
    made = job(tmp_path / "job", failing)
    _, _, gate, _ = made.run(CHECKOUT["jobs"]["conversations"]["steps"])
    assert (gate.code, gate.outputs["failed"]) == (1, "2"), gate.log.text
    assert set(reports(made.workspace)) >= {"gatekeeper-report", "junit.xml", "result.json"}


def test_annotations_point_at_the_suite_in_the_repository(
    failing: Platform, tmp_path: Path
) -> None:
    made = job(tmp_path / "job", failing, GATEKEEPER_SOURCE_MAP="suites/booking.json")
    said = ["hello", "stolen, I think, on the tram", "that's right"]
    suite = {"testCases": [{"messages": [{"input": text} for text in said]}]}
    file = made.workspace / "suites" / "booking.json"
    file.parent.mkdir()
    file.write_text(json.dumps(suite, indent=1), encoding="utf-8")
    places = [
        (
            one.properties["file"],
            file.read_text(encoding="utf-8").splitlines()[int(one.properties["line"]) - 1].strip(),
        )
        for one in ended(made).log.annotations("error")
    ]
    assert places == [("suites/booking.json", f'"input": "{text}"') for text in said[1:]]


def test_a_run_that_does_not_end_in_time_is_red_and_says_how_to_attach(
    endless: Platform, tmp_path: Path
) -> None:
    made = job(tmp_path / "job", endless, GATEKEEPER_TIMEOUT="5s")
    gate = ended(made)
    assert (gate.code, made.failed) == (4, True)
    assert f"attach to it with test-run-id {gate.outputs['test-run-id']}" in gate.log.text


def test_an_error_of_the_api_is_red_with_its_cause(tmp_path: Path) -> None:
    fault = {"call": "start", "status": 401, "body": '{"errors": [{"msg": "Invalid JWT token"}]}'}
    serving = tmp_path / "serving"
    serving.mkdir()
    with platform(serving, "banking-transfer", fault) as served:
        gate = ended(job(tmp_path / "job", served))
    assert gate.code == 3
    assert "jwt-algorithm" in gate.log.text


def test_a_job_that_is_cancelled_ends_within_its_grace_and_keeps_what_is_known(
    endless: Platform, tmp_path: Path
) -> None:
    made = job(tmp_path / "job", endless)
    made.cancel_at = "started run"
    gate = ended(made)
    assert gate.code == 130
    assert "attach to it with test-run-id" in gate.log.text


def test_what_a_bot_says_is_no_command_and_no_output(tmp_path: Path) -> None:
    serving = tmp_path / "serving"
    serving.mkdir()
    with platform(serving, "hostile-text") as served:
        made = job(tmp_path / "job", served)
        gate = ended(made)
    assert gate.code == 1
    assert gate.outputs["verdict"] == "failed"
    # Each is about a step, in our own words; none is the bot's.
    found = gate.log.annotations("error")
    assert len(found) == int(gate.outputs["failed"])
    assert all(one.data.startswith("user said: ") for one in found)


SHARDED = yaml.safe_load((ROOT / "examples/github-sharded.yml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("scenario", "verdict"), [("banking-transfer", 0), ("banking-card-block", 1)]
)
def test_the_shards_of_a_plan_are_run_each_in_a_job_and_joined(
    tmp_path: Path, scenario: str, verdict: int
) -> None:
    tagged(PUBLISHED)
    [plan] = SHARDED["jobs"]["plan"]["steps"]
    suites = plan["env"]["GATEKEEPER_TEST_SUITE"].split("\n")
    serving = tmp_path / "serving"
    serving.mkdir()
    with platform(serving, scenario, suites=suites) as served:
        workflow = Workflow(tmp_path / "jobs", SHARDED["jobs"], lambda folder: job(folder, served))
        workflow.run()
    gates = workflow.ended["conversations"]
    assert len(gates) == 3
    assert sorted(gate.code or 0 for gate, *_ in gates) == [0, 0, verdict]
    [[_, merged, _]] = workflow.ended["verdict"]
    assert merged.code == verdict, merged.log.text
    assert "of 4 suites" in merged.log.text
    assert ("verdict" in workflow.failed) is bool(verdict)


@pytest.mark.parametrize(
    ("scenario", "code", "flags"),
    [
        ("banking-card-block", 1, ()),
        ("banking-transfer", 0, ("--image", PUBLISHED)),
    ],
)
def test_the_job_that_init_writes_is_red_if_one_of_its_suites_is(
    tmp_path: Path, scenario: str, code: int, flags: tuple[str, ...]
) -> None:
    tagged(PUBLISHED)
    serving = tmp_path / "serving"
    serving.mkdir()
    with platform(serving, scenario, suites=SUITES) as served:
        made = job(tmp_path / "job", served)
        path, _ = set_up(made.workspace, "github", HOST, *flags)
        workflow = yaml.safe_load(path.read_text(encoding="utf-8"))
        _, gate, _ = made.run(workflow["jobs"]["conversations"]["steps"])
    assert (gate.code, made.failed) == (code, bool(code)), gate.log.text
    assert "2 suites" in gate.log.text
    assert "note: host comes from" not in gate.log.text
    assert made.used["actions/upload-artifact"]["path"] in reports(made.workspace)
