"""GitLab CI: collapsible log sections, and a plan as a child pipeline."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gatekeeper.core.model import Pipeline, Shard
from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.core.text import double_quoted
from gatekeeper.errors import ConfigurationError
from gatekeeper.origin import IMAGE
from gatekeeper.platforms.base import Platform, pipeline_id, suite_lines

if TYPE_CHECKING:
    from gatekeeper.comments.api import CommentApi

JOB_IMAGE = "CI_JOB_IMAGE"
"""The variable of the image that a job runs in."""
# Names of sections are unique in a log; gatekeeper writes only this one.
_SECTION = "gatekeeper_waiting"
# GitLab's limit of jobs that one job can need.
_MOST_NEEDS = 50


class GitLab(Platform):
    """A job of GitLab CI."""

    name = "gitlab"

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:
        """Return whether this is a job of GitLab CI."""
        return "GITLAB_CI" in environ

    @property
    def job(self) -> Pipeline:
        """The commit, the link to the job, and the id from project and pipeline.

        The commit of a merged results pipeline is the head of the merge request, not the temporary
        merge commit that is tested.
        """
        variable = self._environ.get
        return Pipeline(
            variable("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA") or variable("CI_COMMIT_SHA"),
            variable("CI_JOB_URL"),
            pipeline_id(self.name, variable("CI_PROJECT_ID"), variable("CI_PIPELINE_ID")),
        )

    @property
    def shows_colour(self) -> bool:
        """Job logs are always displayed with colours."""
        return True

    @property
    def why_no_secrets(self) -> str:
        """Why GitLab withholds variables: from forks, and protected ones from other branches."""
        variable = self._environ.get
        source = variable("CI_MERGE_REQUEST_SOURCE_PROJECT_ID")
        target = variable("CI_MERGE_REQUEST_PROJECT_ID") or variable("CI_PROJECT_ID")
        if source and source != target:
            return (
                "This merge request is from a fork, whose pipelines have no variables of this "
                "project: run the gate after the merge, or in a pipeline of this project"
            )
        if variable("CI_COMMIT_REF_PROTECTED") == "false":
            return (
                "This branch or tag is not protected, so protected variables are empty here: "
                "protect it, or clear the flag Protected of the variable"
            )
        return ""

    def _section_start(self, title: str) -> Sequence[str]:
        return [f"{_marker('start')}[collapsed=true]\r\x1b[0K{title}"]

    def _section_end(self) -> Sequence[str]:
        return [f"{_marker('end')}\r\x1b[0K"]

    def comments(self) -> CommentApi | str:
        """Return the notes of the job's merge request, or of the first one of its branch."""
        variable = self._environ.get
        number = variable("CI_MERGE_REQUEST_IID", "")
        project = variable("CI_MERGE_REQUEST_PROJECT_ID") or variable("CI_PROJECT_ID", "")
        page = variable("CI_MERGE_REQUEST_PROJECT_URL") or variable("CI_PROJECT_URL", "")
        if not number:
            # Of a branch pipeline, such as `group/project!7,group/project!9`.
            project, _, number = variable("CI_OPEN_MERGE_REQUESTS", "").split(",")[0].partition("!")
            page = f"{variable('CI_SERVER_URL')}/{project}" if variable("CI_SERVER_URL") else ""
        if not (project and number.isdecimal()):
            return "this job is not about a merge request"
        from gatekeeper.comments.gitlab import GitLabNotes
        from gatekeeper.comments.job_variables import api_url

        return GitLabNotes(
            api_url("CI_API_V4_URL", self._environ),
            project,
            number,
            (variable("CI_JOB_NAME", ""),),
            page and f"{page}/-/merge_requests/{number}",
        )

    def plan(self, shards: Sequence[Sequence[PlannedSuite]]) -> str:
        """Return a child pipeline: a job for each shard, and one that merges their reports."""
        if len(shards) > _MOST_NEEDS:
            why = f"GitLab lets the job that merges the reports need at most {_MOST_NEEDS} jobs"
            raise ConfigurationError([f"--shards: {why}"])
        image = _quoted(self._environ.get(JOB_IMAGE) or IMAGE)
        jobs = [
            _SHARD.format(
                index=index,
                image=image,
                suites=_quoted(suite_lines(suites)),
                shard=Shard(index, len(shards)),
            )
            for index, suites in enumerate(shards, 1)
        ]
        needs = ", ".join(f'"shard {index}"' for index in range(1, len(shards) + 1))
        merge = _MERGE.format(image=image, needs=needs, shards=len(shards))
        return "\n".join((_HEAD, *jobs, merge)).rstrip()


def _marker(kind: str) -> str:
    return f"\x1b[0Ksection_{kind}:{int(time.time())}:{_SECTION}"


_HEAD = """\
# Generated by `gatekeeper plan`: a job for each shard, and one that merges their reports.
stages: [shards, verdict]
"""
# Variables of the parent pipeline override those of these jobs, but not flags.
_SHARD = """\
"shard {index}":
  stage: shards
  image: {image}
  variables:
    GATEKEEPER_TEST_SUITE: {suites}
    GATEKEEPER_SHARD: "{shard}"
  script:
    - gatekeeper gate --report-dir shards/{index}
  artifacts:
    when: always
    paths:
      - shards/{index}
"""
_MERGE = """\
merge:
  stage: verdict
  image: {image}
  needs: [{needs}]
  when: always
  script:
    - gatekeeper merge shards --shards {shards} --report-dir gatekeeper-report
  artifacts:
    when: always
    expose_as: Conversation report
    paths:
      - gatekeeper-report
    reports:
      junit: gatekeeper-report/junit.xml
"""


def _quoted(text: str) -> str:
    """Quote a text for YAML; `$` is doubled, as GitLab would expand a variable."""
    # With a plain `#`, a log that the plan is printed to could contain a command for its platform.
    return double_quoted(text, "#").replace("$", "$$")
