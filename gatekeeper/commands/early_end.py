"""Ends of a gate without a run: wrong settings, a signal, a bug of ours. They are reported too."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from gatekeeper.commands.earlier_reports import remove_earlier_reports
from gatekeeper.commands.finish import conclude, publish
from gatekeeper.console import Console, shows_colour
from gatekeeper.core.model import Gate, Reason, Run, Shard, Verdict
from gatekeeper.core.outcomes import Outcome
from gatekeeper.errors import ExitCode, Interrupted, internal_error, problems_listed
from gatekeeper.platforms.ci_job import pipeline_of
from gatekeeper.redaction import Redactor, secrets_of
from gatekeeper.settings.reporting import Reporting
from gatekeeper.signals import Signals


def refuse(
    problems: Sequence[str],
    reporting: Reporting,
    environ: Mapping[str, str],
    signals: Signals,
    shard: Shard | None = None,
) -> ExitCode:
    """End a gate because of its settings: in the log, and in every report and output.

    No report of an earlier gate is left to be taken for one of this.
    """
    signals.hold()
    redactor = Redactor(secrets_of(environ))
    console = Console(sys.stderr, redactor)
    head, *listed = problems_listed(problems)
    console.say_all([f"gatekeeper: {head}", *listed])
    left = remove_earlier_reports(reporting)
    console.say_all(f"error: {text}" for text in left)
    end = without_run("settings", map(redactor.text, problems), environ)
    end = replace(end, unwritten=tuple(left), shard=shard, misconfigured=True)
    end, _ = publish(end, reporting, console, environ, signals)
    return end.exit_code


def concluded(
    work: Callable[[], Gate],
    reporting: Reporting,
    environ: Mapping[str, str],
    signals: Signals,
) -> ExitCode:
    """Do the work of a command that reads files of earlier gates, and tell its end.

    Only when all is read do earlier reports go: they can be among what it reads.
    """
    console = Console(sys.stdout, colour=shows_colour(sys.stdout, environ))
    end = ended(work, environ)
    signals.hold()
    left = remove_earlier_reports(reporting)
    console.say_all(f"error: {text}" for text in left)
    end = replace(end, unwritten=(*left, *end.unwritten))
    return conclude(end, reporting, console, environ, signals)


def ended(work: Callable[[], Gate], environ: Mapping[str, str]) -> Gate:
    """Return the end that work comes to: a signal or a bug on the way is an end like any other."""
    try:
        return work()
    except Interrupted as interruption:
        name = signal.Signals(interruption.signum).name
        end = without_run("gatekeeper", [f"interrupted by {name} before any run"], environ)
        return replace(end, interrupted_by=interruption.signum)
    except Exception as error:  # noqa: BLE001 - whatever it was, the reports must not stay silent
        return without_run("gatekeeper", [internal_error(error)], environ)


def without_run(name: str, reasons: Iterable[str], environ: Mapping[str, str]) -> Gate:
    """Make the end of a gate that has no run: one by this name stands for it, in error."""
    verdict = Verdict(
        Outcome.ERROR, tuple(Reason(Outcome.ERROR, text, firm=True) for text in reasons)
    )
    return Gate((Run(name, None, verdict),), datetime.now(UTC), 0.0, pipeline_of(environ))
