"""Names for runs in the JUnit XML, unique and stable for every consumer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

from gatekeeper.core.model import Run
from gatekeeper.core.text import one_line

_NAME_LIMIT = 512  # Azure DevOps truncates longer names, so that they clash.
_LANGUAGE_LIMIT = 40
_LABEL_LIMIT = 100
_DOT, _ESCAPE = "\N{ONE DOT LEADER}", "\N{TWO DOT LEADER}"
_ROOM = 20  # for what follows a name: its number and the suffix of the run's own case


class Name(NamedTuple):
    """A run's names: of its suite, of the class of its steps' cases, of the class of its own case.

    They begin with the label of the run's gate, if it has one. They always include the language, so
    that adding a second language renames nothing.
    """

    suite: str
    step_class: str
    run_class: str


def names_of(runs: Iterable[Run]) -> list[Name]:
    """Name the runs; those of the same suite and language are numbered from the second on.

    Some consumers merge the cases of classes that share a name.
    """
    taken: set[str] = set()
    names: list[Name] = []
    for run in runs:
        suite = _suite_name(run)
        step_class = one_line(_class_name(suite), _NAME_LIMIT - _ROOM)
        for suffix in _suffixes():
            numbered = f"{step_class}{suffix}"
            name = Name(f"{suite}{suffix}", numbered, f"{numbered}: run")
            if taken.isdisjoint(name[1:]):
                break
        taken.update(name[1:])
        names.append(name)
    return names


def _suite_name(run: Run) -> str:
    label = one_line(run.label, _LABEL_LIMIT)
    prefix = f"{label}: " if label else ""
    language = one_line(run.language or "", _LANGUAGE_LIMIT)
    variant = f" ({language})" if language else ""
    room = _NAME_LIMIT - _ROOM - len(prefix) - len(variant)
    return f"{prefix}{one_line(run.test_suite, room) or '(unnamed)'}{variant}"


def _class_name(suite: str) -> str:
    """Return a suite's name without dots, and so that two names never become the same.

    What stands for dots is escaped where a name has it, so this holds across files as well.
    """
    return undotted(suite.replace(_ESCAPE, _ESCAPE * 2).replace(_DOT, f"{_ESCAPE}{_DOT}"))


def _suffixes() -> Iterator[str]:
    yield ""
    yield from (f" ({number})" for number in count(2))


def undotted(name: str) -> str:
    """Replace the dots in a name, which consumers take for package separators."""
    return name.replace(".", _DOT)
