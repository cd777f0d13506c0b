"""Reading what `init` is given: a gate to set up, or every problem at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from gatekeeper.errors import ConfigurationError
from gatekeeper.job_files.new_gate import NewGate
from gatekeeper.job_files.platforms import BY_NAME, GITHUB, JobPlatform
from gatekeeper.job_files.sources import action_from, default_action, image_from
from gatekeeper.known_secrets import secrets_of
from gatekeeper.origin import IMAGE
from gatekeeper.redaction import Redactor
from gatekeeper.settings.catalogue import CLIENT_ID, HOST, STREAM_ID, TEST_SUITE, USER_EMAIL
from gatekeeper.settings.file_keys import NAME
from gatekeeper.settings.setting import Setting
from gatekeeper.settings.sources import Reader


def read_new_gate(
    flags: Mapping[str, Any], environ: Mapping[str, str], platforms: list[str], branch: str
) -> tuple[NewGate, list[str]]:
    """Return the gate to set up, and warnings; raises `ConfigurationError` with all problems.

    `platforms` are those that the checkout seems to use, and `branch` is its default branch.
    """
    reader = Reader(flags, environ)
    platform = BY_NAME.get(flags["platform"] or (platforms[0] if len(platforms) == 1 else ""))
    if platform is None:
        reader.note(_missing_platform(platforms))
    for setting in (HOST, STREAM_ID, TEST_SUITE):
        if not reader.is_given(setting):
            reader.note(f"{setting.name} is missing: set {setting.flag}")
    suites = tuple(_suite_names(reader))
    host, stream_id, client_id, user_email = (
        _text(reader, setting) for setting in (HOST, STREAM_ID, CLIENT_ID, USER_EMAIL)
    )
    source = _source(flags, platform, reader)
    comment = bool(flags["comment"])
    if comment and platform and not platform.takes_comment:
        reader.note("--comment: the gate can comment only on GitHub and GitLab")
    texts = (host, stream_id, client_id, user_email, *suites)
    secrets = Redactor(secrets_of(environ))
    if any(secrets.text(text) != text for text in texts):
        reader.note("a value is or contains a secret, which does not belong in a file")
    if reader.problems or platform is None:
        raise ConfigurationError(reader.problems)
    gate = NewGate(
        platform, host, stream_id, client_id, user_email, suites, source, comment, branch
    )
    return gate, reader.warnings


def _missing_platform(platforms: list[str]) -> str:
    seen = f"the checkout seems to use {' and '.join(platforms)}; " if platforms else ""
    *names, last = BY_NAME
    return f"platform is missing: {seen}set --platform to {', '.join(names)} or {last}"


def _text(reader: Reader, setting: Setting[Any]) -> str:
    """Return the text of a valid setting, as it is given."""
    reader.read(setting)
    text = reader.text(setting)
    if not text.isprintable():
        reader.problem(setting, "contains a line break or another character that is not printable")
    return text


def _suite_names(reader: Reader) -> Iterator[str]:
    for suite in reader.read(TEST_SUITE):
        if suite.test_run_id:
            reader.problem(TEST_SUITE, f"{suite} attaches to a run: write only the suite's name")
        try:
            NAME.kind.from_toml(suite.name)
        except ValueError as error:
            reader.problem(TEST_SUITE, f"a suite's name {error}")
        yield suite.name


def _source(flags: Mapping[str, Any], platform: JobPlatform | None, reader: Reader) -> str:
    """Return the image that the job runs, or the action that it uses."""
    image, action = flags["image"], flags["action"]
    if action and platform and platform is not GITHUB:
        reader.note("--action: only GitHub has actions; set --image")
    if action and image:
        reader.note("--action and --image are both set: use only one of them")
    try:
        if action:
            return action_from(action)
        if platform is not GITHUB:
            return image_from(image or IMAGE)
        return f"docker://{image_from(image)}" if image else default_action()
    except ValueError as error:
        reader.note(f"{'--action' if action else '--image'}: {error}")
        return ""
