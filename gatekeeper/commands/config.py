"""Printing the settings in force and what the gate would run; no request is sent."""

from __future__ import annotations

import os
import sys
from typing import Any

import click

from gatekeeper.commands.invocation import masking_console
from gatekeeper.commands.options import options
from gatekeeper.errors import ExitCode
from gatekeeper.known_secrets import secrets_of
from gatekeeper.platforms import detect
from gatekeeper.settings.catalogue import BY_NAME, SECRET_VARIABLES
from gatekeeper.settings.display import describe
from gatekeeper.settings.load import examine


@click.command("config")
@options(*BY_NAME)
def command(**flags: Any) -> ExitCode:
    """Show the settings in force, their sources, and the runs that gate would start."""
    platform = detect(os.environ)
    environ = platform.environ_for(SECRET_VARIABLES)
    reader, settings = examine(flags, environ, why_no_secrets=platform.why_no_secrets)
    secrets = [*settings.credentials.secrets, *secrets_of(os.environ)]
    console = masking_console(sys.stdout, secrets, redactor=reader.redactor)
    console.say_all(describe(reader, settings))
    reader.finish()
    return ExitCode.PASSED
