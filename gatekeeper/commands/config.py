"""Printing the settings in force and what the gate would run; no request is sent."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from gatekeeper.commands.invocation import masking_console
from gatekeeper.commands.job_settings import examine_job
from gatekeeper.commands.options import options
from gatekeeper.console import Console
from gatekeeper.core.masking import masked_value
from gatekeeper.errors import ExitCode
from gatekeeper.known_secrets import secrets_of
from gatekeeper.platforms import detect
from gatekeeper.platforms.base import ascii_json
from gatekeeper.settings.catalogue import BY_NAME
from gatekeeper.settings.display import describe, described_as_json


@click.command("config")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for other programs.")
@options(*BY_NAME)
def command(*, as_json: bool, **flags: Any) -> ExitCode:
    """Show the settings in force, their sources, and the runs that gate would start."""
    platform = detect(os.environ)
    reader, settings = examine_job(flags, platform)
    secrets = [*settings.secrets, *secrets_of(os.environ)]
    # Commands for the platform, such as masks, would be no JSON.
    stream = sys.stderr if as_json else sys.stdout
    console = masking_console(stream, secrets, redactor=reader.redactor)
    if as_json:
        document = masked_value(described_as_json(reader, settings), console.mask)
        Console(sys.stdout).say_all(ascii_json(document, indent=2).splitlines())
    else:
        console.say_all(describe(reader, settings))
    reader.finish()
    return ExitCode.PASSED
