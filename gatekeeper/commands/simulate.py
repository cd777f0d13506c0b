"""Serves a simulated app until it is interrupted."""

from __future__ import annotations

import contextlib
import shlex
import ssl
import sys
import time
from collections.abc import Sequence
from typing import Any, BinaryIO

import click

from gatekeeper.console import Console
from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.errors import ConfigurationError, ExitCode, Interrupted, cause_of
from gatekeeper.simulator import Fault, Simulator, read_faults, scenario_names, scenario_title
from gatekeeper.text_files import text_of

_SLEEP_SECONDS = 1.0
_ABOUT_CA = """\
# If no public CA issued the certificate, also set GATEKEEPER_CA_BUNDLE: to a PEM file with its CA,
# or with the certificate itself if it is self-signed."""
_ABOUT_FAULTS = """\b
Faults:
  FILE has a JSON list of objects. Each one changes the responses to some
  requests of one kind, and leaves all others as they are:
    call            start or status: the kind of request
    at              number of the first request of that kind (default: 1)
    count           how many requests in a row (default: 1; null: all that follow)
    status          HTTP status to respond with
    refusal         an error of the platform instead of status and body: credentials,
                    token, replay, lifetime, scope, path, suite, run, stream or
                    arguments
    headers         additional headers
    body            body to respond with, as text or JSON
    delay           seconds to wait before the response
    drop            how the connection breaks: before the response, in the middle
                    of its body, or with a reset
    content_length  wrong length to announce
    effect          whether the request is carried out all the same

\b
  The first two status requests get HTTP 503, the fourth is cut off:
    [{"call": "status", "count": 2, "status": 503},
     {"call": "status", "at": 4, "drop": "middle"}]
"""


@click.command("simulate", epilog=_ABOUT_FAULTS)
@click.option(
    "--port", default=0, show_default=True, help="Port to listen on; 0 chooses a free one."
)
@click.option("--bind", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--speed",
    default=1.0,
    show_default=True,
    help="Speed of the runs, as a multiple of real time.",
)
@click.option(
    "--faults", type=click.File("rb"), metavar="FILE", help="JSON file of faults; see Faults below."
)
@click.option(
    "--suite",
    "suites",
    multiple=True,
    metavar="NAME=SCENARIO",
    help="Add a suite NAME whose runs go like this scenario. Repeatable.",
)
@click.option(
    "--enforce-jwe", is_flag=True, help="Accept only encrypted tokens, for a key that is printed."
)
@click.option(
    "--certificate",
    metavar="FILE",
    help="Serve https with this certificate and private key (PEM), for use from other machines.",
)
def command(**flags: Any) -> ExitCode:
    """Serve a simulated app until interrupted, and print the settings that gate needs for it."""
    return serve(Console(sys.stdout), **flags)


def serve(  # noqa: PLR0913 - the options of the command
    console: Console,
    *,
    faults: BinaryIO | None,
    suites: Sequence[str],
    port: int,
    bind: str,
    speed: float,
    enforce_jwe: bool,
    certificate: str | None,
) -> ExitCode:
    """Serve a simulated app by these options; print its settings.

    Raises `ConfigurationError` if an option is invalid or the address cannot be used.
    """
    with contextlib.ExitStack() as stack:
        try:
            tls = _server_context(certificate) if certificate else None
            script = _faults_in(faults) if faults else ()
            serving = Simulator(
                port=port, bind=bind, speed=speed, faults=script, enforce_jwe=enforce_jwe, tls=tls
            )
            added = [_named_scenario(suite) for suite in suites]
            for name, scenario in added:
                serving.add_scenario(name, scenario)
            simulator = _entered(stack, serving, f"--bind {bind}, --port {port}")
        except ImportError:
            raise ConfigurationError(
                ["--enforce-jwe requires an extra: pip install 'kore-gatekeeper[jwe]'"]
            ) from None
        except (OSError, OverflowError, ValueError) as error:
            raise ConfigurationError([f"the simulator cannot serve: {error}"]) from None
        console.say("# Settings of the simulated app. Its suites:")
        listed = [*added, *((name, name) for name in scenario_names())]
        console.say_all(f"#   {name:<24} {scenario_title(scenario)}" for name, scenario in listed)
        # As a line of test-suite, in which a name may look like a run to attach to.
        names = [str(PlannedSuite(name, None)) for name, _ in added]
        environment = simulator.environment(*(["\n".join(names)] if names else []))
        console.say_all(
            f"export {name}={shlex.quote(value)}" for name, value in environment.items()
        )
        if certificate:
            console.say(_ABOUT_CA)
        with contextlib.suppress(Interrupted):
            # A signal just before a sleep begins ends only the next one, so sleeps are short.
            while True:
                time.sleep(_SLEEP_SECONDS)
    return ExitCode.PASSED


def _entered(stack: contextlib.ExitStack, serving: Simulator, address: str) -> Simulator:
    try:
        return stack.enter_context(serving)
    except OSError as error:
        raise ValueError(f"{address}: {cause_of(error)}") from None


def _faults_in(file: BinaryIO) -> tuple[Fault, ...]:
    try:
        return read_faults(text_of(file.read()))
    except ValueError as error:
        raise ValueError(f"--faults: {file.name}: {error}") from None


def _named_scenario(suite: str) -> tuple[str, str]:
    name, _, scenario = suite.rpartition("=")
    if not name:
        raise ValueError(f"--suite: {suite!r} is invalid; write it as NAME=SCENARIO")
    return name, scenario


def _server_context(certificate: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate)
    except OSError:
        what = f"{certificate} is not a readable PEM file with a certificate and its private key"
        raise ValueError(f"--certificate: {what}") from None
    return context
