"""Names for runs in the JUnit XML, unique and stable for every consumer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import NamedTuple

from gatekeeper.core.model import Run
from gatekeeper.core.text import one_line

_NAME_LIMIT = 512  # Azure DevOps truncates longer names, so that they clash.
_LANGUAGE_LIMIT = 40
_ROOM = 20  # for what follows a name: its number and the suffix of the run's own case


class Name(NamedTuple):
    """A run's names: of its suite, of the class of its steps' cases, of the class of its own case.

    They always include the language, so that adding a second language renames nothing.
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
    """Replace the dots in a name, which consumers take for package separators."""
    return name.replace(".", "\N{ONE DOT LEADER}")
