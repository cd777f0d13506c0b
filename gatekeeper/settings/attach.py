"""Reading `runs.json`, to attach to the runs that `start` started for this gate."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gatekeeper.core.runs_file import (
    Origin,
    SavedStart,
    SavedStarts,
    misuses,
    read_starts,
    starts_of,
)
from gatekeeper.core.text import one_line
from gatekeeper.core.verdict.target import Target
from gatekeeper.errors import GatekeeperError
from gatekeeper.result_files import parsed
from gatekeeper.settings.catalogue import ATTACH, FAILED_FROM, TEST_RUN_ID
from gatekeeper.settings.sources import Reader

_ADVICE = (
    "attach to the runs that gatekeeper start started in this pipeline, with the same settings"
)
_ADVICE_ON_SUITES = (
    "use the same settings as for gatekeeper start, and name the same suites, or none"
)
_HAND_OVER = "pass on the file that gatekeeper start wrote in an earlier job of this pipeline"


def read_attach(reader: Reader) -> SavedStarts | None:
    """Read the file of started runs, if one is set; note it as a problem if that fails."""
    reader.only_one(ATTACH, TEST_RUN_ID)
    reader.only_one(ATTACH, FAILED_FROM)
    return reader.load(ATTACH, _starts, None)


def find_starts(
    reader: Reader, starts: SavedStarts, targets: Sequence[Target], own: Origin
) -> list[SavedStart | None]:
    """Return the start of each suite of the gate; note everything that keeps it from being judged.

    `None` stands for a suite whose start is not in the file, which is a problem.
    """
    if any(target.test_run_id for target in targets) and not reader.is_given(TEST_RUN_ID):
        reader.problem(ATTACH, "test-suite names a run as well: remove =ctr-… there, or attach")
    found, problems = starts_of(starts, targets)
    # What seems to differ may follow from other problems.
    if not reader.problems:
        place = one_line(str(reader.read(ATTACH)))
        for problem in misuses(starts, own):
            reader.problem(ATTACH, f"{place}: {problem}: {_ADVICE}")
        for problem in problems:
            reader.problem(ATTACH, f"{place}: {problem}: {_ADVICE_ON_SUITES}")
    return found


def _starts(path: Path) -> SavedStarts:
    try:
        return parsed(path, read_starts)
    except GatekeeperError as error:
        raise ValueError(f"{one_line(error.what, 500)}: {_HAND_OVER}") from None
