"""The interface of a CI platform; the base class stands for a machine without one."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Pipeline, Shard
from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.core.source_map import SourceMap

if TYPE_CHECKING:
    from gatekeeper.comments.api import CommentApi


class Platform:
    """No known CI platform: reports are files, and the log is plain text.

    A subclass overrides what its platform supports.
    """

    name: ClassVar[str] = "none"
    """Its name in pipeline ids, and as a format of `plan`."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:  # noqa: ARG003 - subclasses look at it
        """Return whether these environment variables are those of a job on this platform."""
        return True

    @property
    def job(self) -> Pipeline:
        """The commit, the link to the job and the pipeline id, as far as they are known."""
        return Pipeline()

    def environ_for(self, secrets: Collection[str]) -> Mapping[str, str]:  # noqa: ARG002 - the same
        """Return the variables, without those of these `secrets` that the platform left unset."""
        return self._environ

    @property
    def shows_colour(self) -> bool:
        """Whether the job's log is displayed with colours."""
        return False

    @property
    def takes_summary(self) -> bool:
        """Whether the job can have a summary in Markdown."""
        return False

    @property
    def why_no_secrets(self) -> str:
        """Why the job gets no secrets and what to do, in sentences; empty if it gets them."""
        return ""

    @property
    def appended_files(self) -> Sequence[str]:
        """The paths of the files that the summary and the outputs are appended to."""
        return ()

    def mask(self, secrets: Iterable[str], console: Console) -> None:
        """Have the platform mask these secrets in the job's log."""

    @contextmanager
    def section(self, title: str, console: Console) -> Iterator[None]:
        """Fold the lines that are logged in this context under a title.

        Without support for it, neither the title nor a marker is logged. The title is written as
        it is, so it must be gatekeeper's own text.
        """
        for line in self._section_start(title):
            console.command(line)
        try:
            yield
        finally:
            for line in self._section_end():
                console.command(line)

    def _section_start(self, title: str) -> Sequence[str]:  # noqa: ARG002 - subclasses write it
        return ()

    def _section_end(self) -> Sequence[str]:
        return ()

    def annotate(self, gate: Gate, source_map: SourceMap | None, console: Console) -> None:
        """Show what did not pass as annotations, at the lines of the suite's source if known."""

    def publish_summary(self, markdown: str, console: Console) -> None:
        """Publish the job's summary; raises `ReportNotWritten`."""

    def publish_outputs(self, outputs: Mapping[str, str], console: Console) -> None:
        """Hand values over to later steps or jobs; raises `ReportNotWritten`."""

    def comments(self) -> CommentApi | str:
        """Return the comments of the job's pull or merge request, or why there are none.

        Raises `CommentError` if the job lacks what is needed to comment.
        """
        return "only jobs on GitHub and GitLab can comment"

    def publish_plan(self, plan: str, console: Console) -> None:
        """Hand a plan over to later jobs; raises `ReportNotWritten`."""

    def plan(self, shards: Sequence[Sequence[PlannedSuite]]) -> str:
        """Return the jobs that run these shards, in the platform's own format.

        Raises `ConfigurationError` if the platform cannot run that many. This is a JSON list, for
        any script to read.
        """
        return ascii_json(
            [
                {
                    "name": f"shard {index}",
                    "suites": suite_lines(suites),
                    "shard": str(Shard(index, len(shards))),
                }
                for index, suites in enumerate(shards, 1)
            ]
        )


def pipeline_id(platform: str, *parts: str | None) -> str | None:
    """Return the id of a pipeline: platform, project, number; `None` if a part is unknown.

    Jobs and attempts are not part of it, so that a re-run of failed jobs keeps the id.
    """
    return "/".join((platform, *filter(None, parts))) if all(parts) else None


def lines_of(secrets: Iterable[str]) -> list[str]:
    """Return each line of these secrets once: a platform masks lines."""
    return [*dict.fromkeys(line for secret in secrets for line in secret.splitlines() if line)]


def suite_lines(suites: Iterable[PlannedSuite]) -> str:
    """Return a shard's suites as a value of the setting `test-suite`."""
    return "\n".join(map(str, suites))


def ascii_json(value: Any, indent: int | None = None) -> str:
    """Return JSON in ASCII, in which no CI platform finds a command; without indent on one line."""
    return json.dumps(value, indent=indent).replace("##", "#\\u0023")
