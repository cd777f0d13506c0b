"""What changed since earlier results: new failures, fixed steps, and what a step last answered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from gatekeeper.core.masking import Mask, masked_value
from gatekeeper.core.model import Case, Gate, Run
from gatekeeper.core.outcomes import Outcome
from gatekeeper.core.record import Record
from gatekeeper.core.result_file.history import FAILURES, PastGate, PastRun, RunKey
from gatekeeper.core.result_file.responses import shortened_responses
from gatekeeper.core.result_file.schema import SavedResponse
from gatekeeper.core.text import one_line, printable
from gatekeeper.core.versions import target_key
from gatekeeper.core.wording.steps import step_of

_COMMIT = re.compile(r"[0-9a-f]{12,64}")
_SHORT_COMMIT = 8
_MOST_COMMIT = 20


class Change(StrEnum):
    """How the outcome of a step compares with that in an earlier result."""

    NEW = "new failure"
    FIXED = "fixed"
    STILL = "still failing"


class LastPass(Record):
    """What a step answered when it last passed, and in which gate: at a commit, or on a day.

    `is_same` says whether it answers the same now.
    """

    when: str
    responses: tuple[SavedResponse, ...]
    is_same: bool = False


class Changes(Record):
    """The earlier results that the runs of a gate are compared with; there may be none.

    Runs are compared if they have the same suite, stream, language and version. `earlier` has the
    failed steps of the first earlier gate that has such a run with steps, `last_passes` what each
    step answered in the first gate in which it passed; `mask` is applied to that.
    """

    earlier: Mapping[RunKey, PastRun] = msgspec.field(default_factory=dict)
    last_passes: Mapping[tuple[RunKey, str], LastPass] = msgspec.field(default_factory=dict)
    sentence: str = ""
    mask: Mask = str

    def of(self, run: Run, case: Case) -> Change | None:
        """Return how a step changed; `None` if it did not, or if nothing is known of it."""
        past = self.earlier.get(_key(run))
        if past is None:
            return None
        failed_before = run.id_of(case) in past.failed
        if case.outcome in FAILURES:
            return Change.STILL if failed_before else Change.NEW
        return Change.FIXED if failed_before and case.outcome is Outcome.PASSED else None

    def last_pass(self, run: Run, case: Case) -> LastPass | None:
        """Return what a step that did not pass answered when it last did, as far as is known."""
        if case.outcome in (Outcome.PASSED, Outcome.SKIPPED):
            return None
        found = self.last_passes.get((_key(run), run.id_of(case)))
        if found is None:
            return None
        step = step_of(run, case)
        responses = tuple(_shown(masked_value(each, self.mask)) for each in found.responses)
        is_same = step is not None and responses == shortened_responses(step)
        return LastPass(self.mask(found.when), responses, is_same)


NO_CHANGES = Changes()


def changes_of(gate: Gate, earlier_gates: Sequence[PastGate], mask: Mask = str) -> Changes:
    """Compare the runs of a gate with earlier ones, of which the first have precedence."""
    keys = {_key(run) for run in gate.runs if run.verdict.cases}
    earlier: dict[RunKey, PastRun] = {}
    used: list[PastGate] = []
    last_passes: dict[tuple[RunKey, str], LastPass] = {}
    for past_gate in earlier_gates:
        of_gate: dict[RunKey, PastRun] = {}
        for past in past_gate.runs:
            key = past.key
            if key not in keys:
                continue
            for step, responses in past.answers.items():
                last_passes.setdefault((key, step), LastPass(_when(past_gate), responses))
            if past.seen and key not in earlier:
                of_gate[key] = _united(of_gate.get(key), past)
        if of_gate:
            used.append(past_gate)
            earlier |= of_gate
    changes = Changes(earlier, last_passes, mask=mask)
    return replace(changes, sentence=mask(_sentence(gate, changes, used))) if used else changes


def _key(run: Run) -> RunKey:
    return printable(run.test_suite), target_key(run.stream_id, run.language, run.bot_version)


def _united(past: PastRun | None, other: PastRun) -> PastRun:
    """Return a run in which the failures of both count, if there are two of one suite."""
    return replace(other, failed=past.failed | other.failed) if past else other


def _shown(response: SavedResponse) -> SavedResponse:
    """Return a response of a file from anywhere with texts that a report can show."""
    fields = ("text", "node", "node_id", "dialog", "intent")
    texts = {name: text and printable(text) for name in fields if (text := getattr(response, name))}
    return replace(response, path=tuple(map(printable, response.path)), **texts)


def _sentence(gate: Gate, changes: Changes, used: Sequence[PastGate]) -> str:
    """Return the counts: `3 new failures (1 tolerated), 2 fixed since 0123abcd (2026-05-04)`."""
    pairs = [
        (change, case.outcome)
        for run in gate.runs
        for case in run.verdict.cases
        if (change := changes.of(run, case))
    ]
    return f"{', '.join(_counts(Counter(pairs))) or 'no new failures'} since {_since(used)}"


def _counts(counts: Counter[tuple[Change, Outcome]]) -> Iterator[str]:
    for change in Change:
        tolerated = counts[change, Outcome.TOLERATED]
        count = tolerated + counts[change, Outcome.FAILED] + counts[change, Outcome.PASSED]
        if not count:
            continue
        plural = "s" if change is Change.NEW and count > 1 else ""
        aside = f" ({'' if tolerated == count else f'{tolerated} '}tolerated)" if tolerated else ""
        yield f"{count} {change}{plural}{aside}"


def _since(gates: Iterable[PastGate]) -> str:
    ordered = sorted({gate.start_time: gate for gate in gates}.items())
    first, last = ordered[0][1], ordered[-1][1]
    if first is last:
        return _label(first)
    days = [gate.start_time.date().isoformat() for gate in (first, last)]
    return f"the results of {' to '.join(dict.fromkeys(days))}"


def _when(gate: PastGate) -> str:
    return f"{'at' if gate.commit else 'on'} {_label(gate)}"


def _label(gate: PastGate) -> str:
    day = f"{gate.start_time:%Y-%m-%d}"
    if not gate.commit:
        return f"{day} {gate.start_time:%H:%M %Z}"
    is_hash = _COMMIT.fullmatch(gate.commit)
    commit = gate.commit[:_SHORT_COMMIT] if is_hash else one_line(gate.commit, _MOST_COMMIT)
    return f"{commit} ({day})"
