"""The settings as text for a person: their values and sources, the runs, and the warnings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from gatekeeper.core.text import one_line, seconds
from gatekeeper.settings.catalogue import SETTINGS
from gatekeeper.settings.contents import secret_in
from gatekeeper.settings.credential_keys import CREDENTIAL_SETTINGS
from gatekeeper.settings.gate_settings import Settings, SuiteSettings
from gatekeeper.settings.kinds import Host
from gatekeeper.settings.lists import CommandLine
from gatekeeper.settings.path_kinds import SecretFile
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.sources import Reader

_MASK = "***"
_UNKNOWN = "?"


class _InForce(NamedTuple):
    """A setting with its value as text, masked if it may be a secret, and where it comes from."""

    name: str
    value: str
    source: str


def describe(reader: Reader, settings: Settings) -> Iterator[str]:
    """Yield the settings in force and their sources, unused values, the runs, and the warnings."""
    for name, value, source in _in_force(reader):
        yield f"{name} = {value}  ({source})"
    for credentials, inner in reader.named.items():
        for name, value, source in _in_credentials(inner):
            yield f'credentials "{credentials}": {name} = {value}  ({source})'
    for unused in reader.unused:
        yield f"not used: {unused.source} = {_value(unused.setting, unused.text)}  ({unused.why})"
    yield from map(_run, settings.suites)
    if settings.host_note:
        yield f"note: {settings.host_note}"
    for warning in settings.warnings:
        yield f"warning: {warning}"


def described_as_json(reader: Reader, settings: Settings) -> dict[str, Any]:
    """Return what `describe` yields as values for JSON, and the problems; durations in seconds."""
    return {
        "settings": {
            name: {"value": value, "source": source} for name, value, source in _in_force(reader)
        },
        "credentials": {
            credentials: {
                name: {"value": value, "source": source}
                for name, value, source in _in_credentials(inner)
            }
            for credentials, inner in reader.named.items()
        },
        "unused": [
            {
                "setting": unused.setting.name,
                "value": _value(unused.setting, unused.text),
                "source": unused.source,
                "why": unused.why,
            }
            for unused in reader.unused
        ],
        "suites": list(map(_suite_as_json, settings.suites)),
        "notes": [settings.host_note] if settings.host_note else [],
        "warnings": list(settings.warnings),
        "problems": reader.problems,
    }


def _suite_as_json(suite: SuiteSettings) -> dict[str, Any]:
    """Return a run with the names that `result.json` and the file have; `null` is unknown."""
    policy = suite.policy
    return {
        "test_suite": suite.test_suite,
        "test_run_id": suite.test_run_id,
        "stream_id": suite.stream_id or None,
        "credentials": suite.credentials.name or None,
        "language": suite.bot_language or None,
        "bot_version": suite.bot_version or None,
        "timeout": suite.timeout or None,
        "retries": suite.retries,
        "accept": sorted(policy.accept),
        "strict_text": policy.strict_text,
        "min_pass_rate": policy.min_pass_rate,
        "blocking": policy.blocking,
        "known_failures": len(policy.known_failures),
        "baseline": policy.baseline.place if policy.baseline else None,
    }


def _in_force(reader: Reader) -> Iterator[_InForce]:
    for setting in SETTINGS:
        if text := reader.text(setting):
            source = reader.source(setting).removesuffix(f": {setting.name}") or "default"
            yield _InForce(setting.name, _value(setting, text), source)


def _in_credentials(reader: Reader) -> Iterator[_InForce]:
    """Yield the settings of credentials with a name; no value of a variable is shown."""
    for setting in CREDENTIAL_SETTINGS:
        if reader.is_given(setting):
            is_in_variable = reader.overrides_file(setting)
            value = _MASK if is_in_variable else _value(setting, reader.text(setting))
            source = reader.source(setting).removesuffix(f": {setting.name}")
            yield _InForce(setting.name, value, source)


def _value(setting: Setting[Any], text: str) -> str:
    if _may_hold_a_secret(setting, text):
        return _MASK
    if isinstance(setting.kind, CommandLine):
        # Its arguments may be secrets.
        program, *arguments = text.split()
        return one_line(f"{program} {_MASK}" if arguments else program)
    return one_line(", ".join(filter(None, map(str.strip, text.splitlines()))))


def _may_hold_a_secret(setting: Setting[Any], text: str) -> bool:
    """Whether a text is a secret, has a password in it, or may be a secret given as a path."""
    try:
        if isinstance(setting.kind, Host):
            setting.kind.from_text(text)
        if isinstance(setting.kind, SecretFile):
            secret_in(setting.kind.from_text(text))
    except ValueError:
        return True
    return setting.secret


def _run(suite: SuiteSettings) -> str:
    parts = [
        *([f"attached to {one_line(suite.test_run_id)}"] if suite.test_run_id else []),
        *(["not started"] if suite.start and not suite.test_run_id else []),
        f"language {suite.bot_language or _UNKNOWN}",
        f"stream {one_line(suite.stream_id) or _UNKNOWN}",
        *([suite.credentials.label] if suite.credentials.name else []),
        f"version {suite.bot_version or _UNKNOWN}",
        f"timeout {seconds(suite.timeout) if suite.timeout else _UNKNOWN}",
        *([f"retries {suite.retries}"] if suite.retries else []),
        *_policy(suite),
    ]
    return f'suite "{one_line(suite.test_suite)}": {", ".join(parts)}'


def _policy(suite: SuiteSettings) -> Iterator[str]:
    """Yield what a suite's policy changes."""
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
