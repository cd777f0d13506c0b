"""Which suites run, and in which languages: those that are named, or those of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from gatekeeper.core.result_file.shards import PlannedSuite
from gatekeeper.core.runs_file import SavedStarts
from gatekeeper.core.text import one_line
from gatekeeper.settings.catalogue import ATTACH, BOT_LANGUAGE, TAG, TEST_RUN_ID, TEST_SUITE
from gatekeeper.settings.config_file import ConfigFile
from gatekeeper.settings.credential_keys import OF_APP
from gatekeeper.settings.file_keys import CREDENTIALS, LANGUAGES, NAME, TAGS
from gatekeeper.settings.sources import Reader
from gatekeeper.settings.table import Table


class RequestedRun(msgspec.Struct, frozen=True):
    """A run to start or attach to, with the reader of its suite's settings."""

    test_suite: str
    test_run_id: str | None
    language: str
    reader: Reader


def requested_runs(
    reader: Reader, config: ConfigFile, starts: SavedStarts | None = None
) -> list[RequestedRun]:
    """Return the runs that the settings request: one for each suite and language.

    If they attach to `starts` and name no suite, these are the suites that were started.
    """
    is_named = any(map(reader.is_given, (TEST_SUITE, TEST_RUN_ID, TAG))) or config.suites
    if reader.is_given(ATTACH) and not is_named:
        language = reader.read(BOT_LANGUAGE) if reader.is_chosen(BOT_LANGUAGE) else ""
        return [
            RequestedRun(start.test_suite, None, language or start.language, reader)
            for start in (starts.runs if starts else ())
        ]
    suites = chosen_suites(reader, config)
    if test_run_id := reader.read(TEST_RUN_ID):
        if len(suites) > 1:
            reader.problem(TEST_RUN_ID, "attaches a single suite: for several, write NAME=ctr-…")
        for name, run_id in suites:
            if run_id not in (None, test_run_id):
                about = f'{one_line(test_run_id)}, but test-suite has "{one_line(name)}={run_id}"'
                reader.problem(TEST_RUN_ID, f"names {about}: use only one of them")
        suites = [PlannedSuite(name, test_run_id) for name, _ in suites]
    return [
        RequestedRun(name, run_id, language, suite_reader)
        for name, run_id in suites
        for suite_reader in [_reader_of(name, reader, config)]
        for language in _languages(name, run_id, suite_reader)
    ]


def chosen_suites(reader: Reader, config: ConfigFile) -> list[PlannedSuite]:
    """Return the suites that are named, or else those of the file, filtered by the tags."""
    reader.only_one(TEST_SUITE, TAG)
    if reader.is_given(TEST_SUITE):
        return list(reader.read(TEST_SUITE))
    if reader.is_given(TAG) and config.top is None:
        reader.problem(TAG, "there is no configuration file to select suites from")
    elif not config.suites:
        reader.missing(TEST_SUITE)
    return [
        PlannedSuite(name, None) for table in _tagged(reader, config) if (name := table.get(NAME))
    ]


def _tagged(reader: Reader, config: ConfigFile) -> Iterator[Table]:
    """Yield the tables of the suites that have one of the tags; all if no tag is given."""
    tags = reader.read(TAG)
    known = frozenset[str]().union(*map(_tags, config.suites))
    if config.suites and (unknown := sorted(tags - known)):
        listed = f"the tags are {', '.join(sorted(known))}" if known else "no suite has tags"
        reader.problem(TAG, f"no suite has the tag {', '.join(unknown)}: {listed}")
    for table in config.suites:
        if not tags or tags & _tags(table):
            yield table


def _tags(table: Table) -> frozenset[str]:
    return table.get(TAGS) or frozenset()


def _reader_of(name: str, reader: Reader, config: ConfigFile) -> Reader:
    table = config.suite(name)
    if table is None:
        if config.chooses_any and config.top:
            what = f'suite "{one_line(name)}" has no [[suite]] table in {config.top.place}'
            reader.warn(f"{what}, so it uses no [credentials.NAME]")
        return reader
    credentials = config.credentials.get(table.get(CREDENTIALS) or "")
    if credentials is None:
        return reader.within(table)
    # The credentials of an app can also say which app that is: no other one gets their tokens.
    of_app = [setting.name for setting in OF_APP]
    return reader.within(credentials, of_app).within(table, of_app)


def note_other_apps(reader: Reader, runs: Sequence[RequestedRun]) -> None:
    """Warn of an app that is given outside of the file, but that no run uses.

    As a flag, it is meant for every run, so it is a problem if any run does not use it.
    """
    for setting in OF_APP:
        name, source = setting.name, reader.source(setting)
        keeping = [run for run in runs if name in run.reader.kept]
        if not keeping or not reader.overrides_file(setting):
            continue
        if source == setting.flag:
            suite = f'suite "{one_line(keeping[0].test_suite)}"'
            why = f"{suite} has the {name} of its credentials, which no flag overrides"
            reader.problem(setting, f"{why}: remove the flag, or change the file")
        elif len(keeping) == len(runs):
            why = f"every suite of this gate has the {name} of its credentials"
            reader.warn(f"{source} is not used: {why}")


def _languages(name: str, run_id: str | None, reader: Reader) -> tuple[str, ...]:
    """Return the languages to run a suite in; a run to attach to has one of them."""
    language = reader.read(BOT_LANGUAGE)
    _, languages = reader.in_file(LANGUAGES) or ("", (language,))
    if reader.overrides_file(BOT_LANGUAGE):
        if skipped := ", ".join(other for other in languages if other != language):
            reader.warn(
                f'{reader.source(BOT_LANGUAGE)}: suite "{one_line(name)}" runs only in {language}, '
                f"not in {skipped} as configured"
            )
        return (language,)
    if run_id and len(languages) > 1:
        given_by = TEST_RUN_ID if reader.is_given(TEST_RUN_ID) else TEST_SUITE
        reader.problem(
            given_by,
            f'suite "{one_line(name)}" has the languages {", ".join(languages)}: '
            "set --bot-language to the language of the run",
        )
    return languages
