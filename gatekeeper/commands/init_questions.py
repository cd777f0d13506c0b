"""The questions of `init` on a terminal: one for each value that is not given."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from typing import Any

import click

from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.job_files.platforms import BY_NAME, GITHUB
from gatekeeper.job_files.sources import action_from, image_from
from gatekeeper.origin import ACTION, IMAGE, is_placeholder
from gatekeeper.settings.catalogue import CLIENT_ID, HOST, STREAM_ID, TEST_SUITE, USER_EMAIL
from gatekeeper.settings.file_keys import NAME
from gatekeeper.settings.sources import Reader

_LATER = "(Enter to fill it in later)"


def can_ask() -> bool:
    """Return whether a person can read questions on standard error and type responses."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def is_incomplete(
    flags: Mapping[str, Any], environ: Mapping[str, str], platforms: list[str]
) -> bool:
    """Return whether a value is missing without which nothing can be written."""
    reader = Reader(flags, environ)
    is_known = bool(flags["platform"]) or len(platforms) == 1
    return not is_known or not all(map(reader.is_given, (HOST, STREAM_ID, TEST_SUITE)))


def ask(
    given: Mapping[str, Any], environ: Mapping[str, str], platforms: list[str]
) -> dict[str, Any]:
    """Ask for what is not given by flags or variables; return all flags.

    `platforms` are those that the checkout seems to use, the likeliest first.
    """
    flags = dict(given)
    reader = Reader(flags, environ)
    if flags["platform"] is None:
        guess = platforms[0] if platforms else "github"
        flags["platform"] = click.prompt(
            "CI platform", guess, type=click.Choice(list(BY_NAME), case_sensitive=False), err=True
        )
    for setting, question, default in (
        (HOST, "Host of the Kore.ai platform", "bots.kore.ai"),
        (STREAM_ID, "Stream id of the app (st-…)", None),
        (CLIENT_ID, f"Client id of its JWT credentials (cs-…) {_LATER}", ""),
        (USER_EMAIL, f"Email of the app's owner or a developer {_LATER}", ""),
    ):
        if not reader.is_given(setting):
            flags[setting.parameter] = _value(question, default, setting.kind.from_text)
    if not reader.is_given(TEST_SUITE):
        flags[TEST_SUITE.parameter] = tuple(_suites())
    _ask_source(flags)
    if flags["comment"] is None and BY_NAME[flags["platform"]].takes_comment:
        flags["comment"] = click.confirm("Comment on pull and merge requests?", err=True)
    return flags


def _ask_source(flags: dict[str, Any]) -> None:
    """Ask for the image or the action, unless it is given or known."""
    is_github = flags["platform"] == GITHUB.name
    name, default, check = (
        ("action", ACTION, action_from) if is_github else ("image", IMAGE, image_from)
    )
    if not flags["action"] and not flags["image"] and is_placeholder(default):
        question = f"The {name} of your own copy of gatekeeper (Enter to fill it in later)"
        flags[name] = _value(question, default, check)


def _suites() -> list[str]:
    """Ask for the suites; return the lines of the setting `test-suite` that name them."""
    names: list[str] = []

    def check(name: str) -> None:
        NAME.kind.from_toml(name)
        if name in names:
            raise ValueError(f"{name} is already one of the suites")

    names.append(_value("Name of a conversation test suite", None, check))
    while name := _value("Name of another suite (Enter if there are no more)", "", check):
        names.append(name)
    return [str(PlannedSuite(name, None)) for name in names]


def _value(question: str, default: str | None, check: Callable[[str], object]) -> str:
    """Ask until the response passes the check; an empty one passes if the default is empty."""

    def checked(text: str) -> str:
        text = text.strip()
        if not text.isprintable():
            raise click.UsageError("contains a character that is not printable")
        try:
            if text or default is None:
                check(text)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        if not text and default is None:
            raise click.UsageError("this value is required")
        return text

    value: str = click.prompt(
        question, default, value_proc=checked, show_default=bool(default), err=True
    )
    return value
