"""Gates that end without a run: invalid settings, a signal, an internal error. Reported as well."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime

from msgspec.structs import replace

from gatekeeper.commands.earlier_reports import remove_earlier_reports
from gatekeeper.commands.finish import finish, publish
from gatekeeper.commands.invocation import Invocation, masking_console
from gatekeeper.core.masking import masked
from gatekeeper.core.model import Gate, Pipeline, Reason, Run, Shard, Verdict, with_label
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.reports import log
from gatekeeper.errors import ExitCode, Interrupted, internal_error, problems_listed
from gatekeeper.settings.reporting import Reporting


def refuse(
    problems: Sequence[str],
    reporting: Reporting,
    invocation: Invocation,
    shard: Shard | None = None,
    warnings: Sequence[str] = (),
) -> ExitCode:
    """End a gate because of invalid settings, with all problems in the log, reports and outputs.

    Reports of an earlier gate are removed, so that none is mistaken for a report of this one.
    """
    invocation.signals.hold()
    console = masking_console(sys.stderr, invocation.secrets)
    heading, *listed = problems_listed(problems)
    console.say_all([f"gatekeeper: {heading}", *listed])
    console.say_all(f"warning: {warning}" for warning in warnings)
    unremoved = remove_earlier_reports(reporting)
    console.say_all(f"error: {text}" for text in unremoved)
    gate = gate_without_run("settings", problems, invocation.platform.job)
    gate = replace(gate, unwritten=tuple(unremoved), shard=shard, misconfigured=True)
    gate = masked(with_label(gate, reporting.label), console.mask)
    gate, _ = publish(gate, reporting, console, invocation)
    return gate.exit_code


def run_and_finish(
    work: Callable[[], Gate],
    reporting: Reporting,
    invocation: Invocation,
    warnings: Sequence[str] = (),
) -> ExitCode:
    """Do the work of a command that reads files of earlier gates, then report on it.

    Earlier reports are removed after the work, because they can be among the files it reads.
    """
    console = masking_console(
        sys.stdout, invocation.secrets, colour=invocation.colour, quiet=reporting.quiet
    )
    console.say_all(f"warning: {warning}" for warning in warnings)
    gate = gate_from(work, invocation.platform.job)
    invocation.signals.hold()
    unremoved = remove_earlier_reports(reporting)
    console.say_all(f"error: {text}" for text in unremoved)
    gate = replace(gate, unwritten=(*unremoved, *gate.unwritten))
    if len(gate.runs) > 1:
        for run in gate.runs:
            console.inform(log.ended(run))
    return finish(gate, reporting, console, invocation)


def gate_from(work: Callable[[], Gate], pipeline: Pipeline) -> Gate:
    """Return the gate that `work` returns, or one in error after a signal or internal error."""
    try:
        return work()
    except Interrupted as interruption:
        name = signal.Signals(interruption.signum).name
        gate = gate_without_run("gatekeeper", [f"interrupted by {name} before any run"], pipeline)
        return replace(gate, interrupted_by=interruption.signum)
    except Exception as error:  # noqa: BLE001 - the reports must show any failure
        return gate_without_run("gatekeeper", [internal_error(error)], pipeline)


def gate_without_run(name: str, reasons: Iterable[str], pipeline: Pipeline) -> Gate:
    """Return a gate in error, with a run of this name that stands in for the missing ones."""
    verdict = Verdict(
        Outcome.ERROR, tuple(Reason(Outcome.ERROR, text, firm=True) for text in reasons)
    )
    return Gate((Run(name, None, verdict, is_suite=False),), datetime.now(UTC), 0.0, pipeline)
