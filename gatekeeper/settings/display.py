"""The settings as a person checks them: what is in force, where it came from, what would run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gatekeeper.core.text import one_line, seconds
from gatekeeper.kore.host import base_url
from gatekeeper.settings.catalogue import SETTINGS, Setting
from gatekeeper.settings.load import Settings, SuiteSettings
from gatekeeper.settings.parse import file_text
from gatekeeper.settings.sources import Reader

_MASK = "***"
_UNKNOWN = "?"
# A text that these refuse may hold a secret, or be one that was given in the wrong place.
_SHOWN_IF: Mapping[str, Callable[[str], Any]] = {"host": base_url} | {
    f"{setting.name}-file": file_text for setting in SETTINGS if setting.secret
}


def shown(reader: Reader, settings: Settings) -> Iterator[str]:
    """Say each setting that is in force and where it was given, each run, and what is odd."""
    for setting in SETTINGS:
        if reader.given(setting.name):
            where = reader.where(setting.name).removesuffix(f": {setting.name}") or "default"
            yield f"{setting.name} = {_value(setting, reader)}  ({where})"
    yield from map(_run, settings.suites)
    for warning in settings.warnings:
        yield f"warning: {warning}"


def _value(setting: Setting, reader: Reader) -> str:
    text = reader.given(setting.name)
    if setting.secret:
        return _MASK
    try:
        _SHOWN_IF.get(setting.name, str)(text)
    except ValueError:
        return _MASK
    return one_line(", ".join(filter(None, map(str.strip, text.splitlines()))))


def _run(suite: SuiteSettings) -> str:
    told = [
        f"language {suite.bot_language or _UNKNOWN}",
        f"stream {one_line(suite.stream_id) or _UNKNOWN}",
        f"version {suite.bot_version or _UNKNOWN}",
        f"timeout {seconds(suite.timeout) if suite.timeout else _UNKNOWN}",
        *([f"retries {suite.retries}"] if suite.retries else []),
        *_policy(suite),
    ]
    if suite.test_run_id:
        told.insert(0, f"attached to {one_line(suite.test_run_id)}")
    return f'suite "{one_line(suite.test_suite)}": {", ".join(told)}'


def _policy(suite: SuiteSettings) -> Iterator[str]:
    """Say what a suite's policy has that not every suite's has."""
    policy = suite.policy
    if policy.accept:
        yield f"accept {' '.join(sorted(policy.accept))}"
    if policy.strict_text:
        yield "strict-text"
    if policy.min_pass_rate is not None:
        yield f"min-pass-rate {policy.min_pass_rate:g} %"
    if not policy.blocking:
        yield "not blocking"
    if known := len(policy.known_failures):
        yield f"{known} known failure{'s' if known > 1 else ''}"
    if policy.baseline is not None:
        yield f"baseline {one_line(policy.baseline.place)}"
