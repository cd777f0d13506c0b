"""What a command finds around it: the CI platform, the terminal, the environment's secrets."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TextIO

import msgspec
from msgspec.structs import replace

from gatekeeper.console import Console, is_terminal, shows_colour
from gatekeeper.events import NO_EVENTS, Events, open_events
from gatekeeper.known_secrets import secrets_of
from gatekeeper.platforms import detect
from gatekeeper.platforms.base import Platform
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import EVENTS
from gatekeeper.settings.reporting import Reporting
from gatekeeper.settings.sources import Reader
from gatekeeper.signals import Signals


class Invocation(msgspec.Struct, frozen=True):
    """One call of a command, with what it needs of the environment besides the settings.

    `secrets` are those of all environment variables, the proxies' logins among them. `colour` and
    `interactive` are about standard output: whether it shows colours, and whether a user watches.
    `events` is where its events go.
    """

    platform: Platform
    signals: Signals
    secrets: tuple[str, ...]
    colour: bool
    interactive: bool
    events: Events = NO_EVENTS


def read_invocation(signals: Signals) -> Invocation:
    """Detect the platform and the terminal, from the environment variables."""
    environ = os.environ
    platform = detect(environ)
    return Invocation(
        platform=platform,
        signals=signals,
        secrets=tuple(secrets_of(environ)),
        colour=shows_colour(sys.stdout, environ, on_platform=platform.shows_colour),
        interactive=is_terminal(sys.stdout, environ) and "CI" not in environ,
    )


def with_events(invocation: Invocation, reader: Reader, reporting: Reporting) -> Invocation:
    """Open the file of events, if one is set; note a problem if it cannot be written."""
    if reporting.events is None:
        return invocation
    try:
        return replace(invocation, events=open_events(reporting.events, reporting.workspace))
    except ValueError as error:
        reader.problem(EVENTS, str(error))
        return invocation


def masking_console(
    stream: TextIO,
    secrets: Sequence[str],
    *,
    colour: bool = False,
    quiet: bool = False,
    redactor: Redactor | None = None,
) -> Console:
    """Return a log that masks these secrets, and has the CI platform mask them from the start."""
    console = Console(stream, redactor or Redactor(secrets), colour=colour, quiet=quiet)
    detect(os.environ).mask(secrets, console)
    return console
