"""Checks what can be known before a gate, without starting a run."""

from __future__ import annotations

import sys
from typing import Any

import click

from gatekeeper.commands.invocation import masking_console, read_invocation
from gatekeeper.commands.job_settings import examine_job
from gatekeeper.commands.options import options
from gatekeeper.console import Console
from gatekeeper.core.masking import masked_value
from gatekeeper.doctor.examination import examine_all
from gatekeeper.doctor.finding import exit_code, summary
from gatekeeper.errors import ExitCode
from gatekeeper.platforms.base import ascii_json
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import BY_NAME
from gatekeeper.signals import Signals


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@options(*BY_NAME)
@click.pass_obj
def command(signals: Signals, /, *, as_json: bool, **flags: Any) -> ExitCode:
    """Check settings, network, credentials and suites, and say what is wrong.

    Reads the settings of gate. Starts no run, and sends at most two requests for a suite.

    Marks each check as good, wrong, unknown or odd (?), or not made (-). Exit code 0 means that
    nothing was found that keeps a gate from its verdict, 2 that settings are invalid, and 3 that
    something is wrong, or unknown but necessary.
    """
    invocation = read_invocation(signals)
    platform = invocation.platform
    reader, settings = examine_job(flags, platform)
    secrets = [*settings.secrets, *invocation.secrets]
    redactor = Redactor(secrets)
    # Commands for the platform, such as masks, are not JSON.
    stream = sys.stderr if as_json else sys.stdout
    console = masking_console(stream, secrets, colour=invocation.colour, redactor=redactor)
    findings = []
    for finding in examine_all(reader, settings, platform, redactor):
        findings.append(finding)
        if not as_json:
            console.say_all(finding.lines())
    code = exit_code(findings)
    if as_json:
        document = {"exit_code": int(code), "checks": [each.as_json() for each in findings]}
        Console(sys.stdout).say(ascii_json(masked_value(document, console.mask)))
    else:
        console.say(summary(findings))
    return code
