"""Examples of the how-to pages: nightly messages, required checks, deployments, kept results."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from gatekeeper.simulator import Simulator
from support.certificates import authority, leaf
from support.github_runner.job import Job
from support.github_runner.workflow import Workflow
from support.http_server import QuietHandler, http_server
from support.program import ROOT, Program
from support.repositories import git, repository
from support.two_apps import SECRETS, Booking, Loyalty, two_apps

EXAMPLES = ROOT / "examples"
GOLDEN = ROOT / "tests/golden"
RED, GREEN = GOLDEN / "banking-card-block.result.json", GOLDEN / "airline-rebooking.result.json"
SECRET = "T012/B345/webhook-secret"


def jobs_of(example: str) -> dict[str, Any]:
    """Return the jobs of an example for GitHub."""
    jobs: dict[str, Any] = yaml.safe_load((EXAMPLES / example).read_text(encoding="utf-8"))["jobs"]
    return jobs


def script_of(job: dict[str, Any]) -> str:
    """Return the only script of a job."""
    [script] = [step["run"] for step in job["steps"] if "run" in step]
    return str(script)


@dataclass
class Webhook:
    """A webhook that records what is posted to it, and the folder that the script runs in."""

    folder: Path
    url: str = ""
    status: int = 200
    posted: list[Any] = field(default_factory=list)

    def notify(self, result: Path, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run the script as the workflows do."""
        environ = environ or {"SLACK_WEBHOOK_URL": self.url}
        return subprocess.run(
            [sys.executable, str(EXAMPLES / "notify.py"), str(result), "last-verdict.txt"],
            cwd=self.folder,
            env={"SSL_CERT_FILE": str(self.folder / "ca.pem"), **environ},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    @property
    def last(self) -> str | None:
        """The verdict of the last message, as the script wrote it down."""
        path = self.folder / "last-verdict.txt"
        return path.read_text(encoding="utf-8").strip() if path.exists() else None


@pytest.fixture
def webhook(tmp_path: Path) -> Iterator[Webhook]:
    made = Webhook(tmp_path)

    class Handler(QuietHandler):
        def do_POST(self) -> None:  # noqa: N802 - the library calls it so
            assert SECRET in self.path
            made.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(made.status)
            self.send_header("Location", "/elsewhere")
            self.end_headers()

        def do_GET(self) -> None:  # noqa: N802 - the same
            self.send_response(200)
            self.end_headers()

    issuer = authority()
    issuer.write(tmp_path / "ca.pem")
    with http_server(Handler, leaf(issuer).serving(tmp_path)) as host:
        made.url = f"{host}/{SECRET}"
        yield made


def test_a_message_is_sent_when_the_verdict_changes_and_only_then(webhook: Webhook) -> None:
    red, still_red = webhook.notify(RED), webhook.notify(RED)
    assert (red.returncode, still_red.returncode) == (0, 0), red.stderr + still_red.stderr
    [message] = webhook.posted
    assert message["text"].splitlines() == [
        "Conversation tests: failed (before: passed)",
        "- banking-card-block: failed",
        "https://ci.example/jobs/1",
    ]
    assert webhook.last == "failed"
    assert SECRET not in red.stdout + red.stderr


def test_a_green_night_sends_nothing_unless_it_was_red_before(
    webhook: Webhook, tmp_path: Path
) -> None:
    result = json.loads(GREEN.read_text(encoding="utf-8"))
    green = tmp_path / "green.json"
    green.write_text(json.dumps(result | {"verdict": "passed", "runs": []}), encoding="utf-8")
    webhook.notify(green)
    assert webhook.posted == []
    (tmp_path / "last-verdict.txt").write_text("failed\n", encoding="utf-8")
    webhook.notify(green)
    [message] = webhook.posted
    assert message["text"].startswith("Conversation tests: passed (before: failed)")


def test_a_partial_verdict_is_not_taken_for_that_of_the_whole_gate(
    webhook: Webhook, tmp_path: Path
) -> None:
    partial = tmp_path / "partial.json"
    result = json.loads(GREEN.read_text(encoding="utf-8"))
    result |= {"verdict": "passed", "runs": [], "partial": {"not_run": 2}}
    partial.write_text(json.dumps(result), encoding="utf-8")
    webhook.notify(partial)
    [message] = webhook.posted
    assert message["text"].startswith("Conversation tests: passed, partial (before: passed)")
    assert webhook.last == "passed, partial"


@pytest.mark.parametrize("content", [None, "", "[1]", '{"verdict": "passed"}'], ids=str)
def test_a_result_that_is_missing_or_damaged_is_an_error(
    webhook: Webhook, tmp_path: Path, content: str | None
) -> None:
    result = tmp_path / "result.json"
    if content is not None:
        result.write_text(content, encoding="utf-8")
    assert webhook.notify(result).returncode == 0
    assert webhook.posted == [{"text": "Conversation tests: error (before: passed)"}]


@pytest.mark.proves(
    "a suite's name and a conversation with markup and mentions, and a nightly message about them",
    "the message escapes the name, and has no text of the conversation",
)
def test_a_message_is_harmless_and_short(webhook: Webhook, tmp_path: Path) -> None:
    result = json.loads(RED.read_text(encoding="utf-8"))
    run = result["runs"][0] | {"test_suite": "<!channel> & co"}
    result["runs"] = [run] * 100
    path = tmp_path / "result.json"
    path.write_text(json.dumps(result), encoding="utf-8")
    done = webhook.notify(path, SLACK_WEBHOOK_URL=webhook.url, TEAMS_WEBHOOK_URL=webhook.url)
    assert done.returncode == 0, done.stderr
    slack, teams = webhook.posted
    assert "- &lt;!channel&gt; &amp; co: failed\n" in slack["text"]
    assert "- and 80 more" in slack["text"]
    [card] = teams["attachments"]
    assert card["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert [block["text"] for block in card["content"]["body"]][1] == "- <!channel> & co: failed"
    texts = {case["said"] for case in run["cases"]}
    assert texts
    assert not [text for text in texts if text in json.dumps(webhook.posted)]


@pytest.mark.proves(
    "a webhook that refuses or redirects the nightly message, or is not https",
    "exit 1; the webhook is in no output, and the next night tries again",
)
@pytest.mark.parametrize("status", [302, 404, 500, None])
def test_a_message_that_is_not_sent_fails_and_does_not_show_the_webhook(
    webhook: Webhook, status: int | None
) -> None:
    webhook.status = status or 200
    url = webhook.url if status else webhook.url.replace("https", "http")
    done = webhook.notify(RED, SLACK_WEBHOOK_URL=url)
    assert done.returncode == 1
    assert done.stderr.startswith("SLACK_WEBHOOK_URL: the message was not sent: ")
    assert SECRET not in done.stdout + done.stderr
    assert webhook.last is None


def test_no_webhook_at_all_is_an_error(webhook: Webhook) -> None:
    done = webhook.notify(RED, SLACK_WEBHOOK_URL="")
    assert (done.returncode, done.stderr) == (1, "Set SLACK_WEBHOOK_URL or TEAMS_WEBHOOK_URL.\n")


@pytest.mark.proves(
    "a required check over jobs that failed, were cancelled or skipped",
    "it passes only if the gate passed, or if nothing that matters is known to have changed",
)
def test_the_required_check_passes_only_for_a_reason() -> None:
    results = ("success", "failure", "cancelled", "skipped", "")
    names = ("CHANGES", "RELEVANT", "CONVERSATIONS")
    cases = list(product(results, ("true", "false", ""), results))
    script = script_of(jobs_of("github-unchanged.yml")["verdict"])
    calls = [
        f"({' '.join(f'{n}={shlex.quote(v)}' for n, v in zip(names, case, strict=True))}\n"
        f"{script}) >&2 && echo passed || echo failed"
        for case in cases
    ]
    done = subprocess.run(
        ["bash", "-c", "\n".join(calls)], capture_output=True, encoding="utf-8", check=True
    )
    verdicts = dict(zip(cases, done.stdout.splitlines(), strict=True))
    assert [case for case, verdict in verdicts.items() if verdict == "passed"] == [
        ("success", "true", "success"),
        ("success", "false", "skipped"),
    ]


@pytest.mark.git
@pytest.mark.parametrize(
    ("path", "relevant"),
    [("bot/dialog.json", "true"), ("gatekeeper.toml", "true"), ("footer.html", "false")],
)
def test_changes_are_those_of_the_pull_request(tmp_path: Path, path: str, relevant: str) -> None:
    """And not those that the base branch has seen in the meantime."""
    job = Job(tmp_path / "job", actions={})
    (job.workspace / "bot").mkdir()
    (job.workspace / "bot/suite.json").write_text("{}", encoding="utf-8")
    repository(job.workspace, "https://example.com")
    git(job.workspace, "switch", "--quiet", "--create", "change")
    (job.workspace / path).write_text("changed", encoding="utf-8")
    git(job.workspace, "add", "--all")
    git(job.workspace, "commit", "--quiet", "-m", "Change")
    git(job.workspace, "switch", "--quiet", "main")
    (job.workspace / "bot/other.json").write_text("{}", encoding="utf-8")
    git(job.workspace, "add", "--all")
    git(job.workspace, "commit", "--quiet", "-m", "Another change")
    git(job.workspace, "merge", "--quiet", "--no-edit", "change")
    *_, diff = job.run(jobs_of("github-unchanged.yml")["changes"]["steps"])
    assert (diff.code, diff.outputs) == (0, {"relevant": relevant}), diff.log.text


@pytest.mark.git
def test_changes_that_cannot_be_looked_for_fail_the_job(tmp_path: Path) -> None:
    job = Job(tmp_path / "job", actions={})
    (job.workspace / "file").touch()
    repository(job.workspace, "https://example.com")
    *_, diff = job.run(jobs_of("github-unchanged.yml")["changes"]["steps"])
    assert job.failed
    assert diff.outputs == {}


@pytest.mark.parametrize(("code", "deployed"), [(0, True), (1, False), (3, False)])
def test_nothing_is_deployed_unless_the_gate_is_green(
    tmp_path: Path, code: int, deployed: bool
) -> None:
    jobs = jobs_of("github-deployment.yml")
    gate, *_ = jobs["conversations"]["steps"]
    gate.pop("uses")
    gate["run"] = f"exit {code}"

    def make(folder: Path) -> Job:
        job = Job(folder, actions={})
        script = job.workspace / "deploy.sh"
        script.write_text("#!/bin/sh\necho deployed\n", encoding="utf-8")
        script.chmod(0o755)
        return job

    workflow = Workflow(tmp_path, jobs, make)
    workflow.run()
    logs = [step.log.text for [steps] in [workflow.ended.get("deploy", [[]])] for step in steps]
    assert ("deployed" in logs) is deployed


def test_gitlab_deploys_only_after_the_gate() -> None:
    pipeline = yaml.safe_load((EXAMPLES / "gitlab-deployment.yml").read_text(encoding="utf-8"))
    component = (ROOT / "templates/conversation-tests.yml").read_text(encoding="utf-8")
    spec, _ = yaml.safe_load_all(component)
    gate = spec["spec"]["inputs"]["job-name"]["default"]
    assert pipeline["deploy"]["needs"] == [gate]
    assert not [rule for rule in pipeline["deploy"]["rules"] if "when" in rule]
    assert "no-verdict" not in pipeline["include"][0]["inputs"]


def test_the_job_for_forks_uses_nothing_of_the_pull_request() -> None:
    text = (EXAMPLES / "github-forks.yml").read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    steps = [step for job in workflow["jobs"].values() for step in job["steps"]]
    assert {step["uses"].partition("@")[0] for step in steps} == {
        "OWNER/gatekeeper",
        "actions/upload-artifact",
    }
    # Only whether it comes from a fork.
    assert re.findall(r"github\.event\.\S+", text) == [
        "github.event.pull_request.head.repo.full_name"
    ]
    assert steps[0]["with"]["host"] == "bots.kore.ai"


def keeping(platform: str) -> str:
    """Return the script by which a platform keeps a result."""
    if platform == "github":
        [step] = [
            step
            for step in jobs_of("github-history.yml")["conversations"]["steps"]
            if step.get("name", "").startswith("Add the result")
        ]
        return str(step["run"])
    if platform == "gitlab":
        text = (EXAMPLES / "gitlab-history.yml").read_text(encoding="utf-8")
        return "\n".join(yaml.safe_load(text)["conversation-tests"]["after_script"])
    [script] = re.findall(
        r"sh '''(.+?)'''", (EXAMPLES / "Jenkinsfile.history").read_text(encoding="utf-8"), re.DOTALL
    )
    return str(script)


def kept(folder: Path, platform: str) -> set[str]:
    """Run that script in a folder, and return the files that are kept."""
    environ = {"PATH": os.environ["PATH"], "BUILD_NUMBER": "7", "CI_JOB_ID": "7"}
    environ |= {"GITHUB_RUN_ID": "7", "GITHUB_RUN_ATTEMPT": "1"}
    subprocess.run(["sh", "-euc", keeping(platform)], cwd=folder, env=environ, check=True)
    files = [*folder.glob("history/*"), *folder.glob("baseline/*")]
    return {path.relative_to(folder).as_posix() for path in files}


@pytest.mark.parametrize(
    ("platform", "name"), [("github", "7-1"), ("gitlab", "7"), ("jenkins", "7")]
)
def test_a_result_is_kept_for_two_months(tmp_path: Path, platform: str, name: str) -> None:
    (tmp_path / "history").mkdir()
    (tmp_path / "gatekeeper-report").mkdir()
    shutil.copy(RED, tmp_path / "gatekeeper-report/result.json")
    for days in (59, 62):
        old = tmp_path / f"history/{days}-days.json"
        old.touch()
        os.utime(old, times=(time.time() - days * 86400,) * 2)
    expected = {"history/59-days.json", f"history/{name}.json", "baseline/result.json"}
    assert kept(tmp_path, platform) == expected


def test_a_pull_request_is_red_only_for_failures_that_main_does_not_have(
    program: Program, simulator: Simulator
) -> None:
    config = program.folder / "gatekeeper.toml"
    config.write_text('baseline = "baseline/result.json"\n', encoding="utf-8")
    environ = simulator.environment("banking-card-block") | {"GATEKEEPER_HISTORY": "history"}
    assert program.run("gate", **environ).returncode == 1
    kept(program.folder, "github")
    tolerated = program.run("gate", **environ)
    assert tolerated.returncode == 0, tolerated.stdout
    assert "2 still failing &#40;tolerated&#41;" in program.report("summary.md")


@pytest.mark.parametrize("event", ["push", "pull_request"])
def test_only_main_writes_what_others_are_judged_by(tmp_path: Path, event: str) -> None:
    job = Job(tmp_path / "job", actions={}, event=event)
    for path in ("baseline/result.json", "gatekeeper-report/result.json"):
        (job.workspace / path).parent.mkdir()
        shutil.copy(RED, job.workspace / path)
    steps = jobs_of("github-history.yml")["conversations"]["steps"]
    gate = [step.get("name") for step in steps].index("Run the conversation tests")
    job.run(steps[:gate])
    assert (job.workspace / "baseline").exists() is (event == "pull_request")
    job.run(steps[gate:])
    assert ("actions/cache/save" in job.used) is (event == "push")
    assert (job.workspace / "history").exists() is (event == "push")
    restored = job.used["actions/cache/restore"]
    if event == "push":
        # Otherwise, the cache would not be found.
        assert job.used["actions/cache/save"]["path"] == restored["path"]


def test_several_apps_have_one_verdict_and_a_missing_one_has_none(
    program: Program, simulator: Simulator
) -> None:
    jobs = jobs_of("github-apps.yml")
    apps = jobs["conversations"]["strategy"]["matrix"]["app"]
    for app in apps:
        report = f"apps/gatekeeper-app-{app}"
        environ = simulator.environment() | {"GATEKEEPER_LABEL": app}
        assert program.run("gate", "--report-dir", report, **environ).returncode == 0
    [merge] = [step for step in jobs["verdict"]["steps"] if "args" in step.get("with", {})]
    arguments = shlex.split(merge["with"]["args"])
    assert program.run(*arguments).returncode == 0
    assert {run["label"] for run in json.loads(program.report("result.json"))["runs"]} == set(apps)
    shutil.rmtree(program.folder / report)
    assert program.run(*arguments).returncode == 3


def test_one_gate_for_several_apps_gets_each_secret_by_the_variable_that_the_file_names(
    program: Program,
) -> None:
    text = (EXAMPLES / "gatekeeper-credentials.toml").read_text(encoding="utf-8")
    tables = tomllib.loads(text)["credentials"]
    named = {table["client-secret-variable"] for table in tables.values()}
    steps = jobs_of("github-credentials.yml")["conversations"]["steps"]
    assert [set(step["env"]) for step in steps if "env" in step] == [named]
    for example in ("gitlab-credentials.yml", "Jenkinsfile.credentials"):
        others = (EXAMPLES / example).read_text(encoding="utf-8")
        assert set(re.findall(r"GATEKEEPER_\w+_SECRET", others)) == named
    suites = {"Booking regression": "banking-transfer", "Points and rewards": "hotel-arabic"}
    apps = (Booking, Loyalty)
    for app, (name, suite), table in zip(apps, suites.items(), tables.values(), strict=True):
        text = text.replace(table["stream-id"], app.stream_id).replace(name, suite)
        text = text.replace(table["client-id"], app.client_id)
    # The simulated app signs as most do.
    config = program.folder / "gatekeeper.toml"
    config.write_text(text.replace("HS512", "HS256"), encoding="utf-8")
    with two_apps() as (host, sent):
        done = program.run("gate", GATEKEEPER_HOST=host, **SECRETS)
    assert done.returncode == 0, done.stdout
    assert set(sent) == {(app.stream_id, app.client_id) for app in apps}


def test_the_tutorial_leads_to_a_green_and_a_red_gate(
    program: Program, simulator: Simulator
) -> None:
    page = (ROOT / "docs/tutorial.md").read_text(encoding="utf-8")
    [green, red] = re.split(r"^## \d\. A (?:green|red) gate$", page, flags=re.MULTILINE)[1:]
    [instead] = re.findall(r"`gatekeeper (gate --test-suite .+?)`", red)
    commands = [*re.findall(r"^gatekeeper (config|gate.*)$", green, re.MULTILINE), instead]
    codes = [program.run(*it.split(), **simulator.environment()).returncode for it in commands]
    assert dict(zip(commands, codes, strict=True)) == {"config": 0, "gate": 0, instead: 1}
    [page] = re.findall(r"`(\S+\.html)`", red)
    assert "FAILED" in (program.folder / page).read_text(encoding="utf-8").upper()


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_a_shell_reads_an_env_file_as_docker_does(tmp_path: Path, shell: str) -> None:
    settings = {"A": "Booking regression", "B": "$HOME `id` \\n", "C": "'a' \"b\"  ", "D": "x=y#z"}
    lines = [f"{name}={value}" for name, value in settings.items()]
    text = (EXAMPLES / "kore.env").read_text(encoding="utf-8") + "\n".join(lines)
    (tmp_path / "kore.env").write_text(text, encoding="utf-8")
    shutil.copy(EXAMPLES / "load-env.sh", tmp_path)
    done = subprocess.run(
        [shell, "-euc", ". ./load-env.sh; env -0"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    loaded = dict(line.split("=", 1) for line in done.stdout.split("\0") if line)
    as_docker = dict(line.split("=", 1) for line in text.split("\n") if line and line[0] != "#")
    assert loaded.items() >= as_docker.items()
    assert as_docker["GATEKEEPER_TEST_SUITE"] == "Booking regression"
