"""All checks, in the order in which the next one depends on the last."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from gatekeeper.doctor.clock import CLOCK, check_clock, clock_ahead
from gatekeeper.doctor.credentials import Tokens, check_credentials
from gatekeeper.doctor.finding import CREDENTIALS, Finding, State, not_checked
from gatekeeper.doctor.machine import (
    check_platform,
    check_reports,
    check_settings,
    check_starts,
    check_user,
)
from gatekeeper.doctor.network import CONNECTION, PROXY, Checks, check_network, why_no_proof
from gatekeeper.doctor.suites import check_suites, no_run
from gatekeeper.errors import ApiError
from gatekeeper.kore.client import status_path
from gatekeeper.kore.credentials_names import UNNAMED
from gatekeeper.kore.token import SigningKey
from gatekeeper.kore.transport import HttpResponse, Transport
from gatekeeper.platforms.base import Platform
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import BOT_LANGUAGE, CA_BUNDLE, HOST
from gatekeeper.settings.credential_keys import CREDENTIAL_SETTINGS
from gatekeeper.settings.gate_settings import Settings, SuiteSettings
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.sources import Reader

_OF_THE_CONNECTION = (HOST, CA_BUNDLE)
_OF_THE_SUITES = (BOT_LANGUAGE,)


def examine_all(
    reader: Reader, settings: Settings, platform: Platform, redactor: Redactor
) -> Iterator[Finding]:
    """Make every check that is possible, and start no run."""
    yield from check_settings(reader, settings)
    yield from check_starts(settings)
    yield check_platform(platform)
    yield check_reports(settings.reporting, platform)
    yield from check_user(reader, settings)

    def connect(suite: SuiteSettings | None) -> Transport:
        headers = {"bot-language": suite.bot_language} if suite and suite.bot_language else {}
        credentials = settings.credentials.get(suite.credentials.name) if suite else None
        return Transport(settings.host, credentials, headers, settings.ca_bundle, redactor)

    unusable = _first_unusable(reader, _OF_THE_CONNECTION)
    if unusable:
        yield not_checked(CONNECTION, unusable)
        response = None
    else:
        response = yield from _reach(settings, connect)
    tokens = yield from _check_tokens(reader, settings, response, redactor)
    why_not = _first_unusable(reader, _OF_THE_SUITES)
    if response is None:
        why_not = why_not or "there was no response from the host"
    else:
        why_not = why_not or why_no_proof(response)
    yield from check_suites(settings.suites, connect, tokens, why_not)


def _reach(settings: Settings, connect: Callable[[SuiteSettings | None], Transport]) -> Checks:
    """Check the way to the host, by a request about the first suite."""
    first = settings.suites[0] if settings.suites else None
    stream, suite = (first.stream_id, first.test_suite) if first else ("", "")
    # The platform has its own errors only for paths of its API.
    path = status_path(stream or "st-unknown", suite or "unknown", no_run())
    try:
        transport = connect(first)
    except ApiError as error:
        yield Finding(PROXY, State.FAILED, error.what, next_step=error.next_step)
        return None
    return (yield from check_network(transport, path, settings.ca_bundle))


def _check_tokens(
    reader: Reader, settings: Settings, response: HttpResponse | None, redactor: Redactor
) -> Generator[Finding, None, Mapping[str, Tokens]]:
    """Check the clock, and the credentials by the platform's time if known.

    Returns what is known of the tokens, by the names of their credentials.
    """
    ahead = clock_ahead(response)
    in_use = settings.credentials_in_use
    if not in_use and UNNAMED.name in settings.credentials:
        in_use = {UNNAMED.name: UNNAMED}
    unusable = {name: _why_unusable(reader, name) for name in in_use}
    usable = [settings.credentials[name] for name, why in unusable.items() if not why]
    if response is None:
        clock = not_checked(CLOCK, "there is no response to compare it with")
    else:
        signing = (each for each in usable if isinstance(each, SigningKey))
        clock = check_clock(ahead, next(signing, None))
    yield clock
    if not in_use:
        yield not_checked(CREDENTIALS, "no suite is set to use any")
    found: dict[str, Tokens] = {}
    for name, why in unusable.items():
        if why:
            yield not_checked(CREDENTIALS, why, name)
            found[name] = Tokens(why_unsent=why)
            continue
        timeout = settings.longest_timeout(name)
        finding, tokens = check_credentials(
            settings.credentials[name], ahead, timeout, redactor.remember
        )
        next_step = in_use[name].advice(finding.next_step)
        yield replace(finding, next_step=next_step, subject=name)
        # Only tokens that are signed here have the times of this machine.
        is_late = clock.state is State.FAILED and isinstance(settings.credentials[name], SigningKey)
        found[name] = replace(tokens, doubt=clock.text) if is_late else tokens
    return found


def _why_unusable(reader: Reader, name: str) -> str:
    """Return why the credentials of a name cannot be used, if the settings have a problem."""
    if not name:
        return _first_unusable(reader, CREDENTIAL_SETTINGS)
    inner = reader.named.get(name)
    return "" if inner and not inner.unusable else "there is a problem with these credentials"


def _first_unusable(reader: Reader, settings: Iterable[Setting[Any]]) -> str:
    """Return why settings cannot be used, if one of them has a problem."""
    for setting in settings:
        if reader.is_unknown(setting):
            return f"{setting.name} may be in the configuration file, which has a problem"
        if setting.name in reader.unusable:
            return f"there is a problem with {setting.name}"
    return ""
