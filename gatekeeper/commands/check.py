"""Judging saved status answers, without a network."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gatekeeper.commands.early_end import refuse, run_and_finish
from gatekeeper.commands.invocation import read_invocation
from gatekeeper.commands.options import POLICY, REPORTING, options
from gatekeeper.core.answer.read import read_result
from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.core.verdict.run import judge
from gatekeeper.core.verdict.run_ids import each_once
from gatekeeper.core.versions import spelled
from gatekeeper.errors import ExitCode, MalformedResult, cause_of
from gatekeeper.files import same_file
from gatekeeper.settings.load import examine_check
from gatekeeper.settings.sources import Reader
from gatekeeper.signals import Signals


@click.command("check")
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@options("test-suite", *POLICY, *REPORTING)
@click.pass_obj
def command(signals: Signals, /, files: Sequence[str], **flags: Any) -> ExitCode:
    """Judge saved responses of the status endpoint, one run per FILE; - is standard input."""
    reader, test_suite, policy, reporting = examine_check(flags, os.environ, files)
    answers = read_answers(files, test_suite, reader)
    invocation = read_invocation(signals)
    if reader.problems:
        return refuse(reader.problems, reporting, invocation)
    pipeline = invocation.platform.job
    return run_and_finish(lambda: check(answers, policy, pipeline), reporting, invocation)


def check(answers: Iterable[tuple[str, bytes]], policy: Policy, pipeline: Pipeline) -> Gate:
    """Judge saved status answers, each with the name of its suite."""
    started_at = datetime.now(UTC)
    start = time.monotonic()
    runs = each_once(_checked(name, body, policy) for name, body in answers)
    return Gate(runs, started_at, time.monotonic() - start, pipeline)


def _checked(test_suite: str, body: bytes, policy: Policy) -> Run:
    try:
        result = read_result(body)
    except MalformedResult as error:
        reason = Reason(Outcome.ERROR, error.what, firm=True)
        return Run(test_suite, None, Verdict(Outcome.ERROR, (reason,)))
    return Run(
        test_suite=test_suite,
        test_run_id=_id(result.id),
        verdict=judge(result, policy),
        stream_id=_id(result.stream_id),
        bot_version=spelled(result.version),
        duration=result.duration,
        results_url=result.results_url,
        result=result,
    )


def read_answers(files: Iterable[str], test_suite: str, reader: Reader) -> list[tuple[str, bytes]]:
    """Read saved answers, each with the name of its suite: `test_suite`, or else the file's.

    What cannot be read is a problem of the settings.
    """
    answers: list[tuple[str, bytes]] = []
    seen: list[Path] = []
    for file in files:
        if any(same_file(Path(file), other) for other in seen):
            reader.note(f"{file} is given twice: a run counts once")
            continue
        seen.append(Path(file))
        name = "standard input" if file == "-" else Path(file).stem
        try:
            # Standard input is no more there than a file that was not found when it was closed.
            body = Path(file).read_bytes() if file != "-" else sys.stdin.buffer.read()
            answers.append((test_suite or name, body))
        except (OSError, ValueError, AttributeError) as error:
            why = "it is closed" if isinstance(error, AttributeError) else cause_of(error)
            reader.note(f"{name} cannot be read: {why} ({file})")
    return answers


def _id(told: Any) -> str | None:
    return one_line(told) if isinstance(told, str) else None
