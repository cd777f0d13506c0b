"""Reading all settings of a command: `Settings`, or every problem at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from gatekeeper.core.model import Partial, Pipeline
from gatekeeper.core.result_file.history import PastGate
from gatekeeper.core.runs_file import Origin, SavedStart, SavedStarts
from gatekeeper.core.text import printable
from gatekeeper.core.verdict.baseline import Baseline
from gatekeeper.core.verdict.policy import Policy
from gatekeeper.kore.ca_bundle import ca_bundle_at
from gatekeeper.settings.attach import find_starts, read_attach
from gatekeeper.settings.catalogue import (
    ATTACH,
    BOT_VERSION,
    CA_BUNDLE,
    CONFIG,
    DEBUG,
    DOWNLOAD_RESULTS,
    FAIL_ON_FLAKY,
    FAILED_FROM,
    PARALLEL,
    RETRIES,
    SHARD,
    STREAM_ID,
    TEST_SUITE,
    TIMEOUT,
    USER_EMAIL,
)
from gatekeeper.settings.comment import NO_COMMENT, read_commenting
from gatekeeper.settings.config_file import DEFAULT, ConfigFile, read_config_file
from gatekeeper.settings.failed_from import read_failed_from
from gatekeeper.settings.file_keys import BASELINE
from gatekeeper.settings.gate_settings import Settings, SuiteSettings
from gatekeeper.settings.host_note import host_note
from gatekeeper.settings.named_credentials import (
    names_of,
    read_all_credentials,
    require_host,
)
from gatekeeper.settings.policies import common_policy, policy_of, warn_of_unmatched_patterns
from gatekeeper.settings.reporting import Reporting, read_reporting
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.suites import RequestedRun, note_other_apps, requested_runs
from gatekeeper.settings.variables import unread_variables

_UNKNOWN_JOB = Pipeline()


def examine(
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    *,
    with_file: bool = True,
    why_no_secrets: str = "",
    job: Pipeline = _UNKNOWN_JOB,
) -> tuple[Reader, Settings]:
    """Read all settings of `gate`; the reader has the problems and the sources.

    What could not be read is empty. `with_file` says whether to look for a configuration file, and
    `why_no_secrets` why the platform withholds secrets from the job, if it does. `job` is this job,
    to whose pipeline the runs have to belong that `attach` names.
    """
    reader = Reader(flags, environ)
    config = read_config_file(reader) if with_file else ConfigFile()
    for warning in unread_variables(environ, config.text):
        reader.warn(warning)
    if config.top:
        reader = reader.within(config.top)
    host, shard = require_host(reader, config), reader.read(SHARD)
    starts = read_attach(reader)
    suites = _read_suites(reader, config, starts)
    if starts:
        targets = [suite.target for suite in suites]
        found = find_starts(reader, starts, targets, Origin(host, shard, job))
        suites = tuple(map(partial(_attached, starts), suites, found))
    failed = read_failed_from(reader, [suite.target for suite in suites])
    selected = suites if failed is None else tuple(suites[index] for index in failed.indexes)
    settings = Settings(
        host=host,
        suites=selected,
        credentials=read_all_credentials(
            reader,
            environ,
            config,
            [(suite.credentials, suite.test_suite) for suite in selected],
            why_no_secrets,
        ),
        parallel=reader.read(PARALLEL),
        fail_on_flaky=reader.read(FAIL_ON_FLAKY),
        shard=shard,
        ca_bundle=reader.load(CA_BUNDLE, ca_bundle_at, None),
        reporting=read_reporting(reader, environ, _files_of(config, reader)),
        download_results=reader.read(DOWNLOAD_RESULTS),
        debug=reader.read(DEBUG),
        host_note=host_note(reader, environ),
        partial=Partial(len(suites) - len(selected)) if len(selected) < len(suites) else None,
    )
    streams = [suite.stream_id for suite in suites] or [reader.read(STREAM_ID)]
    reporting = replace(
        settings.reporting,
        baselines=tuple(_baselines(settings.suites)),
        # The job that merges the shards comments on all of them, also if this one is invalid.
        comment=NO_COMMENT
        if reader.is_given(SHARD)
        else read_commenting(reader, streams if all(streams) else ()),
    )
    if failed is None or not failed.has_failures:
        # A gate that is refused keeps a result only if it says which suites to run again.
        reporting = reporting.without_input_file(FAILED_FROM.name)
    return reader, replace(settings, reporting=reporting, warnings=tuple(reader.warnings))


def _baselines(suites: Iterable[SuiteSettings]) -> Iterator[PastGate]:
    """Yield for each suite with a baseline the earlier gate, with the runs of that suite alone."""
    for suite in suites:
        baseline = suite.policy.baseline
        if baseline and baseline.gate:
            name = printable(suite.test_suite)
            runs = tuple(run for run in baseline.gate.runs if run.test_suite == name)
            yield replace(baseline.gate, runs=runs)


def _attached(starts: SavedStarts, suite: SuiteSettings, start: SavedStart | None) -> SuiteSettings:
    """Return the settings of a suite that was started earlier, or was to be started."""
    if start is None:
        return suite
    run_id, started_by = start.test_run_id, starts.started_by(start)
    return replace(suite, test_run_id=run_id, start=start, started_by=started_by)


def _read_suites(
    reader: Reader, config: ConfigFile, starts: SavedStarts | None
) -> tuple[SuiteSettings, ...]:
    """Read the settings of each requested run."""
    runs = requested_runs(reader, config, starts)
    if not runs:
        # Problems that any suite would have are reported all the same.
        _read_suite(RequestedRun("", None, "", reader), config, {})
    else:
        note_other_apps(reader, runs)
    warn_of_unmatched_patterns(reader, config, [run.test_suite for run in runs])
    baselines: dict[Path, Baseline] = {}
    return tuple(_read_suite(run, config, baselines) for run in runs)


def _read_suite(
    run: RequestedRun, config: ConfigFile, baselines: dict[Path, Baseline]
) -> SuiteSettings:
    reader = run.reader
    return SuiteSettings(
        test_suite=run.test_suite,
        test_run_id=run.test_run_id,
        stream_id=reader.require(STREAM_ID),
        bot_language=run.language,
        bot_version=reader.read(BOT_VERSION),
        user_email=reader.read(USER_EMAIL)
        if run.test_run_id or reader.is_given(ATTACH)
        else reader.require(USER_EMAIL, "an owner or developer of the app starts the run"),
        timeout=reader.read(TIMEOUT),
        policy=policy_of(reader, config, run.test_suite, baselines),
        retries=reader.read(RETRIES),
        expects_version=not run.test_run_id or reader.is_chosen(BOT_VERSION),
        credentials=names_of(reader, config),
    )


def examine_check(
    flags: Mapping[str, Any], environ: Mapping[str, str], files: Iterable[str]
) -> tuple[Reader, str, Policy, Reporting]:
    """Read the settings of `check`: the suite's name (if given), the policy, and the reports.

    The reader has the problems. `files` are the saved responses.
    """
    reader = Reader(flags, environ)
    responses = [(f"the response {file}", Path(file)) for file in files if file != "-"]
    reporting = read_reporting(reader, environ, responses)
    return reader, reader.text(TEST_SUITE), common_policy(reader), reporting


def _files_of(config: ConfigFile, reader: Reader) -> Iterator[tuple[str, Path]]:
    """Yield the configuration file, unless a setting names it, and the baselines in it."""
    if config.top is None:
        return
    if not reader.is_given(CONFIG):
        yield "the configuration", Path(DEFAULT)
    for table in (config.top, *config.suites):
        if path := table.get(BASELINE):
            yield f"{table.place}: baseline", path
