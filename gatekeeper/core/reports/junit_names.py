"""What the JUnit XML calls runs and steps, so that every consumer knows them again and apart."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

from gatekeeper.core.model import Run
from gatekeeper.core.text import one_line

_NAME_LIMIT = 512  # Azure DevOps cuts, and so confuses, longer names.
_LANGUAGE_LIMIT = 40
_ROOM = 20  # for what comes behind a name: its number, and the mark of the run as a whole


class Name(NamedTuple):
    """What a run is called: its suite, the class of its steps' cases, that of its own case.

    The language always stands in it, so that a second language renames nothing.
    """

    suite: str
    step_class: str
    run_class: str


def names_of(runs: Iterable[Run]) -> list[Name]:
    """Name the runs; of one suite and language, they are numbered from the second on.

    Some consumers would merge the cases of classes that share a name.
    """
    taken: set[str] = set()
    names: list[Name] = []
    for run in runs:
        language = one_line(run.language or "", _LANGUAGE_LIMIT)
        variant = f" ({language})" if language else ""
        suite = one_line(run.test_suite, _NAME_LIMIT - _ROOM - len(variant)) or "(unnamed)"
        name = next(
            name for name in map(_name, _numbered(suite + variant)) if taken.isdisjoint(name[1:])
        )
        taken.update(name[1:])
        names.append(name)
    return names


def _numbered(name: str) -> Iterator[str]:
    yield name
    yield from (f"{name} ({number})" for number in count(2))


def _name(suite: str) -> Name:
    return Name(suite, undotted(suite), f"{undotted(suite)}: run")


def undotted(name: str) -> str:
    """Leave no dot in a name that would be taken as a package separator."""
    return name.replace(".", "\N{ONE DOT LEADER}")
