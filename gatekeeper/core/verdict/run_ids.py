"""Each run counts once: a run that shares its id with another one has no verdict of its own."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from gatekeeper.core.model import Reason, Run
from gatekeeper.core.outcomes import Check, Outcome
from gatekeeper.core.text import one_line

_ONCE = "a run counts only once in a gate, but"

# The number of a run, and of an attempt within it: 0 is the one that is reported.
_Place: TypeAlias = tuple[int, int]


def shared_id(test_run_id: str, others: Iterable[str]) -> str:
    """Return a sentence that says which other runs, by name, have the id of a run."""
    return f"{_ONCE} {one_line(test_run_id)} is also the id of {' and of '.join(others)}"


def mark_shared_ids(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return the runs, with a firm contradiction in those that share an id, attempts included.

    What failed stays failed. If only attempts at one suite share an id, those that failed are left
    unchanged. Runs that are marked already are not marked again.
    """
    all_runs = tuple(runs)
    holders = defaultdict[str, dict[_Place, Run]](dict)
    for suite, run in enumerate(all_runs):
        for number, attempt in enumerate((run, *run.earlier)):
            if attempt.test_run_id:
                holders[attempt.test_run_id][suite, number] = attempt
    return tuple(
        replace(
            _marked((suite, 0), run, holders),
            earlier=tuple(
                _marked((suite, number), attempt, holders)
                for number, attempt in enumerate(run.earlier, 1)
            ),
        )
        for suite, run in enumerate(all_runs)
    )


def _marked(place: _Place, run: Run, holders: Mapping[str, Mapping[_Place, Run]]) -> Run:
    sharing = holders.get(run.test_run_id or "", {})
    others = {other: holder for other, holder in sharing.items() if other != place}
    verdict = run.verdict
    failed = verdict.outcome is Outcome.FAILED
    same_suite = all(suite == place[0] for suite, _ in others)
    if not others or (failed and same_suite) or _is_marked(run):
        return run
    names = [_name(holder, is_own=other[0] == place[0]) for other, holder in others.items()]
    text = shared_id(run.test_run_id or "", names)
    reason = Reason(Outcome.ERROR, text, Check.CONTRADICTION, firm=True)
    return replace(
        run,
        verdict=replace(
            verdict,
            outcome=Outcome.FAILED if failed else Outcome.ERROR,
            reasons=(*verdict.reasons, reason),
        ),
    )


def _is_marked(run: Run) -> bool:
    return any(reason.text.startswith(_ONCE) for reason in run.verdict.reasons)


def _name(run: Run, *, is_own: bool) -> str:
    if is_own:
        return f"attempt {run.attempt}"
    attempt = f", attempt {run.attempt}" if run.attempt > 1 else ""
    return f"{one_line(run.name)}{attempt}"
