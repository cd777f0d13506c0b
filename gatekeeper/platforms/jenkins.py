"""Jenkins: the job's facts; a plan is a JSON list for `readJSON` and `parallel`."""

from __future__ import annotations

from collections.abc import Mapping

from gatekeeper.core.model import Pipeline
from gatekeeper.platforms.base import Platform, pipeline_id


class Jenkins(Platform):
    """A build on Jenkins."""

    name = "jenkins"

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:
        """Return whether this is a build; a container may be given only some of the variables."""
        names = ("JENKINS_URL", "BUILD_URL", "BUILD_NUMBER", "GIT_COMMIT")
        return any(name in environ for name in names)

    @property
    def job(self) -> Pipeline:
        """The commit, the link to the build, and the id from the job's name and build number."""
        variable = self._environ.get
        return Pipeline(
            variable("GIT_COMMIT"),
            variable("BUILD_URL"),
            pipeline_id(self.name, variable("JOB_NAME"), variable("BUILD_NUMBER")),
        )
