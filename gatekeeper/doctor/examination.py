"""All checks, in the order in which the next one depends on the last."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from gatekeeper.doctor.clock import CLOCK, check_clock, clock_ahead
from gatekeeper.doctor.credentials import Tokens, check_credentials
from gatekeeper.doctor.finding import CREDENTIALS, Finding, State, not_checked
from gatekeeper.doctor.machine import check_platform, check_reports, check_settings, check_user
from gatekeeper.doctor.network import CONNECTION, PROXY, Checks, check_network, why_no_proof
from gatekeeper.doctor.suites import check_suites, no_run
from gatekeeper.errors import ApiError
from gatekeeper.kore.client import status_path
from gatekeeper.kore.transport import HttpResponse, Transport
from gatekeeper.platforms.base import Platform
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import (
    BOT_LANGUAGE,
    CA_BUNDLE,
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    HOST,
    JWE_ALGORITHM,
    JWE_ENCRYPTION,
    JWE_KEY,
    JWE_KEY_FILE,
    JWT,
    JWT_ALGORITHM,
    JWT_CLAIMS,
    JWT_COMMAND,
    JWT_FILE,
    PRIVATE_KEY,
    PRIVATE_KEY_FILE,
    STREAM_ID,
)
from gatekeeper.settings.load import Settings
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.sources import Reader

_OF_THE_CONNECTION = (HOST, CA_BUNDLE)
_OF_THE_TOKENS = (
    CLIENT_ID,
    CLIENT_SECRET,
    CLIENT_SECRET_FILE,
    PRIVATE_KEY,
    PRIVATE_KEY_FILE,
    JWT,
    JWT_FILE,
    JWT_COMMAND,
    JWT_ALGORITHM,
    JWT_CLAIMS,
    JWE_KEY,
    JWE_KEY_FILE,
    JWE_ALGORITHM,
    JWE_ENCRYPTION,
)
_OF_THE_SUITES = (STREAM_ID, BOT_LANGUAGE)


def examine_all(
    reader: Reader, settings: Settings, platform: Platform, redactor: Redactor
) -> Iterator[Finding]:
    """Make every check that is possible, and start no run."""
    yield from check_settings(reader, settings)
    yield check_platform(platform)
    yield check_reports(settings.reporting, platform)
    yield from check_user(reader, settings)

    def connect(language: str) -> Transport:
        headers = {"bot-language": language} if language else {}
        return Transport(settings.host, settings.credentials, headers, settings.ca_bundle, redactor)

    unusable = _first_unusable(reader, _OF_THE_CONNECTION)
    if unusable:
        yield not_checked(CONNECTION, unusable)
        response = None
    else:
        response = yield from _reach(settings, connect)
    no_token = _first_unusable(reader, _OF_THE_TOKENS)
    tokens = yield from _check_tokens(settings, response, no_token, redactor)
    why_not = next(
        filter(
            None,
            (
                no_token or _first_unusable(reader, _OF_THE_SUITES),
                "" if response else "there was no response from the host",
                tokens.why_unsent,
                why_no_proof(response) if response else "",
            ),
        ),
        "",
    )
    yield from check_suites(settings.suites, connect, doubt=tokens.doubt, why_not=why_not)


def _reach(settings: Settings, connect: Callable[[str], Transport]) -> Checks:
    """Check the way to the host, by a request about the first suite."""
    first = settings.suites[0] if settings.suites else None
    stream, suite = (first.stream_id, first.test_suite) if first else ("", "")
    # The platform has its own errors only for paths of its API.
    path = status_path(stream or "st-unknown", suite or "unknown", no_run())
    try:
        transport = connect(first.bot_language if first else "")
    except ApiError as error:
        yield Finding(PROXY, State.FAILED, error.what, next_step=error.next_step)
        return None
    return (yield from check_network(transport, path, settings.ca_bundle))


def _check_tokens(
    settings: Settings, response: HttpResponse | None, unusable: str, redactor: Redactor
) -> Generator[Finding, None, Tokens]:
    """Check the clock and the credentials, which are judged by the platform's time if known."""
    ahead = clock_ahead(response)
    if response is None:
        clock = not_checked(CLOCK, "there is no response to compare it with")
    else:
        clock = check_clock(ahead, None if unusable else settings.credentials)
    yield clock
    if unusable:
        yield not_checked(CREDENTIALS, unusable)
        return Tokens()
    finding, tokens = check_credentials(
        settings.credentials, ahead, settings.longest_timeout, redactor.remember
    )
    yield finding
    return replace(tokens, doubt=clock.text) if clock.state is State.FAILED else tokens


def _first_unusable(reader: Reader, settings: Iterable[Setting[Any]]) -> str:
    """Return why settings cannot be used, if one of them has a problem."""
    for setting in settings:
        if reader.is_unknown(setting):
            return f"{setting.name} may be in the configuration file, which has a problem"
        if setting.name in reader.unusable:
            return f"there is a problem with {setting.name}"
    return ""
