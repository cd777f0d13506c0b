"""Parting the suites over several jobs, in the form that each CI platform takes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from gatekeeper import __version__
from gatekeeper.commands.options import options
from gatekeeper.console import Console
from gatekeeper.core.model import Shard
from gatekeeper.core.result_file.schema import MOST_SHARDS, SavedGate
from gatekeeper.core.result_file.shards import Suite, durations_of, parted
from gatekeeper.errors import (
    ConfigurationError,
    ExitCode,
    GatekeeperError,
    ReportNotWritten,
    cause_of,
)
from gatekeeper.platforms.github import write_matrix
from gatekeeper.result_files import find_reports, read_result_file
from gatekeeper.settings.config_file import read_config_file
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.suites import chosen_suites

_IMAGE = f"ghcr.io/owner/gatekeeper:{__version__}"
# As many other jobs as GitLab lets one job need.
_GITLAB_NEEDS = 50


@click.command("plan")
@click.option(
    "--shards",
    type=click.IntRange(1, MOST_SHARDS),
    required=True,
    metavar="N",
    help="Number of jobs to split the suites across.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["github", "gitlab", "jenkins"]),
    default="github",
    show_default=True,
    help="Format to print: a matrix, a child pipeline, or a list for parallel.",
)
@click.option(
    "--durations",
    multiple=True,
    metavar="PATH",
    help="An earlier result.json, or a folder with some, to balance the jobs by.",
)
@options("test-suite", "config", "tag")
def command(shards: int, form: str, durations: Sequence[str], **flags: Any) -> ExitCode:
    """Split the suites evenly across several jobs, and print the jobs for a CI platform."""
    suites = suites_to_plan(flags, os.environ)
    return plan(suites, shards, form, durations, os.environ)


def suites_to_plan(flags: Mapping[str, Any], environ: Mapping[str, str]) -> list[Suite]:
    """Read which suites there are: those that are named, or those of the configuration file.

    Raises `ConfigurationError` where there is none.
    """
    reader = Reader(flags, environ)
    config = read_config_file(reader)
    if config.top:
        reader = reader.within(config.top)
    suites = chosen_suites(reader, config)
    reader.finish()
    return suites


def plan(
    suites: Sequence[Suite],
    shards: int,
    form: str,
    durations: Sequence[str],
    environ: Mapping[str, str],
) -> ExitCode:
    """Part the suites over at most `shards` jobs, and print these for the platform `form`.

    Paths of `durations` that cannot be read are told and passed over: they only help to balance.
    """
    told = Console(sys.stderr)
    parts = parted(suites, durations_of(_earlier(durations, told)), shards)
    jobs = drawn(form, parts, environ)
    try:
        if form == "github":
            write_matrix(jobs, environ)
        # In a stream of its own, so that what cannot be written is known here, not at the end.
        with os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8") as out:
            out.write(f"{jobs}\n")
    except (OSError, ReportNotWritten) as error:
        why = cause_of(error) if isinstance(error, OSError) else error.what
        told.say(f"gatekeeper: the plan could not be written: {why}")
        return ExitCode.REPORT_NOT_WRITTEN
    return ExitCode.PASSED


def _earlier(places: Sequence[str], told: Console) -> Iterator[SavedGate]:
    for folder in (folder for place in places for folder in find_reports(Path(place)).folders):
        try:
            yield read_result_file(folder)
        except GatekeeperError as error:
            told.say(f"warning: durations: {error.what}")


def drawn(form: str, parts: Sequence[Sequence[Suite]], environ: Mapping[str, str]) -> str:
    """Draw the jobs of a plan, a shard for each, for the platform `form`."""
    return _FORMATS[form](parts, environ)


def _github(parts: Sequence[Sequence[Suite]], _environ: Mapping[str, str]) -> str:
    """Draw the matrix of a job, for `fromJSON`, in one line."""
    return _json(
        {
            "include": [
                {"shard": index, "shards": len(parts), "suites": _lines(part)}
                for index, part in enumerate(parts, 1)
            ]
        }
    )


def _jenkins(parts: Sequence[Sequence[Suite]], _environ: Mapping[str, str]) -> str:
    """Draw a list for `readJSON`, to make branches of `parallel` of."""
    return _json(
        [
            {
                "name": f"shard {index}",
                "suites": _lines(part),
                "shard": str(Shard(index, len(parts))),
            }
            for index, part in enumerate(parts, 1)
        ]
    )


def _gitlab(parts: Sequence[Sequence[Suite]], environ: Mapping[str, str]) -> str:
    """Draw a child pipeline: a job for each shard, and one that joins the reports of all."""
    if len(parts) > _GITLAB_NEEDS:
        why = f"GitLab lets the job that joins them need no more than {_GITLAB_NEEDS} others"
        raise ConfigurationError([f"--shards: {why}"])
    image = _yaml(environ.get("CI_JOB_IMAGE") or _IMAGE)
    jobs = [
        _GITLAB_SHARD.format(
            index=index,
            image=image,
            suites=_yaml(_lines(part)),
            shard=Shard(index, len(parts)),
        )
        for index, part in enumerate(parts, 1)
    ]
    needs = ", ".join(f'"shard {index}"' for index in range(1, len(parts) + 1))
    merge = _GITLAB_MERGE.format(image=image, needs=needs, shards=len(parts))
    return "\n".join((_GITLAB_HEAD, *jobs, merge)).rstrip()


_FORMATS: Mapping[str, Callable[[Sequence[Sequence[Suite]], Mapping[str, str]], str]] = {
    "github": _github,
    "gitlab": _gitlab,
    "jenkins": _jenkins,
}

# Settings of the parent pipeline beat variables of these jobs, but no flags.
_GITLAB_HEAD = """\
# Made by `gatekeeper plan`: a job for each shard, and one that joins the reports of all.
stages: [shards, verdict]
"""
_GITLAB_SHARD = """\
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
_GITLAB_MERGE = """\
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


def _lines(part: Sequence[Suite]) -> str:
    return "\n".join(name if run_id is None else f"{name}={run_id}" for name, run_id in part)


def _json(value: Any) -> str:
    """Write JSON in ASCII, in which GitHub's runner finds no command."""
    return json.dumps(value).replace("##[", "#\\u0023[")


def _yaml(text: str) -> str:
    """Quote a text for YAML, in which GitLab expands no variable."""
    return f'"{"".join(map(_escaped, text))}"'.replace("$", "$$")


def _escaped(character: str) -> str:
    if character == "\n":
        return "\\n"
    if character.isprintable() and character not in '"\\':
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"  # noqa: PLR2004 - of YAML
