"""Whether the credentials that suites choose have a table in the configuration file."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from gatekeeper.core.text import one_line
from gatekeeper.settings.credential_keys import OF_APP
from gatekeeper.settings.file_keys import CREDENTIALS
from gatekeeper.settings.table import Table


def unknown_credentials(suites: Iterable[Table], known: Collection[str]) -> Iterator[str]:
    """Yield a problem for each suite whose credentials are none of those that are known."""
    from difflib import get_close_matches

    for table in suites:
        name = table.get(CREDENTIALS)
        if name is None or name in known:
            continue
        nearest = get_close_matches(name, known, 1)
        what = f"there is no table [{CREDENTIALS.name}.{one_line(name, 60)}]"
        way = f'did you mean "{nearest[0]}"?' if nearest else "add it, or remove this key"
        yield f"{table.at(CREDENTIALS.name)}: {CREDENTIALS.name}: {what}: {way}"


def without_unknown_credentials(table: Table, known: Collection[str]) -> Table:
    """Return a suite's table, in which what unknown credentials may set is not known either."""
    name = table.get(CREDENTIALS)
    if CREDENTIALS.name in table.invalid or (name is not None and name not in known):
        unknown = {CREDENTIALS.name, *(setting.name for setting in OF_APP)}
        return replace(table, invalid=table.invalid | unknown)
    return table
