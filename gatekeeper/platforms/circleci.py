"""CircleCI: the job's facts; it stores test results and artifacts by steps of the job."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.core.model import Pipeline
from gatekeeper.platforms.base import Platform, pipeline_id


class CircleCI(Platform):
    """A job on CircleCI."""

    name = "circleci"

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:
        """Return whether this is a job on CircleCI."""
        return bool(environ.get("CIRCLECI"))

    @property
    def job(self) -> Pipeline:
        """The commit, the link to the job, and the id of the pipeline."""
        variable = self._environ.get
        return Pipeline(
            variable("CIRCLE_SHA1"),
            variable("CIRCLE_BUILD_URL"),
            pipeline_id(self.name, variable("CIRCLE_PIPELINE_ID")),
        )

    @property
    def shows_colour(self) -> bool:
        """Job logs are always displayed with colours."""
        return True

    @property
    def why_no_secrets(self) -> str:
        """Why CircleCI withholds variables: from pull requests from forks."""
        # Only these have a number.
        if self._environ.get("CIRCLE_PR_NUMBER"):
            return (
                "This pull request is from a fork, and CircleCI gives its jobs no variables of "
                "the project: run the gate after the merge, or push the reviewed branch to this "
                "repository"
            )
        return ""
