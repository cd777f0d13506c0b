"""The CI job that the gate runs in, by the variables that GitHub, GitLab and Jenkins document."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.core.model import Pipeline


def pipeline_of(environ: Mapping[str, str]) -> Pipeline:
    """Return the commit and a link to the job, as far as the platform tells them."""
    if run := environ.get("GITHUB_RUN_ID"):
        server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
        return Pipeline(environ.get("GITHUB_SHA"), f"{server}/{repository}/actions/runs/{run}")
    if "GITLAB_CI" in environ:
        return Pipeline(environ.get("CI_COMMIT_SHA"), environ.get("CI_JOB_URL"))
    return Pipeline(environ.get("GIT_COMMIT"), environ.get("BUILD_URL"))
