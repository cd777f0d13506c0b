"""What flags, variables, inputs and a file say becomes `Settings`, or all problems at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from gatekeeper.core.model import Shard
from gatekeeper.core.result_file.history import PastGate
from gatekeeper.core.source_map import SourceMap
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.files import same_file
from gatekeeper.kore.host import base_url
from gatekeeper.kore.token import Credentials, ReadyToken, SigningKey
from gatekeeper.result_files import History, read_history
from gatekeeper.settings import parse as values
from gatekeeper.settings.catalogue import ALGORITHMS, BY_NAME, REPORTS
from gatekeeper.settings.config_file import DEFAULT, ConfigFile, read_config_file
from gatekeeper.settings.policies import common_policy, policy_of, warn_of_strays
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.suites import Asked, asked_for

RESULTS_FILE = re.compile(r"results-file(?:-[0-9]+)?")
"""The names that the platform's results files are given."""


class Reporting(msgspec.Struct, frozen=True):
    """Where reports go, and where the suite's steps stand in the repository, if that is told.

    Only `reports` are written, and through no link out of the `workspace`. `history` has the
    earlier gates, the last one last, `unread` says what of it could not be read, and `left_out` how
    much of it is not looked at. `inputs` are the files that the gate judges by, each with the name
    under which it was given.
    """

    directory: Path
    reports: frozenset[str]
    junit: Path
    workspace: Path
    source_map: SourceMap | None
    history: tuple[PastGate, ...] = ()
    unread: tuple[str, ...] = ()
    left_out: str = ""
    inputs: tuple[tuple[str, Path], ...] = ()

    @property
    def files(self) -> dict[str, Path]:
        """Where each report goes, whether it is asked for or not."""
        return {
            "junit": self.junit,
            "result": self.result,
            "page": self.page,
            "summary": self.summary,
            "badge": self.badge,
        }

    @property
    def result(self) -> Path:
        """Where the gate's end for programs goes."""
        return self.directory / "result.json"

    @property
    def page(self) -> Path:
        """Where the page to open goes."""
        return self.directory / "report.html"

    @property
    def summary(self) -> Path:
        """Where the summary goes, as a comment can take it."""
        return self.directory / "summary.md"

    @property
    def badge(self) -> Path:
        """Where the badge goes."""
        return self.directory / "badge.svg"

    @property
    def fullest(self) -> str:
        """Where the report goes that leaves out the least, of those that are written."""
        files = self.files
        written = (str(files[name]) for name in ("page", "junit", "result") if name in self.reports)
        return next(written, "the platform")

    def is_input(self, path: Path) -> bool:
        """Whether the gate judges by the file at this path, by whatever way it leads there."""
        return any(same_file(path, file) for _, file in self.inputs)

    def written_at(self, path: Path) -> str:
        """Name the report that is written to a path, by whatever way it leads there, if any is."""
        for name, report in self.files.items():
            if same_file(path, report):
                return name
        in_folder = same_file(path.parent, self.directory)
        return "results file" if in_folder and RESULTS_FILE.fullmatch(path.name) else ""

    def results_file(self, index: int, total: int) -> Path:
        """Where the platform's results file of a run goes, whatever its own name is."""
        return self.directory / ("results-file" if total == 1 else f"results-file-{index + 1}")


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
        reporting=_read_reporting(reader, environ, _files_of(config, reader)),
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
    reporting = _read_reporting(reader, environ, answers)
    return reader, reader.given("test-suite"), common_policy(reader), reporting


def examine_reporting(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    inputs: Callable[[Path], Iterable[tuple[str, Path]]] = lambda _: (),
) -> tuple[Reader, Reporting]:
    """Read where reports go; the reader has the problems.

    `inputs` returns the files that are read, given the folder of the reports.
    """
    reader = Reader(flags, environ)
    return reader, _read_reporting(reader, environ, inputs(Path(reader.given("report-dir"))))


def examine_places(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Reporting:
    """Say where reports go by what is given at once: no file is looked into."""
    return _read_reporting(Reader(_without_files(flags), _without_files(environ)), environ)


def _without_files(given: Mapping[str, Any]) -> dict[str, Any]:
    names = {name.replace("-", "_").upper() for name in ("history", "source-map")}
    return {
        name: value
        for name, value in given.items()
        if name.upper().replace("-", "_").removeprefix("GATEKEEPER_").removeprefix("INPUT_")
        not in names
    }


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
        key.try_out()
    except ValueError as error:
        reader.problem(name, str(error))


# Settings that name a file which is read, but for the baselines.
_READ_FILES = (
    "config",
    "client-secret-file",
    "jwt-file",
    "private-key-file",
    "ca-bundle",
    "source-map",
    "history",
)
# By which a platform tells where the job's files are.
_WORKSPACES = ("GITHUB_WORKSPACE", "CI_PROJECT_DIR", "WORKSPACE")


def _read_reporting(
    reader: Reader, environ: Mapping[str, str], more_inputs: Iterable[tuple[str, Path]] = ()
) -> Reporting:
    """Read where reports go; that none goes where another one does, or an input stands."""
    directory = Path(reader.given("report-dir"))
    history = reader.read("history", lambda text: read_history(Path(text)), History())
    inputs = [(name, Path(path)) for name in _READ_FILES if (path := reader.given(name))]
    reporting = Reporting(
        directory,
        reader.read("reports", values.reports, frozenset(REPORTS)),
        Path(reader.given("junit") or directory / "junit.xml"),
        Path(next((environ[name] for name in _WORKSPACES if environ.get(name)), ".")),
        reader.read("source-map", values.source_map, None),
        history.gates,
        history.unread,
        history.left_out,
        (*inputs, *more_inputs),
    )
    _refuse_shared_paths(reader, reporting)
    return reporting


def _files_of(config: ConfigFile, reader: Reader) -> Iterator[tuple[str, Path]]:
    """Yield the configuration file, where nobody named it, and the baselines that it names."""
    if config.top is None:
        return
    if not reader.given("config"):
        yield "the configuration", Path(DEFAULT)
    for table in (config.top, *config.suites):
        if path := table.values.get("baseline"):
            yield f"{table.place}: baseline", Path(path)


def _refuse_shared_paths(reader: Reader, reporting: Reporting) -> None:
    """Note each path where one report would replace another, or an input of this gate."""
    for name, path in reporting.files.items():
        if name != "junit" and same_file(path, reporting.junit):
            reader.problem("junit", f"{reporting.junit} is another report's path: {name}")
    if RESULTS_FILE.fullmatch(reporting.junit.name) and same_file(
        reporting.junit.parent, reporting.directory
    ):
        reader.problem("junit", f"{reporting.junit} is another report's path: the results file")
    for name, path in reporting.inputs:
        if report := reporting.written_at(path):
            where = reader.where(name) if name in BY_NAME else name
            reader.note(
                f"{where}: {one_line(str(path))} is read by this gate, and is also where it "
                f"writes a report ({report}): give one of them another path"
            )
