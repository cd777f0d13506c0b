"""Reading which suites of the gate did not pass in an earlier result, to run only these."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gatekeeper.core.result_file.failed_suites import FailedSuites, failed_suites, listed
from gatekeeper.core.result_file.schema import SavedGate
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.target import Target
from gatekeeper.errors import GatekeeperError
from gatekeeper.result_files import read_result
from gatekeeper.settings.catalogue import FAILED_FROM, SHARD
from gatekeeper.settings.sources import Reader

_RUN_ALL = "run the whole gate, without failed-from"


def read_failed_from(reader: Reader, targets: Sequence[Target]) -> FailedSuites | None:
    """Read the earlier result, if one is set, and find the suites that did not pass there.

    Notes everything that keeps a gate from being limited to them; `None` if there is no result.
    """
    # A partial gate is no shard of a plan, and no merge accepts it.
    reader.only_one(FAILED_FROM, SHARD)
    saved = reader.load(FAILED_FROM, _saved, None)
    if saved is None:
        return None
    found = failed_suites(saved, targets)
    if any(target.test_run_id for target in targets):
        why = "starts suites again, so it cannot be used with the run to attach to"
        reader.problem(FAILED_FROM, f"{why}: remove the run id, or failed-from")
    if reader.problems or not targets:
        # What seems to be about another gate may follow from these.
        return found
    place = one_line(str(reader.read(FAILED_FROM)))
    for problem in found.problems:
        reader.problem(FAILED_FROM, f"{place}: {problem}: {_RUN_ALL}")
    if found.problems:
        return found
    if not found.indexes:
        why = "no suite of this gate failed there, so there is nothing to run"
        reader.problem(FAILED_FROM, f"{place}: {why}: {_RUN_ALL}")
    elif len(found.indexes) < len(targets):
        ran = f"only {len(found.indexes)} of {len(targets)} suites are run"
        reader.warn(f"{reader.source(FAILED_FROM)}: {ran}, those that did not pass in {place}")
    if found.unknown and not saved.partial:
        missing = listed(found.unknown)
        reader.warn(f"{reader.source(FAILED_FROM)}: not run, as {place} lacks them: {missing}")
    return found


def _saved(path: Path) -> SavedGate:
    try:
        return read_result(path)
    except GatekeeperError as error:
        raise ValueError(one_line(error.what, 500)) from None
