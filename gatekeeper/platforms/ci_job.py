"""The CI job that the gate runs in, by the variables that GitHub, GitLab and Jenkins document."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.core.model import Pipeline


def pipeline_of(environ: Mapping[str, str]) -> Pipeline:
    """Return the commit, a link to the job, and the pipeline's id, as far as they are known."""
    if run := environ.get("GITHUB_RUN_ID"):
        server, repository = environ.get("GITHUB_SERVER_URL"), environ.get("GITHUB_REPOSITORY")
        return Pipeline(
            environ.get("GITHUB_SHA"),
            f"{server}/{repository}/actions/runs/{run}",
            _id("github", repository, run),
        )
    if "GITLAB_CI" in environ:
        project, pipeline = environ.get("CI_PROJECT_ID"), environ.get("CI_PIPELINE_ID")
        return Pipeline(
            environ.get("CI_COMMIT_SHA"),
            environ.get("CI_JOB_URL"),
            _id("gitlab", project, pipeline),
        )
    job, build = environ.get("JOB_NAME"), environ.get("BUILD_NUMBER")
    return Pipeline(environ.get("GIT_COMMIT"), environ.get("BUILD_URL"), _id("jenkins", job, build))


def _id(platform: str, *parts: str | None) -> str | None:
    """Name a pipeline by its platform, project and number; `None` where a part is missing.

    It has no job and no attempt in it, so that a re-run of failed jobs keeps it.
    """
    return "/".join((platform, *filter(None, parts))) if all(parts) else None
