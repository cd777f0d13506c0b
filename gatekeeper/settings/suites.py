"""Which suites run, and in which languages: those that are named, or those of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from gatekeeper.core.text import one_line
from gatekeeper.settings import parse as values
from gatekeeper.settings.config_file import ConfigFile
from gatekeeper.settings.sources import Reader, Table


class Asked(msgspec.Struct, frozen=True):
    """A run that is asked for, and the reader of what holds for it."""

    test_suite: str
    test_run_id: str | None
    language: str
    reader: Reader


def asked_for(reader: Reader, config: ConfigFile) -> list[Asked]:
    """Read which runs are asked for: one for each suite and language."""
    chosen = chosen_suites(reader, config)
    if test_run_id := reader.read("test-run-id", values.identifier, None):
        if len(chosen) > 1:
            reader.problem("test-run-id", "it is for one suite; write several as NAME=ctr-…")
        for name, named in chosen:
            if named not in (None, test_run_id):
                about = f'{one_line(test_run_id)}, but test-suite says "{one_line(name)}={named}"'
                reader.problem("test-run-id", f"it is {about}; give one of them")
        chosen = [(name, test_run_id) for name, _ in chosen]
    return [
        Asked(name, run_id, language, own)
        for name, run_id in chosen
        for own in [_reader_of(name, reader, config)]
        for language in _languages(name, run_id, own)
    ]


def chosen_suites(reader: Reader, config: ConfigFile) -> list[tuple[str, str | None]]:
    """Choose the suites that are named, or else the file's, or those of them with a tag."""
    reader.only_one("test-suite", "tag")
    if reader.given("test-suite"):
        nothing: list[tuple[str, str | None]] = []
        return reader.read("test-suite", values.suites, nothing)
    if reader.given("tag") and config.top is None:
        reader.problem("tag", "there is no configuration file whose suites it could select")
    elif not config.suites:
        reader.missing("test-suite")
    return [(table.values["name"], None) for table in _tagged(reader, config)]


def _tagged(reader: Reader, config: ConfigFile) -> Iterator[Table]:
    """Yield the tables of the suites that have any of the tags; all where none is given."""
    tags = {tag.strip() for tag in re.split(r"[,\n]", reader.given("tag"))} - {""}
    there = {tag for table in config.suites for tag in table.values.get("tags", ())}
    if config.suites and (unknown := sorted(tags - there)):
        known = f"there are {', '.join(sorted(there))}" if there else "no suite has a tag"
        reader.problem("tag", f"no suite has the tag {', '.join(unknown)}; {known}")
    for table in config.suites:
        if not tags or tags & set(table.values.get("tags", ())):
            yield table


def _reader_of(name: str, reader: Reader, config: ConfigFile) -> Reader:
    table = config.suite(name)
    return reader.within(table) if table else reader


def _languages(name: str, run_id: str | None, reader: Reader) -> tuple[str, ...]:
    """Read the languages that a suite is to be run in; a run to attach to is in one of them."""
    one = reader.read("bot-language", values.language, "")
    _, languages = reader.in_file("languages") or ("", (one,))
    if reader.beats_file("bot-language"):
        if left := ", ".join(language for language in languages if language != one):
            reader.warn(
                f'{reader.where("bot-language")}: suite "{one_line(name)}" runs in {one} only, '
                f"not in {left} as the configuration says"
            )
        return (one,)
    if run_id and len(languages) > 1:
        given_by = "test-run-id" if reader.given("test-run-id") else "test-suite"
        reader.problem(
            given_by,
            f'suite "{one_line(name)}" has the languages {", ".join(languages)}; '
            "say with --bot-language which of them the run is in",
        )
    return tuple(languages)
