"""The oracle for histories of gates: what truly happened, and so what may be green."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from support.soundness.platform import FAILING, STEPS

Failures = Mapping[str, frozenset[str]]
"""The steps that failed, by suite."""
NOTHING: Failures = {}


class Account(NamedTuple):
    """What truly happened in the gate of a report folder; not `sound` if the report was changed."""

    green: bool
    pipeline: int
    shard: str = ""
    ids: tuple[str, ...] = ()
    suites: tuple[str, ...] = ()
    failed: Failures = NOTHING
    tolerated: Failures = NOTHING
    sound: bool = True


class Truth(NamedTuple):
    """How a suite ended: green (passed or tolerated), failed, or neither is known."""

    green: bool
    failed: bool = False
    failing: frozenset[str] = frozenset()


def truths(
    script: Mapping[str, Sequence[str]], policy: str, baseline: Account | None
) -> dict[str, Truth]:
    """Return how each suite ends whose attempts end as in the script."""
    ended: dict[str, Truth] = {}
    shared: set[str] = set()
    owner = ""  # the suite of the run that was started last
    for suite, attempts in script.items():
        truth = Truth(green=False)
        for behaviour in attempts:
            if behaviour == "same id" and owner:
                shared.add(owner)
                break
            if behaviour not in ("refused", "start 500", "no id"):
                owner = suite
            if behaviour not in (*FAILING, "same id"):
                break
            failing = frozenset(FAILING.get(behaviour, ()))
            if not failing or _excused(suite, failing, policy, baseline):
                truth = Truth(green=True, failing=failing)
                break
            truth = Truth(green=False, failed=True, failing=failing)
        ended[suite] = truth
    # A run that two suites were given belongs to neither.
    return {
        suite: truth._replace(green=False) if suite in shared else truth
        for suite, truth in ended.items()
    }


def _excused(suite: str, failing: frozenset[str], policy: str, baseline: Account | None) -> bool:
    failed, tolerated = frozenset[str](), frozenset[str]()
    if "baseline" in policy and baseline and baseline.sound:
        failed = baseline.failed.get(suite, failed)
        tolerated = baseline.tolerated.get(suite, tolerated)
    if policy == "expired and baseline":
        tolerated -= {"one"}
    if policy == "known":
        failed = frozenset({"one"})
    rate = 1 - len(failing) / len(STEPS)
    return (
        policy == "not blocking"
        or (policy == "rate" and rate >= 0.6)
        or (failing <= failed | tolerated)
    )


def merged(parts: Sequence[Account | None], pipeline: int, shards: int | None) -> bool:
    """Return whether a merge of these reports is green: complete, each once, of this pipeline."""
    known = [part for part in parts if part and part.sound and part.green]
    if not known or len(known) < len(parts):
        return False
    pipelines = {part.pipeline for part in known}
    # The job of pipeline 1 knows nothing of itself.
    if len(pipelines) > 1 or (pipeline not in (1, *pipelines) and pipelines != {1}):
        return False
    if _twice(one for part in known for one in part.ids):
        return False
    indexes = sorted(part.shard for part in known)
    if any(indexes):
        return (
            indexes == ["1/2", "2/2"]
            and shards in (None, 2)
            and not _twice(suite for part in known for suite in part.suites)
        )
    return shards in (None, len(known))


def _twice(things: Iterable[str]) -> bool:
    listed = list(things)
    return len(set(listed)) < len(listed)
