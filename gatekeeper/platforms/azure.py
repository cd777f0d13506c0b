"""Azure Pipelines: masks, log groups, issues, a summary, output variables, a plan as a matrix."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from gatekeeper.console import Console
from gatekeeper.core.model import Gate, Pipeline, Shard
from gatekeeper.core.reports.annotations import Annotation, annotations_of
from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import cut_middle, inert, printable
from gatekeeper.errors import ConfigurationError, ReportNotWritten
from gatekeeper.files import write_atomically
from gatekeeper.platforms.base import Platform, ascii_json, lines_of, pipeline_id, suite_lines

# Azure shows no more issues of a type per step.
_ISSUES_PER_TYPE = 10
_MESSAGE_LIMIT = 4000
# The agent decodes `%AZP25` last.
_ESCAPES = {"%": "%AZP25", "\r": "%0D", "\n": "%0A"}
_PROPERTY_ESCAPES = {**_ESCAPES, ";": "%3B", "]": "%5D"}
_REFERENCE = re.compile(r"\$\([^()]+\)")


class Azure(Platform):
    """A step of a job on Azure Pipelines."""

    name = "azure"

    @classmethod
    def detects(cls, environ: Mapping[str, str]) -> bool:
        """Return whether this is a step on Azure Pipelines, whose agent reads the log."""
        return bool(environ.get("TF_BUILD"))

    @property
    def job(self) -> Pipeline:
        """The commit, the link to the run, and the id from project and run.

        The commit of a pull request is its head, not the temporary merge commit that is tested.
        """
        variable = self._environ.get
        server = variable("SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "").rstrip("/")
        project, build = variable("SYSTEM_TEAMPROJECT"), variable("BUILD_BUILDID")
        url = None
        if server and project and build:
            url = f"{server}/{quote(project)}/_build/results?buildId={quote(build)}"
        return Pipeline(
            variable("SYSTEM_PULLREQUEST_SOURCECOMMITID") or variable("BUILD_SOURCEVERSION"),
            url,
            pipeline_id(self.name, project, build),
        )

    def environ_for(self, secrets: Collection[str]) -> Mapping[str, str]:
        """Return the variables, without those of these `secrets` that Azure left unset.

        Azure passes `$(NAME)` on as it is if there is no variable NAME.
        """
        return {
            name: value
            for name, value in self._environ.items()
            if name not in secrets or not _REFERENCE.fullmatch(value.strip())
        }

    @property
    def shows_colour(self) -> bool:
        """Job logs are always displayed with colours."""
        return True

    @property
    def takes_summary(self) -> bool:
        """Whether there is a folder for it, at the same path for the agent as here.

        A container has to mount it like that.
        """
        return self._temporary.is_absolute() and self._temporary.is_dir()

    @property
    def _temporary(self) -> Path:
        return Path(self._environ.get("AGENT_TEMPDIRECTORY", ""))

    @property
    def why_no_secrets(self) -> str:
        """Why Azure withholds secrets: from forks, and from steps that do not map them."""
        if self._environ.get("SYSTEM_PULLREQUEST_ISFORK", "").lower() == "true":
            return (
                "This pull request is from a fork, and Azure Pipelines gives its builds no "
                "secrets: run the gate after the merge, or push the reviewed branch to this "
                "repository"
            )
        return (
            "Azure Pipelines hands secret variables only to steps that map them: add the variable "
            "to the pipeline, and map it in the step's env"
        )

    def mask(self, secrets: Iterable[str], console: Console) -> None:
        """Have the agent mask these secrets; each line of them by itself, as it reads lines."""
        for line in lines_of(secrets):
            console.command(f"##vso[task.setsecret]{_escaped(line)}", secret=True)

    def _section_start(self, title: str) -> Sequence[str]:
        return [f"##[group]{title}"]

    def _section_end(self) -> Sequence[str]:
        return ["##[endgroup]"]

    def annotate(self, gate: Gate, source_map: SourceMap | None, console: Console) -> None:
        """Show the worst of what did not pass, and of the warnings, as issues of the step."""
        for annotation in annotations_of(gate, source_map, _ISSUES_PER_TYPE):
            console.command(issue_command(annotation))

    def publish_summary(self, markdown: str, console: Console) -> None:
        """Have the agent upload a file for the run's tab Extensions; raises `ReportNotWritten`."""
        # The agent reads it later, so another gate of this job must not replace it.
        path = self._temporary / f"gatekeeper-{secrets.token_hex(4)}.md"
        try:
            write_atomically(path, [markdown])
        except ReportNotWritten as error:
            next_step = 'run the container as the agent\'s user: docker run --user "$UID"'
            raise ReportNotWritten(error.what, next_step=next_step) from None
        console.command(f"##vso[task.uploadsummary]{_escaped(str(path))}")

    def publish_outputs(self, outputs: Mapping[str, str], console: Console) -> None:
        """Set output variables, which other steps read as `$(STEP.exit_code)`."""
        for name, value in outputs.items():
            # Where the variable is used, Azure replaces `$(NAME)` in it, even with a secret.
            text = inert(printable(value)).replace("$(", "$ (")
            console.command(output_command(name.replace("-", "_"), text))

    def publish_plan(self, plan: str, console: Console) -> None:
        """Set the output variable `matrix`, if this is a step."""
        if self.detects(self._environ):
            console.command(output_command("matrix", plan))

    def plan(self, shards: Sequence[Sequence[PlannedSuite]]) -> str:
        """Return the matrix of a job on one line; its variables are the settings of each shard.

        Raises `ConfigurationError` for a suite that Azure would change.
        """
        for suite in (str(suite) for shard in shards for suite in shard):
            if "$(" in suite:
                why = "Azure Pipelines may replace $(…) in it with the value of a variable"
                raise ConfigurationError([f"test-suite: {printable(suite)!r}: {why}"])
        matrix = {
            f"shard_{index}": {
                "GATEKEEPER_TEST_SUITE": suite_lines(suites),
                "GATEKEEPER_SHARD": str(Shard(index, len(shards))),
                # For names of artifacts, which have no slash.
                "SHARD": str(index),
            }
            for index, suites in enumerate(shards, 1)
        }
        # Pipelines can turn off that the agent decodes percent signs.
        return ascii_json(matrix).replace("%", "\\u0025")


def issue_command(annotation: Annotation) -> str:
    """Return the logging command that shows an annotation as an issue, on one line."""
    values = {
        "type": "warning" if annotation.is_warning else "error",
        "sourcepath": annotation.file,
        "linenumber": annotation.line,
    }
    properties = ";".join(
        f"{name}={_escaped(printable(str(value)), _PROPERTY_ESCAPES)}"
        for name, value in values.items()
        if value
    )
    lines = printable(f"{annotation.title}: {annotation.message}").splitlines()
    message = cut_middle("; ".join(filter(None, lines)), _MESSAGE_LIMIT)
    return f"##vso[task.logissue {properties}]{_escaped(inert(message))}"


def output_command(name: str, value: str) -> str:
    """Return the logging command that sets an output variable of the step."""
    return f"##vso[task.setvariable variable={name};isoutput=true]{_escaped(value)}"


def _escaped(text: str, escapes: Mapping[str, str] = _ESCAPES) -> str:
    return "".join(escapes.get(char, char) for char in text)
