"""Bitbucket Pipelines: the job's facts, and variables for later steps."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from gatekeeper.console import Console
from gatekeeper.core.model import Pipeline
from gatekeeper.files import append_to
from gatekeeper.platforms.base import Platform, pipeline_id

_VARIABLES_FILE = "BITBUCKET_PIPELINES_VARIABLES_PATH"
_SITE = "https://bitbucket.org"
# How Bitbucket reads quotes, blanks and line ends in its file of variables is not documented.
_PLAIN = re.compile(r"[\w.,:/?&=+-]+", re.ASCII)


class Bitbucket(Platform):
    """A step of a pipeline on Bitbucket Pipelines, which reads test reports by itself."""

    name = "bitbucket"

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:
        """Return whether this is a step; Jenkins' plugins set other `BITBUCKET_` variables."""
        return bool(environ.get("BITBUCKET_BUILD_NUMBER"))

    @property
    def job(self) -> Pipeline:
        """The commit, the link to the step, and the id from repository and pipeline."""
        variable = self._environ.get
        repository = variable("BITBUCKET_REPO_FULL_NAME")
        build = variable("BITBUCKET_BUILD_NUMBER")
        url = None
        if repository and build:
            url = f"{_SITE}/{quote(repository)}/pipelines/results/{quote(build)}"
            if step := variable("BITBUCKET_STEP_UUID"):
                url = f"{url}/steps/{quote(step)}"
        return Pipeline(
            variable("BITBUCKET_COMMIT"), url, pipeline_id(self.name, repository, build)
        )

    @property
    def appended_files(self) -> Sequence[str]:
        """The file of the step's variables, if there is one."""
        path = self._environ.get(_VARIABLES_FILE)
        return [path] if path else []

    def publish_outputs(self, outputs: Mapping[str, str], console: Console) -> None:  # noqa: ARG002 - others log them
        """Append variables such as `GATE_EXIT_CODE` to the step's file, if there is one.

        Only plain values are among them, not the headline. Raises `ReportNotWritten`.
        """
        if path := self._environ.get(_VARIABLES_FILE):
            lines = (
                f"GATE_{name.replace('-', '_').upper()}={value}\n"
                for name, value in outputs.items()
                if _PLAIN.fullmatch(value)
            )
            append_to(Path(path), "".join(lines).encode())
