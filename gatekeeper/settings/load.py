"""What flags, variables, inputs and a file say becomes `Settings`, or all problems at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gatekeeper.core.model import Shard
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.kore.host import base_url
from gatekeeper.kore.token import Credentials, ReadyToken, SigningKey
from gatekeeper.settings import parse as values
from gatekeeper.settings.catalogue import ALGORITHMS
from gatekeeper.settings.config_file import DEFAULT, ConfigFile, read_config_file
from gatekeeper.settings.policies import common_policy, policy_of, warn_of_strays
from gatekeeper.settings.reporting import Reporting, read_reporting
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.suites import Asked, asked_for


class SuiteSettings(msgspec.Struct, frozen=True):
    """What one run is asked for; it is attached to where `test_run_id` is given.

    The result has to be of `bot_version` where `expects_version`: not where a run is attached to
    and nobody chose the version. `timeout` is in seconds, from when it is this run's turn.
    `retries` says how often it may be started again.
    """

    test_suite: str
    test_run_id: str | None
    stream_id: str
    bot_language: str
    bot_version: str
    user_email: str
    timeout: float
    policy: Policy
    retries: int
    expects_version: bool = True


class Settings(msgspec.Struct, frozen=True):
    """Everything that the main job needs; at most `parallel` runs are watched at once.

    `shard` is which part of a plan the job is, if it is one. `warnings` say what is odd about the
    configuration.
    """

    host: str
    suites: tuple[SuiteSettings, ...]
    credentials: Credentials
    parallel: int
    fail_on_flaky: bool
    shard: Shard | None
    ca_bundle: Path | None
    reporting: Reporting
    download_results: bool
    debug: bool
    warnings: tuple[str, ...] = ()


def examine(
    flags: Mapping[str, Any], environ: Mapping[str, str], *, with_file: bool = True
) -> tuple[Reader, Settings]:
    """Read all settings of the main job; the reader has the problems, and where each came from.

    What could not be read is empty. Without `with_file`, no configuration file is looked for.
    """
    reader = Reader(flags, environ)
    config = read_config_file(reader) if with_file else ConfigFile()
    if config.top:
        reader = reader.within(config.top)
    settings = Settings(
        host=reader.require("host", base_url),
        suites=_read_suites(reader, config),
        credentials=_read_credentials(reader),
        parallel=reader.read("parallel", values.at_once, 1),
        fail_on_flaky=reader.read("fail-on-flaky", values.switch, default=False),
        shard=reader.read("shard", values.shard, None),
        ca_bundle=reader.read("ca-bundle", values.ca_bundle, None),
        reporting=read_reporting(reader, environ, _files_of(config, reader)),
        download_results=reader.read("download-results", values.switch, default=False),
        debug=reader.read("debug", values.switch, default=False),
        warnings=tuple(reader.warnings),
    )
    return reader, settings


def _read_suites(reader: Reader, config: ConfigFile) -> tuple[SuiteSettings, ...]:
    """Read which suites are to be run, or which of their runs are to be attached to."""
    asked = asked_for(reader, config)
    if not asked:
        # What is wrong for any suite is told all the same.
        _read_suite(Asked("", None, "", reader), config)
    warn_of_strays(reader, config, [one.test_suite for one in asked])
    return tuple(_read_suite(one, config) for one in asked)


def _read_suite(asked: Asked, config: ConfigFile) -> SuiteSettings:
    reader = asked.reader
    return SuiteSettings(
        test_suite=asked.test_suite,
        test_run_id=asked.test_run_id,
        stream_id=reader.require("stream-id", values.identifier),
        bot_language=asked.language,
        bot_version=reader.read("bot-version", values.one_of("published", "inDevelopment"), ""),
        user_email=reader.given("user-email")
        if asked.test_run_id
        else reader.require("user-email", why="a run is started for an owner or developer"),
        timeout=reader.read("timeout", values.duration, 0.0),
        policy=policy_of(reader, config, asked.test_suite),
        retries=reader.read("retries", values.how_often, 0),
        expects_version=not asked.test_run_id or reader.chosen("bot-version"),
    )


def examine_check(
    flags: Mapping[str, Any], environ: Mapping[str, str], files: Iterable[str]
) -> tuple[Reader, str, Policy, Reporting]:
    """Read what judging saved answers needs: the suite's name if given, the policy, the reports.

    The reader has the problems. `files` are the answers.
    """
    reader = Reader(flags, environ)
    answers = [(f"the answer {file}", Path(file)) for file in files if file != "-"]
    reporting = read_reporting(reader, environ, answers)
    return reader, reader.given("test-suite"), common_policy(reader), reporting


def _read_credentials(reader: Reader) -> Credentials:
    """Read a ready token, or what it takes to sign one; one is signed to see that it can be."""
    reader.only_one("jwt", "client-secret")
    reader.only_one("jwt", "private-key")
    algorithm = reader.read("jwt-algorithm", values.one_of(*ALGORITHMS), ALGORITHMS[0])
    no_claims: dict[str, Any] = {}
    claims = reader.read("jwt-claims", values.claims, no_claims)
    jwt = reader.secret("jwt")
    if jwt or reader.given("jwt-file"):
        if jwt and not values.is_token(jwt):
            reader.problem("jwt", "it is no token: it has blanks or characters that none has")
        return ReadyToken(jwt)
    client_id = reader.require("client-id", why="or give a ready token as jwt")
    kind = "private-key" if algorithm.startswith("RS") else "client-secret"
    key = reader.secret(kind)
    if not key and not reader.given(f"{kind}-file"):
        reader.missing(kind, f"{algorithm} signs with it")
    if key:
        _try_out(SigningKey(client_id, key, algorithm), kind, reader)
        if not reader.problems:
            _try_out(SigningKey(client_id, key, algorithm, claims), "jwt-claims", reader)
    return SigningKey(client_id, key, algorithm, claims)


def _try_out(key: SigningKey, name: str, reader: Reader) -> None:
    try:
        key.validate()
    except ValueError as error:
        reader.problem(name, str(error))


def _files_of(config: ConfigFile, reader: Reader) -> Iterator[tuple[str, Path]]:
    """Yield the configuration file, where nobody named it, and the baselines that it names."""
    if config.top is None:
        return
    if not reader.given("config"):
        yield "the configuration", Path(DEFAULT)
    for table in (config.top, *config.suites):
        if path := table.values.get("baseline"):
            yield f"{table.place}: baseline", Path(path)
