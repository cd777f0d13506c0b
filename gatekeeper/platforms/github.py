"""GitHub Actions: masks, log groups, annotations, job summary, outputs, and a plan as a matrix."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Pipeline
from gatekeeper.core.reports.annotations import Annotation, annotations_of
from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import cut_middle, printable
from gatekeeper.files import append_to
from gatekeeper.platforms.base import Platform, ascii_json, lines_of, pipeline_id, suite_lines
from gatekeeper.platforms.github_event import PullRequest, pull_request_in

if TYPE_CHECKING:
    from gatekeeper.comments.api import CommentApi

# GitHub shows no more annotations of a level per step.
_ANNOTATIONS_PER_LEVEL = 10
_MESSAGE_LIMIT = 4000


class GitHub(Platform):
    """A step of a job on GitHub Actions."""

    name = "github"

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:
        """Return whether this is a step; a container may be given only some of the variables."""
        names = ("GITHUB_RUN_ID", "GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        return _reads_commands(environ) or any(environ.get(name) for name in names)

    @property
    def job(self) -> Pipeline:
        """The commit, the link to this attempt of the workflow run, and the id of the run.

        The commit of a pull request is its head, not the temporary merge commit that is tested.
        """
        variable = self._environ.get
        server, repository = variable("GITHUB_SERVER_URL"), variable("GITHUB_REPOSITORY")
        run = variable("GITHUB_RUN_ID")
        url = None
        if server and repository and run:
            url = f"{server}/{repository}/actions/runs/{run}"
            attempt = variable("GITHUB_RUN_ATTEMPT", "")
            if attempt.isdecimal() and attempt != "1":
                url = f"{url}/attempts/{attempt}"
        return Pipeline(self._commit, url, pipeline_id(self.name, repository, run))

    @cached_property
    def _commit(self) -> str | None:
        variable = self._environ.get
        if self._pull_request and (head := self._pull_request.head_commit):
            return head
        is_pull_request = variable("GITHUB_HEAD_REF") or "refs/pull/" in variable("GITHUB_REF", "")
        # In a container without the event file, unknown is better than a commit that other jobs of
        # the pipeline do not state.
        return None if is_pull_request else variable("GITHUB_SHA") or None

    @property
    def shows_colour(self) -> bool:
        """Whether the runner reads the log."""
        return _reads_commands(self._environ)

    @property
    def takes_summary(self) -> bool:
        """Whether there is a file for the job summary."""
        return bool(self._environ.get("GITHUB_STEP_SUMMARY"))

    @property
    def appended_files(self) -> Sequence[str]:
        """The files of the job summary and of the step's outputs, as far as there are any."""
        names = ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")
        return [path for name in names if (path := self._environ.get(name))]

    @property
    def why_no_secrets(self) -> str:
        """Why GitHub withholds the secrets: from Dependabot, and pull requests from forks."""
        if self._environ.get("GITHUB_ACTOR") == "dependabot[bot]":
            return (
                "Dependabot started this job, and GitHub gives it only Dependabot secrets: add the "
                "secret in Settings > Secrets and variables > Dependabot, or skip the gate there"
            )
        if self._is_from_fork():
            return (
                "This pull request is from a fork, and GitHub gives its jobs no secrets: run the "
                "gate after the merge, or push the reviewed branch to this repository"
            )
        return ""

    def _is_from_fork(self) -> bool:
        event = self._environ.get("GITHUB_EVENT_NAME", "")
        # A job of `pull_request_target` runs the base's workflow, and has secrets.
        if not event.startswith("pull_request") or event == "pull_request_target":
            return False
        return bool(self._pull_request and self._pull_request.is_from_fork)

    @cached_property
    def _pull_request(self) -> PullRequest | None:
        path = self._environ.get("GITHUB_EVENT_PATH")
        return pull_request_in(Path(path)) if path else None

    def mask(self, secrets: Iterable[str], console: Console) -> None:
        """Have the runner mask these secrets; each line of them by itself, as it reads lines."""
        # Where no runner reads the log, the command itself would reveal the secret.
        if not _reads_commands(self._environ):
            return
        for line in lines_of(secrets):
            console.command(f"::add-mask::{line.replace('%', '%25')}", secret=True)

    def _section_start(self, title: str) -> Sequence[str]:
        return [f"::group::{title}"] if _reads_commands(self._environ) else []

    def _section_end(self) -> Sequence[str]:
        return ["::endgroup::"] if _reads_commands(self._environ) else []

    def annotate(self, gate: Gate, source_map: SourceMap | None, console: Console) -> None:
        """Show the worst of what did not pass, and of the warnings, as annotations."""
        if _reads_commands(self._environ):
            for annotation in annotations_of(gate, source_map, _ANNOTATIONS_PER_LEVEL):
                console.command(annotation_command(annotation))

    def publish_summary(self, markdown: str, console: Console) -> None:  # noqa: ARG002 - a file
        """Append to the job summary; raises `ReportNotWritten`."""
        _append(self._environ["GITHUB_STEP_SUMMARY"], markdown)

    def publish_outputs(self, outputs: Mapping[str, str], console: Console) -> None:  # noqa: ARG002 - the same
        """Append to the step's outputs, if there is a file for them; raises `ReportNotWritten`."""
        if path := self._environ.get("GITHUB_OUTPUT"):
            _append(path, "".join(_output(name, value) for name, value in outputs.items()))

    def comments(self) -> CommentApi | str:
        """Return the comments of the pull request that the event is about."""
        if not (self._pull_request and self._pull_request.number):
            return "this job is not about a pull request"
        from gatekeeper.comments.github import GitHubComments
        from gatekeeper.comments.job_variables import api_url, required

        variable = self._environ.get
        is_by_dependabot = variable("GITHUB_ACTOR") == "dependabot[bot]"
        why_read_only = ""
        if self._is_from_fork() or is_by_dependabot:
            why_read_only = (
                "jobs of pull requests from forks or by Dependabot have a token that cannot write: "
                "read the job summary instead"
            )
        return GitHubComments(
            api_url("GITHUB_API_URL", self._environ),
            required("GITHUB_REPOSITORY", self._environ),
            self._pull_request.number,
            # A job can have several gates, each in its own step.
            tuple(variable(f"GITHUB_{name}", "") for name in ("WORKFLOW", "JOB", "ACTION")),
            why_read_only,
        )

    def publish_plan(self, plan: str, console: Console) -> None:
        """Set the output `matrix`; raises `ReportNotWritten`."""
        self.publish_outputs({"matrix": plan}, console)

    def plan(self, shards: Sequence[Sequence[PlannedSuite]]) -> str:
        """Return the matrix of a job, for `fromJSON`, on one line."""
        jobs = [
            {"shard": index, "shards": len(shards), "suites": suite_lines(suites)}
            for index, suites in enumerate(shards, 1)
        ]
        return ascii_json({"include": jobs})


def _reads_commands(environ: Mapping[str, str]) -> bool:
    """Return whether a runner reads this log, and obeys the workflow commands in it."""
    return environ.get("GITHUB_ACTIONS") == "true"


def annotation_command(annotation: Annotation) -> str:
    """Return the workflow command that shows an annotation."""
    level = "warning" if annotation.is_warning else "error"
    values = {"title": annotation.title, "file": annotation.file, "line": annotation.line}
    properties = ",".join(
        f"{name}={_escaped(str(value), ':,')}" for name, value in values.items() if value
    )
    message = _escaped(cut_middle(printable(annotation.message), _MESSAGE_LIMIT))
    return f"::{level} {properties}::{message}"


def _escaped(text: str, separators: str = "") -> str:
    """Escape what would end a command's line or, as one of `separators`, a property."""
    special = f"%\r\n{separators}"
    return "".join(f"%{ord(char):02X}" if char in special else char for char in text)


def _output(name: str, value: str) -> str:
    """Return an output with a random delimiter, so that no value can end it."""
    delimiter = f"end-{secrets.token_hex(16)}"
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _append(path: str, text: str) -> None:
    # A path may contain bytes that are not UTF-8; they are written unchanged.
    append_to(Path(path), text.encode("utf-8", "surrogateescape"))
